"""Who follows which course, seen from the person: enrolling one, listing, looking one up.

Whole cohorts are enrolled by :mod:`lms.services.cohorts`; ending is the same for both
(:func:`lms.services.cohorts.end`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from lms.domain.curriculum import Manifest
from lms.domain.errors import Conflict, NotFound
from lms.models import Course, Enrolment, Person
from lms.services import audit
from lms.services.addressed import get_addressed
from lms.services.curriculum import manifest_of
from lms.services.viewers import may_sign_in


@dataclass(frozen=True, slots=True)
class Offer:
    """A course one can be enrolled into: it is published."""

    course: Course
    manifest: Manifest


class Outcome(StrEnum):
    NEW = "new"
    AGAIN = "again"
    """Had left and is back; what was done is there."""
    ALREADY = "already"


def list_offers(session: Session) -> list[Offer]:
    """Every published course, by key."""
    courses = session.scalars(
        select(Course).where(Course.manifest_id.is_not(None)).order_by(Course.key)
    )
    return [
        Offer(course, manifest_of(session, course.manifest_id))
        for course in courses
        if course.manifest_id is not None
    ]


def get_offer(session: Session, key: str) -> Offer:
    """A published course by its key. Raises NotFound."""
    course = get_addressed(session, key, select(Course).where(Course.key == key))
    if course.manifest_id is None:
        raise NotFound
    return Offer(course, manifest_of(session, course.manifest_id))


def enrol(
    session: Session, course: Course, person: Person, *, actor: Person | None, now: datetime
) -> Outcome:
    """Enrol one person without a cohort, so without due dates; twice is the same.

    Raises ``Conflict("person-suspended")``.
    """
    if not may_sign_in(person):
        raise Conflict("person-suspended", name=person.name)
    found = session.scalar(
        select(Enrolment).where(Enrolment.person_id == person.id, Enrolment.course_id == course.id)
    )
    if found is not None and found.ended_at is None:
        return Outcome.ALREADY
    if found is None:
        session.add(Enrolment(person=person, course=course, enrolled_at=now))
    else:
        found.ended_at, found.cohort = None, None
    audit.record(
        session,
        actor=actor,
        verb="enrolment.add",
        subject=audit.subject_of(person),
        now=now,
        course=course.key,
    )
    session.flush()
    return Outcome.NEW if found is None else Outcome.AGAIN


def list_of(session: Session, person: Person) -> list[Enrolment]:
    """A person's enrolments with course and cohort, the open ones first, then the latest."""
    found = session.scalars(
        select(Enrolment)
        .where(Enrolment.person_id == person.id)
        .options(joinedload(Enrolment.course), joinedload(Enrolment.cohort))
        .order_by(Enrolment.enrolled_at.desc(), Enrolment.id.desc())
    )
    return sorted(found, key=lambda enrolment: enrolment.ended_at is not None)


def get_of(session: Session, person: Person, uuid: str) -> Enrolment:
    """One enrolment of this person, loaded through them. Raises NotFound."""
    theirs = (
        select(Enrolment)
        .where(Enrolment.uuid == uuid, Enrolment.person_id == person.id)
        .options(joinedload(Enrolment.course), joinedload(Enrolment.person))
    )
    return get_addressed(session, uuid, theirs)
