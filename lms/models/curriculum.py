"""Courses: identity, immutable versions, and the pointer to what is published."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.models.base import Base, HasId, HasUuid
from lms.models.people import Person


class Course(HasUuid, Base):
    __tablename__ = "lms_course"

    key: Mapped[str] = mapped_column(String(80), unique=True)
    draft: Mapped[dict[str, Any]]
    """Title, summary, glossary, sources, assets as they will be published next."""
    manifest_id: Mapped[int | None] = mapped_column(
        ForeignKey("lms_manifest.id", use_alter=True, name="fk_lms_course_manifest_id_lms_manifest")
    )
    """The published pointer; null until the first publication."""
    created_at: Mapped[datetime]

    manifest: Mapped[Manifest | None] = relationship(foreign_keys=[manifest_id])


class CourseTrainer(HasId, Base):
    __tablename__ = "lms_course_trainer"
    __table_args__ = (UniqueConstraint("course_id", "person_id"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("lms_course.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("lms_person.id"), index=True)

    person: Mapped[Person] = relationship()
    course: Mapped[Course] = relationship()


class Module(HasUuid, Base):
    __tablename__ = "lms_module"
    __table_args__ = (UniqueConstraint("course_id", "key"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("lms_course.id"))
    key: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    draft: Mapped[dict[str, Any]]
    """Title, outcomes, criteria, badge as they will be published next."""
    archived_at: Mapped[datetime | None]

    course: Mapped[Course] = relationship()


class Activity(HasUuid, Base):
    __tablename__ = "lms_activity"
    __table_args__ = (
        UniqueConstraint("course_id", "key"),
        CheckConstraint("kind IN ('lesson', 'quiz', 'exercise')", name="kind"),
        CheckConstraint("module_id IS NOT NULL OR kind = 'quiz'", name="module"),
    )

    course_id: Mapped[int] = mapped_column(ForeignKey("lms_course.id"))
    module_id: Mapped[int | None] = mapped_column(ForeignKey("lms_module.id"), index=True)
    """Null for a test of the whole course."""
    key: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(10))
    position: Mapped[int]
    archived_at: Mapped[datetime | None]

    module: Mapped[Module | None] = relationship()
    versions: Mapped[list[ActivityVersion]] = relationship(
        back_populates="activity", order_by="ActivityVersion.number"
    )


class ActivityVersion(HasId, Base):
    """One saved state of a lesson, a test or an exercise. Never changed after it is written."""

    __tablename__ = "lms_activity_version"
    __table_args__ = (UniqueConstraint("activity_id", "number"),)

    activity_id: Mapped[int] = mapped_column(ForeignKey("lms_activity.id"))
    number: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of everything authored: loading the same files again makes no new version."""
    source: Mapped[dict[str, Any]]
    """As authored: Markdown and settings."""
    rendered: Mapped[dict[str, Any]]
    """As shown: sanitised HTML in segments, made once at save."""
    created_at: Mapped[datetime]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("lms_person.id"))

    activity: Mapped[Activity] = relationship(back_populates="versions")


class Item(HasUuid, Base):
    __tablename__ = "lms_item"
    __table_args__ = (UniqueConstraint("course_id", "key"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("lms_course.id"))
    module_id: Mapped[int] = mapped_column(ForeignKey("lms_module.id"), index=True)
    key: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    archived_at: Mapped[datetime | None]

    module: Mapped[Module] = relationship()
    versions: Mapped[list[ItemVersion]] = relationship(
        back_populates="item", order_by="ItemVersion.number"
    )


class ItemVersion(HasId, Base):
    """One saved state of a question with its key. Attempts keep the version they were drawn with."""

    __tablename__ = "lms_item_version"
    __table_args__ = (UniqueConstraint("item_id", "number"),)

    item_id: Mapped[int] = mapped_column(ForeignKey("lms_item.id"))
    number: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    source: Mapped[dict[str, Any]]
    """``domain.items.Item.to_json`` with Markdown."""
    content: Mapped[dict[str, Any]]
    """``domain.items.Item.to_json`` with sanitised HTML."""
    created_at: Mapped[datetime]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("lms_person.id"))

    item: Mapped[Item] = relationship(back_populates="versions")


class Asset(HasId, Base):
    """A picture or a download of a course, by content."""

    __tablename__ = "lms_asset"
    __table_args__ = (UniqueConstraint("course_id", "sha256"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("lms_course.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200))
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class Manifest(HasId, Base):
    """One publication of a course, immutable (:class:`lms.domain.curriculum.Manifest`)."""

    __tablename__ = "lms_manifest"
    __table_args__ = (UniqueConstraint("course_id", "number"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("lms_course.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    """Deferred: read once per process and version, then kept (it never changes)."""
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("lms_person.id"))


class Publication(HasId, Base):
    """Every move of the published pointer, also an undo: append-only."""

    __tablename__ = "lms_publication"
    __table_args__ = (CheckConstraint("kind IN ('publish', 'undo')", name="kind"),)

    course_id: Mapped[int] = mapped_column(ForeignKey("lms_course.id"), index=True)
    manifest_id: Mapped[int] = mapped_column(ForeignKey("lms_manifest.id"))
    kind: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("lms_person.id"))

    manifest: Mapped[Manifest] = relationship()
    actor: Mapped[Person | None] = relationship()
