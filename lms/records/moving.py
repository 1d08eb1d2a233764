"""``lms move``: the records of an installation become those of another database.

Nothing is written to the source. It is read while nobody else can write to it, in the same lines
that backups are made of, and the target is read back in these lines: equal sums mean equal rows,
whichever two databases they are in. The target is one transaction (a new file, for SQLite): killed
half-way it is as empty as before, and the move is simply started again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DataError, IntegrityError, OperationalError

from lms.faults import Fault
from lms.models import Base
from lms.records.backup import check_sound
from lms.records.filling import fill, read_back
from lms.records.form import Summing, Sums, TableLines, columns_of, lines_of
from lms.records.placing import OccupiedFault, is_at_work, put_in_place
from lms.settings import Settings
from lms.upgrade import DatabaseFault, current, lag, open_engine, upgrade_within

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class MoveFault(Fault):
    """The move cannot be made; the text says why and what to do. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved, proven by reading it back."""

    source: str
    """Kind of database: SQLite or PostgreSQL."""
    target: str
    revision: str
    tables: dict[str, Sums] = field(default_factory=dict)
    """By name, in the order they were copied."""

    @property
    def rows(self) -> int:
        return sum(sums.rows for sums in self.tables.values())


def move(settings: Settings, to: str, now: datetime) -> Moved:
    """Copy every row of ours to the database ``to``. Raises MoveFault, BackupFault, DatabaseFault."""
    target = Settings(database_url=to)
    kind = _kind_of(target.sqlalchemy_url)
    _check_source(settings)
    if make_url(settings.sqlalchemy_url) == make_url(target.sqlalchemy_url):
        raise MoveFault("--to names the database where the records are already.")
    with _alone(settings) as source:
        check_sound(source)
        moved = Moved(NAMES[source.dialect.name], kind, current(source) or "")

        def build(connection: Connection) -> None:
            upgrade_within(connection, moved.revision)
            _copy(source, connection, moved.tables)

        try:
            put_in_place(target, build, force=False, now=now)
        except OccupiedFault:
            raise MoveFault(
                "The database named by --to holds records already. Name an empty one; a move "
                "never replaces anything."
            ) from None
        except DatabaseFault as fault:
            raise MoveFault(f"The database named by --to: {fault}") from None
    return moved


def _kind_of(url: str) -> str:
    try:
        kind = make_url(url).get_backend_name()
    except ArgumentError:
        kind = ""
    if kind not in NAMES:
        raise MoveFault(
            "--to is no database address: expected postgresql://user:password@host/name "
            "(or sqlite:////path/parcurs.db)."
        )
    return NAMES[kind]


def _copy(source: Connection, target: Connection, found: dict[str, Sums]) -> None:
    parts = [(table.name, columns_of(table)) for table in Base.metadata.sorted_tables]

    def rows() -> Iterator[TableLines]:
        for name, columns in parts:
            summing = Summing()
            yield TableLines(name, columns, _summed(lines_of(source, name, columns), summing))
            found[name] = summing.sums()

    try:
        fill(target, rows())
    except (DataError, IntegrityError) as error:
        # SQLite keeps longer texts and larger numbers than a column says; PostgreSQL does not.
        there = next((name for name, _ in parts if name not in found), parts[-1][0])
        raise MoveFault(
            f"A row of {there} cannot be kept there: {str(error.orig).splitlines()[0]}. "
            "Nothing was moved."
        ) from None
    for name, columns in parts:
        read_back(target, TableLines(name, columns, iter(())), found[name])


def _summed(lines: Iterator[bytes], summing: Summing) -> Iterator[bytes]:
    for line in lines:
        summing.add(line)
        yield line


def _check_source(settings: Settings) -> None:
    engine = open_engine(settings)
    try:
        named = engine.url.database or ""
        if engine.dialect.name == "sqlite" and not Path(named).is_file():
            raise MoveFault(f"LMS_DATABASE_URL names no file with records: {named}.")
        behind = lag(engine)
    finally:
        engine.dispose()
    if behind:
        raise DatabaseFault(behind)


# -- alone with the source ---------------------------------------------------------------------

_AT_WORK = (
    "The service is at work: stop it (systemctl stop parcurs), then move. What people did "
    "meanwhile would be missing in the new database."
)


@contextmanager
def _alone(settings: Settings) -> Iterator[Connection]:
    """A reading transaction during which nobody writes. Raises MoveFault while somebody might."""
    is_file = make_url(settings.sqlalchemy_url).get_backend_name() == "sqlite"
    engine = _exclusive(settings) if is_file else open_engine(settings)
    try:
        with _connect(engine) as connection:
            yield connection
    finally:
        engine.dispose()


def _exclusive(settings: Settings) -> Engine:
    """One connection to a SQLite file, or none: every process that has it open is in the way."""
    engine = create_engine(settings.sqlalchemy_url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def alone(dbapi_connection: Any, record: Any) -> None:
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 2000")
        cursor.execute("PRAGMA locking_mode = EXCLUSIVE")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def _connect(engine: Engine) -> Connection:
    connection = engine.connect()
    try:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
            _hold(connection)
        else:
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
    except OperationalError as error:
        connection.close()
        if getattr(error.orig, "sqlstate", "") == "55P03" or "is locked" in str(error.orig):
            raise MoveFault(_AT_WORK) from None
        raise
    except MoveFault:
        connection.close()
        raise
    return connection


def _hold(connection: Connection) -> None:
    """Keep all writers out, and notice a service that only waits for its next request.

    This transaction lies still for as long as the target is read back: what ends a frozen server's
    must not end it, or the way in would be open again before the move is done.
    """
    connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    names = ", ".join(table.name for table in Base.metadata.sorted_tables)
    connection.execute(text(f"LOCK TABLE {names} IN SHARE MODE NOWAIT"))
    if is_at_work(connection):
        raise MoveFault(_AT_WORK)
