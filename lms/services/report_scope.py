"""Whose rows a report may hold: the viewer's departments, narrowed by the filters.

Every query of a report goes through a :class:`Scope`, totals and exports included.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session

from lms.domain import completion
from lms.domain.access import Viewer, team_paths
from lms.domain.completion import ModuleProgress
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
    unfinished: str = ""
    """Module key: only people who have not completed this module."""
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
    """The viewer's people in one course: the only way to a query of a report."""

    session: Session
    published: Published
    today: date
    filters: Filters
    condition: list[ColumnElement[bool]]
    """Everybody the filters for department and cohort leave."""
    departments: list[Choice]
    """Those the viewer may filter by, parents before their children."""
    cohorts: list[Choice]
    dues: dict[int, dict[int, date]]
    """Cohort id → module id → due date."""
    past_due: list[int]
    """Ids of CohortDue rows whose date is past."""
    paths: tuple[str, ...] | None
    """Departments the viewer sees with all below them; None for everybody."""
    _blank: dict[int, tuple[ModuleProgress, ...]] = field(default_factory=dict)

    @property
    def manifest(self) -> Manifest:
        return self.published.manifest

    @property
    def module_ids(self) -> list[int]:
        return [module.id for module in self.manifest.modules]

    def blank(self, cohort_id: int) -> tuple[ModuleProgress, ...]:
        """The cells of somebody in the cohort (0 for none) who has not begun anything."""
        if cohort_id not in self._blank:
            dues = self.dues.get(cohort_id, {})
            self._blank[cohort_id] = tuple(
                completion.module_progress(
                    module,
                    met=(),
                    started=False,
                    completed_at=None,
                    due=dues.get(module.id),
                    today=self.today,
                )
                for module in self.manifest.modules
            )
        return self._blank[cohort_id]


def scope(
    session: Session, viewer: Viewer, published: Published, filters: Filters, today: date
) -> Scope:
    """Everybody of the viewer's departments in the course, narrowed by department and cohort.

    Two queries. Raises NotFound for a department that is not the viewer's to see, and for a cohort
    in which nobody is.
    """
    paths = team_paths(viewer)
    condition = list(everybody(published.course_id, paths))
    seen = _departments(session, paths)
    if filters.department:
        path = next((row.path for row in seen if row.uuid == filters.department), None)
        if path is None:
            raise NotFound()
        condition.append(_below([path]))
    cohorts, dues, past_due, ids = _cohorts(session, published, paths, today)
    if filters.cohort:
        if filters.cohort not in ids:
            raise NotFound()
        condition.append(Enrolment.cohort_id == ids[filters.cohort])
    return Scope(
        session,
        published,
        today,
        filters,
        condition,
        _as_tree(seen),
        cohorts,
        dues,
        past_due,
        paths,
    )


STATEMENTS = 500
"""Statements kept composed: as many as there are managers. They hold no rows."""


@lru_cache(maxsize=STATEMENTS)
def everybody(course_id: int, paths: tuple[str, ...] | None) -> tuple[ColumnElement[bool], ...]:
    """That a person is in the course and below one of these departments (None: anywhere)."""
    where = () if paths is None else (_below(paths),)
    return (
        Enrolment.course_id == course_id,
        Enrolment.ended_at.is_(None),
        Person.suspended_at.is_(None),
        *where,
    )


def _below(paths: Sequence[str]) -> ColumnElement[bool]:
    return or_(false(), *(Department.path.startswith(path, autoescape=True) for path in paths))


def _departments(session: Session, paths: tuple[str, ...] | None) -> Sequence[Any]:
    return session.connection().execute(_departments_below(paths)).all()


@lru_cache(maxsize=STATEMENTS)
def _departments_below(paths: tuple[str, ...] | None) -> Any:
    query = select(Department.uuid, Department.name, Department.name_key, Department.path)
    return query if paths is None else query.where(_below(paths))


