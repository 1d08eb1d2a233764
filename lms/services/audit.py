"""Who did what to whom. Written in the same transaction as the change itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from lms.models import AuditEntry, Department, Person
from lms.services.paging import Page, page_of

NEVER = frozenset({"password", "password_hash", "secret", "token", "code", "answer", "response"})
"""Keys that details may not have: the record is read by people and exported."""


def record(
    session: Session,
    *,
    actor: Person | None,
    verb: str,
    subject: str,
    now: datetime,
    **details: Any,
) -> AuditEntry:
    """Note one administrative act.

    ``actor`` is None for the command line and for the platform itself; ``verb`` is a stable word
    (``person.suspend``), ``subject`` names the thing (:func:`subject_of`), ``details`` are plain
    JSON values. Raises ``ValueError`` for a detail that would carry a secret.
    """
    _check(details)
    entry = AuditEntry(
        at=now,
        actor_id=actor.id if actor else None,
        verb=verb,
        subject=subject,
        details=details,
    )
    session.add(entry)
    return entry


def record_many(
    session: Session,
    acts: Iterable[tuple[str, str, dict[str, Any]]],
    *,
    actor: Person | None,
    now: datetime,
) -> None:
    """Note many acts of one moment, each ``(verb, subject, details)``, in few statements."""
    rows = []
    for verb, subject, details in acts:
        _check(details)
        row = {"at": now, "actor_id": actor.id if actor else None}
        rows.append(row | {"verb": verb, "subject": subject, "details": details})
    if rows:
        session.execute(insert(AuditEntry), rows)


def _check(details: dict[str, Any]) -> None:
    carried = NEVER.intersection(details)
    if carried:
        raise ValueError(f"the audit record never holds {', '.join(sorted(carried))}")


def subject_of(thing: Person | Department) -> str:
    """How the record names a person or a department, also after it is gone."""
    kind = "person" if isinstance(thing, Person) else "department"
    return f"{kind}:{thing.uuid}"


def latest_of(session: Session, subject: str, verbs: Iterable[str], key: str) -> AuditEntry | None:
    """The last of these acts on the part of ``subject`` with this key, if there was one."""
    statement = (
        select(AuditEntry)
        .where(
            AuditEntry.subject == subject,
            AuditEntry.verb.in_(tuple(verbs)),
            AuditEntry.details["key"].as_string() == key,
        )
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    )
    return session.scalars(statement.limit(1)).first()


def list_entries(session: Session, *, subject: str = "", page: int = 1) -> Page[AuditEntry]:
    """The record, newest first; with ``subject``, only what happened to that thing."""
    statement = select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    if subject:
        statement = statement.where(AuditEntry.subject == subject)
    return page_of(session, statement, page)
