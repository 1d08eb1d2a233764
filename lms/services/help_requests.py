""" "I forgot my password", "send me a new link": asked here, answered by HR, since nothing of it
needs mail. Asking looks the same whether the account exists or not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session, joinedload

from lms.models import HelpRequest, Person
from lms.services import audit, throttle
from lms.services.addressed import get_addressed
from lms.services.paging import Page, count_of, page_of
from lms.services.viewers import may_sign_in, not_suspended

KINDS = ("password", "link", "code")
_CHUNK = 5_000


def ask(session: Session, person: Person | None, kind: str, address: str, now: datetime) -> None:
    """Put a request on HR's list, once per person however often it is asked.

    ``person`` is who was found by the name of the account or by the spent code, None for nobody;
    the caller cannot tell the difference. Raises ``TooMany("too-many-tries")`` per address.
    """
    if kind not in KINDS:
        raise ValueError(f"no such request: {kind}")
    throttle.count(session, [throttle.counter(throttle.HELP_AT_ADDRESS, address)], now)
    if person is None or not may_sign_in(person):
        return
    waiting = select(HelpRequest.id).where(
        HelpRequest.person_id == person.id, HelpRequest.resolved_at.is_(None)
    )
    if session.scalar(waiting.limit(1)) is None:
        session.add(HelpRequest(kind=kind, person=person, created_at=now))
        session.flush()


def list_open(session: Session, *, page: int = 1) -> Page[HelpRequest]:
    """Who waits, longest first, with their departments; suspended people are left out."""
    statement = _open().options(joinedload(HelpRequest.person).joinedload(Person.department))
    return page_of(session, statement.order_by(HelpRequest.created_at, HelpRequest.id), page)


def count_open(session: Session) -> int:
    """How many people wait."""
    return count_of(session, _open())


def get(session: Session, uuid: str) -> HelpRequest:
    """One request with its person. Raises NotFound."""
    request = (
        select(HelpRequest).where(HelpRequest.uuid == uuid).options(joinedload(HelpRequest.person))
    )
    return get_addressed(session, uuid, request)


def resolve(session: Session, request: HelpRequest, *, by: Person | None, now: datetime) -> None:
    """Take a request off the list without a code, as when it was settled by telephone."""
    if request.resolved_at is None:
        request.resolved_at = now
        request.resolved_by_id = by.id if by else None
        audit.record(
            session,
            actor=by,
            verb="help-request.resolve",
            subject=audit.subject_of(request.person),
            now=now,
            kind=request.kind,
        )
        session.flush()


def resolve_for(
    session: Session, people: Sequence[Person], *, by: Person | None, now: datetime
) -> None:
    """Close the requests of people who have just been given a code or a link."""
    ids = [person.id for person in people]
    for start in range(0, len(ids), _CHUNK):
        session.execute(
            update(HelpRequest)
            .where(
                HelpRequest.person_id.in_(ids[start : start + _CHUNK]),
                HelpRequest.resolved_at.is_(None),
            )
            .values(resolved_at=now, resolved_by_id=by.id if by else None)
        )


def _open() -> Select[HelpRequest]:
    return (
        select(HelpRequest)
        .join(Person, Person.id == HelpRequest.person_id)
        .where(HelpRequest.resolved_at.is_(None), not_suspended())
    )
