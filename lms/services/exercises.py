"""Workbook exercises: what a learner says of their team's sheet, kept as it was said.

Nobody but the learner reads it: no report, no export of others, no page of a manager or trainer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lms.domain import rubrics as rules
from lms.domain.curriculum import Activity
from lms.models import SelfAssessment
from lms.services.drafts import Json, fingerprint
from lms.services.learning import Enrolled, get_activity
from lms.services.versions import activity_content

MOST_SHOWN = 50
"""Self-assessments listed on one sheet; older ones stay stored, and in one's own data."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One criterion of the rubric as it was, and the level chosen (1–3; 0 for none)."""

    key: str
    title: str
    text: str
    """Rendered inline HTML of the chosen level; empty for none."""
    level: int


@dataclass(frozen=True, slots=True)
class Assessed:
    """One stored self-assessment, in the words of the rubric it was made with."""

    at: datetime
    judged: tuple[Judged, ...]
    note: str
    team: str


def sheet(session: Session, activity: Activity) -> Json:
    """The exercise as shown (:mod:`lms.services.drafts`)."""
    rendered: Json = activity_content(session, activity.version_id)["rendered"]
    return rendered


def list_own(session: Session, enrolled: Enrolled, activity: Activity) -> list[Assessed]:
    """The learner's self-assessments of one exercise, newest first. One query."""
    rows = session.scalars(
        select(SelfAssessment)
        .where(
            SelfAssessment.enrolment_id == enrolled.enrolment_id,
            SelfAssessment.activity_id == activity.id,
        )
        .order_by(SelfAssessment.id.desc())
        .limit(MOST_SHOWN)
    )
    return [_assessed(session, row) for row in rows]


def _assessed(session: Session, row: SelfAssessment) -> Assessed:
    rubric = activity_content(session, row.version_id)["rendered"]["rubric"]
    judged = tuple(
        Judged(c["key"], c["title"], c["levels"][level - 1] if level else "", level)
        for c in rubric
        if (level := row.levels.get(c["key"], 0)) <= len(c["levels"])
    )
    return Assessed(row.assessed_at, judged, row.note, row.team)


def assess(
    session: Session,
    enrolled: Enrolled,
    key: str,
    levels: Mapping[str, str],
    note: str,
    team: str,
    *,
    idempotency_key: str,
    now: datetime,
) -> datetime:
    """Keep a self-assessment; returns when it was stored.

    The same words under the same ``idempotency_key`` are stored once; other words under it (the
    page was shown again from the browser's memory and written on) are one more, never lost.
    Raises NotFound, Refusal as :func:`lms.domain.rubrics.read_assessment`.
    """
    _, activity = get_activity(enrolled, key, "exercise")
    criteria = tuple(criterion["key"] for criterion in sheet(session, activity)["rubric"])
    said = rules.read_assessment(criteria, levels, note, team)
    own = fingerprint(idempotency_key, activity.id, said.levels, said.note, said.team)
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    made = (
        dialect.insert(SelfAssessment)
        .values(
            enrolment_id=enrolled.enrolment_id,
            activity_id=activity.id,
            version_id=activity.version_id,
            idempotency_key=own,
            levels=said.levels,
            note=said.note,
            team=said.team,
            assessed_at=now,
        )
        .on_conflict_do_nothing()
        .returning(SelfAssessment.assessed_at)
    )
    stored: datetime | None = session.scalar(made)
    if stored is not None:
        return stored
    return session.scalars(
        select(SelfAssessment.assessed_at).where(
            SelfAssessment.enrolment_id == enrolled.enrolment_id,
            SelfAssessment.idempotency_key == own,
        )
    ).one()
