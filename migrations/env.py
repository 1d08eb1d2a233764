"""Runs the revisions on the connection that lms.upgrade hands over; there is no alembic.ini."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.types import TypeDecorator

from lms.models import Base
from lms.upgrade import VERSION_TABLE


def ours(name: str | None, kind: str, parents: Any) -> bool:
    """Whether a table is one of ours: a host's tables in the same database are left alone."""
    return kind != "table" or (name or "").startswith("lms_")


def render_plain(kind: str, obj: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Revisions speak SQLAlchemy's own types, so that they never depend on today's models."""
    if kind == "type" and isinstance(obj, TypeDecorator):
        return f"sa.{obj.impl_instance!r}"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
    render_item=render_plain,
    include_name=ours,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
