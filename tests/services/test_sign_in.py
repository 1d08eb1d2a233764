"""Signing in: one rule for every door, nothing a stranger could learn, out at the next request."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories.people import (
    make_course,
    make_department,
    make_head,
    make_person,
    make_trainer,
)
from sessions import NOW
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from statements import statements

from lms.domain.errors import NotFound, Refusal, TooMany
from lms.models import AccessCode, Person, SignIn, Throttle
from lms.services import access_codes, passwords, sign_in, throttle
from lms.services.sign_in import Challenge

RIGHT = "calul-paște-iarba"
HASH = passwords.make_hash(RIGHT)
HOME, AWAY = "10.0.0.7", "198.51.100.9"


def attempt(
    session: Session, account: str, password: str, address: str = HOME, now: object = NOW
) -> str:
    """The three steps as the entrance takes them, with its commits."""
    assert isinstance(now, type(NOW))
    challenge = sign_in.begin(session, account, address, now)
    session.commit()
    right = passwords.verify(challenge.password_hash, password)
    try:
        token = sign_in.finish(session, challenge, right, now)
    except Refusal:
        session.rollback()
        raise
    session.commit()
    return token


def fail(session: Session, account: str, address: str = HOME) -> None:
    """A wrong try, without computing a hash for it."""
    challenge = sign_in.begin(session, account, address, NOW)
    session.commit()
    with pytest.raises(Refusal):
        sign_in.finish(session, challenge, False, NOW)
    session.rollback()


@pytest.fixture
def ana(session: Session) -> Person:
    person = make_person(
        session, email="Ana.Pop@demo.test", staff_number="M-17", password_hash=HASH
    )
    session.commit()
    return person


@pytest.mark.parametrize(
    "account",
    ["Ana.Pop@demo.test", " ana.pop@DEMO.test ", "ａna.pop@demo.test", "M-17", "m‑17"],
)
def test_a_name_of_the_account_in_any_spelling(session: Session, ana: Person, account: str) -> None:
    token = attempt(session, account, RIGHT)
    signed_in = sign_in.find_session(session, token, NOW)
    assert signed_in is not None
    assert (signed_in.person_id, signed_in.name) == (ana.id, "Ana Popescu")
    assert signed_in.has_password


def test_the_token_is_long_new_each_time_and_not_in_the_database(
    session: Session, ana: Person
) -> None:
    first, second = (attempt(session, "M-17", RIGHT) for _ in range(2))
    assert first != second
    assert len(first) >= 43
    kept = session.scalars(select(SignIn.token_hash)).all()
    assert first not in kept
    assert {len(one) for one in kept} == {64}


def test_every_failure_looks_the_same(session: Session, ana: Person) -> None:
    make_person(session, email="fara@demo.test")
    make_person(session, email="plecat@demo.test", password_hash=HASH, suspended_at=NOW)
    session.commit()
    refusals = []
    for account, password in [
        ("M-17", "wrong"),
        ("nimeni@demo.test", RIGHT),
        ("plecat@demo.test", RIGHT),
        ("fara@demo.test", ""),
        ("", ""),
        ("x" * 1_000_000, "x" * 1_000_000),
        ("a\x00b", "\x00"),
        ("\ud800", "\ud800"),
    ]:
        with pytest.raises(Refusal) as refused:
            attempt(session, account, password)
        refusals.append((type(refused.value), refused.value.code, refused.value.params))
    assert refusals == [(Refusal, "sign-in-failed", {})] * 8
    assert session.scalars(select(SignIn)).all() == []


def test_a_suspended_account_gives_no_hash_away(session: Session) -> None:
    make_person(session, email="x@demo.test", password_hash=HASH, suspended_at=NOW)
    assert sign_in.begin(session, "x@demo.test", HOME, NOW).password_hash is None


def test_a_challenge_says_nothing_secret_when_printed(session: Session, ana: Person) -> None:
    shown = repr(sign_in.begin(session, "M-17", HOME, NOW))
    assert "argon2" not in shown
    assert HOME not in shown


def test_a_person_suspended_while_the_hash_was_computed_stays_out(
    session: Session, engine: Engine, ana: Person
) -> None:
    challenge = sign_in.begin(session, "M-17", HOME, NOW)
    session.commit()
    with Session(engine) as other:
        other.scalars(select(Person)).one().suspended_at = NOW
        other.commit()
    with pytest.raises(Refusal):
        sign_in.finish(session, challenge, True, NOW)


def test_a_password_changed_meanwhile_is_the_old_one(
    session: Session, engine: Engine, ana: Person
) -> None:
    challenge = sign_in.begin(session, "M-17", HOME, NOW)
    session.commit()
    with Session(engine) as other:
        other.scalars(select(Person)).one().password_hash = passwords.make_hash("altă parolă nouă")
        other.commit()
    with pytest.raises(Refusal):
        sign_in.finish(session, challenge, True, NOW)


def test_nobody_cannot_be_let_in_by_mistake(session: Session) -> None:
    with pytest.raises(Refusal):
        sign_in.finish(session, Challenge(None, None, "nobody:x", HOME), True, NOW)


def test_a_hash_with_older_parameters_is_replaced(session: Session, ana: Person) -> None:
    challenge = sign_in.begin(session, "M-17", HOME, NOW)
    newer = passwords.make_hash(RIGHT)
    sign_in.finish(session, challenge, True, NOW, renewed_hash=newer)
    session.commit()
    assert session.get_one(Person, ana.id, populate_existing=True).password_hash == newer


def test_ten_wrong_tries_and_then_one_waits(session: Session, ana: Person) -> None:
    for _ in range(10):
        fail(session, "M-17")
    with pytest.raises(TooMany) as refused:
        attempt(session, "M-17", RIGHT)
    assert refused.value.params == {"seconds": 30}
    session.rollback()
    assert attempt(session, "M-17", RIGHT, now=NOW + timedelta(seconds=30))


def test_other_spellings_and_the_other_name_share_the_count(session: Session, ana: Person) -> None:
    for account in ("M-17", " m-17", "ANA.POP@demo.test", "ana.pop@demo.test ") * 3:
        try:
            fail(session, account)
        except TooMany:
            break
    with pytest.raises(TooMany):
        sign_in.begin(session, "ana.pop@demo.test", HOME, NOW)


def test_unknown_accounts_wait_like_known_ones(session: Session) -> None:
    for _ in range(10):
        fail(session, "nimeni@demo.test")
    with pytest.raises(TooMany) as refused:
        sign_in.begin(session, "nimeni@demo.test", HOME, NOW)
    assert refused.value.params == {"seconds": 30}


def test_a_sign_in_asks_the_database_four_times(session: Session, ana: Person) -> None:
    attempt(session, "M-17", RIGHT)
    with statements(session) as sent:
        attempt(session, "M-17", RIGHT)
    assert len(sent) == 4


def test_the_database_is_asked_the_same_of_known_suspended_and_unknown_accounts(
    session: Session, ana: Person
) -> None:
    """Else the time it takes would tell them apart."""
    make_person(session, staff_number="M-18", password_hash=HASH, suspended_at=NOW)
    asked = []
    for account in ("M-17", "M-18", "M-19"):
        with statements(session) as sent:
            fail(session, account)
        asked.append(sent)
    assert asked[0] == asked[1] == asked[2]
    assert "EXISTS" not in asked[0][0], "what is asked only of those who are found takes longer"


def test_success_forgets_the_failures(session: Session, ana: Person) -> None:
    for _ in range(9):
        fail(session, "M-17")
    attempt(session, "M-17", RIGHT)
    for _ in range(10):
        fail(session, "M-17")


def test_a_stranger_elsewhere_locks_nobody_out(session: Session, ana: Person) -> None:
    for _ in range(10):
        fail(session, "M-17", AWAY)
    with pytest.raises(TooMany):
        sign_in.begin(session, "M-17", AWAY, NOW)
    session.rollback()
    assert attempt(session, "M-17", RIGHT, HOME)


def test_guessing_from_everywhere_waits_but_not_at_the_persons_own_desk(
    session: Session, ana: Person
) -> None:
    attempt(session, "M-17", RIGHT, HOME)
    for number in range(100):
        sign_in.begin(session, "M-17", f"203.0.113.{number}", NOW)
    with pytest.raises(TooMany):
        sign_in.begin(session, "M-17", "203.0.113.200", NOW)
    fail(session, "M-17", HOME)
    assert attempt(session, "M-17", RIGHT, HOME)
    assert attempt(session, "M-17", RIGHT, "203.0.113.201")


@pytest.mark.slow
def test_a_classroom_behind_one_address_signs_in(session: Session) -> None:
    for number in range(320):
        person = make_person(session, password_hash=HASH)
        if number % 2:  # every second one slips once
            sign_in.begin(session, person.email or "", HOME, NOW)
        challenge = sign_in.begin(session, person.email or "", HOME, NOW)
        sign_in.finish(session, challenge, True, NOW)
    assert len(session.scalars(select(SignIn.id)).all()) == 320


def test_one_password_tried_on_everybody_stops_at_the_address(session: Session) -> None:
    for number in range(300):
        sign_in.begin(session, f"angajat{number}@demo.test", HOME, NOW)
    with pytest.raises(TooMany) as refused:
        sign_in.begin(session, "angajat300@demo.test", HOME, NOW)
    assert refused.value.params == {"seconds": 60}


def test_counts_survive_a_restart(session: Session, engine: Engine, ana: Person) -> None:
    for _ in range(10):
        fail(session, "M-17")
    session.close()
    engine.dispose()
    with Session(engine) as fresh, pytest.raises(TooMany):
        sign_in.begin(fresh, "M-17", HOME, NOW)


def test_giving_the_own_password_again_is_no_side_door(session: Session, ana: Person) -> None:
    for _ in range(10):
        challenge = sign_in.confirm(session, ana, HOME, NOW)
        with pytest.raises(Refusal) as refused:
            sign_in.settle(session, challenge, False, NOW)
        assert refused.value.code == "current-password-wrong"
    with pytest.raises(TooMany):
        sign_in.confirm(session, ana, HOME, NOW)
    with pytest.raises(TooMany):
        sign_in.begin(session, "M-17", HOME, NOW)


def test_signing_in_withdraws_codes_nobody_needs_any_more(session: Session, ana: Person) -> None:
    ((_, code),) = access_codes.issue_codes(session, [ana], None, NOW)
    attempt(session, "M-17", RIGHT)
    with pytest.raises(Refusal) as refused:
        access_codes.redeem(session, code, NOW)
    assert refused.value.code == "code-withdrawn"


def test_everything_a_request_needs_comes_in_one_query(session: Session) -> None:
    root = make_department(session)
    works = make_department(session, "Lucrări", root)
    person = make_person(session, department=works, language="en")
    make_head(session, works, person)
    course = make_course(session)
    make_trainer(session, course, person)
    token = sign_in.open(session, person, False, NOW)
    session.commit()
    with statements(session) as sent:
        found = sign_in.find_session(session, token, NOW)
    assert len(sent) == 1
    assert found is not None
    assert (found.language, found.is_admin, found.is_shared) == ("en", False, False)
    assert found.department_path == works.path
    assert found.viewer.heads == (works.path,)
    assert found.viewer.teaches == (course.id,)
    assert found.signed_in_at == NOW
    assert not found.has_password


def test_rights_are_those_of_this_moment(session: Session) -> None:
    works = make_department(session, "Lucrări", make_department(session))
    person = make_person(session, is_admin=True)
    head = make_head(session, works, person)
    token = sign_in.open(session, person, False, NOW)
    session.commit()
    session.delete(head)
    person.is_admin = False
    session.commit()
    found = sign_in.find_session(session, token, NOW)
    assert found is not None
    assert (found.viewer.heads, found.viewer.is_admin, found.is_admin) == ((), False, False)


def test_a_suspended_person_is_out_at_the_next_request(session: Session, ana: Person) -> None:
    token = attempt(session, "M-17", RIGHT)
    ana.suspended_at = NOW
    session.commit()
    assert sign_in.find_session(session, token, NOW) is None
    with pytest.raises(Refusal):
        sign_in.open(session, ana, False, NOW)


@pytest.mark.parametrize(("is_shared", "lifetime"), [(True, 12), (False, 30 * 24)])
def test_a_sign_in_ends_by_itself(session: Session, is_shared: bool, lifetime: int) -> None:
    token = sign_in.open(session, make_person(session), is_shared, NOW)
    end = NOW + timedelta(hours=lifetime)
    found = sign_in.find_session(session, token, end - timedelta(seconds=1))
    assert found is not None
    assert (found.is_shared, found.expires_at) == (is_shared, end)
    assert sign_in.find_session(session, token, end) is None


@pytest.mark.parametrize("token", ["", "x", "x" * 10_000, "a\x00b", "\ud800", "' OR 1=1 --", "%"])
def test_what_is_no_token_opens_nothing(session: Session, token: str) -> None:
    sign_in.open(session, make_person(session), False, NOW)
    assert sign_in.find_session(session, token, NOW) is None


def test_ending_sign_ins(session: Session) -> None:
    person, other = make_person(session), make_person(session)
    tokens = [sign_in.open(session, person, False, NOW + timedelta(minutes=n)) for n in range(3)]
    foreign = sign_in.open(session, other, False, NOW)
    later = NOW + timedelta(hours=1)
    third, second, first = sign_in.list_open(session, person.id, later)
    sign_in.revoke(session, person.id, first.id, now=later)
    sign_in.revoke(session, person.id, first.id, now=later)
    assert sign_in.find_session(session, tokens[0], later) is None
    assert sign_in.revoke_all(session, person.id, now=later, except_id=third.id) == 1
    assert sign_in.find_session(session, tokens[1], later) is None
    assert sign_in.find_session(session, tokens[2], later) is not None
    assert sign_in.find_session(session, foreign, later) is not None
    assert sign_in.revoke_all(session, person.id, now=later) == 1
    assert sign_in.list_open(session, person.id, later) == []
    assert second.revoked_at == later


def test_somebody_elses_sign_in_cannot_be_ended(session: Session) -> None:
    person, other = make_person(session), make_person(session)
    token = sign_in.open(session, other, False, NOW)
    (theirs,) = sign_in.list_open(session, other.id, NOW)
    for missing in (theirs.id, 99999):
        with pytest.raises(NotFound):
            sign_in.revoke(session, person.id, missing, now=NOW)
    assert sign_in.find_session(session, token, NOW) is not None


@pytest.mark.parametrize("by_password", [True, False])
def test_every_sign_in_sweeps_away_what_has_expired(
    session: Session, ana: Person, by_password: bool
) -> None:
    for start in (NOW - timedelta(days=31), NOW - timedelta(days=29)):
        sign_in.open(session, ana, False, start)
    throttle.count(session, [throttle.counter(throttle.ADDRESS, HOME)], NOW - timedelta(days=1))
    token = attempt(session, "M-17", RIGHT, AWAY) if by_password else open_now(session, ana)
    assert len(session.scalars(select(SignIn)).all()) == 2
    stale = Throttle.window_started_at < NOW
    assert session.scalars(select(Throttle).where(stale)).all() == []
    assert sign_in.find_session(session, token, NOW) is not None


def open_now(session: Session, person: Person) -> str:
    token = sign_in.open(session, person, False, NOW)
    session.commit()
    return token


def test_a_stolen_database_opens_nothing(session: Session, ana: Person) -> None:
    access_codes.issue_codes(session, [ana], None, NOW)
    attempt(session, "M-17", RIGHT)
    for secret in [*session.scalars(select(SignIn.token_hash))]:
        assert sign_in.find_session(session, secret, NOW) is None
    for secret in [*session.scalars(select(AccessCode.secret_hash))]:
        assert access_codes.find(session, secret) is None
