"""What a host says of a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("lms_person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("claim_hash", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("lms_person", schema=None) as batch_op:
        batch_op.drop_column("claim_hash")
