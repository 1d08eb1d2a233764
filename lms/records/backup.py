"""``lms backup``: every row of ours at one moment, while people work, proven before it is called done.

One consistent reading (SQLite: a snapshot of the write-ahead log; PostgreSQL: REPEATABLE READ),
written as described in :mod:`lms.records.form`, then restored into a scratch database and
compared by checksums. A backup that nobody has restored is only a hope.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import OperationalError

from lms import __version__
from lms.models import Base
from lms.records.filling import fill, read_back
from lms.records.form import (
    FORMAT,
    FORMAT_VERSION,
    MANIFEST,
    ROWS,
    BackupFault,
    Summing,
    Sums,
    columns_of,
    header,
    lines_of,
    open_private,
    tables_in,
)
from lms.settings import Settings
from lms.upgrade import DatabaseFault, current, migrating, ready_engine, upgrade_within


@dataclass(frozen=True, slots=True)
class Manifest:
    """``manifest.json``: what the backup promises."""

    made_at: str
    release: str
    revision: str
    """Of the migrations: which tables and columns the rows belong to."""
    database: str
    tables: dict[str, Sums]
    sha256: str
    """Of the file of rows."""

    @property
    def rows(self) -> int:
        return sum(sums.rows for sums in self.tables.values())


def backup(settings: Settings, to: Path, now: datetime) -> tuple[Path, Manifest]:
    """Write a backup into a new folder below ``to``; returns the folder and its manifest.

    Raises DatabaseFault when the database is not at this release's revision or is damaged,
    BackupFault when what was written does not come back as it was.
    """
    with ready_engine(settings) as engine:
        to.mkdir(parents=True, exist_ok=True)
        target = to / f"parcurs-{now.astimezone(UTC):%Y%m%d-%H%M%S}"
        if target.exists():
            raise BackupFault(f"{target} is there already.")
        with _draft_folder(to) as draft:
            manifest = _write(engine, draft, now)
            _prove(draft, manifest)
            draft.rename(target)
        sync_folder(to)
    return target, manifest


def _write(engine: Engine, folder: Path, now: datetime) -> Manifest:
    tables: dict[str, Sums] = {}
    with _snapshot(engine) as connection, open_private(folder / ROWS) as raw:
        check_sound(connection)
        revision = current(connection) or ""
        with gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0, compresslevel=6) as packed:
            for table in Base.metadata.sorted_tables:
                columns, summing = columns_of(table), Summing()
                packed.write(header(table.name, columns))
                for line in lines_of(connection, table.name, columns):
                    packed.write(line)
                    summing.add(line)
                tables[table.name] = summing.sums()
        raw.flush()
        os.fsync(raw.fileno())
    manifest = Manifest(
        made_at=now.astimezone(UTC).isoformat(timespec="seconds"),
        release=__version__,
        revision=revision,
        database=engine.dialect.name,
        tables=tables,
        sha256=sha256_of(folder / ROWS),
    )
    described = {"format": FORMAT, "format_version": FORMAT_VERSION, **asdict(manifest)}
    with open_private(folder / MANIFEST) as stream:
        stream.write(json.dumps(described, indent=2, ensure_ascii=False).encode() + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    return manifest


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """A reading transaction that sees one moment and blocks nobody."""
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect() as connection:
        snapshot = connection.execution_options(**options)
        with snapshot.begin():
            yield snapshot


def check_sound(connection: Connection) -> None:
    """Raises DatabaseFault for a SQLite file that is damaged."""
    if connection.dialect.name != "sqlite":
        return
    try:
        answer = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    except OperationalError as error:
        answer, broken = str(error.orig), None
    if answer != "ok" or broken is not None:
        raise DatabaseFault(
            f"The database is damaged ({answer if answer != 'ok' else broken}): keep a copy of "
            "its file, restore the last good backup, and have somebody look at the copy."
        )


def read_manifest(folder: Path) -> Manifest:
    """Raises BackupFault when the folder is no backup, or one of a newer release."""
    try:
        found = json.loads((folder / MANIFEST).read_text("utf-8"))
        kind, version = found.pop("format"), found.pop("format_version")
        tables = {name: Sums(**sums) for name, sums in found.pop("tables").items()}
        manifest = Manifest(**found, tables=tables)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise BackupFault(f"{folder} is no backup of Parcurs (no readable {MANIFEST}).") from None
    if kind != FORMAT or version != FORMAT_VERSION:
        raise BackupFault(f"{folder} was made by another release: install that one first.")
    return manifest


def check_file(folder: Path, manifest: Manifest) -> None:
    """That the file of rows is what the manifest promises. Raises BackupFault."""
    path = folder / ROWS
    if not path.is_file():
        raise BackupFault(f"{path} is missing.")
    if sha256_of(path) != manifest.sha256:
        raise BackupFault(f"{path} has changed since it was made (SHA-256 differs).")
    found: dict[str, Sums] = {}
    for table in tables_in(path):
        summing = Summing()
        for line in table.lines:
            summing.add(line)
        found[table.name] = summing.sums()
    if found != manifest.tables:
        raise BackupFault(f"{path} does not hold the rows that {MANIFEST} promises.")


def _prove(folder: Path, manifest: Manifest) -> None:
    """Restore into a scratch database and compare."""
    check_file(folder, manifest)
    with (
        tempfile.TemporaryDirectory(dir=folder.parent, prefix=".proof-") as scratch,
        migrating(sqlite_at(Path(scratch, "scratch.db"))) as connection,
    ):
        upgrade_within(connection, manifest.revision)
        fill(connection, tables_in(folder / ROWS))
        for table in tables_in(folder / ROWS):
            table.skip()
            read_back(connection, table, manifest.tables[table.name])
        check_sound(connection)


@contextmanager
def _draft_folder(to: Path) -> Iterator[Path]:
    """A private folder that disappears unless the backup in it was finished and renamed."""
    draft = Path(tempfile.mkdtemp(dir=to, prefix=".unfinished-"))
    try:
        yield draft
    finally:
        if draft.exists():
            shutil.rmtree(draft)


def sqlite_at(path: Path) -> Settings:
    """Settings of a SQLite file, whatever characters its name has."""
    return Settings(database_url=URL.create("sqlite", database=str(path)).render_as_string())


def sha256_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """The new name itself survives a power cut; Windows knows no such thing."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
