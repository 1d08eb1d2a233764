"""Asking HR for a new way in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories.people import make_department, make_person
from sessions import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from statements import statements

from lms.domain.errors import NotFound, TooMany
from lms.models import AuditEntry, HelpRequest
from lms.services import help_requests

HERE = "10.0.0.7"


def test_a_request_waits_for_hr(session: Session) -> None:
    person = make_person(session, department=make_department(session))
    help_requests.ask(session, person, "password", HERE, NOW)
    session.commit()
    with statements(session) as sent:
        (request,) = help_requests.list_open(session).items
        assert (request.kind, request.person.name) == ("password", "Ana Popescu")
        assert request.person.department is not None
        assert request.person.department.name == "Primăria"
    assert len(sent) == 2
    assert help_requests.count_open(session) == 1


def test_asking_again_is_the_same_request(session: Session) -> None:
    person = make_person(session)
    for kind in ("password", "link", "code", "password"):
        help_requests.ask(session, person, kind, HERE, NOW)
    assert help_requests.count_open(session) == 1


def test_nobody_and_the_suspended_ask_in_vain_and_cannot_tell(session: Session) -> None:
    suspended = make_person(session, suspended_at=NOW)
    for person in (None, suspended):
        assert help_requests.ask(session, person, "password", HERE, NOW) is None
    assert session.scalars(select(HelpRequest)).all() == []


def test_a_flood_from_one_address_stops(session: Session) -> None:
    for _ in range(60):
        help_requests.ask(session, None, "password", HERE, NOW)
    with pytest.raises(TooMany):
        help_requests.ask(session, None, "password", HERE, NOW)
    help_requests.ask(session, None, "password", "10.0.0.8", NOW)


def test_an_unknown_kind_is_a_mistake(session: Session) -> None:
    with pytest.raises(ValueError, match="no such request"):
        help_requests.ask(session, make_person(session), "admin", HERE, NOW)


def test_who_waits_longest_comes_first_and_the_suspended_do_not_show(session: Session) -> None:
    people = [make_person(session, name) for name in ("Ana", "Ion", "Eva")]
    for hours, person in zip((2, 1, 3), people, strict=True):
        help_requests.ask(session, person, "link", HERE, NOW - timedelta(hours=hours))
    people[0].suspended_at = NOW
    session.flush()
    waiting = help_requests.list_open(session)
    assert [request.person.name for request in waiting.items] == ["Eva", "Ion"]
    assert help_requests.count_open(session) == 2


def test_settling_one_without_a_code(session: Session) -> None:
    hr, person = make_person(session), make_person(session)
    help_requests.ask(session, person, "password", HERE, NOW)
    request = help_requests.get(session, help_requests.list_open(session).items[0].uuid)
    for _ in range(2):
        help_requests.resolve(session, request, by=hr, now=NOW)
    assert (request.resolved_at, request.resolved_by_id) == (NOW, hr.id)
    assert help_requests.count_open(session) == 0
    assert [e.verb for e in session.scalars(select(AuditEntry))] == ["help-request.resolve"]
    help_requests.ask(session, person, "password", HERE, NOW)
    assert help_requests.count_open(session) == 1


@pytest.mark.parametrize("uuid", ["", "x\x00", "00000000-0000-4000-8000-000000000000"])
def test_no_such_request(session: Session, uuid: str) -> None:
    with pytest.raises(NotFound):
        help_requests.get(session, uuid)
