"""Bringing a list of people in: first a plan that writes nothing, then the same plan applied.

Applying makes the plan again inside the writing transaction and stops when it is no longer what
was shown. The good rows go in together or not at all; broken rows are reported and left out, so
they can be mended and the whole list given again: what is there already changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.domain.errors import Conflict, Refusal
from lms.models import Department, Person
from lms.models.base import new_uuid
from lms.services import access_codes, audit, departments
from lms.services.import_places import Place, Places
from lms.services.import_plan import (
    ImportPlan,
    KnownPerson,
    NewDepartment,
    PlannedRow,
    Row,
    RowState,
)
from lms.services.import_planner import Planner
from lms.services.viewers import administers

MOST_ROWS = 20_000
MOST_LEFT_OUT = 500
"""Rows left out that the record names, line by line."""
_CHUNK = 5_000
"""Ids in one statement, well below what SQLite and PostgreSQL allow."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an applied list has done."""

    uuid: str
    """Names it in the record: the entry's subject is ``import:<uuid>``."""
    added: tuple[Person, ...]
    changed: tuple[Person, ...]
    present: tuple[int, ...]
    """Ids of the people who were there already and stay as they are."""
    new_departments: tuple[Department, ...]
    errors: tuple[PlannedRow, ...]
    """Rows left out, each with its reasons."""


def plan(session: Session, rows: Sequence[Row], *, actor: Person | None) -> ImportPlan:
    """What bringing the list in would do; writes nothing. Two queries, however long the list.

    Raises ``Refusal("list-too-long")``.
    """
    if len(rows) > MOST_ROWS:
        raise Refusal("list-too-long", limit=MOST_ROWS)
    known = session.execute(
        select(
            Person.id,
            Person.name,
            Person.name_key,
            Person.email,
            Person.email_key,
            Person.staff_number,
            Person.staff_key,
            Person.department_id,
            administers(),
            Person.suspended_at.is_not(None),
        )
    )
    tree = session.execute(
        select(Department.id, Department.parent_id, Department.name, Department.name_key)
    )
    planner = Planner(
        (KnownPerson(*tuple(row)) for row in known),
        Places(Place(*row) for row in tree),
        touches_administrators=actor is None or actor.is_admin,
    )
    return planner.plan(rows)


def apply(
    session: Session,
    rows: Sequence[Row],
    fingerprint: str,
    *,
    actor: Person | None,
    now: datetime,
) -> ImportReport:
    """Do what the plan with this fingerprint showed.

    Raises ``Conflict("plan-changed")`` when people or departments have changed since, or the list
    is another one; nothing is written then.
    """
    departments.hold(session)
    shown = plan(session, rows, actor=actor)
    if shown.fingerprint != fingerprint:
        raise Conflict("plan-changed")
    try:
        return _write(session, shown, actor, now)
    except IntegrityError as error:
        raise Conflict("plan-changed") from error


def _write(
    session: Session, shown: ImportPlan, actor: Person | None, now: datetime
) -> ImportReport:
    made = _make_departments(session, shown.new_departments, actor, now)
    ids = {planned: department.id for planned, department in made.items()}
    added = _add(session, shown.of(RowState.NEW), ids, now)
    changed = _change(session, shown.of(RowState.CHANGED), ids, now)
    session.flush()
    uuid = _record(session, shown, [*added, *changed], actor, now)
    session.flush()
    present = tuple(r.person_id for r in shown.of(RowState.PRESENT) if r.person_id is not None)
    return ImportReport(
        uuid, tuple(added), tuple(changed), present, tuple(made.values()), shown.of(RowState.ERROR)
    )


