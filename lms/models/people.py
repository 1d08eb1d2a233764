"""People, departments, and the doors by which people come in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.models.base import Base, HasId, HasUuid


class Department(HasUuid, Base):
    __tablename__ = "lms_department"
    __table_args__ = (
        UniqueConstraint("parent_id", "name_key"),
        UniqueConstraint("is_root"),
    )

    parent_id: Mapped[int | None] = mapped_column(ForeignKey("lms_department.id"))
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(200))
    """Folded name: „Direcția Economică” and „directia economica” are one department."""
    path: Mapped[str] = mapped_column(String(400), index=True, default="")
    """Ids from the root, ``/1/4/``: "this one and all below" is a prefix."""
    is_root: Mapped[bool | None] = mapped_column(default=None)
    """True for the one root, else null: the unique index allows a single root."""

    parent: Mapped[Department | None] = relationship(remote_side="Department.id")


class Person(HasUuid, Base):
    __tablename__ = "lms_person"
    __table_args__ = (
        CheckConstraint("language IN ('ro', 'en')", name="language"),
        CheckConstraint("email_key IS NULL OR length(email_key) > 0", name="email_key"),
    )

    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(200), index=True)
    """Folded name, for search and sorting that treat ș, ş and s alike on every database."""
    email: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(254), unique=True)
    """What is looked up is what is unique: folded, so no twin account by case or look-alike."""
    staff_number: Mapped[str | None] = mapped_column(String(40))
    staff_key: Mapped[str | None] = mapped_column(String(40), unique=True)
    """Some people share a mailbox; their staff number is then the name of the account."""
    department_id: Mapped[int | None] = mapped_column(ForeignKey("lms_department.id"), index=True)
    is_admin: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(String(2), default="ro")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    """argon2id; null until the person sets one."""
    subject: Mapped[str | None] = mapped_column(String(200), unique=True)
    """Who this is in the host application, when mounted in one: ``<provider>:<its own id>``."""
    claim_hash: Mapped[str | None] = mapped_column(String(64))
    """Fingerprint of what the host last said of them: another one means that it must be copied.
    An administrator's begins with that word, so that HR does not shut out who administers."""
    created_at: Mapped[datetime]
    suspended_at: Mapped[datetime | None]
    """From then on every door is closed, at the next request."""

    department: Mapped[Department | None] = relationship()


class DepartmentHead(HasId, Base):
    """Head or deputy of a department: the relation that makes a manager."""

    __tablename__ = "lms_department_head"
    __table_args__ = (
        UniqueConstraint("department_id", "person_id"),
        CheckConstraint("role IN ('head', 'deputy')", name="role"),
    )

    department_id: Mapped[int] = mapped_column(ForeignKey("lms_department.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("lms_person.id"), index=True)
    role: Mapped[str] = mapped_column(String(10))

    department: Mapped[Department] = relationship()
    person: Mapped[Person] = relationship()


class SignIn(HasId, Base):
    """One signed-in browser; revocable from the first day."""

    __tablename__ = "lms_sign_in"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the token in the cookie: a stolen database opens nothing."""
    person_id: Mapped[int] = mapped_column(ForeignKey("lms_person.id"), index=True)
    is_shared: Mapped[bool]
    """A shared computer: shorter idle time."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class AccessCode(HasId, Base):
    """A printed one-time code or a one-time link. Opening consumes nothing, signing in does."""

    __tablename__ = "lms_access_code"
    __table_args__ = (CheckConstraint("kind IN ('code', 'link')", name="kind"),)

    kind: Mapped[str] = mapped_column(String(10))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("lms_person.id"), index=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("lms_person.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    """Set when a newer code replaces this one or HR withdraws it."""

    person: Mapped[Person] = relationship(foreign_keys=[person_id])


class HelpRequest(HasUuid, Base):
    """ "I forgot my password", "send me a new link": waits for HR, since nothing here needs mail."""

    __tablename__ = "lms_help_request"
    __table_args__ = (
        CheckConstraint("kind IN ('password', 'link', 'code')", name="kind"),
        Index("ix_lms_help_request_open", "resolved_at", "created_at"),
    )

    kind: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[int] = mapped_column(ForeignKey("lms_person.id"), index=True)
    created_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("lms_person.id"))

    person: Mapped[Person] = relationship(foreign_keys=[person_id])


class Throttle(HasId, Base):
    """Failures counted per account and per address within a window, shared by all workers."""

    __tablename__ = "lms_throttle"
    __table_args__ = (UniqueConstraint("scope", "subject"),)

    scope: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what is counted (account name, address): the table names nobody."""
    window_started_at: Mapped[datetime] = mapped_column(index=True)
    count: Mapped[int]


class AuditEntry(HasId, Base):
    """Who did what to whom: administration, rights, publishing. Never answers or passwords."""

    __tablename__ = "lms_audit_entry"

    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("lms_person.id"))
    verb: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(120))
    """``person:<uuid>``, ``course:<key>``, …"""
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
