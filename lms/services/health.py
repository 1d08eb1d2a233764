"""Whether the service can do its work at all."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session


def check(session: Session) -> None:
    """Raises SQLAlchemy's OperationalError when the records cannot be read."""
    session.execute(text("SELECT 1"))
