"""Who teaches which course."""

from __future__ import annotations

import pytest
from factories.people import make_course, make_person, viewer_of
from sessions import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.domain.access import Action, Subject, may
from lms.domain.errors import Conflict
from lms.models import AuditEntry
from lms.services import trainers


def test_a_trainer_teaches_one_course_and_no_other(session: Session) -> None:
    por, other = make_course(session), make_course(session, "achizitii")
    person = make_person(session)
    for _ in range(2):
        trainers.appoint(session, por, person, actor=None, now=NOW)
    viewer = viewer_of(session, person.id)
    assert may(viewer, Action.TEACH, Subject(course_id=por.id))
    assert not may(viewer, Action.TEACH, Subject(course_id=other.id))
    assert trainers.list_of(session, por) == [person]
    for _ in range(2):
        trainers.dismiss(session, por, person, actor=None, now=NOW)
    assert not may(viewer_of(session, person.id), Action.TEACH)
    verbs = [e.verb for e in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert verbs == ["course.appoint-trainer", "course.dismiss-trainer"]


def test_trainers_come_by_name(session: Session) -> None:
    course = make_course(session)
    for name in ("Ștefan", "Ana", "Țugui"):
        trainers.appoint(session, course, make_person(session, name), actor=None, now=NOW)
    assert [p.name for p in trainers.list_of(session, course)] == ["Ana", "Ștefan", "Țugui"]


def test_a_suspended_person_teaches_nothing(session: Session) -> None:
    course, person = make_course(session), make_person(session, suspended_at=NOW)
    with pytest.raises(Conflict):
        trainers.appoint(session, course, person, actor=None, now=NOW)
    assert trainers.list_of(session, course) == []
