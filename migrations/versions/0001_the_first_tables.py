"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lms_course",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column(
            "manifest_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["manifest_id"],
            ["lms_manifest.id"],
            name="fk_lms_course_manifest_id_lms_manifest",
            use_alter=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_course")),
        sa.UniqueConstraint("key", name=op.f("uq_lms_course_key")),
        sa.UniqueConstraint("uuid", name=op.f("uq_lms_course_uuid")),
    )
    op.create_table(
        "lms_department",
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("path", sa.String(length=400), nullable=False),
        sa.Column("is_root", sa.Boolean(), nullable=True),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["lms_department.id"],
            name=op.f("fk_lms_department_parent_id_lms_department"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_department")),
        sa.UniqueConstraint("is_root", name=op.f("uq_lms_department_is_root")),
        sa.UniqueConstraint(
            "parent_id", "name_key", name=op.f("uq_lms_department_parent_id_name_key")
        ),
        sa.UniqueConstraint("uuid", name=op.f("uq_lms_department_uuid")),
    )
    with op.batch_alter_table("lms_department", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lms_department_path"), ["path"], unique=False)

    op.create_table(
        "lms_throttle",
        sa.Column("scope", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("window_started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_throttle")),
        sa.UniqueConstraint("scope", "subject", name=op.f("uq_lms_throttle_scope_subject")),
    )
    with op.batch_alter_table("lms_throttle", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_lms_throttle_window_started_at"), ["window_started_at"], unique=False
        )

    op.create_table(
        "lms_asset",
        sa.Column(
            "course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["lms_course.id"], name=op.f("fk_lms_asset_course_id_lms_course")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_asset")),
        sa.UniqueConstraint("course_id", "sha256", name=op.f("uq_lms_asset_course_id_sha256")),
    )
    op.create_table(
        "lms_cohort",
        sa.Column(
            "course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_lms_cohort_dates")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["lms_course.id"], name=op.f("fk_lms_cohort_course_id_lms_course")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_cohort")),
        sa.UniqueConstraint("course_id", "name", name=op.f("uq_lms_cohort_course_id_name")),
        sa.UniqueConstraint("uuid", name=op.f("uq_lms_cohort_uuid")),
    )
    op.create_table(
        "lms_module",
        sa.Column(
            "course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["lms_course.id"], name=op.f("fk_lms_module_course_id_lms_course")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_module")),
        sa.UniqueConstraint("course_id", "key", name=op.f("uq_lms_module_course_id_key")),
        sa.UniqueConstraint("uuid", name=op.f("uq_lms_module_uuid")),
    )
    op.create_table(
        "lms_person",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_key", sa.String(length=254), nullable=True),
        sa.Column("staff_number", sa.String(length=40), nullable=True),
        sa.Column("staff_key", sa.String(length=40), nullable=True),
        sa.Column(
            "department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("language IN ('ro', 'en')", name=op.f("ck_lms_person_language")),
        sa.CheckConstraint(
            "email_key IS NULL OR length(email_key) > 0", name=op.f("ck_lms_person_email_key")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["lms_department.id"],
            name=op.f("fk_lms_person_department_id_lms_department"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_person")),
        sa.UniqueConstraint("email_key", name=op.f("uq_lms_person_email_key")),
        sa.UniqueConstraint("staff_key", name=op.f("uq_lms_person_staff_key")),
        sa.UniqueConstraint("subject", name=op.f("uq_lms_person_subject")),
        sa.UniqueConstraint("uuid", name=op.f("uq_lms_person_uuid")),
    )
    with op.batch_alter_table("lms_person", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_lms_person_department_id"), ["department_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_lms_person_name_key"), ["name_key"], unique=False)

    op.create_table(
        "lms_access_code",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("kind IN ('code', 'link')", name=op.f("ck_lms_access_code_kind")),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["lms_person.id"],
            name=op.f("fk_lms_access_code_created_by_id_lms_person"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["lms_person.id"], name=op.f("fk_lms_access_code_person_id_lms_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_access_code")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_lms_access_code_secret_hash")),
    )
    with op.batch_alter_table("lms_access_code", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_lms_access_code_person_id"), ["person_id"], unique=False
        )

    op.create_table(
        "lms_activity",
        sa.Column(
            "course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "module_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("kind IN ('lesson', 'quiz')", name=op.f("ck_lms_activity_kind")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["lms_course.id"], name=op.f("fk_lms_activity_course_id_lms_course")
        ),
        sa.ForeignKeyConstraint(
            ["module_id"], ["lms_module.id"], name=op.f("fk_lms_activity_module_id_lms_module")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_activity")),
        sa.UniqueConstraint("course_id", "key", name=op.f("uq_lms_activity_course_id_key")),
        sa.UniqueConstraint("uuid", name=op.f("uq_lms_activity_uuid")),
    )
    with op.batch_alter_table("lms_activity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lms_activity_module_id"), ["module_id"], unique=False)

    op.create_table(
        "lms_audit_entry",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("verb", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["lms_person.id"], name=op.f("fk_lms_audit_entry_actor_id_lms_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_audit_entry")),
    )
    with op.batch_alter_table("lms_audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lms_audit_entry_at"), ["at"], unique=False)

    op.create_table(
        "lms_cohort_due",
        sa.Column(
            "cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "module_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("days_after", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "days_after >= 0 AND days_after <= 1000", name=op.f("ck_lms_cohort_due_days_after")
        ),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["lms_cohort.id"], name=op.f("fk_lms_cohort_due_cohort_id_lms_cohort")
        ),
        sa.ForeignKeyConstraint(
            ["module_id"], ["lms_module.id"], name=op.f("fk_lms_cohort_due_module_id_lms_module")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_cohort_due")),
        sa.UniqueConstraint(
            "cohort_id", "module_id", name=op.f("uq_lms_cohort_due_cohort_id_module_id")
        ),
    )
    op.create_table(
        "lms_course_trainer",
        sa.Column(
            "course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["lms_course.id"],
            name=op.f("fk_lms_course_trainer_course_id_lms_course"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["lms_person.id"],
            name=op.f("fk_lms_course_trainer_person_id_lms_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_course_trainer")),
        sa.UniqueConstraint(
            "course_id", "person_id", name=op.f("uq_lms_course_trainer_course_id_person_id")
        ),
    )
    with op.batch_alter_table("lms_course_trainer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_lms_course_trainer_person_id"), ["person_id"], unique=False
        )

    op.create_table(
        "lms_department_head",
        sa.Column(
            "department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("role IN ('head', 'deputy')", name=op.f("ck_lms_department_head_role")),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["lms_department.id"],
            name=op.f("fk_lms_department_head_department_id_lms_department"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["lms_person.id"],
            name=op.f("fk_lms_department_head_person_id_lms_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_department_head")),
        sa.UniqueConstraint(
            "department_id",
            "person_id",
            name=op.f("uq_lms_department_head_department_id_person_id"),
        ),
    )
    with op.batch_alter_table("lms_department_head", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_lms_department_head_person_id"), ["person_id"], unique=False
        )

    op.create_table(
        "lms_enrolment",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("cohort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["lms_cohort.id"], name=op.f("fk_lms_enrolment_cohort_id_lms_cohort")
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["lms_course.id"], name=op.f("fk_lms_enrolment_course_id_lms_course")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["lms_person.id"], name=op.f("fk_lms_enrolment_person_id_lms_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_enrolment")),
        sa.UniqueConstraint(
            "person_id", "course_id", name=op.f("uq_lms_enrolment_person_id_course_id")
        ),
        sa.UniqueConstraint("uuid", name=op.f("uq_lms_enrolment_uuid")),
    )
    with op.batch_alter_table("lms_enrolment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lms_enrolment_cohort_id"), ["cohort_id"], unique=False)
        batch_op.create_index(
            "ix_lms_enrolment_course_id_person_id", ["course_id", "person_id"], unique=False
        )

    op.create_table(
        "lms_help_request",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "resolved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('password', 'link', 'code')", name=op.f("ck_lms_help_request_kind")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["lms_person.id"], name=op.f("fk_lms_help_request_person_id_lms_person")
        ),
        sa.ForeignKeyConstraint(
            ["resolved_by_id"],
            ["lms_person.id"],
            name=op.f("fk_lms_help_request_resolved_by_id_lms_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_help_request")),
        sa.UniqueConstraint("uuid", name=op.f("uq_lms_help_request_uuid")),
    )
    with op.batch_alter_table("lms_help_request", schema=None) as batch_op:
        batch_op.create_index(
            "ix_lms_help_request_open", ["resolved_at", "created_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_lms_help_request_person_id"), ["person_id"], unique=False
        )

    op.create_table(
        "lms_item",
        sa.Column(
            "course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "module_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["lms_course.id"], name=op.f("fk_lms_item_course_id_lms_course")
        ),
        sa.ForeignKeyConstraint(
            ["module_id"], ["lms_module.id"], name=op.f("fk_lms_item_module_id_lms_module")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_item")),
        sa.UniqueConstraint("course_id", "key", name=op.f("uq_lms_item_course_id_key")),
        sa.UniqueConstraint("uuid", name=op.f("uq_lms_item_uuid")),
    )
    with op.batch_alter_table("lms_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lms_item_module_id"), ["module_id"], unique=False)

    op.create_table(
        "lms_manifest",
        sa.Column(
            "course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["lms_person.id"], name=op.f("fk_lms_manifest_author_id_lms_person")
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["lms_course.id"], name=op.f("fk_lms_manifest_course_id_lms_course")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_manifest")),
        sa.UniqueConstraint("course_id", "number", name=op.f("uq_lms_manifest_course_id_number")),
    )
    op.create_table(
        "lms_sign_in",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["lms_person.id"], name=op.f("fk_lms_sign_in_person_id_lms_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_lms_sign_in_token_hash")),
    )
    with op.batch_alter_table("lms_sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lms_sign_in_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_lms_sign_in_person_id"), ["person_id"], unique=False)

    op.create_table(
        "lms_activity_version",
        sa.Column(
            "activity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("source", sa.JSON(), nullable=False),
        sa.Column("rendered", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["lms_activity.id"],
            name=op.f("fk_lms_activity_version_activity_id_lms_activity"),
        ),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["lms_person.id"],
            name=op.f("fk_lms_activity_version_author_id_lms_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_activity_version")),
        sa.UniqueConstraint(
            "activity_id", "number", name=op.f("uq_lms_activity_version_activity_id_number")
        ),
    )
    op.create_table(
        "lms_credential",
        sa.Column(
            "enrolment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("achievement", sa.String(length=100), nullable=False),
        sa.Column("module_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "manifest_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("recipient_name", sa.String(length=200), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("share_slug", sa.String(length=36), nullable=True),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_reason", sa.String(length=400), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["lms_enrolment.id"],
            name=op.f("fk_lms_credential_enrolment_id_lms_enrolment"),
        ),
        sa.ForeignKeyConstraint(
            ["manifest_id"],
            ["lms_manifest.id"],
            name=op.f("fk_lms_credential_manifest_id_lms_manifest"),
        ),
        sa.ForeignKeyConstraint(
            ["module_id"], ["lms_module.id"], name=op.f("fk_lms_credential_module_id_lms_module")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_credential")),
        sa.UniqueConstraint(
            "enrolment_id", "achievement", name=op.f("uq_lms_credential_enrolment_id_achievement")
        ),
        sa.UniqueConstraint("share_slug", name=op.f("uq_lms_credential_share_slug")),
        sa.UniqueConstraint("uuid", name=op.f("uq_lms_credential_uuid")),
    )
    op.create_table(
        "lms_item_version",
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("source", sa.JSON(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["lms_person.id"], name=op.f("fk_lms_item_version_author_id_lms_person")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["lms_item.id"], name=op.f("fk_lms_item_version_item_id_lms_item")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_item_version")),
        sa.UniqueConstraint("item_id", "number", name=op.f("uq_lms_item_version_item_id_number")),
    )
    op.create_table(
        "lms_module_completion",
        sa.Column(
            "enrolment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "module_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "manifest_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["lms_enrolment.id"],
            name=op.f("fk_lms_module_completion_enrolment_id_lms_enrolment"),
        ),
        sa.ForeignKeyConstraint(
            ["manifest_id"],
            ["lms_manifest.id"],
            name=op.f("fk_lms_module_completion_manifest_id_lms_manifest"),
        ),
        sa.ForeignKeyConstraint(
            ["module_id"],
            ["lms_module.id"],
            name=op.f("fk_lms_module_completion_module_id_lms_module"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_module_completion")),
        sa.UniqueConstraint(
            "enrolment_id",
            "module_id",
            name=op.f("uq_lms_module_completion_enrolment_id_module_id"),
        ),
    )
    op.create_table(
        "lms_publication",
        sa.Column(
            "course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "manifest_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("kind IN ('publish', 'undo')", name=op.f("ck_lms_publication_kind")),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["lms_person.id"], name=op.f("fk_lms_publication_actor_id_lms_person")
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["lms_course.id"], name=op.f("fk_lms_publication_course_id_lms_course")
        ),
        sa.ForeignKeyConstraint(
            ["manifest_id"],
            ["lms_manifest.id"],
            name=op.f("fk_lms_publication_manifest_id_lms_manifest"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_publication")),
    )
    with op.batch_alter_table("lms_publication", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_lms_publication_course_id"), ["course_id"], unique=False
        )

    op.create_table(
        "lms_attempt",
        sa.Column(
            "enrolment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "activity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "manifest_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("points", sa.Double(), nullable=True),
        sa.Column("max_points", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("is_passed", sa.Boolean(), nullable=True),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(state = 'submitted') = (submitted_at IS NOT NULL)",
            name=op.f("ck_lms_attempt_submitted"),
        ),
        sa.CheckConstraint("state IN ('open', 'submitted')", name=op.f("ck_lms_attempt_state")),
        sa.CheckConstraint(
            "percent IS NULL OR (percent BETWEEN 0 AND 100)", name=op.f("ck_lms_attempt_percent")
        ),
        sa.CheckConstraint(
            "points IS NULL OR (points >= 0 AND points <= max_points)",
            name=op.f("ck_lms_attempt_points"),
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["lms_activity.id"],
            name=op.f("fk_lms_attempt_activity_id_lms_activity"),
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["lms_enrolment.id"],
            name=op.f("fk_lms_attempt_enrolment_id_lms_enrolment"),
        ),
        sa.ForeignKeyConstraint(
            ["manifest_id"],
            ["lms_manifest.id"],
            name=op.f("fk_lms_attempt_manifest_id_lms_manifest"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["lms_activity_version.id"],
            name=op.f("fk_lms_attempt_version_id_lms_activity_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_attempt")),
        sa.UniqueConstraint(
            "enrolment_id",
            "activity_id",
            "number",
            name=op.f("uq_lms_attempt_enrolment_id_activity_id_number"),
        ),
        sa.UniqueConstraint("uuid", name=op.f("uq_lms_attempt_uuid")),
    )
    with op.batch_alter_table("lms_attempt", schema=None) as batch_op:
        batch_op.create_index(
            "uq_lms_attempt_open",
            ["enrolment_id", "activity_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "lms_check_answer",
        sa.Column(
            "enrolment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "item_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("response", sa.JSON(), nullable=False),
        sa.Column("is_right", sa.Boolean(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["lms_enrolment.id"],
            name=op.f("fk_lms_check_answer_enrolment_id_lms_enrolment"),
        ),
        sa.ForeignKeyConstraint(
            ["item_version_id"],
            ["lms_item_version.id"],
            name=op.f("fk_lms_check_answer_item_version_id_lms_item_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_check_answer")),
        sa.UniqueConstraint(
            "enrolment_id",
            "idempotency_key",
            name=op.f("uq_lms_check_answer_enrolment_id_idempotency_key"),
        ),
    )
    with op.batch_alter_table("lms_check_answer", schema=None) as batch_op:
        batch_op.create_index(
            "ix_lms_check_answer_latest", ["enrolment_id", "item_version_id", "id"], unique=False
        )

    op.create_table(
        "lms_reading",
        sa.Column(
            "enrolment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "activity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("anchor", sa.String(length=120), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_lms_reading_percent")),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["lms_activity.id"],
            name=op.f("fk_lms_reading_activity_id_lms_activity"),
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["lms_enrolment.id"],
            name=op.f("fk_lms_reading_enrolment_id_lms_enrolment"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["lms_activity_version.id"],
            name=op.f("fk_lms_reading_version_id_lms_activity_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_reading")),
        sa.UniqueConstraint(
            "enrolment_id", "activity_id", name=op.f("uq_lms_reading_enrolment_id_activity_id")
        ),
    )
    op.create_table(
        "lms_attempt_item",
        sa.Column(
            "attempt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "item_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("child", sa.Integer(), nullable=False),
        sa.Column("layout", sa.JSON(), nullable=False),
        sa.Column("is_flagged", sa.Boolean(), nullable=False),
        sa.Column("points", sa.Double(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "points IS NULL OR (points >= 0 AND points <= 1)",
            name=op.f("ck_lms_attempt_item_points"),
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["lms_attempt.id"],
            name=op.f("fk_lms_attempt_item_attempt_id_lms_attempt"),
        ),
        sa.ForeignKeyConstraint(
            ["item_version_id"],
            ["lms_item_version.id"],
            name=op.f("fk_lms_attempt_item_item_version_id_lms_item_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_attempt_item")),
        sa.UniqueConstraint("attempt_id", "id", name=op.f("uq_lms_attempt_item_attempt_id_id")),
        sa.UniqueConstraint(
            "attempt_id", "position", name=op.f("uq_lms_attempt_item_attempt_id_position")
        ),
    )
    op.create_table(
        "lms_criterion_met",
        sa.Column(
            "enrolment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "module_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("criterion", sa.String(length=100), nullable=False),
        sa.Column(
            "attempt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "reading_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(attempt_id IS NULL) <> (reading_id IS NULL)",
            name=op.f("ck_lms_criterion_met_evidence"),
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["lms_attempt.id"],
            name=op.f("fk_lms_criterion_met_attempt_id_lms_attempt"),
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["lms_enrolment.id"],
            name=op.f("fk_lms_criterion_met_enrolment_id_lms_enrolment"),
        ),
        sa.ForeignKeyConstraint(
            ["module_id"], ["lms_module.id"], name=op.f("fk_lms_criterion_met_module_id_lms_module")
        ),
        sa.ForeignKeyConstraint(
            ["reading_id"],
            ["lms_reading.id"],
            name=op.f("fk_lms_criterion_met_reading_id_lms_reading"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["lms_activity_version.id"],
            name=op.f("fk_lms_criterion_met_version_id_lms_activity_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_criterion_met")),
        sa.UniqueConstraint(
            "enrolment_id",
            "module_id",
            "criterion",
            name=op.f("uq_lms_criterion_met_enrolment_id_module_id_criterion"),
        ),
    )
    op.create_table(
        "lms_response",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("attempt_item_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id", "attempt_item_id"],
            ["lms_attempt_item.attempt_id", "lms_attempt_item.id"],
            name="fk_lms_response_attempt_item",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_response")),
        sa.UniqueConstraint(
            "attempt_id", "idempotency_key", name=op.f("uq_lms_response_attempt_id_idempotency_key")
        ),
        sa.UniqueConstraint(
            "attempt_item_id", "sequence", name=op.f("uq_lms_response_attempt_item_id_sequence")
        ),
    )
    if op.get_bind().dialect.name != "sqlite":  # SQLite has them within CREATE TABLE
        op.create_foreign_key(
            "fk_lms_course_manifest_id_lms_manifest",
            "lms_course",
            "lms_manifest",
            ["manifest_id"],
            ["id"],
        )


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(
            "fk_lms_course_manifest_id_lms_manifest", "lms_course", type_="foreignkey"
        )
    op.drop_table("lms_response")
    op.drop_table("lms_criterion_met")
    op.drop_table("lms_attempt_item")
    op.drop_table("lms_reading")
    with op.batch_alter_table("lms_check_answer", schema=None) as batch_op:
        batch_op.drop_index("ix_lms_check_answer_latest")

    op.drop_table("lms_check_answer")
    with op.batch_alter_table("lms_attempt", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_lms_attempt_open",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.drop_table("lms_attempt")
    with op.batch_alter_table("lms_publication", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lms_publication_course_id"))

    op.drop_table("lms_publication")
    op.drop_table("lms_module_completion")
    op.drop_table("lms_item_version")
    op.drop_table("lms_credential")
    op.drop_table("lms_activity_version")
    with op.batch_alter_table("lms_sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lms_sign_in_person_id"))
        batch_op.drop_index(batch_op.f("ix_lms_sign_in_expires_at"))

    op.drop_table("lms_sign_in")
    op.drop_table("lms_manifest")
    with op.batch_alter_table("lms_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lms_item_module_id"))

    op.drop_table("lms_item")
    with op.batch_alter_table("lms_help_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lms_help_request_person_id"))
        batch_op.drop_index("ix_lms_help_request_open")

    op.drop_table("lms_help_request")
    with op.batch_alter_table("lms_enrolment", schema=None) as batch_op:
        batch_op.drop_index("ix_lms_enrolment_course_id_person_id")
        batch_op.drop_index(batch_op.f("ix_lms_enrolment_cohort_id"))

    op.drop_table("lms_enrolment")
    with op.batch_alter_table("lms_department_head", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lms_department_head_person_id"))

    op.drop_table("lms_department_head")
    with op.batch_alter_table("lms_course_trainer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lms_course_trainer_person_id"))

    op.drop_table("lms_course_trainer")
    op.drop_table("lms_cohort_due")
    with op.batch_alter_table("lms_audit_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lms_audit_entry_at"))

    op.drop_table("lms_audit_entry")
    with op.batch_alter_table("lms_activity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lms_activity_module_id"))

    op.drop_table("lms_activity")
    with op.batch_alter_table("lms_access_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lms_access_code_person_id"))

    op.drop_table("lms_access_code")
    with op.batch_alter_table("lms_person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lms_person_name_key"))
        batch_op.drop_index(batch_op.f("ix_lms_person_department_id"))

    op.drop_table("lms_person")
    op.drop_table("lms_module")
    op.drop_table("lms_cohort")
    op.drop_table("lms_asset")
    with op.batch_alter_table("lms_throttle", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lms_throttle_window_started_at"))

    op.drop_table("lms_throttle")
    with op.batch_alter_table("lms_department", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lms_department_path"))

    op.drop_table("lms_department")
    op.drop_table("lms_course")
