"""Small courses as authored values, published ones as rows, and what people did in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sessions import NOW
from sqlalchemy.orm import Session

from lms.domain.authoring import (
    AuthoredCourse,
    AuthoredExercise,
    AuthoredLesson,
    AuthoredModule,
    AuthoredQuiz,
    AuthoredTerm,
    CriterionRule,
    Fact,
)
from lms.domain.curriculum import Activity, Badge, CoursePlace, Outcome, Source, Verification
from lms.domain.items import (
    Case,
    Choice,
    Item,
    Mistake,
    Numeric,
    Option,
    Ordering,
    ShortAnswer,
    Step,
    TrueFalse,
    Use,
)
from lms.domain.quizzes import DrawRule, QuizSettings
from lms.domain.rubrics import RubricCriterion
from lms.interop.markdown import render
from lms.interop.markdown_document import Rendered
from lms.models import Attempt, AttemptItem, CriterionMet, Enrolment, ModuleCompletion, Reading
from lms.services import course_store, publishing
from lms.services.authoring import get_course
from lms.services.curriculum import Published

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


class InlineRenderer:
    """The real rendering without its child process; remembers what it was asked."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def render_many(self, texts: Iterable[str], *, inline: bool = False) -> list[Rendered]:
        asked = list(texts)
        self.texts += asked
        return [render(text, inline=inline) for text in asked]


def a_lesson(key: str = "prima", **more: Any) -> AuthoredLesson:
    given = {
        "title": f"Lecția {key}",
        "minutes": 7,
        "as_of": "2026-01-15",
        "summary": "Ce poate face cititorul.",
        "body": "## Un titlu\n\nUn paragraf cu [POR](term:por) și [S1](source:S1).",
        "outcomes": ("roluri",),
        **more,
    }
    return AuthoredLesson(key=key, **given)


def a_quiz(key: str = "test", count: int = 2, **settings: Any) -> AuthoredQuiz:
    given = {"draw": (DrawRule(count=count),), **settings}
    return AuthoredQuiz(key, f"Testul {key}", 10, "Câteva *întrebări*.", QuizSettings(**given))


def with_course_tests(course: AuthoredCourse) -> AuthoredCourse:
    """The course with a test before (``initial``) and one after (``final``) its modules."""
    settings = QuizSettings(
        draw=tuple(DrawRule(2, outcome="roluri", module=module.key) for module in course.modules)
    )
    before = AuthoredQuiz(
        "initial", "Testul inițial", 10, "", replace(settings, attempts=1), CoursePlace.BEFORE
    )
    after = AuthoredQuiz("final", "Testul final", 20, "Tot *cursul*.", settings, CoursePlace.AFTER)
    return replace(course, tests=(before, after))


def an_exercise(key: str = "fisa", criteria: int = 3, **more: Any) -> AuthoredExercise:
    """A sheet whose criteria are ``c1``, ``c2``, …"""
    given = {
        "title": f"Fișa {key}",
        "minutes": 30,
        "as_of": "2026-01-15",
        "summary": "Ce rămâne în mâna echipei.",
        "task": "## Sarcina\n\nScrieți nevoia, după [POR](term:por) și [S1](source:S1).",
        "example": "## Datele orașului\n\nDin 60 de locuri, 27 sunt ocupate.",
        "rubric": tuple(
            RubricCriterion(f"c{n}", f"Criteriul {n}", (f"Slab {n}", f"Mediu {n}", f"Bun *{n}*"))
            for n in range(1, criteria + 1)
        ),
        "outcomes": ("roluri",),
        **more,
    }
    return AuthoredExercise(key=key, **given)


def an_item(key: str = "i1", **more: Any) -> Item:
    """A question with one right answer (option ``da``)."""
    options = (
        Option("da", "Da, **desigur**", "Așa este.", correct=True),
        Option("nu", "Nu", "Confuzie cu altceva."),
    )
    given = {
        "stem": f"Este adevărat că {key}?",
        "body": Choice(options),
        "explanation": "Vezi [POR](term:por).",
        "outcome": "roluri",
        **more,
    }
    return Item(key, **given)


def a_check(key: str = "c1", **more: Any) -> Item:
    return an_item(key, use=Use.SELF_CHECK, **more)


def all_kinds(prefix: str = "k") -> tuple[Item, ...]:
    """One item of every kind that differs in shape."""
    numeric = Numeric(
        Decimal("37.5"), Decimal("0.05"), "27 din *72*.", "%", (Mistake("60", "Numărul luat."),)
    )
    steps = (Step("a", "Întâi", "de ce"), Step("b", "Apoi"), Step("c", "La urmă"))
    options = (
        Option("x", "X", "da", correct=True),
        Option("y", "Y", "da", correct=True),
        Option("z", "Z", "nu"),
    )
    child = an_item(f"{prefix}-case-1")
    return (
        an_item(f"{prefix}-single"),
        an_item(f"{prefix}-multiple", body=Choice(options, many=True)),
        an_item(f"{prefix}-true", body=TrueFalse(False, "de ce da", "de ce nu")),
        an_item(f"{prefix}-numeric", body=numeric, tags=("calcul",), difficulty=3),
        an_item(f"{prefix}-ordering", body=Ordering(steps)),
        an_item(f"{prefix}-short", body=ShortAnswer(("SIDU",), "Strategia.", ())),
        an_item(f"{prefix}-case", body=Case((child, replace(child, key=f"{prefix}-case-2")))),
    )


