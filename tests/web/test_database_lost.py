"""PostgreSQL goes away in the middle of a request: a page all the same, and the next one works."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, event, select, text
from sqlalchemy.exc import DBAPIError
from world import House

from lms.models import Person


@pytest.fixture(autouse=True)
def _only_on_postgresql(house: House) -> None:
    with house.database() as session:
        if session.get_bind().dialect.name != "postgresql":
            pytest.skip("SQLite is a file: it cannot hang up")


def hang_up(house: House, connection: Connection) -> None:
    """The server ends this connection, as when it is restarted."""
    pid = connection.connection.dbapi_connection.info.backend_pid  # type: ignore[union-attr]  # psycopg's
    with house.database() as session:
        session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


def test_lost_after_the_last_statement_the_page_is_still_sent(house: House) -> None:
    with house.app.app_context():
        session = house.app.extensions["lms"].session()
        session.execute(select(Person.id)).all()
        hang_up(house, session.connection())
    assert house.client("employee").get("/").status_code == 200


def test_lost_before_a_statement_it_is_later(house: House) -> None:
    house.app.testing = False
    client = house.client("employee")
    token = house.token(client)
    with house.app.app_context():
        engine = house.app.extensions["sqlalchemy"].engine
    left = [1]

    def lose(connection: Connection, cursor: object, statement: str, *more: object) -> None:
        if statement.startswith("INSERT INTO lms_reading") and left:
            left.pop()
            hang_up(house, connection)

    event.listen(engine, "before_cursor_execute", lose)
    try:
        answer = client.post("/course/por/lesson/m1-b/read", data={"csrf_token": token})
    finally:
        event.remove(engine, "before_cursor_execute", lose)
    assert left == []
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    answer = client.post("/course/por/lesson/m1-b/read", data={"csrf_token": token})
    assert answer.status_code == 303


def test_the_error_is_recognised(house: House) -> None:
    with house.database() as session:
        session.execute(select(Person.id)).all()
        hang_up(house, session.connection())
        with pytest.raises(DBAPIError) as lost:
            session.execute(select(Person.id)).all()
        assert lost.value.connection_invalidated
