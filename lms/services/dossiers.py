"""What HR sees of one account beside its details: places held, doors open, courses taught."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from lms.models import AccessCode, Course, CourseTrainer, DepartmentHead, Person
from lms.services import access_codes, audit, sign_in
from lms.services.access_codes import CodeState
from lms.services.viewers import check_may_change


@dataclass(frozen=True, slots=True)
class Dossier:
    person: Person
    heads: tuple[DepartmentHead, ...]
    teaches: tuple[Course, ...]
    sign_ins: int
    """Browsers signed in now."""
    code: AccessCode | None
    """The newest code or link that can still be used."""


def of(session: Session, person: Person, now: datetime) -> Dossier:
    """Everything of the person's page that is not an enrolment, in four queries."""
    heads = session.scalars(
        select(DepartmentHead)
        .where(DepartmentHead.person_id == person.id)
        .options(joinedload(DepartmentHead.department))
        .order_by(DepartmentHead.id)
    ).all()
    teaches = session.scalars(
        select(Course)
        .join(CourseTrainer, CourseTrainer.course_id == Course.id)
        .where(CourseTrainer.person_id == person.id)
        .order_by(Course.key)
    ).all()
    newest = session.scalar(
        select(AccessCode)
        .where(
            AccessCode.person_id == person.id,
            AccessCode.used_at.is_(None),
            AccessCode.withdrawn_at.is_(None),
            AccessCode.expires_at > now,
        )
        .order_by(AccessCode.created_at.desc(), AccessCode.id.desc())
        .limit(1)
    )
    is_open = newest is not None and access_codes.state_of(newest, now) is CodeState.OPEN
    return Dossier(
        person=person,
        heads=tuple(heads),
        teaches=tuple(teaches),
        sign_ins=len(sign_in.list_open(session, person.id, now=now)),
        code=newest if is_open else None,
    )


def sign_out(session: Session, person: Person, *, actor: Person, now: datetime) -> int:
    """End every sign-in of somebody, as when a computer was lost. How many there were.

    Raises ``Forbidden("administrator-only")``.
    """
    check_may_change(actor, person)
    ended = sign_in.revoke_all(session, person.id, now=now)
    if ended:
        subject = audit.subject_of(person)
        audit.record(
            session, actor=actor, verb="person.sign-out", subject=subject, now=now, browsers=ended
        )
        session.flush()
    return ended


def count_without_password(session: Session) -> int:
    """Active people who have not chosen a password yet."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Person)
            .where(Person.password_hash.is_(None), Person.suspended_at.is_(None))
        )
        or 0
    )