def _make_departments(
    session: Session, new: Sequence[NewDepartment], actor: Person | None, now: datetime
) -> dict[int, Department]:
    """Planned id → department, made level by level from the top."""
    there = {parent.parent_id for parent in new if parent.parent_id > 0}
    # As they are now that the tree is held: a path goes on from its parent's.
    found = select(Department).where(Department.id.in_(there))
    known = session.scalars(found.execution_options(populate_existing=True))
    parents = {department.id: department for department in known}
    made: dict[int, Department] = {}
    waiting = list(new)
    while waiting:
        level = [d for d in waiting if d.parent_id in parents or d.parent_id in made]
        pairs = [(parents.get(d.parent_id) or made[d.parent_id], d.name) for d in level]
        done = departments.add_many(session, pairs, actor=actor, now=now)
        made.update(zip((d.id for d in level), done, strict=True))
        waiting = [d for d in waiting if d.id not in made]
    return made


def _add(
    session: Session, rows: Sequence[PlannedRow], ids: dict[int, int], now: datetime
) -> list[Person]:
    values = [
        {
            "uuid": new_uuid(),
            "name": row.name,
            "name_key": row.name_key,
            "email": row.email,
            "email_key": row.email_key,
            "staff_number": row.staff_number,
            "staff_key": row.staff_key,
            "department_id": _department_id(row, ids),
            "created_at": now,
        }
        for row in rows
    ]
    if not values:
        return []
    session.execute(insert(Person), values)
    uuids = [str(value["uuid"]) for value in values]
    made: dict[str, Person] = {}
    for start in range(0, len(uuids), _CHUNK):
        some = select(Person).where(Person.uuid.in_(uuids[start : start + _CHUNK]))
        made |= {person.uuid: person for person in session.scalars(some)}
    return [made[uuid] for uuid in uuids]


def _change(
    session: Session, rows: Sequence[PlannedRow], ids: dict[int, int], now: datetime
) -> list[Person]:
    by_id = {row.person_id: row for row in rows if row.person_id is not None}
    people = _load(session, list(by_id))
    readdressed = []
    for person in people:
        row = by_id[person.id]
        for change in row.changes:
            if change.field == "name":
                person.name, person.name_key = row.name, row.name_key
            elif change.field == "email":
                person.email, person.email_key = row.email, row.email_key
            elif change.field == "staff_number":
                person.staff_number, person.staff_key = row.staff_number, row.staff_key
            else:
                person.department_id = _department_id(row, ids)
        if any(change.field in ("email", "staff_number") for change in row.changes):
            readdressed.append(person.id)
    access_codes.withdraw(session, readdressed, now=now)
    return people


def _load(session: Session, person_ids: list[int]) -> list[Person]:
    people: list[Person] = []
    for start in range(0, len(person_ids), _CHUNK):
        some = person_ids[start : start + _CHUNK]
        statement = select(Person).where(Person.id.in_(some)).order_by(Person.id)
        people += session.scalars(statement.with_for_update())
    return people


def _department_id(row: PlannedRow, ids: dict[int, int]) -> int | None:
    """The real id, also of a department that was made just now."""
    if row.department_id is None:
        return None
    return ids.get(row.department_id, row.department_id)


def _record(
    session: Session, shown: ImportPlan, people: list[Person], actor: Person | None, now: datetime
) -> str:
    uuid = new_uuid()
    changes = {row.person_id: row.changes for row in shown.of(RowState.CHANGED)}
    acts: list[tuple[str, str, dict[str, Any]]] = []
    for person in people:
        verb, details = "person.add", dict[str, Any](by=uuid)
        if person.id in changes:
            fields = {c.field: {"old": c.old, "new": c.new} for c in changes[person.id]}
            verb, details = "person.change", details | {"changes": fields}
        acts.append((verb, audit.subject_of(person), details))
    audit.record_many(session, acts, actor=actor, now=now)
    counts = {state.value: shown.count(state) for state in RowState}
    audit.record(
        session,
        actor=actor,
        verb="people.import",
        subject=f"import:{uuid}",
        now=now,
        rows=counts,
        left_out=_left_out(shown),
    )
    return uuid


def _left_out(shown: ImportPlan) -> list[dict[str, Any]]:
    """The rows left out by line and reason; nothing of what stood in them is kept."""
    return [
        {"line": row.line, "problems": [{"code": p.code, "params": p.params} for p in row.problems]}
        for row in shown.of(RowState.ERROR)[:MOST_LEFT_OUT]
    ]
