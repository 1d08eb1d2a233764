"""The intranet's own migrations; Parcurs' tables are named as not its own (docs/mounting.md)."""

from __future__ import annotations

from alembic import context
from host.townhall import Base


def include_name(name: str | None, kind: str, parents: object) -> bool:
    return kind != "table" or not (name or "").startswith("lms_")


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_name=include_name,
)
with context.begin_transaction():
    context.run_migrations()
