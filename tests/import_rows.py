"""Rows of a list of people, planned and brought in, as tests say it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from factories.people import make_department
from sessions import NOW
from sqlalchemy.orm import Session

from lms.models import Department, Person
from lms.services import people_import
from lms.services.import_plan import ImportPlan, PlannedRow, Row
from lms.services.people_import import ImportReport


@dataclass(frozen=True)
class Typed:
    """A row of a list, as the reader gives it."""

    line: int
    name: str = ""
    email: str = ""
    staff_number: str = ""
    departments: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


def planned(session: Session, *rows: Row, actor: Person | None = None) -> ImportPlan:
    return people_import.plan(session, rows, actor=actor)


def done(session: Session, *rows: Row, actor: Person | None = None) -> ImportReport:
    shown = people_import.plan(session, rows, actor=actor)
    report = people_import.apply(session, rows, shown.fingerprint, actor=actor, now=NOW)
    session.commit()
    return report


def only(plan: ImportPlan) -> PlannedRow:
    (row,) = plan.rows
    return row


def codes(row: PlannedRow) -> list[str]:
    return [problem.code for problem in row.problems]


@pytest.fixture
def root(session: Session) -> Department:
    root = make_department(session, "Primăria")
    session.commit()
    return root
