"""Printed one-time codes and one-time links, the door for whoever has no password or forgot it.

Opening a link looks (:func:`find`) and consumes nothing, since mail scanners and previews open
links too; the button behind it redeems. Only hashes are stored: a code that is lost is replaced.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Exists, exists, select, update
from sqlalchemy.orm import Session, joinedload

from lms.domain.errors import Conflict, Refusal
from lms.domain.text import fold, is_clean
from lms.models import AccessCode, Person
from lms.services import audit, help_requests, throttle
from lms.services.viewers import HELD, check_may_change, may_sign_in

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0, 1, I, L and O, which print alike. Twelve of 31 characters: 59 bits."""
GROUPS, GROUP_LENGTH = 3, 4
CODE_LIFETIME = timedelta(days=30)
"""A printed code waits in an envelope until the workshop."""
LINK_LIFETIME = timedelta(days=3)
"""A link is sent to somebody who is waiting for it."""
OPENS_PASSWORD_FOR = timedelta(minutes=30)
"""For so long after coming in by a code, a password is chosen without giving the old one."""

_CODE = re.compile(f"[{ALPHABET}]{{{GROUPS * GROUP_LENGTH}}}")
_CHUNK = 5_000
"""Ids in one statement, well below what SQLite and PostgreSQL allow."""


class CodeState(StrEnum):
    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


def issue_codes(
    session: Session, people: Sequence[Person], created_by: Person | None, now: datetime
) -> list[tuple[Person, str]]:
    """A fresh code for each person, to be printed now: it cannot be shown again.

    Earlier codes and links of these people are withdrawn and their requests for help closed.
    Raises ``Forbidden("administrator-only")`` and ``Conflict("person-suspended", name=…)``.
    """
    issued = [(person, _new_code()) for person in people]
    _store(session, [(p, "code", _canonical(code)) for p, code in issued], created_by, now)
    return issued


def issue_link(session: Session, person: Person, created_by: Person | None, now: datetime) -> str:
    """The secret part of a fresh one-time link; refusals as for :func:`issue_codes`."""
    token = secrets.token_urlsafe(32)
    _store(session, [(person, "link", token)], created_by, now)
    return token


def find(session: Session, secret: str) -> AccessCode | None:
    """The code or link as it was typed or opened, in whatever state (:func:`state_of`), with its
    person: whoever holds a spent one may ask for another. Consumes nothing.
    """
    if len(secret) > 200 or not is_clean(secret):
        return None
    hashed = [_hash("code", _canonical(secret)), _hash("link", secret.strip())]
    return session.scalar(
        select(AccessCode)
        .where(AccessCode.secret_hash.in_(hashed))
        .options(joinedload(AccessCode.person))
    )


def state_of(code: AccessCode, now: datetime) -> CodeState:
    """What can be done with it; a suspended person's code counts as withdrawn."""
    if code.used_at is not None:
        return CodeState.USED
    if code.withdrawn_at is not None or not may_sign_in(code.person):
        return CodeState.WITHDRAWN
    return CodeState.OPEN if now < code.expires_at else CodeState.EXPIRED


def count_try(session: Session, address: str, now: datetime) -> None:
    """Count a code typed at this address; the entrance commits before redeeming it.

    Raises ``TooMany("too-many-tries")``.
    """
    throttle.count(session, [throttle.counter(throttle.CODE_AT_ADDRESS, address)], now)


def redeem(session: Session, secret: str, now: datetime, *, address: str | None = None) -> Person:
    """Use a code up, exactly once however many press the button together; whose it was.

    The sign-in is opened with the same ``now`` (:func:`lms.services.sign_in.open_with_code`):
    that tells it came by a code (:func:`opens_password`). With ``address`` the try counted there is taken back. Raises
    ``Refusal`` with ``code-unknown``, ``code-used``, ``code-expired`` or ``code-withdrawn``.
    """
    code = find(session, secret)
    if code is None:
        raise Refusal("code-unknown")
    session.refresh(code.person, with_for_update=HELD)
    state = state_of(code, now)
    if state is not CodeState.OPEN:
        raise Refusal(f"code-{state}")
    taken = session.scalars(
        update(AccessCode)
        .where(
            AccessCode.id == code.id,
            AccessCode.used_at.is_(None),
            AccessCode.withdrawn_at.is_(None),
            AccessCode.expires_at > now,
        )
        .values(used_at=now)
        .returning(AccessCode.id)
    ).all()
    if len(taken) != 1:
        raise Refusal("code-used")
    withdraw(session, [code.person_id], now=now)
    if address is not None:
        throttle.settle(session, [throttle.counter(throttle.CODE_AT_ADDRESS, address)], now)
    return code.person


def opens_password(session: Session, person_id: int, signed_in_at: datetime, now: datetime) -> bool:
    """Whether the sign-in made at that moment came by a code or link, a short while ago.

    Such a person may choose a password without giving the old one, which they have forgotten.
    """
    if now > signed_in_at + OPENS_PASSWORD_FOR:
        return False
    used = select(AccessCode.id).where(
        AccessCode.person_id == person_id, AccessCode.used_at == signed_in_at
    )
    return session.scalar(used.limit(1)) is not None


def withdraw(session: Session, person_ids: Sequence[int], *, now: datetime) -> None:
    """Close every unused code and link of these people."""
    for start in range(0, len(person_ids), _CHUNK):
        # Composed anew each time: with parameters, codes in memory would not follow.
        session.execute(
            update(AccessCode)
            .where(
                AccessCode.person_id.in_(person_ids[start : start + _CHUNK]),
                AccessCode.used_at.is_(None),
                AccessCode.withdrawn_at.is_(None),
            )
            .values(withdrawn_at=now)
        )


def has_unused(person_id: ColumnElement[int]) -> Exists:
    """Whether this person has anything to withdraw, for a query: asked at every sign-in, where
    mostly there is not."""
    return exists().where(
        AccessCode.person_id == person_id,
        AccessCode.used_at.is_(None),
        AccessCode.withdrawn_at.is_(None),
    )


def _store(
    session: Session,
    made: Sequence[tuple[Person, str, str]],
    created_by: Person | None,
    now: datetime,
) -> None:
    for person, _, _ in made:
        check_may_change(created_by, person)
        if not may_sign_in(person):
            raise Conflict("person-suspended", name=person.name)
    people = [person for person, _, _ in made]
    withdraw(session, [person.id for person in people], now=now)
    for person, kind, secret in made:
        session.add(
            AccessCode(
                kind=kind,
                secret_hash=_hash(kind, secret),
                person=person,
                created_by_id=created_by.id if created_by else None,
                created_at=now,
                expires_at=now + (CODE_LIFETIME if kind == "code" else LINK_LIFETIME),
            )
        )
        audit.record(
            session,
            actor=created_by,
            verb=f"person.issue-{kind}",
            subject=audit.subject_of(person),
            now=now,
        )
    help_requests.resolve_for(session, people, by=created_by, now=now)
    session.flush()


def _new_code() -> str:
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)


def _canonical(code: str) -> str:
    """The code without hyphens and spaces, in capitals; empty when it can be none."""
    letters = re.sub(r"[\s\-._]", "", fold(code)).upper()
    return letters if _CODE.fullmatch(letters) else ""


def _hash(kind: str, secret: str) -> str:
    return hashlib.sha256(f"{kind}:{secret}".encode()).hexdigest()
