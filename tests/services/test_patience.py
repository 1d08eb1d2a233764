"""PostgreSQL: nobody waits without end, and a server that stopped in the middle loses its hold."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from factories.people import make_person
from sessions import NOW
from sqlalchemy import Engine, event, select, text, update
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session
from waiting import wait_until_somebody_waits

from lms.domain.errors import Refusal
from lms.models import AccessCode, Person, SignIn, Throttle
from lms.services import access_codes, passwords, people, sign_in, throttle

OLD, RENEWED = (passwords.make_hash("calul-paște-iarba") for _ in range(2))
NEW = passwords.make_hash("altă iarbă, alt cal")


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
        frozen.get_one(Person, person.id, with_for_update=True).name = "Târziu"
        frozen.flush()
        frozen.execute(text("SET LOCAL idle_in_transaction_session_timeout = '50ms'"))
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


@pytest.mark.parametrize("renews", [False, True])
def test_a_sign_in_with_the_old_password_waits_for_its_change_and_stays_out(
    session: Session, engine: Engine, renews: bool
) -> None:
    person = make_person(session, "Ana", staff_number="M-17", password_hash=OLD)
    session.commit()
    changing = sign_in.confirm(session, person, "10.0.0.7", NOW)
    session.commit()
    with Session(engine) as thief:
        entering = sign_in.begin(thief, "M-17", "203.0.113.9", NOW)
        thief.commit()
        sign_in.settle(session, changing, True, NOW)
        people.set_password(session, person, NEW, keep_sign_in_id=None, now=NOW)
        with ThreadPoolExecutor() as pool:
            outcome = pool.submit(
                sign_in.finish, thief, entering, True, NOW, renewed_hash=RENEWED if renews else None
            )
            wait_until_somebody_waits(engine)
            session.commit()
            assert refusal_of(outcome) == "sign-in-failed"
        thief.rollback()
    assert session.scalars(select(Person.password_hash)).all() == [NEW]
    assert session.scalars(select(SignIn)).all() == []


def test_of_two_changes_of_a_password_at_once_the_second_has_the_old_one_no_more(
    session: Session, engine: Engine
) -> None:
    person = make_person(session, "Ana", staff_number="M-17", password_hash=OLD)
    session.commit()
    changing = sign_in.confirm(session, person, "10.0.0.7", NOW)
    session.commit()
    with Session(engine) as thief:
        theirs = sign_in.confirm(thief, thief.get_one(Person, person.id), "203.0.113.9", NOW)
        thief.commit()
        sign_in.settle(session, changing, True, NOW)
        people.set_password(session, person, NEW, keep_sign_in_id=None, now=NOW)
        with ThreadPoolExecutor() as pool:
            outcome = pool.submit(sign_in.settle, thief, theirs, True, NOW)
            wait_until_somebody_waits(engine)
            session.commit()
            assert refusal_of(outcome) == "current-password-wrong"
        thief.rollback()


def test_two_codes_of_one_person_used_at_once_wait_for_each_other(
    session: Session, engine: Engine
) -> None:
    person = make_person(session, "Ana")
    codes = [access_codes.issue_codes(session, [person], None, NOW)[0][1] for _ in range(2)]
    session.execute(update(AccessCode).values(withdrawn_at=None))  # as two of HR at once can do
    session.commit()
    entering: list[Future[Any]] = []

    with Session(engine) as other, ThreadPoolExecutor() as pool:

        def enter(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
            """The one code is taken, the others are about to be withdrawn."""
            if "SET withdrawn_at" in statement and not entering:
                entering.append(pool.submit(access_codes.redeem, other, codes[1], NOW))
                wait_until_somebody_waits(engine)

        event.listen(engine, "before_cursor_execute", enter)
        try:
            access_codes.redeem(session, codes[0], NOW)
        finally:
            event.remove(engine, "before_cursor_execute", enter)
        session.commit()
        assert refusal_of(entering[0]) == "code-used"


def refusal_of(outcome: Future[Any]) -> str:
    refusal = outcome.exception()
    assert isinstance(refusal, Refusal)
    return refusal.code
