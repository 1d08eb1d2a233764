"""One sitting of a test as its owner sees it: its questions in order, each with its answer so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.domain.errors import NotFound
from lms.domain.items import Item, Kind
from lms.domain.items.kinds import Body
from lms.domain.quizzes import QuizSettings
from lms.models import Attempt, AttemptItem, Enrolment, Response
from lms.services import versions


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


def get_attempt(
    session: Session, person_id: int, uuid: str, *, to_change: bool = False
) -> tuple[Attempt, Enrolment]:
    """An attempt through its owner. Raises NotFound, alike for others' and missing ones.

    ``to_change`` reads it anew and holds it: no answer arrives while it is scored, and whoever
    sends it a second time sees that it has been sent.
    """
    query = (
        select(Attempt, Enrolment)
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .where(Attempt.uuid == uuid, Enrolment.person_id == person_id)
    )
    if to_change:
        query = query.with_for_update(of=Attempt).execution_options(populate_existing=True)
    row = session.execute(query).first()
    if row is None:
        raise NotFound()
    return row[0], row[1]


def sitting(session: Session, person_id: int, uuid: str, *, to_change: bool = False) -> Sitting:
    """The whole attempt as its owner sees it: three queries, however many answers."""
    attempt, enrolment = get_attempt(session, person_id, uuid, to_change=to_change)
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
            (Response.attempt_item_id == AttemptItem.id) & (Response.sequence == newest.c.sequence),
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


def settings_of(session: Session, attempt: Attempt) -> QuizSettings:
    """The settings the attempt began with, whatever is published meanwhile."""
    source = versions.activity_content(session, attempt.version_id)["source"]
    return QuizSettings.from_json(source["settings"])
