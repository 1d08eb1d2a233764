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


def test_ended_while_nobody_used_it_nothing_is_noticed(house: House) -> None:
    engine = house.app.extensions["lms"].session.engine
    with engine.connect() as other:
        with engine.connect() as first:
            pid = first.connection.dbapi_connection.info.backend_pid
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    for _ in range(2):  # whichever of the two it is given
        assert house.client("employee").get("/").status_code == 200


def test_one_that_rested_is_asked_and_one_just_used_is_not(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, asked = house.app.extensions["lms"].session.engine, []
    dialect, ping = engine.dialect, engine.dialect.do_ping
    monkeypatch.setattr(dialect, "do_ping", lambda one: asked.append(1) or ping(one))
    for _ in range(2):
        engine.connect().close()
    assert asked == []
    monkeypatch.setattr("lms.models.engine.RESTED_SECONDS", 0)
    engine.connect().close()
    assert asked == [1]


def test_one_that_leads_nowhere_after_a_rest_is_replaced(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the machine of the database began anew: no word has come of it."""
    engine = house.app.extensions["lms"].session.engine
    with engine.connect() as connection:
        first = connection.connection.dbapi_connection.info.backend_pid

    def lost(one: object) -> bool:
        raise engine.dialect.loaded_dbapi.OperationalError("connection timed out")

    monkeypatch.setattr("lms.models.engine.RESTED_SECONDS", 0)
    monkeypatch.setattr(engine.dialect, "do_ping", lost)
    with engine.connect() as connection:
        assert connection.connection.dbapi_connection.info.backend_pid != first
