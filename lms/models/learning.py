"""What people do: enrolments, readings, attempts, responses, completion, credentials."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.models.base import Base, HasId, HasUuid
from lms.models.curriculum import Activity, Course, ItemVersion
from lms.models.people import Person


class Cohort(HasUuid, Base):
    """The people of one workshop following a course together."""

    __tablename__ = "lms_cohort"
    __table_args__ = (
        UniqueConstraint("course_id", "name"),
        CheckConstraint("ends_on >= starts_on", name="dates"),
    )

    course_id: Mapped[int] = mapped_column(ForeignKey("lms_course.id"))
    name: Mapped[str] = mapped_column(String(200))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    """Last day of the workshop: due dates count from here."""
    created_at: Mapped[datetime]

    course: Mapped[Course] = relationship()


class CohortDue(HasId, Base):
    """How many days after the workshop a module is due."""

    __tablename__ = "lms_cohort_due"
    __table_args__ = (
        UniqueConstraint("cohort_id", "module_id"),
        CheckConstraint("days_after >= 0 AND days_after <= 1000", name="days_after"),
    )

    cohort_id: Mapped[int] = mapped_column(ForeignKey("lms_cohort.id"))
    module_id: Mapped[int] = mapped_column(ForeignKey("lms_module.id"))
    days_after: Mapped[int]


class Enrolment(HasUuid, Base):
    __tablename__ = "lms_enrolment"
    __table_args__ = (
        UniqueConstraint("person_id", "course_id"),
        Index("ix_lms_enrolment_course_id_person_id", "course_id", "person_id"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("lms_person.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("lms_course.id"))
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("lms_cohort.id"), index=True)
    enrolled_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """Left the course; what was done stays."""

    person: Mapped[Person] = relationship()
    course: Mapped[Course] = relationship()
    cohort: Mapped[Cohort | None] = relationship()


class Reading(HasId, Base):
    """One person's way through one lesson: where they are, and whether they have read it."""

    __tablename__ = "lms_reading"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "activity_id"),
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
    )

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("lms_enrolment.id"))
    activity_id: Mapped[int] = mapped_column(ForeignKey("lms_activity.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("lms_activity_version.id"))
    anchor: Mapped[str] = mapped_column(String(120), default="")
    """Heading reached."""
    percent: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    """When "I have read this" was pressed."""


class CheckAnswer(HasId, Base):
    """An answer to a self-check: stored, not scored into anything. Append-only."""

    __tablename__ = "lms_check_answer"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "idempotency_key"),
        Index("ix_lms_check_answer_latest", "enrolment_id", "item_version_id", "id"),
    )

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("lms_enrolment.id"))
    item_version_id: Mapped[int] = mapped_column(ForeignKey("lms_item_version.id"))
    idempotency_key: Mapped[str] = mapped_column(String(64))
    response: Mapped[dict[str, Any]]
    is_right: Mapped[bool]
    answered_at: Mapped[datetime]


