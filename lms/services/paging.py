"""Long lists, fifty at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from lms.domain.errors import Refusal

PAGE_SIZE = 50
LAST_PAGE = 1_000_000
"""No list is longer; a larger number is no page, and would overflow the database's OFFSET."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Part of a list, with what a pager needs."""

    items: tuple[T, ...]
    page: int
    """From 1."""
    pages: int
    """At least 1, also for an empty list."""
    total: int
    """How many there are altogether."""


def read_page(text: str | None) -> int:
    """The page an address asks for; the first when it names none.

    Raises ``Refusal("page-unknown")`` for ``-1``, ``0``, ``1e9``, ``٣`` and other non-pages.
    """
    if text is None or text == "":
        return 1
    if not (text.isascii() and text.isdigit() and len(text) <= 7 and 1 <= int(text) <= LAST_PAGE):
        raise Refusal("page-unknown")
    return int(text)


def page_of(session: Session, statement: Select[T], page: int) -> Page[T]:
    """One page of the entities a statement selects, in its order, in two queries.

    A page behind the last one gives the last: the list may have become shorter since the link was
    made. Raises ``Refusal("page-unknown")`` when ``page`` cannot be one.
    """
    if not 1 <= page <= LAST_PAGE:
        raise Refusal("page-unknown")
    total = count_of(session, statement)
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(page, pages)
    rows = session.scalars(statement.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    return Page(tuple(rows.unique()), page, pages, total)


def count_of(session: Session, statement: Select[Any]) -> int:
    """How many rows a statement gives."""
    rows = statement.order_by(None).with_only_columns(1, maintain_column_froms=True).subquery()
    return session.scalar(select(func.count()).select_from(rows)) or 0
