"""One sitting of a test as its owner sees it: its questions in order, each with its answer so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select
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
class Drawn:
    """One question of an attempt's frozen draw."""

    id: int
    position: int
    """From 1, in the order asked."""
    item_version_id: int
    child: int
    layout: dict[str, Any]
    is_flagged: bool
    points: float | None
    """None until the attempt is sent."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One question of an attempt with the answer it has so far."""

    row: Drawn
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


def get_attempt(session: Session, person_id: int, uuid: str, *, to_change: bool = False) -> Attempt:
    """An attempt through its owner. Raises NotFound, alike for others' and missing ones.

    ``to_change`` reads it anew and holds it: no answer arrives while it is scored, and whoever
    sends it a second time sees that it has been sent.
    """
    statement = _TO_CHANGE if to_change else _ATTEMPT
    given = {"uuid": uuid, "person": person_id}
    attempt: Attempt | None = session.scalar(statement, given)
    if attempt is None:
        raise NotFound()
    return attempt


def publication_of(session: Session, person_id: int, uuid: str) -> int:
    """Id of the manifest an attempt began with. Raises NotFound as :func:`get_attempt`."""
    given = {"uuid": uuid, "person": person_id}
    row = session.connection().execute(_PUBLICATION, given).first()
    if row is None:
        raise NotFound()
    manifest_id: int = row.manifest_id
    return manifest_id


def _own(*columns: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .where(Attempt.uuid == bindparam("uuid"), Enrolment.person_id == bindparam("person"))
    )


_ATTEMPT = _own(Attempt)
_TO_CHANGE = _ATTEMPT.with_for_update(of=Attempt).execution_options(populate_existing=True)
_PUBLICATION = _own(Attempt.manifest_id)


def sitting(session: Session, person_id: int, uuid: str, *, to_change: bool = False) -> Sitting:
    """The whole attempt as its owner sees it: three queries, however many answers."""
    attempt = get_attempt(session, person_id, uuid, to_change=to_change)
    session.flush()
    rows = session.connection().execute(_SLOTS, {"attempt": attempt.id}).all()
    contents = versions.item_contents(session, {row.item_version_id for row in rows})
    slots = tuple(_slot(row, contents[row.item_version_id]) for row in rows)
    return Sitting(attempt, slots)


def _slot(row: Row[*tuple[Any, ...]], item: Item) -> Slot:
    return Slot(
        row=Drawn(*row[:7]),
        case=item if item.kind is Kind.CASE else None,
        item=item.questions[row.child],
        response=row.value,
        sequence=row.sequence or 0,
        saved_at=row.received_at,
    )


def _slots() -> Select[*tuple[Any, ...]]:
    newest = (
        select(Response.attempt_item_id, func.max(Response.sequence).label("sequence"))
        .where(Response.attempt_id == bindparam("attempt"))
        .group_by(Response.attempt_item_id)
        .subquery()
    )
    return (
        select(
            AttemptItem.id,
            AttemptItem.position,
            AttemptItem.item_version_id,
            AttemptItem.child,
            AttemptItem.layout,
            AttemptItem.is_flagged,
            AttemptItem.points,
            Response.value,
            Response.sequence,
            Response.received_at,
        )
        .outerjoin(newest, newest.c.attempt_item_id == AttemptItem.id)
        .outerjoin(
            Response,
            (Response.attempt_item_id == AttemptItem.id) & (Response.sequence == newest.c.sequence),
        )
        .where(AttemptItem.attempt_id == bindparam("attempt"))
        .order_by(AttemptItem.position)
    )


_SLOTS = _slots()
"""Asked by every page of a test: composed once, and executed without the ORM."""


def settings_of(session: Session, attempt: Attempt) -> QuizSettings:
    """The settings the attempt began with, whatever is published meanwhile."""
    source = versions.activity_content(session, attempt.version_id)["source"]
    return QuizSettings.from_json(source["settings"])
