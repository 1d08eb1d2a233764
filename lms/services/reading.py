"""Reading lessons: the place reached, "I have read this", self-checks."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Integer,
    String,
    bindparam,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from lms.domain.curriculum import Activity, Module
from lms.domain.errors import NotFound, Refusal
from lms.domain.items import Item, Question, Response, Review
from lms.domain.items.kinds import Shown
from lms.models import Activity as ActivityRow
from lms.models import CheckAnswer, CriterionMet, Reading, SelfAssessment
from lms.services import completion
from lms.services.completion import Gained
from lms.services.learning import Enrolled, get_activity, lock
from lms.services.versions import activity_content, item_contents


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """A self-check in a lesson; the review is there once it has been answered."""

    key: str
    question: Question
    shown: Shown
    review: Review | None
    is_right: bool | None
    explanation: str


def _reading(session: Session, enrolled: Enrolled, activity: Activity, now: datetime) -> Reading:
    """The person's row for this lesson, made at the first sign of reading."""
    lock(session, enrolled)
    row = session.scalar(
        select(Reading).where(
            Reading.enrolment_id == enrolled.enrolment_id, Reading.activity_id == activity.id
        )
    )
    if row is None:
        row = Reading(
            enrolment_id=enrolled.enrolment_id,
            activity_id=activity.id,
            version_id=activity.version_id,
            opened_at=now,
            updated_at=now,
        )
        session.add(row)
    return row


def note_place(
    session: Session, enrolled: Enrolled, key: str, anchor: str, percent: int, now: datetime
) -> None:
    """Keep where the reader is in a lesson. Raises Refusal("bad-place")."""
    _, activity = get_activity(enrolled, key, "lesson")
    if not 0 <= percent <= 100 or len(anchor) > 120:
        raise Refusal("bad-place")
    rendered = activity_content(session, activity.version_id)["rendered"]
    if anchor and anchor not in {heading[2] for heading in rendered["headings"]}:
        raise Refusal("bad-place")
    row = _reading(session, enrolled, activity, now)
    row.anchor, row.percent, row.updated_at = anchor, percent, now
    session.flush()


def mark_read(session: Session, enrolled: Enrolled, key: str, now: datetime) -> Gained:
    """ "I have read this". Doing it again changes nothing."""
    module, activity = get_activity(enrolled, key, "lesson")
    row = _reading(session, enrolled, activity, now)
    if row.read_at is None:
        row.read_at, row.percent, row.updated_at = now, 100, now
        row.version_id = activity.version_id
    session.flush()
    return completion.record(
        session, enrolled, module, activity, row, version_id=row.version_id, now=now
    )


@dataclass(frozen=True, slots=True)
class Beside:
    """What a lesson's page shows beside its text."""

    met: frozenset[str]
    """Criterion keys."""
    assessed: frozenset[int]
    """Exercise ids."""
    checks: dict[str, SelfCheck]
    """The lesson's self-checks by key, each with the person's last answer."""

    def is_met(self, activity: Activity) -> bool:
        return bool({f"read:{activity.key}", f"pass:{activity.key}"} & self.met)

    def is_assessed(self, activity: Activity) -> bool:
        return activity.id in self.assessed


def beside(session: Session, enrolled: Enrolled, module: Module, keys: Sequence[str]) -> Beside:
    """What is done in the module, and the self-checks named; one query."""
    versions = {k: enrolled.manifest.checks[k] for k in keys if k in enrolled.manifest.checks}
    contents = item_contents(session, versions.values())
    given = {
        "enrolment": enrolled.enrolment_id,
        "module": module.id,
        "versions": list(versions.values()),
    }
    met, assessed, latest = set(), set(), {}
    for kind, ref, word, answer, is_right in session.connection().execute(_BESIDE, given):
        if kind == "met":
            met.add(word)
        elif kind == "assessed":
            assessed.add(ref)
        else:
            latest[ref] = (answer, is_right)
    checks = {
        k: _self_check(contents[v], *latest.get(v, (None, None))) for k, v in versions.items()
    }
    return Beside(frozenset(met), frozenset(assessed), checks)


