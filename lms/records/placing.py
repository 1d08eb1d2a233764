"""Building a database in the place of another, whole or not at all.

A SQLite database is built beside the old one and only then takes its place; the old file is kept
under another name and its write-ahead log goes with it. On PostgreSQL everything is one
transaction. Whoever is killed half-way has changed nothing.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, func, inspect, make_url, select, text
from sqlalchemy.exc import DatabaseError, OperationalError

from lms.models import Base
from lms.models.engine import OURS
from lms.records.backup import sqlite_at, sync_folder
from lms.records.form import BackupFault
from lms.settings import Settings
from lms.upgrade import VERSION_TABLE, migrating, open_engine

LOCK_SECONDS = 10


class OccupiedFault(BackupFault):
    """There are records already."""


Build = Callable[[Connection], None]
"""Makes tables and rows in a database that has none of ours, within one transaction."""


def put_in_place(settings: Settings, build: Build, *, force: bool, now: datetime) -> Path | None:
    """Build the database that ``settings`` name; where a former SQLite file is kept.

    Without ``force`` only where there is nothing. Raises BackupFault, DatabaseFault, and what
    ``build`` raises.
    """
    if make_url(settings.sqlalchemy_url).get_backend_name() == "sqlite":
        return _put_sqlite(settings, build, force, now)
    with migrating(settings) as connection:
        if is_at_work(connection):
            raise BackupFault(_AT_WORK)
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
        try:
            _clear(connection, force)
        except OperationalError as error:
            if "lock timeout" in str(error.orig):
                raise BackupFault(_AT_WORK) from None
            raise
        build(connection)
    return None


_AT_WORK = "The service is at work: stop it, then do this again."


def is_at_work(connection: Connection) -> bool:
    """Whether a service has this PostgreSQL database open, though it may only wait for requests.

    It would go on with what it keeps of the former records, under numbers that mean others now.
    """
    others = connection.scalar(
        text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND application_name = :ours AND pid <> pg_backend_pid()"
        ),
        {"ours": OURS},
    )
    return bool(others)


# -- PostgreSQL --------------------------------------------------------------------------------


def _clear(connection: Connection, force: bool) -> None:
    ours = [t for t in inspect(connection).get_table_names() if t.startswith("lms_")]
    if not force and any(_has_rows(connection, name) for name in ours if name != VERSION_TABLE):
        raise OccupiedFault(_OCCUPIED)
    if ours:
        connection.execute(text(f"DROP TABLE {', '.join(ours)} CASCADE"))


def _has_rows(connection: Connection, name: str) -> bool:
    found = connection.execute(select(text("1")).select_from(text(name)).limit(1))
    return found.first() is not None


_OCCUPIED = (
    "There is a database with records already. Take a backup of it, then say --force to put this "
    "one in its place."
)


# -- SQLite ------------------------------------------------------------------------------------


def _put_sqlite(settings: Settings, build: Build, force: bool, now: datetime) -> Path | None:
    named = make_url(settings.sqlalchemy_url).database
    if not named or named == ":memory:":
        raise BackupFault("The address names no file: sqlite:////path/parcurs.db.")
    target = Path(named)
    _check_is_ours(target)
    if not force and _is_occupied(settings, target):
        raise OccupiedFault(_OCCUPIED)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.restoring")
    _remove(draft)
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with migrating(sqlite_at(draft)) as connection:
            build(connection)
        _make_whole(draft)
        set_aside = _set_aside(target, now)
        draft.replace(target)
        sync_folder(target.parent)
    finally:
        _remove(draft)
    return set_aside


def _check_is_ours(target: Path) -> None:
    """That a host application does not keep its own tables in the file, which would be replaced
    with them. Raises BackupFault, also under ``--force``; a damaged file may be replaced."""
    if not target.exists() or target.stat().st_size == 0:
        return
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(target, timeout=2)) as connection:
        named = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        others = sorted(n for (n,) in named if not n.startswith(("lms_", "sqlite_")))
        if others:
            raise BackupFault(
                f"{target} holds tables of another application ({', '.join(others[:3])}), and the "
                "whole file would be replaced. Name a file of its own."
            )


def _is_occupied(settings: Settings, target: Path) -> bool:
    """Whether the file holds rows of ours; one that cannot be read may, so it counts."""
    if not target.exists() or target.stat().st_size == 0:
        return False
    engine = open_engine(settings)
    try:
        with engine.connect() as connection:
            names = set(inspect(connection).get_table_names())
            return any(
                connection.scalar(select(func.count()).select_from(table))
                for table in Base.metadata.sorted_tables
                if table.name in names
            )
    except DatabaseError:
        return True
    finally:
        engine.dispose()


def _make_whole(path: Path) -> None:
    """Fold the write-ahead log into the file and drop it: from here on one file is everything.

    Raises BackupFault when another process has the database open.
    """
    connection = sqlite3.connect(path, timeout=2)
    try:
        answer = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError:
        answer = ("wal",)
    finally:
        connection.close()
    if answer != ("delete",):
        raise BackupFault(f"{path} is in use: stop the service, then restore.")


def _set_aside(target: Path, now: datetime) -> Path | None:
    """Keep the former database, log included, under a name of its own."""
    kept = target.with_name(f"{target.name}.before-restore-{now.astimezone(UTC):%Y%m%d-%H%M%S}")
    if target.exists():
        # A damaged file is a good reason to restore; then its log is moved with it as it is.
        with suppress(sqlite3.DatabaseError):
            _make_whole(target)
    for end in ("-wal", "-shm", ""):
        former = target.with_name(target.name + end)
        if former.exists():
            former.replace(kept.with_name(kept.name + end))
    return kept if kept.exists() else None


def _remove(path: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + end).unlink(missing_ok=True)
