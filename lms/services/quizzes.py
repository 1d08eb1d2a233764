"""Taking a test: start, answer, submit. Nothing acknowledged is lost, nothing counts twice."""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.domain import quizzes as rules
from lms.domain.curriculum import Activity
from lms.domain.errors import Conflict, NotFound, Refusal
from lms.domain.items import Item, Kind
from lms.domain.items.kinds import Body
from lms.domain.quizzes import AttemptFacts, AttemptState, QuizSettings, Start, StartState
from lms.models import Attempt, AttemptItem, Enrolment, Response
from lms.services import completion, versions
from lms.services.completion import Gained
from lms.services.learning import Enrolled, get_activity, lock


@dataclass(frozen=True, slots=True)
class Standing:
    """What the test's own page says before one starts."""

    activity: Activity
    start: Start
    attempts: tuple[Attempt, ...]
    best_percent: int | None
    is_passed: bool


def standing(session: Session, enrolled: Enrolled, key: str, now: datetime) -> Standing:
    """Where the person stands with a test. Raises NotFound."""
    _, activity = get_activity(enrolled, key, "quiz")
    made = _attempts(session, enrolled, activity)
    return Standing(
        activity,
        rules.may_start(_settings(activity), [_facts(a) for a in made], now),
        tuple(made),
        max((a.percent for a in made if a.percent is not None), default=None),
        any(a.is_passed for a in made),
    )


def _attempts(session: Session, enrolled: Enrolled, activity: Activity) -> list[Attempt]:
    query = select(Attempt).where(
        Attempt.enrolment_id == enrolled.enrolment_id, Attempt.activity_id == activity.id
    )
    return list(session.scalars(query.order_by(Attempt.number)))


def _settings(activity: Activity) -> QuizSettings:
    if activity.quiz is None:
        raise NotFound()
    return activity.quiz


def _facts(attempt: Attempt) -> AttemptFacts:
    return AttemptFacts(
        number=attempt.number,
        state=AttemptState(attempt.state),
        started_at=attempt.started_at,
        deadline_at=attempt.deadline_at,
        submitted_at=attempt.submitted_at,
        grade=None if attempt.points is None else Fraction(attempt.points) / attempt.max_points,
        passed=bool(attempt.is_passed),
    )


def start(
    session: Session, enrolled: Enrolled, key: str, language: str, now: datetime
) -> Attempt:
    """Begin an attempt with its frozen draw, or give back the one under way.

    Raises Conflict("quiz-wait" with ``until`` | "quiz-no-more"), Refusal("bank-too-small").
    """
    module, activity = get_activity(enrolled, key, "quiz")
    settings = _settings(activity)
    lock(session, enrolled)
    made = _attempts(session, enrolled, activity)
    allowed = rules.may_start(settings, [_facts(a) for a in made], now)
    if allowed.state is StartState.RESUME:
        return made[-1]
    if allowed.state is StartState.WAIT:
        raise Conflict("quiz-wait", until=allowed.wait_until)
    if allowed.state is StartState.NO_MORE:
        raise Conflict("quiz-no-more")
    seed = secrets.randbits(31)
    drawn = rules.draw(enrolled.manifest.module_pool(module), settings, seed)
    attempt = Attempt(
        enrolment_id=enrolled.enrolment_id,
        activity_id=activity.id,
        version_id=activity.version_id,
        manifest_id=enrolled.manifest_id,
        number=allowed.number,
        seed=seed,
        language=language,
        state="open",
        started_at=now,
        deadline_at=rules.deadline(settings, now),
        max_points=0,
    )
    contents = versions.item_contents(session, [item.version_id for item in drawn])
    rng = random.Random(seed)
    for pool_item in drawn:
        for child, question in enumerate(contents[pool_item.version_id].questions):
            attempt.items.append(
                AttemptItem(
                    position=len(attempt.items) + 1,
                    item_version_id=pool_item.version_id,
                    child=child,
                    layout=body_of(question).layout(rng),
                )
            )
    attempt.max_points = len(attempt.items)
    session.add(attempt)
    session.flush()
    return attempt


def body_of(item: Item) -> Body:
    """The answerable part of a question; a case has been taken apart before."""
    return item.body  # type: ignore[return-value]  # Item.questions never yields a case


