"""``lms restore``: a backup becomes the database, whole or not at all.

A SQLite database is built beside the old one, compared with the backup, and only then takes its
place; the old file is kept under another name and its write-ahead log goes with it. On PostgreSQL
the whole restore is one transaction. All sign-ins end and all one-time codes and links are
withdrawn: what was revoked or used up after the backup must not come back to life.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, func, inspect, make_url, select, text, update
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session

from lms.models import AccessCode, Base, SignIn
from lms.records.backup import Manifest, check_file, read_manifest, sqlite_at, sync_folder
from lms.records.filling import fill, read_back
from lms.records.form import ROWS, BackupFault
from lms.services import audit
from lms.settings import Settings
from lms.upgrade import VERSION_TABLE, knows, migrating, open_engine, upgrade_within

LOCK_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Restored:
    manifest: Manifest
    set_aside: Path | None
    """Where the former SQLite file is kept."""


def restore(settings: Settings, folder: Path, *, force: bool, now: datetime) -> Restored:
    """Make the backup in ``folder`` the database. Raises BackupFault, DatabaseFault.

    Without ``force`` only into a database that holds nothing.
    """
    manifest = read_manifest(folder)
    check_file(folder, manifest)
    if not knows(manifest.revision):
        raise BackupFault(
            f"The backup is of revision {manifest.revision}, which this release does not know: "
            f"install release {manifest.release} or a newer one."
        )
    if make_url(settings.sqlalchemy_url).get_backend_name() == "sqlite":
        return _restore_sqlite(settings, folder, manifest, force, now)
    with migrating(settings) as connection:
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
        try:
            _clear(connection, force)
            _build(connection, folder, manifest, now)
        except OperationalError as error:
            if "lock timeout" in str(error.orig):
                raise BackupFault("The service is at work: stop it, then restore.") from None
            raise
    return Restored(manifest, None)


def _build(connection: Connection, folder: Path, manifest: Manifest, now: datetime) -> None:
    upgrade_within(connection, manifest.revision)
    fill(connection, folder / ROWS)
    read_back(connection, folder / ROWS, manifest.tables)
    upgrade_within(connection, "head")
    with Session(connection) as session:
        session.execute(update(SignIn).where(SignIn.revoked_at.is_(None)).values(revoked_at=now))
        unused = AccessCode.used_at.is_(None) & AccessCode.withdrawn_at.is_(None)
        session.execute(update(AccessCode).where(unused).values(withdrawn_at=now))
        audit.record(
            session,
            actor=None,
            verb="records.restore",
            subject="database",
            now=now,
            made_at=manifest.made_at,
        )
        session.flush()


# -- PostgreSQL --------------------------------------------------------------------------------


def _clear(connection: Connection, force: bool) -> None:
    ours = [t for t in inspect(connection).get_table_names() if t.startswith("lms_")]
    if not force and any(_has_rows(connection, name) for name in ours if name != VERSION_TABLE):
        raise BackupFault(_OCCUPIED)
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


def _restore_sqlite(
    settings: Settings, folder: Path, manifest: Manifest, force: bool, now: datetime
) -> Restored:
    named = make_url(settings.sqlalchemy_url).database
    if not named or named == ":memory:":
        raise BackupFault("LMS_DATABASE_URL names no file to restore into.")
    target = Path(named)
    if not force and _is_occupied(settings, target):
        raise BackupFault(_OCCUPIED)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.restoring")
    _remove(draft)
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with migrating(sqlite_at(draft)) as connection:
            _build(connection, folder, manifest, now)
        _make_whole(draft)
        set_aside = _set_aside(target, now)
        draft.replace(target)
        sync_folder(target.parent)
    finally:
        _remove(draft)
    return Restored(manifest, set_aside)


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
