"""Workbook exercises and tests of a course."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lms_self_assessment",
        sa.Column(
            "enrolment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "activity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("team", sa.String(length=400), nullable=False),
        sa.Column("assessed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("length(note) <= 4000", name=op.f("ck_lms_self_assessment_note")),
        sa.CheckConstraint("length(team) <= 400", name=op.f("ck_lms_self_assessment_team")),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["lms_activity.id"],
            name=op.f("fk_lms_self_assessment_activity_id_lms_activity"),
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["lms_enrolment.id"],
            name=op.f("fk_lms_self_assessment_enrolment_id_lms_enrolment"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["lms_activity_version.id"],
            name=op.f("fk_lms_self_assessment_version_id_lms_activity_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lms_self_assessment")),
        sa.UniqueConstraint(
            "enrolment_id",
            "idempotency_key",
            name=op.f("uq_lms_self_assessment_enrolment_id_idempotency_key"),
        ),
    )
    with op.batch_alter_table("lms_self_assessment", schema=None) as batch_op:
        batch_op.create_index(
            "ix_lms_self_assessment_of", ["enrolment_id", "activity_id", "id"], unique=False
        )

    _activities(
        nullable=True,
        kind="kind IN ('lesson', 'quiz', 'exercise')",
        module="module_id IS NOT NULL OR kind = 'quiz'",
    )


def downgrade() -> None:
    _forget_what_the_older_release_does_not_know()
    _activities(nullable=False, kind="kind IN ('lesson', 'quiz')", module="")

    with op.batch_alter_table("lms_self_assessment", schema=None) as batch_op:
        batch_op.drop_index("ix_lms_self_assessment_of")

    op.drop_table("lms_self_assessment")


def _activities(*, nullable: bool, kind: str, module: str) -> None:
    """The CHECKs by hand: Alembic does not compare them."""
    with op.batch_alter_table("lms_activity") as batch_op:
        batch_op.alter_column("module_id", existing_type=sa.BigInteger(), nullable=nullable)
        batch_op.drop_constraint(op.f("ck_lms_activity_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_lms_activity_kind"), kind)
        if module:
            batch_op.create_check_constraint(op.f("ck_lms_activity_module"), module)
        else:
            batch_op.drop_constraint(op.f("ck_lms_activity_module"), type_="check")


def _forget_what_the_older_release_does_not_know() -> None:
    """Exercises and tests of the course, with what was done in them. Published courses still name
    them: load and publish the course's files of the older release afterwards."""
    gone = "SELECT id FROM lms_activity WHERE kind = 'exercise' OR module_id IS NULL"
    attempts = f"SELECT id FROM lms_attempt WHERE activity_id IN ({gone})"  # noqa: S608 -- fixed
    for table, column, rows in (
        ("lms_self_assessment", "activity_id", gone),
        ("lms_response", "attempt_id", attempts),
        ("lms_attempt_item", "attempt_id", attempts),
        ("lms_attempt", "activity_id", gone),
        ("lms_activity_version", "activity_id", gone),
        ("lms_activity", "id", gone),
    ):
        op.execute(f"DELETE FROM {table} WHERE {column} IN ({rows})")  # noqa: S608 -- fixed names
