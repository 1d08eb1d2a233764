"""Tests: what is drawn, when one may start, what counts, when a time limit has passed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any

from lms.domain.errors import Refusal

GRACE = timedelta(seconds=10)
"""How long after the deadline an answer already on its way is still taken."""


@dataclass(frozen=True, slots=True)
class DrawRule:
    """``count`` questions from the pool that carry all the given marks."""

    count: int
    outcome: str = ""
    difficulty: int = 0
    tag: str = ""
    module: str = ""
    """Module key, in a test of the whole course; outcomes are unique within their module only."""

    def to_json(self) -> dict[str, Any]:
        """A rule without a module looks as it did before there were tests of a whole course."""
        data = asdict(self)
        return data if self.module else {k: v for k, v in data.items() if k != "module"}


@dataclass(frozen=True, slots=True)
class QuizSettings:
    pass_percent: int = 70
    """Share of the points, in per cent, from which the test is passed."""
    draw: tuple[DrawRule, ...] = ()
    items: tuple[str, ...] = ()
    """Keys of items that every attempt contains."""
    wait_minutes: int = 10
    """After a failed attempt: time to read again before the next one."""
    attempts: int = 0
    """How many attempts there are; 0 for no limit."""
    time_limit_minutes: int = 0
    """0 for no limit."""

    def to_json(self) -> dict[str, Any]:
        data = asdict(self)
        return {
            **data,
            "draw": [rule.to_json() for rule in self.draw],
            "items": list(self.items),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> QuizSettings:
        return cls(
            pass_percent=data["pass_percent"],
            draw=tuple(DrawRule(**rule) for rule in data["draw"]),
            items=tuple(data["items"]),
            wait_minutes=data["wait_minutes"],
            attempts=data["attempts"],
            time_limit_minutes=data["time_limit_minutes"],
        )


@dataclass(frozen=True, slots=True)
class PoolItem:
    """A published item a test may draw."""

    key: str
    version_id: int
    module: str
    """Module key; empty for an item of the whole course."""
    outcome: str
    difficulty: int
    tags: tuple[str, ...] = ()
    size: int = 1
    """Questions it brings: 1, or a case's children."""


def fits(item: PoolItem, rule: DrawRule) -> bool:
    """Whether the item carries all the marks of the rule."""
    return (
        (not rule.module or item.module == rule.module)
        and (not rule.outcome or item.outcome == rule.outcome)
        and (not rule.difficulty or item.difficulty == rule.difficulty)
        and (not rule.tag or rule.tag in item.tags)
    )


def draw(pool: Sequence[PoolItem], settings: QuizSettings, seed: int) -> list[PoolItem]:
    """The items of one attempt, in the order in which they are asked.

    Fixed items first join the set, then every rule draws its count of questions; a case is
    taken whole and only where it fits. The same pool, settings and seed give the same draw.
    Raises Refusal("bank-too-small") when a rule cannot be filled or nothing is asked at all.
    """
    rng = random.Random(seed)
    by_key = {item.key: item for item in pool}
    missing = [key for key in settings.items if key not in by_key]
    if missing:
        raise Refusal("bank-too-small", missing=len(missing))
    taken = {key: by_key[key] for key in settings.items}
    for rule in settings.draw:
        candidates = [item for item in pool if item.key not in taken and fits(item, rule)]
        rng.shuffle(candidates)
        left = rule.count
        # Cases first would crowd out single questions, singles first would never leave room for
        # a case: the shuffled order decides, and the check proves that singles can fill a rest.
        for item in candidates:
            if item.size <= left:
                taken[item.key] = item
                left -= item.size
        if left:
            raise Refusal("bank-too-small", missing=left)
    if not taken:
        raise Refusal("bank-too-small", missing=1)
    drawn = list(taken.values())
    rng.shuffle(drawn)
    return drawn


def largest_shortfall(pool: Sequence[PoolItem], settings: QuizSettings) -> int:
    """How many questions are missing in the worst draw; 0 when every draw can be filled.

    A draw can be filled whatever was taken before when each rule finds ``count`` single
    questions even after all other rules have taken theirs.
    """
    shortfall = len(set(settings.items) - {item.key for item in pool})
    for number, rule in enumerate(settings.draw):
        others = sum(
            other.count
            for place, other in enumerate(settings.draw)
            if place != number and _overlap(rule, other)
        )
        single = [i for i in pool if i.size == 1 and i.key not in settings.items and fits(i, rule)]
        shortfall = max(shortfall, rule.count + others - len(single))
    return shortfall


def _overlap(one: DrawRule, other: DrawRule) -> bool:
    return not any(
        mine and theirs and mine != theirs
        for mine, theirs in (
            (one.module, other.module),
            (one.outcome, other.outcome),
            (one.difficulty, other.difficulty),
        )
    )


class AttemptState(StrEnum):
    OPEN = "open"
    SUBMITTED = "submitted"


@dataclass(frozen=True, slots=True)
class AttemptFacts:
    """What the rules need to know of an attempt."""

    number: int
    state: AttemptState
    started_at: datetime
    deadline_at: datetime | None = None
    submitted_at: datetime | None = None
    passed: bool = False


class StartState(StrEnum):
    MAY_START = "may-start"
    RESUME = "resume"
    WAIT = "wait"
    NO_MORE = "no-more"


@dataclass(frozen=True, slots=True)
class Start:
    state: StartState
    number: int = 1
    """Number of the attempt to start or to resume."""
    wait_until: datetime | None = None
    attempts_left: int | None = field(default=None)
    """None for no limit."""


def may_start(settings: QuizSettings, attempts: Iterable[AttemptFacts], now: datetime) -> Start:
    """Whether a new attempt may begin, and if not, what holds it back."""
    made = sorted(attempts, key=lambda a: a.number)
    left = max(0, settings.attempts - len(made)) if settings.attempts else None
    if made and made[-1].state is AttemptState.OPEN:
        return Start(StartState.RESUME, made[-1].number, attempts_left=left)
    number = made[-1].number + 1 if made else 1
    if left == 0:
        return Start(StartState.NO_MORE, number, attempts_left=0)
    last = made[-1] if made else None
    if last and last.submitted_at and not any(a.passed for a in made):
        until = last.submitted_at + timedelta(minutes=settings.wait_minutes)
        if now < until:
            return Start(StartState.WAIT, number, until, left)
    return Start(StartState.MAY_START, number, attempts_left=left)


def deadline(settings: QuizSettings, started_at: datetime) -> datetime | None:
    if not settings.time_limit_minutes:
        return None
    return started_at + timedelta(minutes=settings.time_limit_minutes)


def is_over(deadline_at: datetime | None, now: datetime) -> bool:
    """Whether an answer arriving now comes too late. Only the server's clock counts."""
    return deadline_at is not None and now > deadline_at + GRACE


def grade(scores: Sequence[Fraction]) -> Fraction:
    """Share of the points, 0 to 1; every question is worth one point."""
    return sum(scores, Fraction(0)) / len(scores) if scores else Fraction(0)


def is_passed(settings: QuizSettings, value: Fraction) -> bool:
    return value * 100 >= settings.pass_percent
