"""Immutable versions, read from the database once per process."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.domain import items
from lms.domain.items import Item
from lms.models import ActivityVersion, ItemVersion
from lms.services.kept import Kept

KEPT = 1_000
"""Versions kept per process and database; a dozen modules with their banks fit."""

_activities: Kept[dict[str, Any]] = Kept(KEPT)
_items: Kept[Item] = Kept(KEPT)


def activity_content(session: Session, version_id: int) -> dict[str, Any]:
    """``{"source": …, "rendered": …}`` of a lesson's or test's version."""
    known = _activities.get(session, version_id)
    if known is None:
        row = session.get_one(ActivityVersion, version_id)
        known = {"source": row.source, "rendered": row.rendered, "number": row.number}
        _activities.put(session, version_id, known)
    return known


def item_contents(session: Session, version_ids: Iterable[int]) -> dict[int, Item]:
    """Items with rendered texts by version id; at most one query."""
    found: dict[int, Item] = {}
    missing = []
    for version_id in set(version_ids):
        known = _items.get(session, version_id)
        if known is None:
            missing.append(version_id)
        else:
            found[version_id] = known
    if missing:
        query = select(ItemVersion.id, ItemVersion.content).where(ItemVersion.id.in_(missing))
        for version_id, content in session.execute(query):
            found[version_id] = items.from_json(content)
            _items.put(session, version_id, found[version_id])
    return found
