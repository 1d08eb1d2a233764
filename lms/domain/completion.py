"""Completion: which criteria are met, by what evidence, and what comes next.

One set of functions feeds every surface: the learner's route, the manager's table, the exports,
the badge. Progress is derived from what is published and what is met; it is never a stored
counter, so it cannot pass 100 % or get stuck below.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from lms.domain.curriculum import Activity, ActivityKind, Criterion, Manifest, Module


class ModuleState(StrEnum):
    NOT_STARTED = "not-started"
    IN_PROGRESS = "in-progress"
    DONE = "done"


class ModuleProgress(NamedTuple):
    """One module of one person. A named tuple: a report makes hundreds for a page."""

    module: Module
    state: ModuleState
    met: int
    """Criteria of the published version that are met."""
    total: int
    completed_at: datetime | None = None
    due_on: date | None = None
    overdue: bool = False
    delta: tuple[Criterion, ...] = ()
    """Criteria published after completion and not met: shown, they take nothing away."""

    @property
    def percent(self) -> int:
        """0–100; exactly 100 only when the module is complete."""
        if self.state is ModuleState.DONE:
            return 100
        return min(99, self.met * 100 // self.total) if self.total else 0


def unmet(module: Module, met: Collection[str]) -> tuple[Criterion, ...]:
    if not met:
        return module.criteria
    return tuple(c for c in module.criteria if c.key not in met)


def is_complete(module: Module, met: Collection[str]) -> bool:
    """All criteria are met; a module without criteria is never complete by itself."""
    return bool(module.criteria) and not unmet(module, met)


def due_on(ends_on: date, days_after: int) -> date:
    """Due dates stand relative to the end of the workshop."""
    return ends_on + timedelta(days=days_after)


def module_progress(
    module: Module,
    *,
    met: Collection[str],
    started: bool,
    completed_at: datetime | None,
    due: date | None,
    today: date,
) -> ModuleProgress:
    """One module's progress.

    ``met`` holds criterion keys; ``started`` says that a lesson was opened or an attempt begun;
    ``completed_at`` is the stored completion, which stands whatever is published later.
    """
    missing = unmet(module, met)
    if completed_at is not None:
        state = ModuleState.DONE
    elif started or len(missing) < len(module.criteria):
        state = ModuleState.IN_PROGRESS
    else:
        state = ModuleState.NOT_STARTED
    return ModuleProgress(
        module=module,
        state=state,
        met=len(module.criteria) - len(missing),
        total=len(module.criteria),
        completed_at=completed_at,
        due_on=due,
        overdue=completed_at is None and due is not None and due < today,
        delta=missing if completed_at is not None else (),
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reader stopped in a lesson."""

    activity: str
    anchor: str
    percent: int
    at: datetime


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one thing to do next; ``resumed`` when it was begun before."""

    module: Module
    activity: Activity
    anchor: str = ""
    percent: int = 0
    resumed: bool = False


def next_step(
    manifest: Manifest,
    *,
    met: Collection[str],
    completed: Collection[int],
    places: Iterable[Place],
    open_attempts: Mapping[str, datetime],
) -> NextStep | None:
    """Where "continue" leads, or None when the course is finished.

    An open test comes first, since it is work in progress. Then the lesson left half-read most
    recently, then the first unmet criterion along the route. ``completed`` holds module ids.
    """
    for key, _ in sorted(open_attempts.items(), key=lambda pair: pair[1], reverse=True):
        if key in manifest.by_activity:
            return NextStep(*manifest.by_activity[key], resumed=True)
    half_read = {p.activity: p for p in sorted(places, key=lambda p: p.at)}
    for key, place in reversed(half_read.items()):
        known = manifest.by_activity.get(key)
        if known and f"read:{key}" not in met and known[0].id not in completed:
            return NextStep(*known, anchor=place.anchor, percent=place.percent, resumed=True)
    for module, activity in manifest.route():
        kind = "read" if activity.kind is ActivityKind.LESSON else "pass"
        wanted = f"{kind}:{activity.key}"
        if (
            module.id not in completed
            and wanted not in met
            and any(c.key == wanted for c in module.criteria)
        ):
            begun = half_read.get(activity.key)
            anchor = begun.anchor if begun else ""
            return NextStep(module, activity, anchor, resumed=begun is not None)
    return None


def is_course_complete(manifest: Manifest, completed: Collection[int]) -> bool:
    return bool(manifest.modules) and all(m.id in completed for m in manifest.modules)