class SelfAssessment(HasId, Base):
    """What a learner's team said of its own sheet, by the exercise's rubric. Append-only.

    Theirs alone: nobody else reads it, no score and no completion follows from it.
    """

    __tablename__ = "lms_self_assessment"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "idempotency_key"),
        Index("ix_lms_self_assessment_of", "enrolment_id", "activity_id", "id"),
        CheckConstraint("length(note) <= 4000", name="note"),
        CheckConstraint("length(team) <= 400", name="team"),
    )

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("lms_enrolment.id"))
    activity_id: Mapped[int] = mapped_column(ForeignKey("lms_activity.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("lms_activity_version.id"))
    """Whose rubric it was."""
    idempotency_key: Mapped[str] = mapped_column(String(64))
    """Chosen by the page: the same form sent again is stored once."""
    levels: Mapped[dict[str, Any]]
    """Criterion key → 1, 2 or 3; criteria may be left out."""
    note: Mapped[str] = mapped_column(Text)
    """What changes next."""
    team: Mapped[str] = mapped_column(String(400))
    """With whom, in their own words."""
    assessed_at: Mapped[datetime]


class Attempt(HasUuid, Base):
    """One sitting of a test. It exists on the server from Start."""

    __tablename__ = "lms_attempt"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "activity_id", "number"),
        Index(
            "uq_lms_attempt_open",
            "enrolment_id",
            "activity_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        CheckConstraint("state IN ('open', 'submitted')", name="state"),
        CheckConstraint("(state = 'submitted') = (submitted_at IS NOT NULL)", name="submitted"),
        CheckConstraint("points IS NULL OR (points >= 0 AND points <= max_points)", name="points"),
        CheckConstraint("percent IS NULL OR (percent BETWEEN 0 AND 100)", name="percent"),
    )

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("lms_enrolment.id"))
    activity_id: Mapped[int] = mapped_column(ForeignKey("lms_activity.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("lms_activity_version.id"))
    manifest_id: Mapped[int] = mapped_column(ForeignKey("lms_manifest.id"))
    number: Mapped[int]
    seed: Mapped[int]
    language: Mapped[str] = mapped_column(String(2))
    """Notation in which numbers are read, frozen at Start."""
    state: Mapped[str] = mapped_column(String(10), default="open")
    started_at: Mapped[datetime]
    deadline_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    points: Mapped[float | None]
    """Rounded for reports; the rules recompute from the responses."""
    max_points: Mapped[int]
    percent: Mapped[int | None]
    """Rounded down, so that a missed pass mark is never shown as reached."""
    is_passed: Mapped[bool | None]

    enrolment: Mapped[Enrolment] = relationship()
    activity: Mapped[Activity] = relationship()
    items: Mapped[list[AttemptItem]] = relationship(
        back_populates="attempt", order_by="AttemptItem.position"
    )


class AttemptItem(HasId, Base):
    """One question of an attempt's frozen draw."""

    __tablename__ = "lms_attempt_item"
    __table_args__ = (
        UniqueConstraint("attempt_id", "position"),
        UniqueConstraint("attempt_id", "id"),
        CheckConstraint("points IS NULL OR (points >= 0 AND points <= 1)", name="points"),
    )

    attempt_id: Mapped[int] = mapped_column(ForeignKey("lms_attempt.id"))
    position: Mapped[int]
    """From 1, in the order asked."""
    item_version_id: Mapped[int] = mapped_column(ForeignKey("lms_item_version.id"))
    child: Mapped[int] = mapped_column(default=0)
    """Which question of a case; 0 for an item that is no case."""
    layout: Mapped[dict[str, Any]]
    """Frozen order of the options (``domain.items`` Layout)."""
    is_flagged: Mapped[bool] = mapped_column(default=False)
    points: Mapped[float | None]
    """0–1, set at submission."""

    attempt: Mapped[Attempt] = relationship(back_populates="items")
    item_version: Mapped[ItemVersion] = relationship()


class Response(HasId, Base):
    """One answer as it was given. Append-only; the highest sequence number counts."""

    __tablename__ = "lms_response"
    __table_args__ = (
        UniqueConstraint("attempt_item_id", "sequence"),
        UniqueConstraint("attempt_id", "idempotency_key"),
        ForeignKeyConstraint(
            ["attempt_id", "attempt_item_id"],
            ["lms_attempt_item.attempt_id", "lms_attempt_item.id"],
            name="fk_lms_response_attempt_item",
        ),
    )

    attempt_id: Mapped[int]
    attempt_item_id: Mapped[int]
    sequence: Mapped[int]
    idempotency_key: Mapped[str] = mapped_column(String(64))
    """Chosen by the client: the same answer sent again is stored once."""
    value: Mapped[dict[str, Any] | None]
    """``domain.items`` Response; null when the answer was cleared."""
    received_at: Mapped[datetime]


class CriterionMet(HasId, Base):
    """A completion criterion that came true, with its evidence. Append-only."""

    __tablename__ = "lms_criterion_met"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "module_id", "criterion"),
        CheckConstraint("(attempt_id IS NULL) <> (reading_id IS NULL)", name="evidence"),
    )

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("lms_enrolment.id"))
    module_id: Mapped[int] = mapped_column(ForeignKey("lms_module.id"))
    criterion: Mapped[str] = mapped_column(String(100))
    """``read:<lesson key>`` or ``pass:<quiz key>``."""
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("lms_attempt.id"))
    reading_id: Mapped[int | None] = mapped_column(ForeignKey("lms_reading.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("lms_activity_version.id"))
    """Which version was read or passed."""
    met_at: Mapped[datetime]


class ModuleCompletion(HasId, Base):
    """A module completed: once, never taken back by a later publication. Append-only."""

    __tablename__ = "lms_module_completion"
    __table_args__ = (UniqueConstraint("enrolment_id", "module_id"),)

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("lms_enrolment.id"))
    module_id: Mapped[int] = mapped_column(ForeignKey("lms_module.id"))
    manifest_id: Mapped[int] = mapped_column(ForeignKey("lms_manifest.id"))
    """Whose criteria were met."""
    completed_at: Mapped[datetime]


class Credential(HasUuid, Base):
    """A badge issued to a person, for a module or (module null) for the whole course."""

    __tablename__ = "lms_credential"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "achievement"),
        UniqueConstraint("share_slug"),
    )

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("lms_enrolment.id"))
    achievement: Mapped[str] = mapped_column(String(100))
    """``module:<key>`` or ``course:<key>``: once per person and achievement."""
    module_id: Mapped[int | None] = mapped_column(ForeignKey("lms_module.id"))
    manifest_id: Mapped[int] = mapped_column(ForeignKey("lms_manifest.id"))
    recipient_name: Mapped[str] = mapped_column(String(200))
    """The name at the time of issue."""
    issued_at: Mapped[datetime]
    share_slug: Mapped[str | None] = mapped_column(String(36))
    """Address of the public page; null until the holder shares it."""
    shared_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str] = mapped_column(String(400), default="")

    enrolment: Mapped[Enrolment] = relationship()
