"""Who is where in a course: one set of rows for the page, the CSV and the XLSX.

Every cell comes from ``domain.completion.module_progress``, the function behind the learner's own
page, so the manager's figures cannot differ from it. A manager sees status and dates, never
answers or scores.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, cast, func, literal, null, or_, select, union_all

from lms.domain import completion
from lms.domain.completion import ModuleProgress
from lms.domain.errors import NotFound, Refusal
from lms.models import (
    Attempt,
    Cohort,
    Department,
    Enrolment,
    ModuleCompletion,
    Person,
    Reading,
    UtcDateTime,
)
from lms.services.paging import PAGE_SIZE
from lms.services.report_scope import (
    Filters,
    Scope,
    is_done,
    is_overdue,
    is_started,
    narrowed,
)

CHUNK = 500
"""Enrolments read at once for an export: memory stays flat however many people there are."""


@dataclass(frozen=True, slots=True)
class Row:
    person_uuid: str
    name: str
    department: str
    cohort: str
    enrolled_at: datetime
    cells: tuple[ModuleProgress, ...]

    @property
    def done(self) -> int:
        return sum(1 for cell in self.cells if cell.completed_at)

    @property
    def percent(self) -> int:
        return self.done * 100 // len(self.cells) if self.cells else 0

    @property
    def overdue(self) -> tuple[ModuleProgress, ...]:
        return tuple(cell for cell in self.cells if cell.overdue)

    @property
    def completed_at(self) -> datetime | None:
        """When the last module was completed, once all are."""
        moments = [cell.completed_at for cell in self.cells if cell.completed_at]
        return max(moments) if self.cells and len(moments) == len(self.cells) else None


@dataclass(frozen=True, slots=True)
class Totals:
    enrolled: int
    done: int
    overdue: int
    not_started: int


@dataclass(frozen=True, slots=True)
class Matrix:
    rows: tuple[Row, ...]
    page: int
    pages: int
    found: int
    """Rows that fit the filters, on all pages."""
    totals: Totals
    """Over everybody the filters for department and cohort leave, whatever state is asked for."""


def _people(*conditions: ColumnElement[bool]) -> Any:
    return (
        select(
            Enrolment.id,
            Enrolment.cohort_id,
            Enrolment.enrolled_at,
            Person.uuid,
            Person.name,
            Person.name_key,
            Department.name,
            Cohort.name,
        )
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(Department, Department.id == Person.department_id)
        .outerjoin(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(*conditions)
    )


def matrix(made: Scope, filters: Filters, page: int) -> Matrix:
    """One page of people × modules with the totals above it; two queries.

    A page behind the last one, as after people have left, gives the last; two queries more.
    """
    if page < 1:
        raise Refusal("page-unknown")
    conditions = narrowed(made, filters)
    counts = _counts(made, conditions)
    query = _people(*conditions).order_by(Person.name_key, Enrolment.id).limit(PAGE_SIZE)
    paged = query.add_columns(*counts).offset((page - 1) * PAGE_SIZE)
    people = made.session.execute(paged).all()
    numbers = people[0][-len(counts) :] if people else made.session.execute(select(*counts)).one()
    found, totals = numbers[0], Totals(*numbers[1:])
    pages = max(1, -(-found // PAGE_SIZE))
    if page > pages:
        page = pages
        people = made.session.execute(query.offset((page - 1) * PAGE_SIZE)).all()
    return Matrix(_rows(made, people), page, pages, found, totals)


def _counts(made: Scope, conditions: list[ColumnElement[bool]]) -> list[ColumnElement[int]]:
    """Figures that stand beside every row: how many fit, then the totals in their order."""

    def tally(*wanted: ColumnElement[bool]) -> ColumnElement[int]:
        return (
            select(func.count())
            .select_from(Enrolment)
            .join(Person, Person.id == Enrolment.person_id)
            .outerjoin(Department, Department.id == Person.department_id)
            .where(*wanted)
            .correlate(None)  # of everybody, not of the row it stands beside
            .scalar_subquery()
        )

    return [
        tally(*conditions),
        tally(*made.condition),
        tally(*made.condition, is_done(made)),
        tally(*made.condition, is_overdue(made)),
        tally(*made.condition, ~is_started(made)),
    ]


def rows(made: Scope, filters: Filters) -> Iterator[Row]:
    """Every row that fits, for an export, in the page's order and read in chunks."""
    conditions = narrowed(made, filters)
    last: tuple[str, int] | None = None
    while True:
        query = _people(*conditions).order_by(Person.name_key, Enrolment.id).limit(CHUNK)
        if last is not None:
            query = query.where(
                or_(
                    Person.name_key > last[0],
                    and_(Person.name_key == last[0], Enrolment.id > last[1]),
                )
            )
        people = made.session.execute(query).all()
        yield from _rows(made, people)
        if len(people) < CHUNK:
            return
        last = (people[-1][5], people[-1][0])


def one(made: Scope, person_uuid: str) -> Row:
    """One person of the scope. Raises NotFound, alike for others' people and missing ones."""
    people = made.session.execute(_people(*made.condition, Person.uuid == person_uuid)).all()
    if not people:
        raise NotFound()
    return _rows(made, people)[0]


def _rows(made: Scope, people: Sequence[Any]) -> tuple[Row, ...]:
    enrolments = [person[0] for person in people]
    completed, started = _events(made, enrolments)
    return tuple(
        Row(
            person_uuid=uuid,
            name=name,
            department=department or "",
            cohort=cohort or "",
            enrolled_at=enrolled_at,
            cells=_cells(
                made, cohort_id, completed.get(enrolment, {}), started.get(enrolment, set())
            ),
        )
        for enrolment, cohort_id, enrolled_at, uuid, name, _, department, cohort, *_ in people
    )


def _cells(
    made: Scope, cohort_id: int | None, completed: dict[int, datetime], started: set[int]
) -> tuple[ModuleProgress, ...]:
    dues = made.dues.get(cohort_id or 0, {})
    return tuple(
        completion.module_progress(
            module,
            met=(),
            started=any(activity.id in started for activity in module.activities),
            completed_at=completed.get(module.id),
            due=dues.get(module.id),
            today=made.today,
        )
        for module in made.manifest.modules
    )


def _events(
    made: Scope, enrolments: list[int]
) -> tuple[dict[int, dict[int, datetime]], dict[int, set[int]]]:
    """Modules completed (with when) and activities begun, by enrolment; one query."""
    nothing = cast(null(), UtcDateTime)
    both = union_all(
        select(
            literal("done"),
            ModuleCompletion.enrolment_id,
            ModuleCompletion.module_id,
            ModuleCompletion.completed_at,
        ).where(ModuleCompletion.enrolment_id.in_(enrolments)),
        select(literal("begun"), Reading.enrolment_id, Reading.activity_id, nothing).where(
            Reading.enrolment_id.in_(enrolments)
        ),
        select(literal("begun"), Attempt.enrolment_id, Attempt.activity_id, nothing).where(
            Attempt.enrolment_id.in_(enrolments)
        ),
    )
    completed: dict[int, dict[int, datetime]] = {}
    begun: dict[int, set[int]] = {}
    for kind, enrolment, thing, at in made.session.execute(both):
        if kind == "done":
            completed.setdefault(enrolment, {})[thing] = at
        else:
            begun.setdefault(enrolment, set()).add(thing)
    return completed, begun
