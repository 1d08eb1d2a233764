"""What an author may save from the browser: every field judged, every fault told at once.

The limits are those of the course files (``docs/course-files.md``), so that what was written here
can be written to files and read again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from lms.domain.authoring import AuthoredExercise, AuthoredLesson, AuthoredModule, AuthoredQuiz
from lms.domain.errors import Refusal
from lms.domain.items import Case, Choice, Item, Mistake, Numeric, TrueFalse
from lms.domain.quizzes import DrawRule
from lms.domain.rubrics import FEWEST_CRITERIA, LEVELS, MOST_CRITERIA, RubricCriterion
from lms.domain.text import fold, is_clean

MAX_TEXT: Final = 64_000
"""Bytes of one Markdown text."""
MAX_LINE: Final = 200
"""Characters of a title or another line."""
MAX_SUMMARY: Final = 1_000
MAX_SHORT: Final = 14
"""Characters of a column head in the manager's table."""
MAX_OPTIONS: Final = 8
MAX_TAGS: Final = 10
MAX_DIGITS: Final = 30
KEY: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
CHECK_LINE: Final = re.compile(r"^[ \t]*:{3,}[ \t]*check\b", re.MULTILINE)
LESSON_LINK: Final = re.compile(rf"{KEY.pattern}(?:#{KEY.pattern})?")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend, beside its field.

    ``at`` is a path such as ``title`` or ``options/2/why`` (counted from 0). Codes:
    ``missing``, ``text-unclean``, ``too-long`` (``limit``), ``several-lines``, ``out-of-range``
    (``low``, ``high``), ``not-a-date``, ``unknown`` (``value``), ``twice``, ``too-few``
    (``low``), ``too-many`` (``high``), ``right-none``, ``right-many``, ``mistake-is-right``,
    ``key-spelling``, ``check-not-here``.
    """

    at: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)


class _Judge:
    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def note(self, at: str, code: str, **params: Any) -> None:
        self.faults.append(Fault(at, code, params))

    def line(self, at: str, text: str, limit: int = MAX_LINE, *, required: bool = True) -> None:
        self.text(at, text, required=required)
        if len(text) > limit:
            self.note(at, "too-long", limit=limit)
        if "\n" in text or "\r" in text:
            self.note(at, "several-lines")

    def text(self, at: str, text: str, *, required: bool = True) -> None:
        if required and not text.strip():
            self.note(at, "missing")
        elif not is_clean(text):
            self.note(at, "text-unclean")
        elif len(text) > MAX_TEXT or len(text.encode()) > MAX_TEXT:
            self.note(at, "too-long", limit=MAX_TEXT)

    def number(self, at: str, value: int, low: int, high: int) -> None:
        if not low <= value <= high:
            self.note(at, "out-of-range", low=low, high=high)

    def count(self, at: str, found: int, low: int, high: int) -> None:
        if found < low:
            self.note(at, "too-few", low=low)
        elif found > high:
            self.note(at, "too-many", high=high)

    def known(self, at: str, values: Iterable[str], allowed: Collection[str]) -> None:
        for value in values:
            if value not in allowed:
                self.note(at, "unknown", value=value)

    def distinct(self, fields: str, texts: Iterable[str]) -> None:
        seen: set[str] = set()
        for place, text in enumerate(texts):
            folded = fold(text)
            if folded and folded in seen:
                self.note(fields.format(place), "twice")
            seen.add(folded)

    def verdict(self) -> None:
        if self.faults:
            raise Refusal("draft-invalid", faults=tuple(self.faults), count=len(self.faults))


def require_lesson(lesson: AuthoredLesson, outcomes: Collection[str]) -> None:
    """``outcomes`` are the module's keys. Raises Refusal("draft-invalid", faults=(Fault, …))."""
    judge = _Judge()
    judge.line("title", lesson.title)
    judge.line("summary", lesson.summary, MAX_SUMMARY)
    judge.number("minutes", lesson.minutes, 1, 600)
    judge.text("body", lesson.body)
    judge.known("outcomes", lesson.outcomes, outcomes)
    if not _is_day(lesson.as_of):
        judge.note("as_of", "not-a-date")
    judge.verdict()


