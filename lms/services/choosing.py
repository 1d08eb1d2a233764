"""People chosen on a page: by tick boxes, by where they belong, by what a list brought in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from lms.domain.errors import Conflict, NotFound, Refusal
from lms.domain.text import is_clean
from lms.models import AccessCode, Cohort, Department, Enrolment, Person
from lms.services import departments
from lms.services.viewers import may_change, may_sign_in, not_suspended

MOST = 1_000
"""People at once; a sheet of so many slips has 125 pages."""
_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Recipients:
    """Who can be given a code, and who of those meant cannot."""

    people: tuple[Person, ...]
    administrators: int
    """Left out: only an administrator hands out their codes."""


def by_uuids(session: Session, uuids: Sequence[str]) -> list[Person]:
    """The people ticked, by name, with their departments.

    Raises ``nobody-chosen``, ``too-many-chosen`` and, when one of them does not exist, NotFound.
    """
    wanted = dict.fromkeys(uuids)
    if not wanted:
        raise Refusal("nobody-chosen")
    if len(wanted) > MOST:
        raise Refusal("too-many-chosen", limit=MOST)
    if not all(is_clean(uuid) for uuid in wanted):
        raise NotFound
    found = list(session.scalars(_people().where(Person.uuid.in_(wanted))))
    if len(found) != len(wanted):
        raise NotFound
    return found


def by_ids(session: Session, ids: Sequence[int]) -> list[Person]:
    """People by their ids, by name; ids of nobody are passed over."""
    found: list[Person] = []
    for start in range(0, len(ids), _CHUNK):
        found += session.scalars(_people().where(Person.id.in_(ids[start : start + _CHUNK])))
    return sorted(found, key=lambda person: (person.name_key, person.id))


def recipients(
    session: Session,
    *,
    actor: Person,
    cohort: Cohort | None = None,
    department: Department | None = None,
    without_password: bool = False,
) -> Recipients:
    """Active people of a cohort (those still in the course) or of a subtree, by name.

    Raises ``too-many-chosen``.
    """
    statement = _people().where(not_suspended())
    if cohort is not None:
        members = select(Enrolment.person_id).where(
            Enrolment.cohort_id == cohort.id, Enrolment.ended_at.is_(None)
        )
        statement = statement.where(Person.id.in_(members))
    if department is not None:
        below = select(Department.id).where(departments.within([department.path]))
        statement = statement.where(Person.department_id.in_(below))
    if without_password:
        statement = statement.where(Person.password_hash.is_(None))
    return _reachable(session.scalars(statement.limit(MOST + 1)).all(), actor)


def reachable(people: Sequence[Person], *, actor: Person) -> Recipients:
    """Those of these people to whom the actor can give a code."""
    return _reachable([person for person in people if may_sign_in(person)], actor)


def check_not_just_issued(session: Session, people: Sequence[Person], *, since: datetime) -> None:
    """That nobody was given a code or a link since the page with the button was shown.

    A second click, or a reload of the sheet, would replace the codes that are already on paper
    by others. Raises ``Conflict("codes-just-issued", name=…)``.
    """
    ids = [person.id for person in people]
    # Held until the commit: two clicks at once must not both find that nothing was issued.
    for start in range(0, len(ids), _CHUNK):
        some = select(Person.id).where(Person.id.in_(ids[start : start + _CHUNK]))
        session.execute(some.order_by(Person.id).with_for_update())
    for start in range(0, len(ids), _CHUNK):
        name = session.scalar(
            select(Person.name)
            .join(AccessCode, AccessCode.person_id == Person.id)
            .where(
                Person.id.in_(ids[start : start + _CHUNK]),
                AccessCode.created_at >= since,
                AccessCode.withdrawn_at.is_(None),
            )
            .order_by(Person.name_key)
            .limit(1)
        )
        if name is not None:
            raise Conflict("codes-just-issued", name=name)


def _reachable(people: Sequence[Person], actor: Person) -> Recipients:
    if len(people) > MOST:
        raise Refusal("too-many-chosen", limit=MOST)
    mine = tuple(person for person in people if may_change(actor, person))
    return Recipients(mine, len(people) - len(mine))


def _people() -> Select[Person]:
    return (
        select(Person).options(joinedload(Person.department)).order_by(Person.name_key, Person.id)
    )
