"""Tests of the whole course told by module: sums, which say nothing of any single question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.domain.curriculum import Manifest, Module
from lms.models import Attempt, AttemptItem
from lms.services.curriculum import manifest_of
from lms.services.learning import Enrolled

Points = Mapping[str, tuple[float, int]]
"""Module key → (points, questions asked)."""


@dataclass(frozen=True, slots=True)
class ModuleScore:
    """What was reached of one module, in per cent rounded down."""

    module: Module
    percent: int
    questions: int
    before: int | None
    """The same before the course began; None when it was not asked then."""

    @property
    def is_low(self) -> bool:
        """Less than half: worth a closer look."""
        return self.percent < 50


def of_attempt(session: Session, attempt: Attempt) -> Points:
    """A submitted attempt by the modules of its questions. One query."""
    homes = manifest_of(session, attempt.manifest_id).homes
    rows = session.execute(
        select(AttemptItem.item_version_id, AttemptItem.points).where(
            AttemptItem.attempt_id == attempt.id
        )
    )
    found: dict[str, tuple[float, int]] = defaultdict(lambda: (0.0, 0))
    for version_id, points in rows:
        key = homes.get(version_id, "")
        reached, asked = found[key]
        found[key] = (reached + (points or 0), asked + 1)
    return found


def of_first(session: Session, enrolled: Enrolled) -> Points | None:
    """The learner's first result of a test before the course; None when there is none."""
    tests = [test.id for test in enrolled.manifest.before]
    attempt = session.scalar(
        select(Attempt)
        .where(
            Attempt.enrolment_id == enrolled.enrolment_id,
            Attempt.activity_id.in_(tests),
            Attempt.state == "submitted",
        )
        .order_by(Attempt.id)
        .limit(1)
    )
    return of_attempt(session, attempt) if attempt else None


def by_module(manifest: Manifest, reached: Points, earlier: Points | None) -> list[ModuleScore]:
    """The modules that were asked about, in the course's order."""
    scores = []
    for module in manifest.modules:
        points, questions = reached.get(module.key, (0.0, 0))
        if not questions:
            continue
        was = earlier.get(module.key) if earlier else None
        before = _percent(*was) if was and was[1] else None
        scores.append(ModuleScore(module, _percent(points, questions), questions, before))
    return scores


def _percent(points: float, questions: int) -> int:
    """Rounded down; thirds and halves are sums of floats, so a hair below a whole is the whole."""
    return int(points * 100 / questions + 1e-9)
