"""Who teaches which course: the relation that makes a trainer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from lms.domain.errors import Conflict
from lms.models import Course, CourseTrainer, Person
from lms.services import audit


def appoint(
    session: Session, course: Course, person: Person, *, actor: Person | None, now: datetime
) -> None:
    """Make a person trainer of a course; twice is the same. Raises ``person-suspended``."""
    if person.suspended_at is not None:
        raise Conflict("person-suspended", name=person.name)
    if _find(session, course, person) is None:
        session.add(CourseTrainer(course_id=course.id, person_id=person.id))
        _record(session, "course.appoint-trainer", course, person, actor, now)


def dismiss(
    session: Session, course: Course, person: Person, *, actor: Person | None, now: datetime
) -> None:
    """End it; twice is the same."""
    found = _find(session, course, person)
    if found is not None:
        session.delete(found)
        _record(session, "course.dismiss-trainer", course, person, actor, now)


def list_of(session: Session, course: Course) -> list[Person]:
    """A course's trainers, by name."""
    found = session.scalars(
        select(CourseTrainer)
        .where(CourseTrainer.course_id == course.id)
        .options(joinedload(CourseTrainer.person))
    )
    return sorted((trainer.person for trainer in found), key=lambda p: (p.name_key, p.id))


def _find(session: Session, course: Course, person: Person) -> CourseTrainer | None:
    return session.scalar(
        select(CourseTrainer).where(
            CourseTrainer.course_id == course.id, CourseTrainer.person_id == person.id
        )
    )


def _record(
    session: Session,
    verb: str,
    course: Course,
    person: Person,
    actor: Person | None,
    now: datetime,
) -> None:
    subject = audit.subject_of(person)
    audit.record(session, actor=actor, verb=verb, subject=subject, now=now, course=course.key)
    session.flush()
