"""A town hall of any size in a database: people half-way through a course, rows made in bulk."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from factories.courses import InlineRenderer
from sqlalchemy import create_engine, func, insert, select, text
from sqlalchemy.orm import Session

from lms import content
from lms.domain.authoring import AuthoredCourse, AuthoredLesson, AuthoredModule, AuthoredQuiz
from lms.domain.items import Case, Item
from lms.models import (
    Attempt,
    Cohort,
    CohortDue,
    Credential,
    CriterionMet,
    Department,
    DepartmentHead,
    Enrolment,
    ModuleCompletion,
    Person,
    Reading,
)
from lms.models.base import new_uuid
from lms.models.engine import prepare
from lms.paths import COURSES
from lms.services import course_store, passwords, publishing
from lms.services.authoring import get_course
from lms.services.curriculum import Published
from lms.settings import Settings
from lms.upgrade import upgrade

NOW = datetime.now(UTC)
PASSWORD = "o parola lunga de proba"
DEPARTMENTS = 20
CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Town:
    """What the measuring must know of a seeded database."""

    published: Published
    people: int
    head_id: int
    """Who heads the root department, and so sees everyone."""
    slug: str
    """A shared badge's address word."""


def grown(course: AuthoredCourse, times: int) -> AuthoredCourse:
    """The course with every module so many times, each copy with keys of its own."""
    modules, assets = list(course.modules), dict(course.assets)
    for number in range(1, times):
        ending = f"-c{number}"
        modules += [_copy(module, ending) for module in course.modules]
        for path, data in course.assets.items():
            folder, slash, name = path.partition("/")
            assets[f"{folder if folder == 'files' else folder + ending}{slash}{name}"] = data
    return replace(course, modules=tuple(modules), assets=assets)


def _copy(module: AuthoredModule, ending: str) -> AuthoredModule:
    """The module under other keys; what its texts point to is renamed with it."""
    return replace(
        module,
        key=module.key + ending,
        folder=module.folder + ending,
        criteria=tuple(
            c if c.target == "lessons" else replace(c, target=c.target + ending)
            for c in module.criteria
        ),
        activities=tuple(_renamed(activity, ending) for activity in module.activities),
        items=tuple(_renamed(item, ending) for item in module.items),
        en={},
    )


POINTERS = re.compile(r"(\(lesson:|::: check )([\w-]+)")


def _renamed(value: Any, ending: str) -> Any:
    changes: dict[str, Any] = {"key": value.key + ending}
    if isinstance(value, AuthoredLesson):
        changes["body"] = POINTERS.sub(rf"\1\2{ending}", value.body)
    elif isinstance(value, AuthoredQuiz):
        fixed = tuple(key + ending for key in value.settings.items)
        changes["settings"] = replace(value.settings, items=fixed)
    elif isinstance(value, Item):
        lesson, mark, anchor = value.lesson.partition("#")
        changes["lesson"] = f"{lesson}{ending}{mark}{anchor}" if lesson else ""
        if isinstance(value.body, Case):
            children = tuple(_renamed(child, ending) for child in value.body.children)
            changes["body"] = Case(children)
    return replace(value, **changes)


def seed(settings: Settings, *, people: int, times: int = 1) -> Town:
    """Tables, course, departments and people; a third of the way done on average."""
    upgrade(settings)
    engine = create_engine(settings.sqlalchemy_url)
    prepare(engine)
    course = grown(content.read(COURSES / "por"), times)
    with Session(engine) as session:
        course_store.store_course(session, course, InlineRenderer(), NOW)
        published = publishing.publish(session, get_course(session, course.key), None, "", NOW)
        session.commit()
    with engine.begin() as connection:
        for table, rows in _rows(published, people):
            for start in range(0, len(rows), CHUNK):
                connection.execute(insert(table), rows[start : start + CHUNK])
            if engine.dialect.name == "postgresql" and rows and "id" in rows[0]:
                name = table.__tablename__
                connection.execute(
                    select(func.setval(func.pg_get_serial_sequence(name, "id"), rows[-1]["id"]))
                )
        if engine.dialect.name == "postgresql":  # as it does by itself within a minute
            connection.execute(text("ANALYZE"))
    with Session(engine) as session:
        slug = session.scalar(
            select(Credential.share_slug).where(Credential.share_slug.is_not(None)).limit(1)
        )
        if slug is None:
            raise RuntimeError("nobody has a badge to show")
    engine.dispose()
    return Town(published, people, 1, slug)


Rows = tuple[Any, list[dict[str, Any]]]


