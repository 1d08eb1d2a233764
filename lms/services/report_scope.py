"""Whose rows a report may hold: the viewer's departments, narrowed by the filters.

Every query of a report goes through a :class:`Scope`, totals and exports included.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from lms.domain import completion
from lms.domain.access import Viewer, team_paths
from lms.domain.curriculum import Manifest
from lms.domain.errors import NotFound
from lms.domain.text import fold
from lms.models import (
    Attempt,
    Cohort,
    CohortDue,
    Department,
    Enrolment,
    ModuleCompletion,
    Person,
    Reading,
)
from lms.services.curriculum import Published


class StateFilter(StrEnum):
    ANY = ""
    DONE = "done"
    IN_PROGRESS = "in-progress"
    NOT_STARTED = "not-started"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; empty means everything the viewer may see."""

    department: str = ""
    """uuid: this department and all below it."""
    cohort: str = ""
    """uuid"""
    state: StateFilter = StateFilter.ANY
    search: str = ""
    """Part of a name."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of a filter."""

    uuid: str
    name: str
    depth: int = 0


@dataclass(frozen=True)
class Scope:
    """The viewer's people in one course: the only way to a query of this module."""

    session: Session
    published: Published
    today: date
    condition: list[ColumnElement[bool]]
    dues: dict[int, dict[int, date]] = field(default_factory=dict)
    """Cohort id → module id → due date."""
    past_due: list[int] = field(default_factory=list)
    """Ids of CohortDue rows whose date is past."""

    @property
    def manifest(self) -> Manifest:
        return self.published.manifest

    @property
    def module_ids(self) -> list[int]:
        return [module.id for module in self.manifest.modules]


def scope(
    session: Session, viewer: Viewer, published: Published, filters: Filters, today: date
) -> Scope:
    """Everybody of the viewer's departments in the course, narrowed by department and cohort.

    Raises NotFound for a department or cohort that is not the viewer's to see.
    """
    condition: list[ColumnElement[bool]] = [
        Enrolment.course_id == published.course_id,
        Enrolment.ended_at.is_(None),
        Person.suspended_at.is_(None),
    ]
    paths = team_paths(viewer)
    if paths is not None:
        condition.append(_below(paths))
    if filters.department:
        path = _visible_path(session, filters.department, paths)
        condition.append(Department.path.startswith(path, autoescape=True))
    made = Scope(session, published, today, condition)
    _read_dues(made)
    if filters.cohort:
        cohort_id = session.scalar(
            select(Cohort.id).where(
                Cohort.uuid == filters.cohort, Cohort.course_id == published.course_id
            )
        )
        if cohort_id is None:
            raise NotFound()
        condition.append(Enrolment.cohort_id == cohort_id)
    return made


def _below(paths: Sequence[str]) -> ColumnElement[bool]:
    return or_(*(Department.path.startswith(path, autoescape=True) for path in paths))


def _visible_path(session: Session, uuid: str, paths: Sequence[str] | None) -> str:
    path = session.scalar(select(Department.path).where(Department.uuid == uuid))
    if path is None or (paths is not None and not path.startswith(tuple(paths))):
        raise NotFound()
    return path


def _read_dues(made: Scope) -> None:
    rows = made.session.execute(
        select(CohortDue, Cohort.ends_on)
        .join(Cohort, Cohort.id == CohortDue.cohort_id)
        .where(
            Cohort.course_id == made.published.course_id,
            CohortDue.module_id.in_(made.module_ids),
        )
    )
    for due, ends_on in rows:
        on = completion.due_on(ends_on, due.days_after)
        made.dues.setdefault(due.cohort_id, {})[due.module_id] = on
        if on < made.today:
            made.past_due.append(due.id)


def _completions(made: Scope) -> Any:
    """How many published modules an enrolment has completed, as a correlated figure."""
    return (
        select(func.count())
        .select_from(ModuleCompletion)
        .where(
            ModuleCompletion.enrolment_id == Enrolment.id,
            ModuleCompletion.module_id.in_(made.module_ids),
        )
        .correlate(Enrolment)
        .scalar_subquery()
    )


def is_done(made: Scope) -> ColumnElement[bool]:
    done: ColumnElement[bool] = _completions(made) == len(made.module_ids)
    return done


def is_started(made: Scope) -> ColumnElement[bool]:
    activities = [activity.id for _, activity in made.manifest.route()]
    return or_(
        exists().where(
            Reading.enrolment_id == Enrolment.id, Reading.activity_id.in_(activities)
        ),
        exists().where(
            Attempt.enrolment_id == Enrolment.id, Attempt.activity_id.in_(activities)
        ),
        exists().where(
            ModuleCompletion.enrolment_id == Enrolment.id,
            ModuleCompletion.module_id.in_(made.module_ids),
        ),
    )


def is_overdue(made: Scope) -> ColumnElement[bool]:
    completed = exists().where(
        ModuleCompletion.enrolment_id == Enrolment.id,
        ModuleCompletion.module_id == CohortDue.module_id,
    )
    return exists().where(
        CohortDue.id.in_(made.past_due), CohortDue.cohort_id == Enrolment.cohort_id, ~completed
    )


def in_state(made: Scope, wanted: StateFilter) -> list[ColumnElement[bool]]:
    match wanted:
        case StateFilter.ANY:
            return []
        case StateFilter.DONE:
            return [is_done(made)]
        case StateFilter.IN_PROGRESS:
            return [and_(is_started(made), ~is_done(made))]
        case StateFilter.NOT_STARTED:
            return [~is_started(made)]
        case StateFilter.OVERDUE:
            return [is_overdue(made)]


def named(text: str) -> list[ColumnElement[bool]]:
    folded = fold(text)
    return [Person.name_key.contains(folded, autoescape=True)] if folded else []


def choices(
    session: Session, viewer: Viewer, published: Published
) -> tuple[list[Choice], list[Choice]]:
    """Departments and cohorts the viewer may filter by; two queries."""
    paths = team_paths(viewer)
    query = select(Department.uuid, Department.name, Department.path).order_by(Department.path)
    if paths is not None:
        query = query.where(_below(paths))
    departments = _as_tree(session.execute(query).all())
    cohorts = select(Cohort.uuid, Cohort.name).where(Cohort.course_id == published.course_id)
    listed = session.execute(cohorts.order_by(Cohort.starts_on.desc(), Cohort.id.desc()))
    return departments, [Choice(uuid, name) for uuid, name in listed]


def _as_tree(found: Sequence[Any]) -> list[Choice]:
    """Parents before their children, siblings by name, depth counted from the viewer's top."""
    by_parent: dict[str, list[Any]] = {}
    known = {row.path for row in found}
    for row in found:
        parent = row.path.rstrip("/").rpartition("/")[0] + "/"
        by_parent.setdefault(parent if parent in known else "", []).append(row)

    def walk(parent: str, depth: int) -> Iterator[Choice]:
        for row in sorted(by_parent.get(parent, ()), key=lambda r: fold(r.name)):
            yield Choice(row.uuid, row.name, depth)
            yield from walk(row.path, depth + 1)

    return list(walk("", 0))
