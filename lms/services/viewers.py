"""Which rights a person has at this moment, read from their relations for every request."""

from __future__ import annotations

from sqlalchemy import ColumnElement, ScalarSelect, String, cast, func, or_, select
from sqlalchemy.orm import Session, joinedload

from lms.domain.access import Action, Subject, Viewer, may
from lms.domain.claims import ADMINISTERS, said_administrator
from lms.domain.errors import Forbidden, NotFound
from lms.domain.text import is_clean
from lms.models import CourseTrainer, Department, DepartmentHead, Person


def may_sign_in(person: Person) -> bool:
    """The one rule for every door: password, code, link, host application, open sign-in."""
    return person.suspended_at is None


def not_suspended() -> ColumnElement[bool]:
    """:func:`may_sign_in`, for a query on ``Person``."""
    return Person.suspended_at.is_(None)


def may_change(actor: Person | None, person: Person) -> bool:
    """Only an administrator touches an administrator's account, ours or a host's.

    Otherwise HR, who hands out codes and changes addresses, could become administrator by giving
    themselves the code of one, or shut out who looks after the application. ``actor`` is None for
    the command line, which may.
    """
    return actor is None or actor.is_admin or not is_administrator(person)


def check_may_change(actor: Person | None, person: Person) -> None:
    """Raises ``Forbidden("administrator-only")`` unless :func:`may_change`."""
    if not may_change(actor, person):
        raise Forbidden("administrator-only")


def is_administrator(person: Person) -> bool:
    """By a right of ours, or by what the host said when it last described them."""
    return person.is_admin or said_administrator(person.claim_hash)


def administers() -> ColumnElement[bool]:
    """:func:`is_administrator`, for a query on ``Person``."""
    said = func.coalesce(Person.claim_hash, "")
    return or_(Person.is_admin, said.startswith(ADMINISTERS, autoescape=True))


def viewer_of(session: Session, person_id: int) -> Viewer:
    """The person as one who asks, in one query. Raises NotFound."""
    row = session.execute(
        select(Person.id, Person.is_admin, head_paths(), taught_courses()).where(
            Person.id == person_id
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return viewer_from(row[0], row[1], row[2], row[3])


def viewer_from(person_id: int, is_admin: bool, heads: str | None, teaches: str | None) -> Viewer:
    """A viewer from what :func:`head_paths` and :func:`taught_courses` gave."""
    return Viewer(
        person_id=person_id,
        is_admin=is_admin,
        heads=tuple(sorted(heads.split(","))) if heads else (),
        teaches=tuple(sorted(map(int, teaches.split(",")))) if teaches else (),
    )


def head_paths() -> ScalarSelect[str | None]:
    """Paths of the departments a person heads, joined by commas; correlated to ``Person``."""
    return (
        select(func.aggregate_strings(Department.path, ","))
        .join(DepartmentHead, DepartmentHead.department_id == Department.id)
        .where(DepartmentHead.person_id == Person.id)
        .correlate(Person)
        .scalar_subquery()
    )


def taught_courses() -> ScalarSelect[str | None]:
    """Ids of the courses a person is a trainer of, joined by commas; correlated to ``Person``."""
    return (
        select(func.aggregate_strings(cast(CourseTrainer.course_id, String), ","))
        .where(CourseTrainer.person_id == Person.id)
        .correlate(Person)
        .scalar_subquery()
    )


def subject_of(person: Person) -> Subject:
    """A person as the thing asked about."""
    department = person.department
    return Subject(department=department.path if department else "", person_id=person.id)


def get_visible(session: Session, viewer: Viewer, uuid: str) -> Person:
    """A person of the viewer's team, with their department.

    Raises NotFound alike for somebody else's people and for nobody at all.
    """
    person = None
    if is_clean(uuid):
        person = session.scalar(
            select(Person).where(Person.uuid == uuid).options(joinedload(Person.department))
        )
    if person is None or not may(viewer, Action.SEE_TEAM, subject_of(person)):
        raise NotFound
    return person