def _beside_query() -> Any:
    mine: Any = bindparam("enrolment")
    newest = (
        select(func.max(CheckAnswer.id))
        .where(
            CheckAnswer.enrolment_id == mine,
            CheckAnswer.item_version_id.in_(bindparam("versions", expanding=True)),
        )
        .group_by(CheckAnswer.item_version_id)
    )
    no_answer = cast(null(), CheckAnswer.response.type)
    no_number, no_truth = cast(null(), Integer), cast(null(), Boolean)
    branches = [
        select(literal("met"), no_number, CriterionMet.criterion, no_answer, no_truth)
        .where(CriterionMet.enrolment_id == mine, CriterionMet.module_id == bindparam("module")),
        select(literal("assessed"), SelfAssessment.activity_id, cast(null(), String), no_answer,
               no_truth)
        .join(ActivityRow, ActivityRow.id == SelfAssessment.activity_id)
        .where(SelfAssessment.enrolment_id == mine, ActivityRow.module_id == bindparam("module")),
        select(literal("check"), CheckAnswer.item_version_id, cast(null(), String),
               CheckAnswer.response, CheckAnswer.is_right)
        .where(CheckAnswer.id.in_(newest)),
    ]  # fmt: skip
    return union_all(*branches)


_BESIDE = _beside_query()
"""Composed once; composing it costs more than the database does."""


def _layout(item: Item) -> dict[str, list[int]]:
    """Self-checks are shown alike to everyone: shuffled once by their own key."""
    body = item.questions[0].body
    return body.layout(random.Random(item.key))  # type: ignore[union-attr]  # never a case


def _self_check(item: Item, response: Response | None, is_right: bool | None) -> SelfCheck:
    """``is_right`` is None while the question has not been answered."""
    layout, body = _layout(item), item.body
    is_answered = is_right is not None
    return SelfCheck(
        key=item.key,
        question=body.question(item.stem, layout),  # type: ignore[union-attr]  # never a case
        shown=body.shown(response, layout),  # type: ignore[union-attr]  # never a case
        review=body.review(response, layout) if is_answered else None,  # type: ignore[union-attr]  # never a case
        is_right=is_right,
        explanation=item.explanation if is_answered else "",
    )


def answer_check(
    session: Session,
    enrolled: Enrolled,
    key: str,
    fields: Mapping[str, Sequence[str]],
    idempotency_key: str,
    language: str,
    now: datetime,
) -> SelfCheck:
    """Store an answer to a self-check and give its feedback.

    The same ``idempotency_key`` again stores nothing and gives the feedback of what it stored.
    Raises NotFound, Refusal("check-unanswered" | "check-incomplete" | "response-unknown").
    """
    version_id = enrolled.manifest.checks.get(key)
    if version_id is None:
        raise NotFound()
    item = item_contents(session, [version_id])[version_id]
    body, layout = item.body, _layout(item)
    response = body.read(fields, layout, language)  # type: ignore[union-attr]  # never a case
    if response is None:
        raise Refusal("check-unanswered")
    if not body.complete(response):  # type: ignore[union-attr]  # never a case
        raise Refusal("check-incomplete")
    lock(session, enrolled)
    row = session.scalar(
        select(CheckAnswer).where(
            CheckAnswer.enrolment_id == enrolled.enrolment_id,
            CheckAnswer.idempotency_key == idempotency_key,
        )
    )
    if row is None:
        row = CheckAnswer(
            enrolment_id=enrolled.enrolment_id,
            item_version_id=version_id,
            idempotency_key=idempotency_key,
            response=response,
            is_right=body.score(response) == 1,  # type: ignore[union-attr]  # never a case
            answered_at=now,
        )
        session.add(row)
        session.flush()
    elif row.item_version_id != version_id:
        raise Refusal("response-unknown")  # the key belongs to the answer to another question
    return _self_check(item, row.response, row.is_right)
