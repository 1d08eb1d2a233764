"""Taking a test: start, answer, submit. Nothing acknowledged is lost, nothing counts twice."""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lms.domain import quizzes as rules
from lms.domain.curriculum import Activity
from lms.domain.errors import Conflict, NotFound
from lms.domain.items import Kind
from lms.domain.items.kinds import Body
from lms.domain.quizzes import AttemptFacts, AttemptState, QuizSettings, Start, StartState
from lms.models import Attempt, AttemptItem, Enrolment, Response
from lms.services import completion, versions
from lms.services.completion import Gained
from lms.services.learning import Enrolled, get_test, lock
from lms.services.sittings import Sitting as Sitting
from lms.services.sittings import Slot as Slot
from lms.services.sittings import body_of, get_attempt
from lms.services.sittings import settings_of as settings_of
from lms.services.sittings import sitting as sitting

MOST_QUESTIONS = 1_000
"""No attempt has more; a larger position is none, and would overflow the database's integers."""


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
    _, activity = get_test(enrolled, key)
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
        passed=bool(attempt.is_passed),
    )


def start(session: Session, enrolled: Enrolled, key: str, language: str, now: datetime) -> Attempt:
    """Begin an attempt with its frozen draw, or give back the one under way.

    One whose time has run out is sent as it is and given back: the next press begins anew.
    Raises Conflict("quiz-wait" with ``until`` | "quiz-no-more"), Refusal("bank-too-small").
    """
    module, activity = get_test(enrolled, key)
    settings = _settings(activity)
    lock(session, enrolled)
    made = _attempts(session, enrolled, activity)
    allowed = rules.may_start(settings, [_facts(a) for a in made], now)
    if allowed.state is StartState.RESUME and rules.is_over(made[-1].deadline_at, now):
        return submit(session, enrolled.person_id, enrolled, made[-1].uuid, now).attempt
    if allowed.state is StartState.RESUME:
        return made[-1]
    if allowed.state is StartState.WAIT:
        raise Conflict("quiz-wait", until=allowed.wait_until)
    if allowed.state is StartState.NO_MORE:
        raise Conflict("quiz-no-more")
    seed = secrets.randbits(31)
    drawn = rules.draw(enrolled.manifest.pool_of(module), settings, seed)
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
    """Store one answer; the same ``key`` with the same answer again gives the same receipt.

    ``sequence`` is the number of the answer the client last saw (0 for none): a client that has
    not seen the newest one would overwrite it unread, and is told so. Raises NotFound,
    Refusal("response-unknown"), Conflict("attempt-closed" | "time-over" | "newer-answer").
    """
    row = _to_answer(session, person_id, uuid, position, key)
    content = versions.item_contents(session, [row.item_version_id])
    body = body_of(content[row.item_version_id].questions[row.child])
    value = body.read(fields, row.layout, row.language)
    if row.repeated is not None:
        known = session.get_one(Response, row.repeated)
        return _repeat(body, row, known, value)
    if row.state != "open":
        raise Conflict("attempt-closed")
    if rules.is_over(row.deadline_at, now):
        raise Conflict("time-over")
    if sequence != (row.newest or 0):
        raise Conflict("newer-answer", position=position)
    given = {
        "attempt_id": row.attempt_id,
        "attempt_item_id": row.item_id,
        "sequence": sequence + 1,
        "idempotency_key": key,
        "value": value,
        "received_at": now,
    }
    if not _stored(session, given):
        # Another request's answer arrived between our look and our write; perhaps this very one.
        same = select(Response).where(
            Response.attempt_id == row.attempt_id, Response.idempotency_key == key
        )
        return _repeat(body, row, session.scalar(same), value)
    return _receipt(body, row, Response(**given))


@dataclass(frozen=True, slots=True)
class _ToAnswer:
    """A question of an attempt with what decides whether its answer is taken."""

    item_id: int
    attempt_id: int
    position: int
    item_version_id: int
    child: int
    layout: dict[str, Any]
    state: str
    deadline_at: datetime | None
    language: str
    newest: int | None
    """Sequence number of the answer that counts now."""
    repeated: int | None
    """Id of the answer already stored under the client's key."""


