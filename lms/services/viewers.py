"""Which rights a person has at this moment, read from their relations for every request."""

from __future__ import annotations

from sqlalchemy import ColumnElement, ScalarSelect, String, cast, func, or_, select

from lms.domain.access import Viewer
from lms.domain.claims import ADMINISTERS, said_administrator
from lms.domain.errors import Forbidden
from lms.models import CourseTrainer, Department, DepartmentHead, Person


def may_sign_in(person: Person) -> bool:
    """The one rule for every door: password, code, link, host application, open sign-in."""
    return person.suspended_at is None


HELD = {"key_share": True}
"""How a person is held by whoever lets them in, changes their password or uses up their code: for
``with_for_update``. First the person, then what is counted of them, or two would wait for each
other; what refers to the person meanwhile need not wait."""


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
