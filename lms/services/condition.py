"""How the installation stands: its database and what it holds, for the administrator's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from lms.models import (
    AccessCode,
    Attempt,
    Cohort,
    Course,
    Credential,
    Department,
    Enrolment,
    Person,
    SignIn,
)
from lms.services.viewers import not_suspended

WAL_RACE_MENDED = (3, 51, 3)
"""SQLite before this release has a rare race: the write-ahead log is reset while another process
still writes to it (sqlite.org/wal.html)."""


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    kind: str
    """``sqlite`` or ``postgresql``."""
    version: str
    bytes: int | None
    """Size on disk, where it can be asked for."""

    @property
    def has_wal_race(self) -> bool:
        """SQLite older than the release that mended the race."""
        return self.kind == "sqlite" and version_of(self.version) < WAL_RACE_MENDED


@dataclass(frozen=True, slots=True)
class Counts:
    people: int
    suspended: int
    without_password: int
    administrators: int
    departments: int
    courses: int
    """Published ones."""
    cohorts: int
    enrolments: int
    """Under way."""
    open_attempts: int
    badges: int
    sign_ins: int
    """Browsers signed in now."""
    codes: int
    """One-time codes and links that can still be used."""


def database_facts(session: Session) -> DatabaseFacts:
    """Which database this is, its version and size."""
    kind = session.get_bind().dialect.name
    if kind == "sqlite":
        version = session.scalar(text("SELECT sqlite_version()"))
        pages = session.scalar(text("PRAGMA page_count"))
        size = session.scalar(text("PRAGMA page_size"))
        return DatabaseFacts(kind, str(version), int(pages or 0) * int(size or 0))
    version = str(session.scalar(text("SHOW server_version")))
    size = session.scalar(text("SELECT pg_database_size(current_database())"))
    return DatabaseFacts(kind, version.split(" ")[0], int(size or 0))


def counts(session: Session, now: datetime) -> Counts:
    """What the tables hold, in one query."""
    asked = {
        "people": _count(Person.id, not_suspended()),
        "suspended": _count(Person.id, ~not_suspended()),
        "without_password": _count(Person.id, not_suspended(), Person.password_hash.is_(None)),
        "administrators": _count(Person.id, not_suspended(), Person.is_admin.is_(True)),
        "departments": _count(Department.id),
        "courses": _count(Course.id, Course.manifest_id.is_not(None)),
        "cohorts": _count(Cohort.id),
        "enrolments": _count(Enrolment.id, Enrolment.ended_at.is_(None)),
        "open_attempts": _count(Attempt.id, Attempt.state == "open"),
        "badges": _count(Credential.id, Credential.revoked_at.is_(None)),
        "sign_ins": _count(SignIn.id, SignIn.revoked_at.is_(None), SignIn.expires_at > now),
        "codes": _count(
            AccessCode.id,
            AccessCode.used_at.is_(None),
            AccessCode.withdrawn_at.is_(None),
            AccessCode.expires_at > now,
        ),
    }
    row = session.execute(select(*(q.label(name) for name, q in asked.items()))).one()
    return Counts(**row._asdict())


def version_of(version: str) -> tuple[int, ...]:
    """``3.40.1`` as numbers; what is no number ends it."""
    numbers: list[int] = []
    for part in version.split("."):
        if not part.isdecimal():
            break
        numbers.append(int(part))
    return tuple(numbers)


def _count(
    column: InstrumentedAttribute[int], *conditions: ColumnElement[bool]
) -> ColumnElement[int]:
    return select(func.count(column)).where(*conditions).scalar_subquery()
