"""People, departments and courses as rows."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sessions import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.domain.access import Viewer
from lms.domain.text import fold
from lms.models import (
    Cohort,
    Course,
    CourseTrainer,
    Department,
    DepartmentHead,
    Enrolment,
    Module,
    Person,
    SignIn,
)
from lms.services import viewers

_numbers = count(1)


def make_person(
    session: Session,
    name: str = "Ana Popescu",
    *,
    email: str | None = "",
    staff_number: str | None = None,
    department: Department | None = None,
    **more: Any,
) -> Person:
    """A person; with an e-mail address of their own unless told otherwise."""
    number = next(_numbers)
    if email == "":
        email = f"person{number}@demo.test"
    person = Person(
        name=name,
        name_key=fold(name),
        email=email,
        email_key=fold(email) if email else None,
        staff_number=staff_number,
        staff_key=fold(staff_number) if staff_number else None,
        department=department,
        created_at=more.pop("created_at", NOW),
        **more,
    )
    session.add(person)
    session.flush()
    return person


def make_department(
    session: Session, name: str = "Primăria", parent: Department | None = None
) -> Department:
    """A department; the root when it has no parent."""
    department = Department(
        name=name,
        name_key=fold(name),
        parent=parent,
        path="",
        is_root=True if parent is None else None,
    )
    session.add(department)
    session.flush()
    department.path = f"{parent.path if parent else '/'}{department.id}/"
    session.flush()
    return department


def make_head(
    session: Session, department: Department, person: Person, role: str = "head"
) -> DepartmentHead:
    head = DepartmentHead(department=department, person=person, role=role)
    session.add(head)
    session.flush()
    return head


def make_course(session: Session, key: str = "por", modules: int = 0) -> Course:
    """A course that is not published, with as many bare modules."""
    course = Course(key=key, draft={}, created_at=NOW)
    session.add(course)
    session.flush()
    for position in range(1, modules + 1):
        session.add(Module(course=course, key=f"m{position}", position=position, draft={}))
    session.flush()
    return course


def make_trainer(session: Session, course: Course, person: Person) -> CourseTrainer:
    trainer = CourseTrainer(course=course, person=person)
    session.add(trainer)
    session.flush()
    return trainer


def make_cohort(
    session: Session,
    course: Course,
    name: str = "Atelierul din iunie",
    starts_on: date = date(2018, 6, 12),
    ends_on: date = date(2018, 6, 14),
) -> Cohort:
    cohort = Cohort(course=course, name=name, starts_on=starts_on, ends_on=ends_on, created_at=NOW)
    session.add(cohort)
    session.flush()
    return cohort


def make_enrolment(
    session: Session,
    person: Person,
    course: Course,
    cohort: Cohort | None = None,
    ended_at: datetime | None = None,
) -> Enrolment:
    enrolment = Enrolment(
        person=person, course=course, cohort=cohort, enrolled_at=NOW, ended_at=ended_at
    )
    session.add(enrolment)
    session.flush()
    return enrolment


def make_sign_in(session: Session, person: Person, token_hash: str = "") -> SignIn:
    """An open sign-in of a fortnight."""
    sign_in = SignIn(
        token_hash=token_hash or f"{next(_numbers):064d}",
        person=person,
        is_shared=False,
        created_at=NOW,
        expires_at=NOW + timedelta(days=14),
    )
    session.add(sign_in)
    session.flush()
    return sign_in


def viewer_of(session: Session, person_id: int) -> Viewer:
    """The person as one who asks, by the query that every request's sign-in is read with."""
    row = session.execute(
        select(Person.id, Person.is_admin, viewers.head_paths(), viewers.taught_courses()).where(
            Person.id == person_id
        )
    ).one()
    return viewers.viewer_from(*row)
