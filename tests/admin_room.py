"""What the tests of the administration share: reading its pages, watching its tables."""

from __future__ import annotations

import html
import re
from typing import Any

from sqlalchemy import select
from world import House

from lms.models import Base

MISSING = "00000000-0000-4000-8000-000000000000"


def text_of(answer: Any) -> str:
    """A page as it is read: entities resolved."""
    body: str = answer.get_data(as_text=True)
    return html.unescape(body)


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    assert found is not None, name
    value = re.search(r'value="([^"]*)"', found[0])
    return value[1] if value else ""


def everything(house: House) -> dict[str, str]:
    """Table → all its rows, to be compared or searched."""
    with house.database() as session:
        return {
            table.name: repr(session.execute(select(table).order_by(*table.primary_key)).all())
            for table in Base.metadata.sorted_tables
        }
