"""Who is where in a course: one set of rows for the page, the CSV and the XLSX.

Every cell comes from ``domain.completion.module_progress``, the function behind the learner's own
page, so the manager's figures cannot differ from it. A manager sees status and dates, never
answers or scores.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    and_,
    bindparam,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

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
from lms.services.report_scope import STATEMENTS, Filters, Scope, everybody, narrowed
from lms.services.totals import STAMP, counted
from lms.services.totals import Totals as Totals

CHUNK = 1_000
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
        return len([cell for cell in self.cells if cell.completed_at])

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
            Person.id,
        )
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(Department, Department.id == Person.department_id)
        .outerjoin(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(*conditions)
    )


def matrix(made: Scope, page: int) -> Matrix:
    """One page of people × modules with the totals above it; two queries, three when something
    has happened since the totals were counted, one more for a filtered view.

    A page behind the last one, as after people have left, gives the last; two queries more.
    """
    if page < 1:
        raise Refusal("page-unknown")
    statement, connection = _page_of(made), made.session.connection()
    people = connection.execute(statement, {"before": (page - 1) * PAGE_SIZE}).all()
    seen = people[0] if people else connection.execute(select(*STAMP)).one()
    figures = counted(made, tuple(seen[-len(STAMP) :]))
    pages = max(1, -(-figures.found // PAGE_SIZE))
    if page > pages:
        page = pages
        people = connection.execute(statement, {"before": (page - 1) * PAGE_SIZE}).all()
    return Matrix(_rows(made, people), page, pages, figures.found, figures.totals)


def _page_of(made: Scope) -> Any:
    """A page of rows with the stamp of this moment; ``before`` is how many rows come first."""
    if made.filters == Filters():
        return _page_of_everybody(made.published.course_id, made.paths)
    return _page(made.published.course_id, narrowed(made))


@lru_cache(maxsize=STATEMENTS)
def _page_of_everybody(course_id: int, paths: tuple[str, ...] | None) -> Any:
    """The page managers open first, composed once for each: that takes as long as its rows."""
    return _page(course_id, everybody(course_id, paths))


def _page(course_id: int, conditions: Sequence[ColumnElement[bool]]) -> Any:
    """Names are walked in their order until a page is full: sorting ten thousand rows for fifty
    would take longer than the page. Where it begins is written into the statement, or PostgreSQL
    would plan for any beginning alike."""
    fits = (
        select(literal(1))
        .select_from(Enrolment)
        .outerjoin(Department, Department.id == Person.department_id)
        .where(Enrolment.person_id == Person.id, *conditions)
        .correlate(Person)
        .exists()
    )
    before = bindparam("before", type_=Integer(), literal_execute=True)
    found = select(Person.id).where(fits).order_by(*_ORDER)
    ids = found.limit(literal(PAGE_SIZE, literal_execute=True)).offset(before)
    query = _people(Enrolment.course_id == course_id, Person.id.in_(ids))
    return query.add_columns(*STAMP).order_by(*_ORDER)


_ORDER = (Person.name_key, Person.id)


def rows(made: Scope) -> Iterator[Row]:
    """Every row that fits, for an export, in the page's order and read in chunks."""
    conditions = narrowed(made)
    last: tuple[str, int] | None = None
    while True:
        query = _people(*conditions).order_by(*_ORDER).limit(CHUNK)
        if last is not None:
            query = query.where(
                or_(
                    Person.name_key > last[0],
                    and_(Person.name_key == last[0], Person.id > last[1]),
                )
            )
        people = made.session.connection().execute(query).all()
        if people:
            yield from _rows(made, people)
        if len(people) < CHUNK:
            return
        last = (people[-1][5], people[-1][8])


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
    blank = made.blank(cohort_id or 0)
    return tuple(
        completion.module_progress(
            module,
            met=(),
            started=True,
            completed_at=completed.get(module.id),
            due=dues.get(module.id),
            today=made.today,
        )
        if module.id in completed or not started.isdisjoint(module.activity_ids)
        else nothing
        for module, nothing in zip(made.manifest.modules, blank, strict=True)
    )


def _events_query() -> Any:
    nothing, nothing_done = cast(null(), UtcDateTime), cast(null(), Integer)
    theirs: Any = bindparam("enrolments", expanding=True)
    return union_all(
        select(
            literal("done"),
            ModuleCompletion.enrolment_id,
            ModuleCompletion.module_id,
            ModuleCompletion.completed_at,
            cast(null(), String),
        ).where(ModuleCompletion.enrolment_id.in_(theirs)),
        *(
            select(
                literal("begun"),
                table.enrolment_id,
                nothing_done,
                nothing,
                func.aggregate_strings(cast(table.activity_id, String), ","),
            )
            .where(table.enrolment_id.in_(theirs))
            .group_by(table.enrolment_id)
            for table in (Reading, Attempt)
        ),
    )


_EVENTS = _events_query()


def _events(
    made: Scope, enrolments: list[int]
) -> tuple[dict[int, dict[int, datetime]], dict[int, set[int]]]:
    """Modules completed (with when) and activities begun, by enrolment; one query."""
    completed: dict[int, dict[int, datetime]] = {}
    begun: dict[int, set[int]] = {}
    rows = made.session.connection().execute(_EVENTS, {"enrolments": enrolments}).all()
    for kind, enrolment, module, at, activities in rows:
        if kind == "done":
            completed.setdefault(enrolment, {})[module] = at
        else:  # in one string: a thousand rows would take longer than the rest of the page
            begun.setdefault(enrolment, set()).update(map(int, activities.split(",")))
    return completed, begun
