"""What waits for the disk: everything that was acknowledged. What need not: the count of a try."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from attempts import start
from plain_form import form_of
from sessions import NOW
from sqlalchemy import Connection, event, select
from sqlalchemy.orm import Session
from world import PASSWORD, House

from lms.models import Throttle
from lms.models.engine import begin_write
from lms.services import throttle

LASTING, FLEETING = True, False


def waits_for_the_disk(connection: Connection) -> bool:
    cursor = connection.connection.cursor()
    if connection.dialect.name == "sqlite":
        return bool(cursor.execute("PRAGMA synchronous").fetchone()[0] == 2)
    # The tests' own server waits for no disk at all: what counts is that nobody asked it not to.
    cursor.execute("SELECT source FROM pg_settings WHERE name = 'synchronous_commit'")
    return bool(cursor.fetchone()[0] != "session")


@contextmanager
def commits(house: House) -> Iterator[list[bool]]:
    """Of every commit of a writing transaction: does it wait for the disk?"""
    found: list[bool] = []

    def note(connection: Connection) -> None:
        if connection.get_execution_options().get("lms_write"):
            found.append(waits_for_the_disk(connection))

    engine = house.app.extensions["lms"].session.engine
    event.listen(engine, "commit", note)
    yield found
    event.remove(engine, "commit", note)


def test_signing_in_counts_lightly_and_opens_lastingly(house: House) -> None:
    client = house.client()
    form = form_of(client.get("/sign-in"), action="/sign-in")
    form.fill(email="employee@demo.test", password=PASSWORD)
    with commits(house) as found:
        assert client.post(form.action, data=form.fields).status_code == 303
    assert found == [FLEETING, LASTING]


def test_an_answer_waits_for_the_disk_also_on_a_connection_that_did_not(house: House) -> None:
    client = house.client("employee")
    attempt = start(house, client)
    with house.app.app_context():
        session = house.app.extensions["lms"].session()
        begin_write(session, fleeting=True)
        session.commit()
    with commits(house) as found:
        answer = house.post(
            client, f"/attempt/{attempt}/1", {"q": "0", "sequence": "0", "key": "k"},
            headers={"Accept": "application/json"},
        )  # fmt: skip
    assert (answer.status_code, found) == (200, [LASTING])


def test_what_follows_on_a_connection_that_was_not_given_back_waits_for_the_disk(
    house: House,
) -> None:
    engine = house.app.extensions["lms"].session.engine
    with engine.connect() as held, commits(house) as found, Session(held) as session:
        for fleeting in (True, False):
            begin_write(session, fleeting=fleeting)
            session.commit()
    assert found == [FLEETING, LASTING]


def test_what_is_committed_lightly_is_seen_by_all_at_once(house: House) -> None:
    with house.app.app_context():
        session = house.app.extensions["lms"].session()
        begin_write(session, fleeting=True)
        throttle.count(session, [throttle.counter(throttle.ADDRESS, "x")], NOW)
        session.commit()
    with house.database() as other:
        assert other.scalars(select(Throttle.count)).all() == [1]