@dataclass(frozen=True, slots=True)
class Slot:
    """One question of an attempt with the answer it has so far."""

    row: AttemptItem
    case: Item | None
    """The situation it belongs to, when it is part of a case."""
    item: Item
    response: dict[str, Any] | None
    sequence: int
    """0 while nothing was saved; each saved answer has the next number."""
    saved_at: datetime | None

    @property
    def body(self) -> Body:
        return body_of(self.item)

    @property
    def is_answered(self) -> bool:
        return self.response is not None and self.body.complete(self.response)


@dataclass(frozen=True, slots=True)
class Sitting:
    attempt: Attempt
    enrolment: Enrolment
    slots: tuple[Slot, ...]

    @property
    def answered(self) -> int:
        return sum(slot.is_answered for slot in self.slots)

    @property
    def saved_at(self) -> datetime | None:
        """When the newest answer was stored."""
        return max((s.saved_at for s in self.slots if s.saved_at), default=None)

    def slot(self, position: int) -> Slot:
        if not 1 <= position <= len(self.slots):
            raise NotFound()
        return self.slots[position - 1]


def _get_attempt(session: Session, person_id: int, uuid: str) -> tuple[Attempt, Enrolment]:
    """An attempt through its owner. Raises NotFound, alike for others' and missing ones."""
    row = session.execute(
        select(Attempt, Enrolment)
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .where(Attempt.uuid == uuid, Enrolment.person_id == person_id)
    ).first()
    if row is None:
        raise NotFound()
    return row[0], row[1]


def sitting(session: Session, person_id: int, uuid: str) -> Sitting:
    """The whole attempt as its owner sees it: three queries, however many answers."""
    attempt, enrolment = _get_attempt(session, person_id, uuid)
    newest = (
        select(Response.attempt_item_id, func.max(Response.sequence).label("sequence"))
        .where(Response.attempt_id == attempt.id)
        .group_by(Response.attempt_item_id)
        .subquery()
    )
    rows = session.execute(
        select(AttemptItem, Response)
        .outerjoin(newest, newest.c.attempt_item_id == AttemptItem.id)
        .outerjoin(
            Response,
            (Response.attempt_item_id == AttemptItem.id)
            & (Response.sequence == newest.c.sequence),
        )
        .where(AttemptItem.attempt_id == attempt.id)
        .order_by(AttemptItem.position)
    ).all()
    contents = versions.item_contents(session, {row.item_version_id for row, _ in rows})
    slots = tuple(_slot(row, contents[row.item_version_id], saved) for row, saved in rows)
    return Sitting(attempt, enrolment, slots)


def _slot(row: AttemptItem, item: Item, saved: Response | None) -> Slot:
    questions = item.questions
    return Slot(
        row=row,
        case=item if item.kind is Kind.CASE else None,
        item=questions[row.child],
        response=saved.value if saved else None,
        sequence=saved.sequence if saved else 0,
        saved_at=saved.received_at if saved else None,
    )


@dataclass(frozen=True, slots=True)
class Receipt:
    """The server's word that an answer is stored."""

    position: int
    sequence: int
    saved_at: datetime
    is_complete: bool
    understood: str
    """The number that was read; empty for other kinds, and when it was not understood."""
    is_understood: bool
    notation: str
    """Language in whose notation numbers are read in this attempt."""


def answer(
    session: Session,
    person_id: int,
    uuid: str,
    position: int,
    fields: Mapping[str, Sequence[str]],
    *,
    sequence: int,
    key: str,
    now: datetime,
) -> Receipt:
    """Store one answer; the same ``key`` again gives the same receipt.

    ``sequence`` is the number of the answer the client last saw (0 for none): a client that has
    not seen the newest one would overwrite it unread, and is told so. Raises NotFound,
    Refusal("response-unknown"), Conflict("attempt-closed" | "time-over" | "newer-answer").
    """
    row = session.execute(
        select(
            AttemptItem,
            Attempt.state,
            Attempt.deadline_at,
            Attempt.language,
            select(func.max(Response.sequence))
            .where(Response.attempt_item_id == AttemptItem.id)
            .scalar_subquery(),
            select(Response.id)
            .where(Response.attempt_id == Attempt.id, Response.idempotency_key == key)
            .scalar_subquery(),
        )
        .join(Attempt, Attempt.id == AttemptItem.attempt_id)
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .where(
            Attempt.uuid == uuid, Enrolment.person_id == person_id, AttemptItem.position == position
        )
    ).first()
    if row is None:
        raise NotFound()
    item_row, state, deadline_at, language, newest, repeated = row
    content = versions.item_contents(session, [item_row.item_version_id])
    question = content[item_row.item_version_id].questions[item_row.child]
    body = body_of(question)
    if repeated is not None:
        return _receipt(body, item_row, session.get_one(Response, repeated), language)
    if state != "open":
        raise Conflict("attempt-closed")
    if rules.is_over(deadline_at, now):
        raise Conflict("time-over")
    if sequence != (newest or 0):
        raise Conflict("newer-answer", position=position)
    saved = Response(
        attempt_id=item_row.attempt_id,
        attempt_item_id=item_row.id,
        sequence=sequence + 1,
        idempotency_key=key,
        value=body.read(fields, item_row.layout, language),
        received_at=now,
    )
    session.add(saved)
    try:
        session.flush()
    except IntegrityError:  # another tab's answer arrived between our look and our write
        raise Conflict("newer-answer", position=position) from None
    return _receipt(body, item_row, saved, language)


