"""The figures above a report's table, counted anew only when something has happened.

Counting ten thousand people's progress costs more than their page. So what was counted is kept
with a stamp: the newest row of every table that a figure depends on. Whatever people do adds a
row there, and whatever administrators do adds one to the audit trail; an older stamp counts
nothing. Since two transactions may commit in another order than they took their numbers, nothing
is kept for longer than some seconds either.
"""

from __future__ import annotations

import time
from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from lms.models import (
    Attempt,
    AuditEntry,
    CohortDue,
    Department,
    Enrolment,
    ModuleCompletion,
    Person,
    Reading,
)
from lms.services.report_scope import Scope, is_done, is_overdue, is_started, narrowed

SECONDS = 15.0
MOST = 200
"""Views kept per database and process: managers × filters."""


@dataclass(frozen=True, slots=True)
class Totals:
    enrolled: int
    done: int
    overdue: int
    not_started: int


@dataclass(frozen=True, slots=True)
class Counted:
    found: int
    """Rows that fit the filters, on all pages."""
    totals: Totals
    """Over everybody the filters for department and cohort leave, whatever state is asked for."""


WATCHED = (AuditEntry, Enrolment, ModuleCompletion, Reading, Attempt, CohortDue)


STAMP: tuple[ColumnElement[Any], ...] = tuple(
    func.coalesce(select(func.max(table.id)).correlate(None).scalar_subquery(), 0)
    for table in WATCHED
)
"""Columns that change whenever a figure may; each is one look at the end of an index."""


def counted(made: Scope, mark: tuple[int, ...]) -> Counted:
    """The figures of a view; ``mark`` is what :data:`STAMP` gave in this transaction."""
    key = (made.published.manifest_id, made.today, made.paths, made.filters)
    known = _kept.get(made.session, key, mark)
    if known is None:
        known = _count(made)
        _kept.put(made.session, key, mark, known)
    return known


def _count(made: Scope) -> Counted:
    def tally(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    def of(*columns: Any) -> Any:
        return (
            select(*columns)
            .select_from(Enrolment)
            .join(Person, Person.id == Enrolment.person_id)
            .outerjoin(Department, Department.id == Person.department_id)
        )

    figures = of(
        func.count(), tally(is_done(made)), tally(is_overdue(made)), tally(~is_started(made))
    ).where(*made.condition)
    totals = Totals(*made.session.connection().execute(figures).one())
    conditions = narrowed(made)
    if len(conditions) == len(made.condition):
        return Counted(totals.enrolled, totals)
    found = made.session.connection().scalar(of(func.count()).where(*conditions)) or 0
    return Counted(found, totals)


class _Kept:
    """Figures by database and view. The connection pool stands for the database."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._databases: WeakKeyDictionary[
            Hashable, dict[Hashable, tuple[tuple[int, ...], float, Counted]]
        ] = WeakKeyDictionary()

    def get(self, session: Session, key: Hashable, mark: tuple[int, ...]) -> Counted | None:
        with self._lock:
            found = self._databases.get(session.get_bind().engine.pool, {}).get(key)
        if found is None or found[0] != mark or time.monotonic() - found[1] > SECONDS:
            return None
        return found[2]

    def put(self, session: Session, key: Hashable, mark: tuple[int, ...], value: Counted) -> None:
        with self._lock:
            kept = self._databases.setdefault(session.get_bind().engine.pool, {})
            if len(kept) >= MOST:
                kept.clear()
            kept[key] = (mark, time.monotonic(), value)


_kept = _Kept()