def a_module(key: str = "m1", number: int = 1, **more: Any) -> AuthoredModule:
    """Two lessons, a test of two questions, four items and a self-check."""
    given = {
        "folder": f"{number:02d}-{key}",
        "title": f"Modulul {key}",
        "short": key[:14],
        "summary": "Despre ce este.",
        "minutes": 30,
        "outcomes": (Outcome("roluri", "Numește rolurile."),),
        "criteria": (CriterionRule("read", "lessons"), CriterionRule("pass", f"{key}-test")),
        "badge": Badge(f"Insigna {key}", "compass"),
        "activities": (
            a_lesson(f"{key}-a", body=f"Text.\n\n::: check {key}-c1\n\n![Alt](img/{key}.svg)"),
            a_lesson(f"{key}-b"),
            a_quiz(f"{key}-test"),
        ),
        "items": (*(an_item(f"{key}-i{n}") for n in range(1, 5)), a_check(f"{key}-c1")),
        "en": {"title": f"Module {key}", "activities": {f"{key}-a": "First lesson"}},
        **more,
    }
    return AuthoredModule(key=key, **given)


def a_course(key: str = "por", modules: int = 2, **more: Any) -> AuthoredCourse:
    """A course that can be published as it is."""
    made = tuple(a_module(f"m{number}", number) for number in range(1, modules + 1))
    given = {
        "title": "Scrierea proiectelor",
        "summary": "Pe scurt.",
        "workshop": "Sesiunea din mai 2018",
        "language": "ro",
        "modules": made,
        "glossary": (AuthoredTerm("por", "POR", "Programul *operațional*.", "regional", "ROP"),),
        "sources": (Source("S1", "Ghidul", "https://example.org/ghid", True),),
        "facts": (Fact("M1-01", "V", ("S1",), "2026-01-15"),),
        "to_verify": (Verification(1, "Plafoane", "Se verifică plafonul.", ("M1-01",)),),
        "assets": {f"{m.folder}/img/{m.key}.svg": SVG for m in made} | {"files/x.csv": b"a;b\n"},
        "en": {"title": "Writing projects"},
        **more,
    }
    return AuthoredCourse(key=key, **given)


def with_module(course: AuthoredCourse, number: int, **changes: Any) -> AuthoredCourse:
    """The course with its ``number``-th module (from 1) changed."""
    modules = list(course.modules)
    modules[number - 1] = replace(modules[number - 1], **changes)
    return replace(course, modules=tuple(modules))


def make_published(session: Session, course: AuthoredCourse | None = None) -> Published:
    """A course stored and published, as rows."""
    course = course or a_course()
    course_store.store_course(session, course, InlineRenderer(), NOW)
    return publishing.publish(session, get_course(session, course.key), None, "", NOW)


def make_attempt(
    session: Session,
    enrolment: Enrolment,
    published: Published,
    quiz: Activity,
    *,
    number: int = 1,
    points: tuple[float, ...] | None = None,
    at: datetime = NOW,
) -> Attempt:
    """An attempt on the first items of the pool; submitted when ``points`` are given."""
    drawn = published.manifest.pool[: quiz.questions]
    total = None if points is None else sum(points)
    percent = None if total is None else int(total * 100 / len(drawn))
    attempt = Attempt(
        enrolment_id=enrolment.id,
        activity_id=quiz.id,
        version_id=quiz.version_id,
        manifest_id=published.manifest_id,
        number=number,
        seed=1,
        language="ro",
        state="open" if points is None else "submitted",
        started_at=at,
        submitted_at=None if points is None else at + timedelta(minutes=5),
        points=total,
        percent=percent,
        is_passed=None if percent is None else percent >= 70,
        max_points=len(drawn),
    )
    for position, item in enumerate(drawn, 1):
        attempt.items.append(
            AttemptItem(
                position=position,
                item_version_id=item.version_id,
                layout={"order": [0, 1]},
                points=None if points is None else points[position - 1],
            )
        )
    session.add(attempt)
    session.flush()
    return attempt


def make_reading(
    session: Session, enrolment: Enrolment, lesson: Activity, *, read: bool = False
) -> Reading:
    reading = Reading(
        enrolment_id=enrolment.id,
        activity_id=lesson.id,
        version_id=lesson.version_id,
        opened_at=NOW,
        updated_at=NOW,
        read_at=NOW if read else None,
        percent=100 if read else 40,
    )
    session.add(reading)
    session.flush()
    return reading


def make_completion(
    session: Session, enrolment: Enrolment, published: Published, module_id: int
) -> ModuleCompletion:
    completion = ModuleCompletion(
        enrolment_id=enrolment.id,
        module_id=module_id,
        manifest_id=published.manifest_id,
        completed_at=NOW,
    )
    session.add(completion)
    session.flush()
    return completion


def make_criterion(
    session: Session, enrolment: Enrolment, module_id: int, reading: Reading, lesson: Activity
) -> CriterionMet:
    met = CriterionMet(
        enrolment_id=enrolment.id,
        module_id=module_id,
        criterion=f"read:{lesson.key}",
        reading_id=reading.id,
        version_id=reading.version_id,
        met_at=NOW,
    )
    session.add(met)
    session.flush()
    return met