def _receipt(body: Body, row: AttemptItem, saved: Response, language: str) -> Receipt:
    shown = body.shown(saved.value, row.layout)
    numeric_unread = body.kind is Kind.NUMERIC and bool(shown.text) and not shown.understood
    return Receipt(
        row.position,
        saved.sequence,
        saved.received_at,
        body.complete(saved.value),
        shown.understood,
        not numeric_unread,
        language,
    )


def flag(session: Session, person_id: int, uuid: str, position: int, on: bool) -> None:
    """Mark a question for later, or take the mark off."""
    attempt, _ = _get_attempt(session, person_id, uuid)
    if attempt.state != "open":
        raise Conflict("attempt-closed")
    row = session.scalar(
        select(AttemptItem).where(
            AttemptItem.attempt_id == attempt.id, AttemptItem.position == position
        )
    )
    if row is None:
        raise NotFound()
    row.is_flagged = on
    session.flush()


@dataclass(frozen=True, slots=True)
class Submitted:
    attempt: Attempt
    gained: Gained
    is_repeat: bool


def submit(
    session: Session, person_id: int, enrolled: Enrolled, uuid: str, now: datetime
) -> Submitted:
    """Finish an attempt and score it from the answers stored on the server; only once.

    After a time limit the last saved answers count, whenever the submission arrives.
    """
    lock(session, enrolled)
    sat = sitting(session, person_id, uuid)
    attempt = sat.attempt
    if sat.enrolment.id != enrolled.enrolment_id:
        raise NotFound()
    if attempt.state == "submitted":
        return Submitted(attempt, Gained(), True)
    scores = [slot.body.score(slot.response) for slot in sat.slots]
    for slot, score in zip(sat.slots, scores, strict=True):
        slot.row.points = float(score)
    value = rules.grade(scores)
    settings = settings_of(session, attempt)
    attempt.points = float(sum(scores, Fraction(0)))
    attempt.percent = int(value * 100)
    attempt.is_passed = rules.is_passed(settings, value)
    attempt.state, attempt.submitted_at = "submitted", now
    session.flush()
    gained = Gained()
    if attempt.is_passed:
        gained = _record_pass(session, enrolled, attempt, now)
    return Submitted(attempt, gained, False)


def settings_of(session: Session, attempt: Attempt) -> QuizSettings:
    """The settings the attempt began with, whatever is published meanwhile."""
    source = versions.activity_content(session, attempt.version_id)["source"]
    return QuizSettings.from_json(source["settings"])


def _record_pass(
    session: Session, enrolled: Enrolled, attempt: Attempt, now: datetime
) -> Gained:
    for module, activity in enrolled.manifest.route():
        if activity.id == attempt.activity_id:
            return completion.record(
                session, enrolled, module, activity, attempt, version_id=attempt.version_id, now=now
            )
    return Gained()  # the test has left the course since; the attempt stays as it is


def get_submitted(session: Session, person_id: int, uuid: str) -> tuple[Sitting, QuizSettings]:
    """A finished attempt for its result page. Raises NotFound, Refusal("attempt-open")."""
    sat = sitting(session, person_id, uuid)
    if sat.attempt.state != "submitted":
        raise Refusal("attempt-open")
    return sat, settings_of(session, sat.attempt)


def quiz_title(session: Session, attempt: Attempt) -> str:
    source = versions.activity_content(session, attempt.version_id)["source"]
    title: str = source["title"]
    return title