def _rows(published: Published, people: int) -> Iterator[Rows]:
    root = {"id": 1, "uuid": new_uuid(), "name": "Primăria", "name_key": "primaria",
            "path": "/1/", "is_root": True}  # fmt: skip
    yield Department, [root]
    yield Department, [
        {"id": n, "uuid": new_uuid(), "name": f"Direcția {n}", "name_key": f"directia {n}",
         "path": f"/1/{n}/", "parent_id": 1}
        for n in range(2, DEPARTMENTS + 2)
    ]  # fmt: skip
    password = passwords.make_hash(PASSWORD)
    yield Person, [
        {"id": n, "uuid": new_uuid(), "name": f"Om {n:05}", "name_key": f"om {n:05}",
         "email": f"om{n}@demo.test", "email_key": f"om{n}@demo.test",
         "department_id": 2 + n % DEPARTMENTS, "password_hash": password,
         "created_at": NOW}
        for n in range(1, people + 1)
    ]  # fmt: skip
    yield DepartmentHead, [{"department_id": 1, "person_id": 1, "role": "head"}]
    yield Cohort, [{"id": 1, "uuid": new_uuid(), "course_id": published.course_id,
                    "name": "Grupa", "starts_on": NOW.date() - timedelta(60),
                    "ends_on": NOW.date() - timedelta(58), "created_at": NOW}]  # fmt: skip
    modules = published.manifest.modules
    yield (
        CohortDue,
        [{"cohort_id": 1, "module_id": m.id, "days_after": 14 * m.number % 900} for m in modules],
    )
    yield Enrolment, [
        {"id": n, "uuid": new_uuid(), "person_id": n, "course_id": published.course_id,
         "cohort_id": 1, "enrolled_at": NOW - timedelta(50)}
        for n in range(1, people + 1)
    ]  # fmt: skip
    yield from _history(published, people)


def _history(published: Published, people: int) -> Iterator[Rows]:
    """Everybody has done the first so many modules and read two lessons of the next."""
    rng = random.Random(7)
    readings, attempts, met, done, badges = [], [], [], [], []
    at = NOW - timedelta(20)
    modules = published.manifest.modules
    for person in range(1, people + 1):
        finished = rng.randrange(0, 2 * len(modules) // 3 + 1)
        for module in modules[: finished + 1]:
            is_done = module.number <= finished
            lessons = module.lessons if is_done else module.lessons[:2]
            for lesson in lessons:
                readings.append(_reading(len(readings) + 1, person, lesson, at))
                met.append(_met(person, module, f"read:{lesson.key}", lesson, at,
                                reading_id=len(readings)))  # fmt: skip
            if is_done:
                quiz = module.quizzes[0]
                attempts.append(_attempt(len(attempts) + 1, person, quiz, published, at))
                met.append(_met(person, module, f"pass:{quiz.key}", quiz, at,
                                attempt_id=len(attempts)))  # fmt: skip
                done.append({"enrolment_id": person, "module_id": module.id,
                             "manifest_id": published.manifest_id, "completed_at": at})  # fmt: skip
                badges.append(_badge(person, module, published, at))
    yield Reading, readings
    yield Attempt, attempts
    yield CriterionMet, met
    yield ModuleCompletion, done
    yield Credential, badges


def _reading(number: int, person: int, lesson: Any, at: datetime) -> dict[str, Any]:
    return {"id": number, "enrolment_id": person, "activity_id": lesson.id,
            "version_id": lesson.version_id, "percent": 100, "anchor": "", "opened_at": at,
            "updated_at": at, "read_at": at}  # fmt: skip


def _attempt(
    number: int, person: int, quiz: Any, published: Published, at: datetime
) -> dict[str, Any]:
    return {"id": number, "uuid": new_uuid(), "enrolment_id": person, "activity_id": quiz.id,
            "version_id": quiz.version_id, "manifest_id": published.manifest_id, "number": 1,
            "seed": 1, "language": "ro", "state": "submitted", "started_at": at,
            "submitted_at": at, "points": 10.0, "max_points": 12, "percent": 83,
            "is_passed": True}  # fmt: skip


def _met(
    person: int, module: Any, criterion: str, activity: Any, at: datetime, **evidence: int
) -> dict[str, Any]:
    return {"enrolment_id": person, "module_id": module.id, "criterion": criterion,
            "attempt_id": None, "reading_id": None, "version_id": activity.version_id,
            "met_at": at, **evidence}  # fmt: skip


def _badge(person: int, module: Any, published: Published, at: datetime) -> dict[str, Any]:
    # Of the first module everybody shows theirs.
    shared = module.number == 1
    return {"uuid": new_uuid(), "enrolment_id": person, "achievement": f"module:{module.key}",
            "module_id": module.id, "manifest_id": published.manifest_id,
            "recipient_name": f"Om {person:05}", "issued_at": at,
            "share_slug": new_uuid() if shared else None,
            "shared_at": at if shared else None}  # fmt: skip
