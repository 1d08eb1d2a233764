"""A published course as data: immutable, with everything a page needs to lay out the route.

A :class:`Manifest` is written once when a course is published and never changes; enrolments
follow the course's pointer to the newest one, attempts and evidence keep the version ids.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from lms.domain.quizzes import PoolItem, QuizSettings

Translations = dict[str, Any]
"""English texts keyed by field name; a missing one falls back to the course's language."""


class ActivityKind(StrEnum):
    LESSON = "lesson"
    QUIZ = "quiz"
    EXERCISE = "exercise"


class CoursePlace(StrEnum):
    """Where a test of the whole course stands. It gates nothing and completes nothing."""

    BEFORE = "before"
    """Shows what one knows already; its key is never shown."""
    AFTER = "after"


class CriterionKind(StrEnum):
    READ = "read"
    PASS = "pass"  # noqa: S105 -- a criterion, no password


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that must be true for a module to be complete."""

    kind: CriterionKind
    activity: str
    """Key of the lesson to be read or the quiz to be passed."""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.activity}"


@dataclass(frozen=True, slots=True)
class Outcome:
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Badge:
    title: str
    symbol: str


@dataclass(frozen=True, slots=True)
class Activity:
    id: int
    key: str
    kind: ActivityKind
    version_id: int
    title: str
    minutes: int
    summary: str = ""
    as_of: str = ""
    """ISO date on which the text was last checked; empty for a quiz."""
    quiz: QuizSettings | None = None
    questions: int = 0
    """How many questions an attempt asks; 0 for a lesson."""
    en: Translations = field(default_factory=dict)


@dataclass(frozen=True)
class Module:
    id: int
    key: str
    number: int
    """Place in the course, from 1."""
    title: str
    short: str
    summary: str
    minutes: int
    outcomes: tuple[Outcome, ...]
    criteria: tuple[Criterion, ...]
    badge: Badge
    activities: tuple[Activity, ...]
    en: Translations = field(default_factory=dict)

    @cached_property
    def lessons(self) -> tuple[Activity, ...]:
        return tuple(a for a in self.activities if a.kind is ActivityKind.LESSON)

    @cached_property
    def quizzes(self) -> tuple[Activity, ...]:
        return tuple(a for a in self.activities if a.kind is ActivityKind.QUIZ)

    @cached_property
    def exercises(self) -> tuple[Activity, ...]:
        return tuple(a for a in self.activities if a.kind is ActivityKind.EXERCISE)

    @cached_property
    def activity_ids(self) -> frozenset[int]:
        return frozenset(a.id for a in self.activities)


@dataclass(frozen=True, slots=True)
class Term:
    """A glossary entry; ``text`` is rendered inline HTML."""

    key: str
    term: str
    text: str
    long: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    code: str
    title: str
    url: str = ""
    official: bool = False


@dataclass(frozen=True, slots=True)
class Verification:
    """A point that a specialist still has to confirm; trainers see the list."""

    number: int
    group: str
    text: str
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """One publication of a course.

    Keys of activities are unique in it; ``by_activity`` and ``route`` hold those of modules.
    """

    number: int
    key: str
    title: str
    summary: str
    workshop: str
    language: str
    modules: tuple[Module, ...]
    before: tuple[Activity, ...] = ()
    """Tests of the whole course, offered before the first module."""
    after: tuple[Activity, ...] = ()
    """Tests of the whole course at the end of the route."""
    pool: tuple[PoolItem, ...] = ()
    checks: dict[str, int] = field(default_factory=dict)
    """Self-check item key → item version id."""
    glossary: tuple[Term, ...] = ()
    sources: tuple[Source, ...] = ()
    to_verify: tuple[Verification, ...] = ()
    assets: dict[str, str] = field(default_factory=dict)
    """``<module key>/img/x.svg`` or ``files/x.xlsx`` → sha256 of the stored content."""
    en: Translations = field(default_factory=dict)

    @cached_property
    def by_activity(self) -> dict[str, tuple[Module, Activity]]:
        return {a.key: (m, a) for m in self.modules for a in m.activities}

    @cached_property
    def by_module(self) -> dict[str, Module]:
        return {m.key: m for m in self.modules}

    @cached_property
    def by_module_id(self) -> dict[int, Module]:
        return {m.id: m for m in self.modules}

    @cached_property
    def terms(self) -> dict[str, Term]:
        return {t.key: t for t in self.glossary}

    def route(self) -> Iterator[tuple[Module, Activity]]:
        """Every activity in the order in which it is walked."""
        for module in self.modules:
            for activity in module.activities:
                yield module, activity

    def activities(self) -> Iterator[tuple[Module | None, Activity]]:
        """Everything there is; tests of the whole course have no module."""
        yield from ((None, activity) for activity in self.before)
        yield from self.route()
        yield from ((None, activity) for activity in self.after)

    @cached_property
    def tests(self) -> dict[str, tuple[Module | None, Activity]]:
        """Every test by key, those of the whole course included."""
        return {a.key: (m, a) for m, a in self.activities() if a.kind is ActivityKind.QUIZ}

    @cached_property
    def homes(self) -> dict[int, str]:
        """Item version id → key of the module it belongs to."""
        return {item.version_id: item.module for item in self.pool}

    def place_of(self, activity: Activity) -> CoursePlace | None:
        """Where a test of the whole course stands; None for what belongs to a module."""
        if activity in self.before:
            return CoursePlace.BEFORE
        return CoursePlace.AFTER if activity in self.after else None

    def pool_of(self, module: Module | None) -> list[PoolItem]:
        """What a test draws from: its module's items, or those of the whole course."""
        return [item for item in self.pool if module is None or item.module == module.key]

    @property
    def minutes(self) -> int:
        return sum(module.minutes for module in self.modules)

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = _plain(self)
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Manifest:
        return cls(
            **{
                **data,
                "modules": tuple(_module(m) for m in data["modules"]),
                "before": tuple(_activity(a) for a in data.get("before", ())),
                "after": tuple(_activity(a) for a in data.get("after", ())),
                "pool": tuple(PoolItem(**{**p, "tags": tuple(p["tags"])}) for p in data["pool"]),
                "glossary": tuple(Term(**t) for t in data["glossary"]),
                "sources": tuple(Source(**s) for s in data["sources"]),
                "to_verify": tuple(
                    Verification(**{**v, "facts": tuple(v["facts"])})
                    for v in data.get("to_verify", ())
                ),
            }
        )


def _module(data: dict[str, Any]) -> Module:
    return Module(
        **{
            **data,
            "outcomes": tuple(Outcome(**o) for o in data["outcomes"]),
            "criteria": tuple(
                Criterion(CriterionKind(c["kind"]), c["activity"]) for c in data["criteria"]
            ),
            "badge": Badge(**data["badge"]),
            "activities": tuple(_activity(a) for a in data["activities"]),
        }
    )


def _activity(data: dict[str, Any]) -> Activity:
    quiz = data.get("quiz")
    return Activity(
        **{
            **data,
            "kind": ActivityKind(data["kind"]),
            "quiz": QuizSettings.from_json(quiz) if quiz else None,
        }
    )


def _plain(value: Any) -> Any:
    """Dataclasses, tuples and enums to plain JSON values."""
    if isinstance(value, QuizSettings):
        return value.to_json()
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, (tuple, list)):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return str(value) if isinstance(value, StrEnum) else value
