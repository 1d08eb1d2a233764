"""A bounded memory for what never changes once it is committed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Session

T = TypeVar("T")


class Kept(Generic[T]):
    """Values by database and id (or another name); the least recently used one goes first.

    The connection pool stands for the database: unlike an address or an ``id()`` it is never
    reused for another one, and what was kept for it goes when it goes. Three applications in one
    process, or a hundred databases in one test run, do not mix.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = Lock()
        self._databases: WeakKeyDictionary[Hashable, OrderedDict[Hashable, T]] = WeakKeyDictionary()

    def get(self, session: Session, name: Hashable) -> T | None:
        with self._lock:
            kept = self._databases.get(session.get_bind().engine.pool)
            if kept is None or name not in kept:
                return None
            kept.move_to_end(name)
            return kept[name]

    def put(self, session: Session, name: Hashable, value: T) -> None:
        with self._lock:
            kept = self._databases.setdefault(session.get_bind().engine.pool, OrderedDict())
            kept[name] = value
            kept.move_to_end(name)
            while len(kept) > self._limit:
                kept.popitem(last=False)
