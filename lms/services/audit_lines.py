"""The record of what was done, readable: names beside the stable words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from lms.domain.errors import NotFound
from lms.domain.text import is_clean
from lms.models import AuditEntry, Cohort, Department, Person
from lms.services import audit
from lms.services.import_plan import Problem
from lms.services.paging import Page


@dataclass(frozen=True, slots=True)
class AuditLine:
    at: datetime
    actor: str
    """Empty for the command line and the platform itself."""
    verb: str
    kind: str
    """``person``, ``department``, ``cohort``, ``course``, …"""
    uuid: str
    """What stands behind the kind in the record; the key of a course."""
    name: str
    """Of the thing as it is called now; empty when it is gone or has none."""
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row of a list that was not brought in."""

    line: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class ImportDone:
    """One list that was brought in, as the record tells it."""

    uuid: str
    at: datetime
    counts: dict[str, int]
    """``new``, ``already-there``, ``changed``, ``error`` → rows."""
    added: tuple[Person, ...]
    changed: tuple[tuple[Person, dict[str, Any]], ...]
    """Each with field → ``{"old": …, "new": …}``."""
    left_out: tuple[LeftOut, ...]


def list_lines(session: Session, *, page: int = 1) -> Page[AuditLine]:
    """The record, newest first, in a fixed number of queries."""
    found = audit.list_entries(session, page=page)
    ids = {entry.actor_id for entry in found.items if entry.actor_id is not None}
    actors = {
        row[0]: row[1]
        for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    }
    names = _names(session, [entry.subject for entry in found.items])
    lines = []
    for entry in found.items:
        kind, _, uuid = entry.subject.partition(":")
        lines.append(
            AuditLine(
                at=entry.at,
                actor=actors.get(entry.actor_id or 0, ""),
                verb=entry.verb,
                kind=kind,
                uuid=uuid,
                name=names.get(entry.subject, ""),
                details=entry.details,
            )
        )
    return Page(tuple(lines), found.page, found.pages, found.total)


def get_import(session: Session, uuid: str) -> ImportDone:
    """What bringing one list in has done, also long afterwards. Raises NotFound."""
    entry = None
    if is_clean(uuid) and len(uuid) <= 36:
        entry = session.scalar(select(AuditEntry).where(AuditEntry.subject == f"import:{uuid}"))
    if entry is None:
        raise NotFound
    acts = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.at == entry.at, AuditEntry.verb.in_(("person.add", "person.change")))
        .order_by(AuditEntry.id)
    )
    listed = [act for act in acts if act.details.get("by") == uuid]
    people = _people(session, {act.subject.partition(":")[2] for act in listed})
    by_verb: dict[str, list[tuple[Person, dict[str, Any]]]] = {}
    for act in listed:
        person = people.get(act.subject.partition(":")[2])
        if person is not None:
            by_verb.setdefault(act.verb, []).append((person, act.details.get("changes", {})))
    return ImportDone(
        uuid=uuid,
        at=entry.at,
        counts=dict(entry.details.get("rows", {})),
        added=tuple(person for person, _ in by_verb.get("person.add", [])),
        changed=tuple(by_verb.get("person.change", [])),
        left_out=tuple(
            LeftOut(row["line"], tuple(Problem(p["code"], p["params"]) for p in row["problems"]))
            for row in entry.details.get("left_out", [])
        ),
    )


def _people(session: Session, uuids: Iterable[str]) -> dict[str, Person]:
    found: dict[str, Person] = {}
    wanted = sorted(uuids)
    for start in range(0, len(wanted), 5_000):
        some = select(Person).where(Person.uuid.in_(wanted[start : start + 5_000]))
        found |= {person.uuid: person for person in session.scalars(some)}
    return found


def _names(session: Session, subjects: list[str]) -> dict[str, str]:
    """Subject of the record → what the thing is called now."""
    named: tuple[tuple[str, InstrumentedAttribute[str], InstrumentedAttribute[str]], ...] = (
        ("person", Person.uuid, Person.name),
        ("department", Department.uuid, Department.name),
        ("cohort", Cohort.uuid, Cohort.name),
    )
    names: dict[str, str] = {}
    for kind, uuid, name in named:
        wanted = {s.partition(":")[2] for s in subjects if s.startswith(f"{kind}:")}
        if wanted:
            rows = session.execute(select(uuid, name).where(uuid.in_(wanted)))
            names |= {f"{kind}:{row[0]}": row[1] for row in rows}
    return names