def require_exercise(exercise: AuthoredExercise, outcomes: Collection[str]) -> None:
    """``outcomes`` are the module's keys. Raises Refusal("draft-invalid", faults=(Fault, …))."""
    judge = _Judge()
    judge.line("title", exercise.title)
    judge.line("summary", exercise.summary, MAX_SUMMARY)
    judge.number("minutes", exercise.minutes, 1, 600)
    for at, text in (("task", exercise.task), ("example", exercise.example)):
        judge.text(at, text)
        if CHECK_LINE.search(text):
            judge.note(at, "check-not-here")
    judge.known("outcomes", exercise.outcomes, outcomes)
    if not _is_day(exercise.as_of):
        judge.note("as_of", "not-a-date")
    judge.count("rubric", len(exercise.rubric), FEWEST_CRITERIA, MOST_CRITERIA)
    for place, criterion in enumerate(exercise.rubric):
        _judge_criterion(judge, f"rubric/{place}", criterion)
    judge.distinct("rubric/{}/title", (criterion.title for criterion in exercise.rubric))
    judge.verdict()


def _judge_criterion(judge: _Judge, at: str, criterion: RubricCriterion) -> None:
    judge.line(f"{at}/title", criterion.title)
    judge.count(at, len(criterion.levels), LEVELS, LEVELS)
    for place, level in enumerate(criterion.levels):
        judge.line(f"{at}/levels/{place}", level, MAX_SUMMARY)
    judge.distinct(f"{at}/levels/{{}}", criterion.levels)


def _is_day(text: str) -> bool:
    """Whether it is a date in the one notation of the files; Python reads several more."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def require_quiz(quiz: AuthoredQuiz, outcomes: Collection[str], pool: Collection[str]) -> None:
    """``pool`` are keys of the module's items for tests. Whether the draw can be filled is judged
    when publishing, since items are still being written. Raises Refusal("draft-invalid")."""
    judge, settings = _Judge(), quiz.settings
    judge.line("title", quiz.title)
    judge.number("minutes", quiz.minutes, 1, 600)
    judge.text("intro", quiz.intro, required=False)
    judge.number("pass_percent", settings.pass_percent, 1, 100)
    judge.number("wait_minutes", settings.wait_minutes, 0, 10_080)
    judge.number("attempts", settings.attempts, 0, 100)
    judge.number("time_limit_minutes", settings.time_limit_minutes, 0, 600)
    judge.known("items", settings.items, pool)
    judge.distinct("items", settings.items)
    for place, rule in enumerate(settings.draw):
        _judge_draw(judge, f"draw/{place}", rule, outcomes)
    if not settings.draw and not settings.items:
        judge.note("draw", "missing")
    judge.verdict()


def _judge_draw(judge: _Judge, at: str, rule: DrawRule, outcomes: Collection[str]) -> None:
    judge.number(f"{at}/count", rule.count, 1, 100)
    judge.number(f"{at}/difficulty", rule.difficulty, 0, 3)
    judge.known(f"{at}/outcome", [rule.outcome] if rule.outcome else [], outcomes)
    judge.line(f"{at}/tag", rule.tag, required=False)


def require_module(module: AuthoredModule) -> None:
    """The module's own texts, outcomes and criteria. Raises Refusal("draft-invalid")."""
    judge = _Judge()
    judge.line("title", module.title)
    judge.line("short", module.short, MAX_SHORT)
    judge.line("summary", module.summary, MAX_SUMMARY)
    judge.number("minutes", module.minutes, 1, 6000)
    judge.line("badge/title", module.badge.title)
    judge.line("badge/symbol", module.badge.symbol, 80)
    for place, outcome in enumerate(module.outcomes):
        judge.line(f"outcomes/{place}/text", outcome.text)
        if not KEY.fullmatch(outcome.key):
            judge.note(f"outcomes/{place}/key", "key-spelling")
    judge.distinct("outcomes/{}/key", (outcome.key for outcome in module.outcomes))
    judge.known("criteria", (rule.kind for rule in module.criteria), ("read", "pass"))
    if not module.criteria:
        judge.note("criteria", "missing")
    judge.verdict()


