"""PostgreSQL: nobody waits without end, and a server that stopped in the middle loses its hold."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories.people import make_person
from sessions import NOW
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from lms.models import Person, SignIn, Throttle
from lms.services import sign_in, throttle


@pytest.fixture(autouse=True)
def _only_on_postgresql(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite's one writer is another test's")


def test_every_connection_has_its_limits(session: Session) -> None:
    found = {
        name: session.execute(text(f"SHOW {name}")).scalar_one()
        for name in ("lock_timeout", "idle_in_transaction_session_timeout")
    }
    assert found == {"lock_timeout": "5s", "idle_in_transaction_session_timeout": "20s"}


def test_a_row_that_is_held_ends_the_wait(session: Session, engine: Engine) -> None:
    held = make_person(session)
    session.commit()
    session.get_one(Person, held.id, with_for_update=True)
    with Session(engine) as other:
        other.execute(text("SET LOCAL lock_timeout = '20ms'"))
        with pytest.raises(OperationalError):
            other.get_one(Person, held.id, with_for_update=True)


def test_a_server_that_stopped_in_the_middle_lets_go_and_writes_nothing_late(
    session: Session, engine: Engine
) -> None:
    person = make_person(session, "Ana")
    session.commit()
    with Session(engine) as frozen:
        frozen.execute(text("SET LOCAL idle_in_transaction_session_timeout = '50ms'"))
        frozen.get_one(Person, person.id, with_for_update=True).name = "Târziu"
        frozen.flush()
        with Session(engine) as other:
            # Waits until the database has ended the frozen transaction.
            other.get_one(Person, person.id, with_for_update=True).name = "Ana Pop"
            other.commit()
        with pytest.raises(DBAPIError) as late:
            frozen.commit()
        assert late.value.connection_invalidated
    session.expire_all()
    assert session.get_one(Person, person.id).name == "Ana Pop"


def test_sweeping_waits_for_nobody(session: Session, engine: Engine) -> None:
    """Who signs in holds the count of the address and sweeps; who begins to, behind the same
    address, holds their own old count and waits for the address's. Each waited for the other."""
    person, old = make_person(session), NOW - throttle.WINDOW
    theirs = throttle.counter(throttle.ACCOUNT, "person:1")
    throttle.count(session, [theirs, throttle.counter(throttle.ACCOUNT, "person:2")], old)
    tokens = [sign_in.open(session, person, True, NOW - timedelta(days=1)) for _ in range(2)]
    session.commit()
    ending = sign_in.find_session(session, tokens[0], NOW - timedelta(days=1))
    assert ending is not None
    assert ending.sign_in_id is not None
    throttle.count(session, [theirs], NOW)
    sign_in.revoke(session, person.id, ending.sign_in_id, now=NOW)
    with Session(engine) as other:
        other.execute(text("SET LOCAL lock_timeout = '20ms'"))
        sign_in.purge(other, NOW)
        other.commit()
        assert other.scalars(select(Throttle.subject)).all() == [theirs.subject]
        assert other.scalars(select(SignIn.id)).all() == [ending.sign_in_id]
