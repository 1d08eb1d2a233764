"""How transactions begin. Hooks hang on one engine, never on SQLAlchemy's global ``Engine``.

SQLite: WAL with ``synchronous=FULL`` (what was acknowledged survives a power cut), foreign keys
on, and every writing transaction starts with ``BEGIN IMMEDIATE``: a deferred read-then-write
cannot be upgraded once another writer has committed, and fails however long it waits.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

WRITE = "lms_write"
BUSY_SECONDS = 5


def prepare(engine: Engine) -> None:
    """Install the hooks on our own engine. Calling it twice on one engine is a mistake."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def pragmas(dbapi_connection: Any, record: Any) -> None:
        # The driver's own transaction handling begins too late (before DML only): we begin.
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get(WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def begin_write(session: Session) -> None:
    """Begin this session's transaction as a writing one.

    Must come before the session's first statement; on PostgreSQL it changes nothing.
    """
    if not session.in_transaction():
        session.connection(execution_options={WRITE: True})