def require_item(item: Item, outcomes: Collection[str]) -> None:
    """Every kind's texts, and the whole of what the browser's forms can write (single, multiple,
    true or false, numeric). Raises Refusal("draft-invalid")."""
    judge = _Judge()
    judge.text("stem", item.stem)
    judge.text("explanation", item.explanation, required=False)
    judge.number("difficulty", item.difficulty, 1, 3)
    judge.known("outcome", [item.outcome] if item.outcome else [], outcomes)
    judge.count("tags", len(item.tags), 0, MAX_TAGS)
    for tag in item.tags:
        judge.line("tags", tag)
    if item.lesson and not LESSON_LINK.fullmatch(item.lesson):
        judge.note("lesson", "unknown", value=item.lesson)
    match item.body:
        case Choice():
            _judge_choice(judge, item.body)
        case TrueFalse():
            judge.text("why_true", item.body.why_true)
            judge.text("why_false", item.body.why_false)
        case Numeric():
            _judge_numeric(judge, item.body)
        case Case():
            for child in item.body.children:
                require_item(child, outcomes)
        case _:
            for text in _texts(item):
                judge.text("body", text, required=False)
    judge.verdict()


def _judge_choice(judge: _Judge, body: Choice) -> None:
    judge.count("options", len(body.options), 2, MAX_OPTIONS)
    for place, option in enumerate(body.options):
        judge.text(f"options/{place}/text", option.text)
        judge.text(f"options/{place}/why", option.why)
    judge.distinct("options/{}/text", (option.text for option in body.options))
    right = sum(option.correct for option in body.options)
    if right == 0:
        judge.note("options", "right-none")
    elif right > 1 and not body.many:
        judge.note("options", "right-many")


def _judge_numeric(judge: _Judge, body: Numeric) -> None:
    judge.text("why", body.why)
    judge.line("unit", body.unit, 40, required=False)
    _judge_decimal(judge, "answer", body.answer)
    _judge_decimal(judge, "tolerance", body.tolerance, low=0)
    for place, mistake in enumerate(body.mistakes):
        _judge_mistake(judge, f"mistakes/{place}", body, mistake)


def _judge_decimal(judge: _Judge, at: str, value: Decimal, low: int | None = None) -> None:
    if not _is_number(value):
        judge.note(at, "unknown", value=str(value)[:MAX_DIGITS])
    elif low is not None and value < low:
        judge.note(at, "out-of-range", low=low, high="")


def _is_number(value: Decimal) -> bool:
    """Finite, and of a size people write."""
    if not value.is_finite():
        return False
    return len(value.as_tuple().digits) <= MAX_DIGITS and abs(value.adjusted()) <= MAX_DIGITS


def _judge_mistake(judge: _Judge, at: str, body: Numeric, mistake: Mistake) -> None:
    judge.text(f"{at}/why", mistake.why)
    try:
        value = Decimal(mistake.value)
    except InvalidOperation:
        value = Decimal("NaN")
    if not _is_number(value):
        judge.note(f"{at}/value", "unknown", value=mistake.value[:MAX_DIGITS])
    elif _is_right(body, value):
        judge.note(f"{at}/value", "mistake-is-right")


def _is_right(body: Numeric, value: Decimal) -> bool:
    sound = _is_number(body.answer) and _is_number(body.tolerance)
    return sound and abs(value - body.answer) <= body.tolerance


def _texts(item: Item) -> list[str]:
    found: list[str] = []

    def note(text: str) -> str:
        found.append(text)
        return text

    item.map_text(note, note)
    return found


def key_from(title: str, taken: Collection[str]) -> str:
    """A key nobody has yet, from the words of a title: lower-case ASCII joined by ``-``."""
    words = re.findall(r"[a-z0-9]+", fold(title))
    wanted = "-".join(words)[:50].strip("-") or "nou"
    key, number = wanted, 1
    while key in taken:
        number += 1
        key = f"{wanted}-{number}"
    return key
