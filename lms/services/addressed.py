"""The one row an address names."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import Session

from lms.domain.errors import NotFound
from lms.domain.text import is_clean

T = TypeVar("T")


def get_addressed(session: Session, name: str, statement: Select[T]) -> T:
    """What ``statement`` finds by ``name``, a uuid or key as it stood in an address or a form.

    Raises NotFound, for text no database may hold as for nothing found.
    """
    found = session.scalar(statement) if is_clean(name) else None
    if found is None:
        raise NotFound
    return found