def _to_answer(session: Session, person_id: int, uuid: str, position: int, key: str) -> _ToAnswer:
    """One query. It holds the attempt against being scored before this answer is stored."""
    if not 1 <= position <= MOST_QUESTIONS:
        raise NotFound()
    given = {"uuid": uuid, "person": person_id, "position": position, "key": key}
    row = session.connection().execute(_QUESTION, given).first()
    if row is None:
        raise NotFound()
    return _ToAnswer(*row)


_QUESTION = (
    select(
        AttemptItem.id,
        AttemptItem.attempt_id,
        AttemptItem.position,
        AttemptItem.item_version_id,
        AttemptItem.child,
        AttemptItem.layout,
        Attempt.state,
        Attempt.deadline_at,
        Attempt.language,
        select(func.max(Response.sequence))
        .where(Response.attempt_item_id == AttemptItem.id)
        .scalar_subquery(),
        select(Response.id)
        .where(Response.attempt_id == Attempt.id, Response.idempotency_key == bindparam("key"))
        .scalar_subquery(),
    )
    .join(Attempt, Attempt.id == AttemptItem.attempt_id)
    .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
    .where(
        Attempt.uuid == bindparam("uuid"),
        Enrolment.person_id == bindparam("person"),
        AttemptItem.position == bindparam("position"),
    )
    .with_for_update(read=True, of=Attempt)
)
"""Asked at every answer: composed once, and executed without the ORM."""


def _stored(session: Session, given: dict[str, Any]) -> bool:
    """Write the answer unless its number or its key is taken."""
    statement = _STORE[session.get_bind().dialect.name]
    return session.connection().execute(statement, given).first() is not None


_STORE = {
    name: insert(Response).on_conflict_do_nothing().returning(Response.id)
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}


def _repeat(
    body: Body, row: _ToAnswer, known: Response | None, value: dict[str, Any] | None
) -> Receipt:
    """The receipt once more, but only for the very answer it was given for."""
    if known is None or known.attempt_item_id != row.item_id or known.value != value:
        raise Conflict("newer-answer", position=row.position)
    return _receipt(body, row, known)


def _receipt(body: Body, row: _ToAnswer, saved: Response) -> Receipt:
    shown = body.shown(saved.value, row.layout)
    numeric_unread = body.kind is Kind.NUMERIC and bool(shown.text) and not shown.understood
    return Receipt(
        row.position,
        saved.sequence,
        saved.received_at,
        body.complete(saved.value),
        shown.understood,
        not numeric_unread,
        row.language,
    )


def flag(session: Session, person_id: int, uuid: str, position: int, on: bool) -> None:
    """Mark a question for later, or take the mark off."""
    attempt = get_attempt(session, person_id, uuid)
    if not 1 <= position <= MOST_QUESTIONS:
        raise NotFound()
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

    After a time limit the last saved answers count, whenever the submission arrives, and the
    attempt ended when its time did: the wait for the next one began then.
    """
    lock(session, enrolled)
    sat = sitting(session, person_id, uuid, to_change=True)
    attempt = sat.attempt
    if attempt.enrolment_id != enrolled.enrolment_id:
        raise NotFound()
    if attempt.state == "submitted":
        return Submitted(attempt, Gained(), True)
    scores = [slot.body.score(slot.response) for slot in sat.slots]
    points = [
        {"question": slot.row.id, "score": float(score)}
        for slot, score in zip(sat.slots, scores, strict=True)
    ]
    session.connection().execute(_SCORE, points)
    value = rules.grade(scores)
    settings = settings_of(session, attempt)
    attempt.points = float(sum(scores, Fraction(0)))
    attempt.percent = int(value * 100)
    attempt.is_passed = rules.is_passed(settings, value)
    attempt.state = "submitted"
    attempt.submitted_at = min(now, attempt.deadline_at) if attempt.deadline_at else now
    session.flush()
    gained = Gained()
    if attempt.is_passed:
        gained = _record_pass(session, enrolled, attempt, now)
    return Submitted(attempt, gained, False)


_SCORE = (
    update(AttemptItem)
    .where(AttemptItem.id == bindparam("question"))
    .values(points=bindparam("score"))
)


def _record_pass(session: Session, enrolled: Enrolled, attempt: Attempt, now: datetime) -> Gained:
    for module, activity in enrolled.manifest.route():
        if activity.id == attempt.activity_id:
            return completion.record(
                session, enrolled, module, activity, attempt, version_id=attempt.version_id, now=now
            )
    return Gained()  # of the whole course, or it has left the course since: it completes nothing
