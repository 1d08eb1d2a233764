"""Modules, lessons, tests and exercises as wholes: lengths, criteria, outcomes, English sidecars."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lms.domain.authoring import (
    AuthoredCourse,
    AuthoredExercise,
    AuthoredLesson,
    AuthoredModule,
    AuthoredQuiz,
    AuthoredText,
)
from lms.domain.items import Use
from lms.domain.quizzes import PoolItem, fits, largest_shortfall
from lms.domain.rubrics import FEWEST_CRITERIA, MOST_CRITERIA
from lms.interop.course_check.report import Findings
from lms.interop.markdown_document import Rendered

SYMBOLS = (
    "compass", "bridge", "tree", "grid", "magnifier", "plan", "coins", "upload", "scales", "gear",
    "shield", "road", "summit",
)  # fmt: skip
"""The badge family drawn in ``lms/web/static/badges``."""
MAX_SHORT = 14
MIN_WORDS, MAX_WORDS = 600, 1200
MIN_MINUTES, MAX_MINUTES = 6, 12
MIN_SHEET, MAX_SHEET = 150, 1200
"""Words of an exercise: task, data and rubric."""
CHECKS_PER_LESSON = 2
ITEMS_PER_BANK = 20
"""Questions (a case counts its own) below which attempts soon repeat each other."""


def check_modules(
    course: AuthoredCourse, lessons: Mapping[str, Rendered], findings: Findings
) -> None:
    for module in course.modules:
        _module(module, findings)
        _english(module, findings)
        for activity in module.activities:
            match activity:
                case AuthoredLesson():
                    _lesson(activity, module, lessons[activity.key], findings)
                case AuthoredExercise():
                    _exercise(activity, module, lessons[activity.key], findings)
                case AuthoredQuiz():
                    _quiz(activity, module, findings)
        _outcomes(module, findings)
    _placed_checks(course, lessons, findings)


def _module(module: AuthoredModule, findings: Findings) -> None:
    address = f"module/{module.key}"
    if len(module.short) > MAX_SHORT:
        findings.problem(f"{address}/short", "short-too-long", limit=MAX_SHORT)
    if module.badge.symbol and module.badge.symbol not in SYMBOLS:
        findings.problem(
            f"{address}/badge", "symbol-unknown", f"symbol: {module.badge.symbol}",
            value=module.badge.symbol, allowed=", ".join(SYMBOLS),
        )  # fmt: skip
    lessons = {a.key for a in module.activities if isinstance(a, AuthoredLesson)}
    quizzes = {a.key for a in module.activities if isinstance(a, AuthoredQuiz)}
    for number, rule in enumerate(module.criteria):
        targets = lessons | {"lessons"} if rule.kind == "read" else quizzes
        if rule.target not in targets or not targets - {"lessons"}:
            findings.problem(f"{address}/criteria/{number}", "criterion-unknown", value=rule.target)
    if not module.criteria:
        findings.problem(address, "criteria-none")
    if not any(isinstance(a, AuthoredExercise) for a in module.activities):
        findings.warning(address, "module-without-exercise")
    total = sum(activity.minutes for activity in module.activities)
    if module.minutes < total:
        findings.warning(f"{address}/minutes", "minutes-below-sum", total=total)


def _english(module: AuthoredModule, findings: Findings) -> None:
    address = f"module/{module.key}"
    for name, known in (
        ("outcomes", {outcome.key for outcome in module.outcomes}),
        ("activities", {activity.key for activity in module.activities}),
    ):
        given = set(module.en.get(name, {}))
        for key in sorted(given - known):
            findings.problem(f"{address}/en", "english-unknown", f"{key}:", value=key)
        if missing := sorted(known - given):
            findings.warning(f"{address}/en", "english-missing", value=", ".join(missing))
    for name in ("title", "short", "summary", "badge"):
        if name not in module.en:
            findings.warning(f"{address}/en", "english-missing", value=name)
    if len(module.en.get("short", "")) > MAX_SHORT:
        findings.problem(f"{address}/en", "short-too-long", "short:", limit=MAX_SHORT)


def _lesson(
    lesson: AuthoredLesson, module: AuthoredModule, found: Rendered, findings: Findings
) -> None:
    address = f"activity/{lesson.key}"
    if not MIN_WORDS <= found.words <= MAX_WORDS:
        findings.problem(
            f"{address}/body", "lesson-length", found=found.words, low=MIN_WORDS, high=MAX_WORDS
        )
    if not MIN_MINUTES <= lesson.minutes <= MAX_MINUTES:
        findings.problem(f"{address}/minutes", "lesson-minutes", low=MIN_MINUTES, high=MAX_MINUTES)
    _leads_to(lesson, module, findings)
    if len(found.checks) < CHECKS_PER_LESSON:
        findings.warning(
            f"{address}/body", "lesson-few-checks", found=len(found.checks), low=CHECKS_PER_LESSON
        )
    for kind in ("example", "mistake"):
        if not re.search(rf"^:{{3,}}[ \t]*{kind}\b", lesson.body, re.MULTILINE):
            findings.warning(f"{address}/body", "lesson-without-callout", value=kind)


def _leads_to(text: AuthoredText, module: AuthoredModule, findings: Findings) -> None:
    address = f"activity/{text.key}"
    known = {outcome.key for outcome in module.outcomes}
    for key in text.outcomes:
        if key not in known:
            findings.problem(f"{address}/outcomes", "outcome-unknown", value=key)
    if not text.outcomes:
        findings.problem(address, "lesson-without-outcome")


def _exercise(
    exercise: AuthoredExercise, module: AuthoredModule, found: Rendered, findings: Findings
) -> None:
    address = f"activity/{exercise.key}"
    if not MIN_SHEET <= found.words <= MAX_SHEET:
        findings.problem(
            f"{address}/task", "exercise-length", found=found.words, low=MIN_SHEET, high=MAX_SHEET
        )
    if not FEWEST_CRITERIA <= len(exercise.rubric) <= MOST_CRITERIA:
        findings.problem(
            f"{address}/rubric", "rubric-count",
            found=len(exercise.rubric), low=FEWEST_CRITERIA, high=MOST_CRITERIA,
        )  # fmt: skip
    _leads_to(exercise, module, findings)


def pool_of(module: AuthoredModule) -> list[PoolItem]:
    """What the module's tests draw from, as the published course will hold it."""
    return [
        PoolItem(item.key, 0, module.key, item.outcome, item.difficulty, item.tags,
                 len(item.questions))
        for item in module.items
        if item.use is Use.QUIZ
    ]  # fmt: skip


