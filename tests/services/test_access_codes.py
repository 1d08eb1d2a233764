"""Printed codes and one-time links: looked at freely, used once."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from factories.people import make_person
from sessions import NOW
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from lms.domain.errors import Conflict, Forbidden, Refusal, TooMany
from lms.models import AccessCode, AuditEntry, HelpRequest, Person, SignIn
from lms.models.engine import begin_write
from lms.services import access_codes, help_requests, sign_in
from lms.services.access_codes import CodeState


def one_code(session: Session, person: Person) -> str:
    ((_, code),) = access_codes.issue_codes(session, [person], None, NOW)
    session.commit()
    return code


def refusal_of(session: Session, secret: str, now: object = NOW) -> str:
    assert isinstance(now, type(NOW))
    with pytest.raises(Refusal) as refused:
        access_codes.redeem(session, secret, now)
    session.rollback()
    return refused.value.code


def test_a_code_is_easy_to_type_and_hard_to_guess(session: Session) -> None:
    people = [make_person(session) for _ in range(30)]
    issued = access_codes.issue_codes(session, people, None, NOW)
    assert [person for person, _ in issued] == people
    codes = [code for _, code in issued]
    assert len(set(codes)) == 30
    for code in codes:
        assert re.fullmatch(r"[2-9A-HJKMNP-Z]{4}(-[2-9A-HJKMNP-Z]{4}){2}", code)
    assert not set("01ILO") & set("".join(codes))
    assert len(access_codes.ALPHABET) ** 12 > 2**50


@pytest.mark.parametrize(
    "typed", [str.lower, str.upper, lambda c: c.replace("-", ""), lambda c: f" {c} "]
)
def test_it_may_be_typed_in_many_ways(session: Session, typed: object) -> None:
    person = make_person(session)
    code = one_code(session, person)
    assert callable(typed)
    assert access_codes.redeem(session, typed(code), NOW) is person


@pytest.mark.parametrize("between", [" ", "  ", "–", ".", " - ", "\u00a0"])
def test_other_things_between_the_groups(session: Session, between: str) -> None:
    person = make_person(session)
    code = one_code(session, person).replace("-", between)
    assert access_codes.redeem(session, code, NOW) is person


def test_looking_consumes_nothing(session: Session) -> None:
    person = make_person(session)
    link = access_codes.issue_link(session, person, None, NOW)
    session.commit()
    for _ in range(5):
        found = access_codes.find(session, link)
        assert found is not None
        assert access_codes.state_of(found, NOW) is CodeState.OPEN
        assert found.person is person
    assert not session.new
    assert not session.dirty
    assert access_codes.redeem(session, link, NOW) is person


def test_once(session: Session) -> None:
    person = make_person(session)
    code = one_code(session, person)
    access_codes.redeem(session, code, NOW)
    session.commit()
    assert refusal_of(session, code) == "code-used"
    found = access_codes.find(session, code)
    assert found is not None
    assert access_codes.state_of(found, NOW) is CodeState.USED


def test_two_at_once_one_gets_in(session: Session, engine: Engine) -> None:
    code = one_code(session, make_person(session))
    session.close()
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def press() -> None:
        start.wait()
        with Session(engine) as mine:
            begin_write(mine)
            try:
                sign_in.open_with_code(mine, code, NOW, address="10.0.0.7")
                mine.commit()
                outcomes.append("in")
            except Refusal as refusal:
                outcomes.append(refusal.code)

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["code-used", "in"]
    assert len(session.scalars(select(SignIn)).all()) == 1


def test_a_spent_one_found_open_before_cannot_be_used_again(
    session: Session, engine: Engine
) -> None:
    """The check and the use are one statement: what was seen open a moment ago does not count."""
    code = one_code(session, make_person(session))
    seen = access_codes.find(session, code)
    assert seen is not None
    session.expunge_all()
    session.rollback()
    with Session(engine) as other:
        access_codes.redeem(other, code, NOW)
        other.commit()
    session.add(seen)
    seen.used_at = None
    assert refusal_of(session, code) == "code-used"


@pytest.mark.parametrize(("kind", "days"), [("code", 30), ("link", 3)])
def test_it_expires(session: Session, kind: str, days: int) -> None:
    person = make_person(session)
    if kind == "code":
        secret = one_code(session, person)
    else:
        secret = access_codes.issue_link(session, person, None, NOW)
    session.commit()
    end = NOW + timedelta(days=days)
    assert refusal_of(session, secret, end) == "code-expired"
    assert access_codes.redeem(session, secret, end - timedelta(seconds=1)) is person


@pytest.mark.parametrize(
    "secret",
    ["", "ABCD-EFGH-JKMN", "0000-0000-0000", "x" * 1_000_000, "a\x00b", "\ud800", "'--", "%"],
)
def test_what_was_never_issued(session: Session, secret: str) -> None:
    one_code(session, make_person(session))
    assert access_codes.find(session, secret) is None
    assert refusal_of(session, secret) == "code-unknown"


def test_a_newer_one_replaces_the_older(session: Session) -> None:
    person = make_person(session)
    first = one_code(session, person)
    link = access_codes.issue_link(session, person, None, NOW)
    session.commit()
    assert refusal_of(session, first) == "code-withdrawn"
    second = one_code(session, person)
    assert refusal_of(session, link) == "code-withdrawn"
    assert access_codes.redeem(session, second, NOW) is person


def test_what_was_withdrawn_is_known_as_such_by_whoever_holds_it(session: Session) -> None:
    person = make_person(session)
    held = access_codes.find(session, one_code(session, person))
    assert held is not None
    access_codes.issue_codes(session, [person], None, NOW)
    assert access_codes.state_of(held, NOW) is CodeState.WITHDRAWN


def test_using_one_leaves_other_peoples_alone(session: Session) -> None:
    ana, ion = make_person(session), make_person(session)
    (_, first), (_, second) = access_codes.issue_codes(session, [ana, ion], None, NOW)
    session.commit()
    assert access_codes.redeem(session, first, NOW) is ana
    assert access_codes.redeem(session, second, NOW) is ion


def test_a_suspended_person_gets_none_and_uses_none(session: Session) -> None:
    person = make_person(session)
    code = one_code(session, person)
    person.suspended_at = NOW
    session.commit()
    assert refusal_of(session, code) == "code-withdrawn"
    with pytest.raises(Conflict) as refused:
        access_codes.issue_codes(session, [person], None, NOW)
    assert refused.value.code == "person-suspended"
    with pytest.raises(Conflict):
        access_codes.issue_link(session, person, None, NOW)


def test_hr_cannot_become_administrator_by_a_code(session: Session) -> None:
    hr, admin = make_person(session, "HR"), make_person(session, "Admin", is_admin=True)
    colleague = make_person(session)
    session.commit()
    with pytest.raises(Forbidden):
        access_codes.issue_codes(session, [colleague, admin], hr, NOW)
    with pytest.raises(Forbidden):
        access_codes.issue_link(session, admin, hr, NOW)
    session.rollback()
    assert session.scalars(select(AccessCode)).all() == []
    assert access_codes.issue_link(session, admin, admin, NOW)


def test_only_hashes_are_kept_and_the_record_has_no_secret(session: Session) -> None:
    person = make_person(session)
    code = one_code(session, person)
    link = access_codes.issue_link(session, person, None, NOW)
    kept = " ".join(session.scalars(select(AccessCode.secret_hash)))
    noted = " ".join(
        f"{e.verb} {e.subject} {e.details}" for e in session.scalars(select(AuditEntry))
    )
    for secret in (code, code.replace("-", ""), link):
        assert secret not in kept
        assert secret not in noted
    assert "person.issue-code" in noted
    assert "person.issue-link" in noted


def test_issuing_answers_the_request_for_help(session: Session) -> None:
    hr, person, other = (make_person(session) for _ in range(3))
    for asking in (person, other):
        help_requests.ask(session, asking, "password", "10.0.0.7", NOW)
    access_codes.issue_link(session, person, hr, NOW)
    session.commit()
    resolved = {
        r.person_id: r.resolved_by_id for r in session.scalars(select(HelpRequest)) if r.resolved_at
    }
    assert resolved == {person.id: hr.id}


def test_tries_are_counted_per_address_and_success_takes_its_own_back(session: Session) -> None:
    code = one_code(session, make_person(session))
    for _ in range(299):
        access_codes.count_try(session, "10.0.0.7", NOW)
    access_codes.count_try(session, "10.0.0.7", NOW)
    with pytest.raises(TooMany):
        access_codes.count_try(session, "10.0.0.7", NOW)
    access_codes.count_try(session, "10.0.0.8", NOW)
    access_codes.redeem(session, code, NOW, address="10.0.0.7")
    access_codes.count_try(session, "10.0.0.7", NOW)


def test_coming_in_by_a_code_opens_the_choice_of_a_password_for_a_while(session: Session) -> None:
    person, other = make_person(session), make_person(session)
    by_code = sign_in.open_with_code(session, one_code(session, person), NOW, address="a")
    by_password = sign_in.open(session, person, False, NOW + timedelta(seconds=1))
    first = sign_in.find_session(session, by_code, NOW)
    second = sign_in.find_session(session, by_password, NOW)
    assert first is not None
    assert second is not None

    def opens(person_id: int, at: object, minutes: int = 0) -> bool:
        assert isinstance(at, type(NOW))
        now = NOW + timedelta(minutes=minutes)
        return access_codes.opens_password(session, person_id, at, now)

    assert opens(person.id, first.signed_in_at)
    assert opens(person.id, first.signed_in_at, minutes=30)
    assert not opens(person.id, first.signed_in_at, minutes=31)
    assert not opens(person.id, second.signed_in_at)
    assert not opens(other.id, first.signed_in_at)