def _cohorts(
    session: Session, published: Published, paths: tuple[str, ...] | None, today: date
) -> tuple[list[Choice], dict[int, dict[int, date]], list[int], dict[str, int]]:
    """The cohorts in which the viewer has people, with their due dates; which of these are past;
    ids by uuid."""
    rows: Any = session.connection().execute(_cohorts_with(published.course_id, paths))
    names: dict[str, str] = {}
    ids: dict[str, int] = {}
    dues: dict[int, dict[int, date]] = {}
    past_due = []
    for cohort, uuid, name, ends_on, due, module, days_after in rows:
        names[uuid], ids[uuid] = name, cohort
        if due is None or module not in published.manifest.by_module_id:
            continue
        on = completion.due_on(ends_on, days_after)
        dues.setdefault(cohort, {})[module] = on
        if on < today:
            past_due.append(due)
    return [Choice(uuid, name) for uuid, name in names.items()], dues, past_due, ids


@lru_cache(maxsize=STATEMENTS)
def _cohorts_with(course_id: int, paths: tuple[str, ...] | None) -> Any:
    query = (  # a cohort without due dates has one row, without a due date
        select(
            Cohort.id,
            Cohort.uuid,
            Cohort.name,
            Cohort.ends_on,
            CohortDue.id,
            CohortDue.module_id,
            CohortDue.days_after,
        )
        .outerjoin(CohortDue, CohortDue.cohort_id == Cohort.id)
        .where(Cohort.course_id == course_id)
        .order_by(Cohort.starts_on.desc(), Cohort.id.desc())
    )
    if paths is None:
        return query
    theirs = (
        select(Enrolment.cohort_id)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Department, Department.id == Person.department_id)
        .where(*everybody(course_id, paths))
    )
    return query.where(Cohort.id.in_(theirs))


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
        exists().where(Reading.enrolment_id == Enrolment.id, Reading.activity_id.in_(activities)),
        exists().where(Attempt.enrolment_id == Enrolment.id, Attempt.activity_id.in_(activities)),
        exists().where(
            ModuleCompletion.enrolment_id == Enrolment.id,
            ModuleCompletion.module_id.in_(made.module_ids),
        ),
    )


def is_overdue(made: Scope) -> ColumnElement[bool]:
    # Correlated by hand: left alone, the inner query would take all enrolments for its own.
    completed = (
        exists()
        .where(
            ModuleCompletion.enrolment_id == Enrolment.id,
            ModuleCompletion.module_id == CohortDue.module_id,
        )
        .correlate(Enrolment, CohortDue)
    )
    return (
        exists()
        .where(
            CohortDue.id.in_(made.past_due), CohortDue.cohort_id == Enrolment.cohort_id, ~completed
        )
        .correlate(Enrolment)
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


def unfinished(made: Scope, module_key: str) -> list[ColumnElement[bool]]:
    """People without the module's completion. Raises NotFound for a module that is not there."""
    if not module_key:
        return []
    module = made.manifest.by_module.get(module_key)
    if module is None:
        raise NotFound()
    completed = exists().where(
        ModuleCompletion.enrolment_id == Enrolment.id, ModuleCompletion.module_id == module.id
    )
    return [~completed]


def narrowed(made: Scope) -> list[ColumnElement[bool]]:
    """The conditions of the rows a page or an export shows: all the filters."""
    return [
        *made.condition,
        *in_state(made, made.filters.state),
        *unfinished(made, made.filters.unfinished),
        *named(made.filters.search),
    ]


def named(text: str) -> list[ColumnElement[bool]]:
    folded = fold(text)
    return [Person.name_key.contains(folded, autoescape=True)] if folded else []


def _as_tree(found: Sequence[Any]) -> list[Choice]:
    """Parents before their children, siblings by name, depth counted from the viewer's top."""
    by_parent: dict[str, list[Any]] = {}
    known = {row.path for row in found}
    for row in found:
        parent = row.path.rstrip("/").rpartition("/")[0] + "/"
        by_parent.setdefault(parent if parent in known else "", []).append(row)

    def walk(parent: str, depth: int) -> Iterator[Choice]:
        for row in sorted(by_parent.get(parent, ()), key=lambda r: r.name_key):
            yield Choice(row.uuid, row.name, depth)
            yield from walk(row.path, depth + 1)

    return list(walk("", 0))