def _quiz(quiz: AuthoredQuiz, module: AuthoredModule, findings: Findings) -> None:
    address = f"activity/{quiz.key}"
    pool = pool_of(module)
    known = {outcome.key for outcome in module.outcomes}
    for number, rule in enumerate(quiz.settings.draw):
        if rule.outcome and rule.outcome not in known:
            findings.problem(f"{address}/draw/{number}", "outcome-unknown", value=rule.outcome)
    keys = {item.key for item in pool}
    for key in quiz.settings.items:
        if key not in keys:
            findings.problem(f"{address}/items", "quiz-item-unknown", key, value=key)
    if missing := largest_shortfall(pool, quiz.settings):
        findings.problem(f"{address}/draw", "draw-short", missing=missing)


def _outcomes(module: AuthoredModule, findings: Findings) -> None:
    """Every outcome is measured by a question that a test of the module can draw."""
    quizzes = [a for a in module.activities if isinstance(a, AuthoredQuiz)]
    if not quizzes:
        findings.problem(f"module/{module.key}", "module-without-test")
        return
    sizes = sum(item.size for item in pool_of(module))
    if sizes < ITEMS_PER_BANK:
        findings.warning(f"module/{module.key}", "bank-small", found=sizes, low=ITEMS_PER_BANK)
    drawable = {
        item.key
        for item in pool_of(module)
        for quiz in quizzes
        if item.key in quiz.settings.items
        or any(fits(item, rule) and item.size <= rule.count for rule in quiz.settings.draw)
    }
    measured = {
        question.outcome
        for item in module.items
        if item.key in drawable
        for question in item.questions
    }
    certain = {rule.outcome for quiz in quizzes for rule in quiz.settings.draw}
    fixed = {key for quiz in quizzes for key in quiz.settings.items}
    certain |= {q.outcome for i in module.items if i.key in fixed for q in i.questions}
    for outcome in module.outcomes:
        place = f"module/{module.key}/outcomes/{outcome.key}"
        if outcome.key not in measured:
            findings.problem(place, "outcome-unmeasured", value=outcome.key)
        elif outcome.key not in certain:
            findings.warning(place, "outcome-by-chance", value=outcome.key)


def _placed_checks(
    course: AuthoredCourse, lessons: Mapping[str, Rendered], findings: Findings
) -> None:
    """A self-check that stands in no lesson is never seen."""
    placed = {check for rendered in lessons.values() for check in rendered.checks}
    for module in course.modules:
        for item in module.items:
            if item.use is Use.SELF_CHECK and item.key not in placed:
                findings.warning(f"item/{item.key}", "check-unused", id=item.key)
