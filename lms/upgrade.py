"""Bringing a database to the tables this release expects.

Plain Alembic with a version table of our own, so that a host's history and ours never meet. All
steps run in one transaction that excludes every other upgrade: of two servers started at once
one migrates and the other finds nothing left to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError

from lms.faults import Fault
from lms.models import lending
from lms.models.engine import BUSY_SECONDS, prepare
from lms.paths import MIGRATIONS
from lms.settings import Settings

VERSION_TABLE = "lms_alembic_version"
LOCK = 0x6C6D7331
"""PostgreSQL advisory lock of an upgrade ("lms1"); any number that is always the same."""
PATIENCE_SECONDS = 120
"""How long a second server waits for the first one's upgrade."""


class DatabaseFault(Fault):
    """The database cannot be used as it is; the text says why and what to do."""


def alembic_config() -> Config:
    """Alembic's settings, without a file."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def heads() -> tuple[str, ...]:
    """The newest revisions in the migrations folder; a test holds them to one."""
    return tuple(ScriptDirectory.from_config(alembic_config()).get_heads())


def open_engine(settings: Settings) -> Engine:
    """An engine of the command line's own, with the same hooks as the service's.

    Raises DatabaseFault when the address is no database address or its driver is missing.
    """
    engine = _new(settings)
    prepare(engine)
    return engine


@contextmanager
def ready_engine(settings: Settings) -> Iterator[Engine]:
    """As :func:`open_engine`, over tables of this release; given back at the end.

    Raises DatabaseFault when the tables are those of another release.
    """
    engine = open_engine(settings)
    try:
        behind = lag(engine)
        if behind:
            raise DatabaseFault(behind)
        yield engine
    finally:
        engine.dispose()


def _new(settings: Settings) -> Engine:
    """Over a host's connections where the settings mean its database, else over our own."""
    host = lending.lender(settings.database_url)
    return lending.borrow(host) if host is not None else _create(settings.sqlalchemy_url)


def _create(url: str) -> Engine:
    if not url:
        raise DatabaseFault("LMS_DATABASE_URL is missing: say where the records are kept.")
    # A server that is away is told within seconds; left to itself the driver waits for minutes.
    patience = {"connect_timeout": BUSY_SECONDS} if url.startswith("postgresql") else {}
    try:
        return create_engine(url, hide_parameters=True, connect_args=patience)
    except (ArgumentError, NoSuchModuleError):
        raise DatabaseFault(
            "LMS_DATABASE_URL is no database address: expected sqlite:////path/parcurs.db "
            "or postgresql://user@host/name."
        ) from None
    except ModuleNotFoundError as error:
        raise DatabaseFault(
            f"The database driver {error.name} is not installed: pip install 'parcurs[pg]'."
        ) from None


def current(connection: Connection) -> str | None:
    """The revision the database is at; None when it has none of our tables yet."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def lag(engine: Engine) -> str | None:
    """What separates the database from this release as a sentence; None when nothing does."""
    try:
        with engine.connect() as connection:
            found = current(connection)
    except DatabaseError as error:
        raise DatabaseFault(f"The database does not answer: {_first_line(error)}") from None
    if found in heads():
        return None
    if found is None:
        return "The database has no tables of Parcurs yet: run 'lms upgrade' first."
    if knows(found):
        return f"The database is at revision {found}, older than this release: run 'lms upgrade'."
    return (
        f"The database is at revision {found}, which this release does not know: "
        "it was upgraded by a newer one. Install that release, or restore a backup."
    )


def knows(revision: str) -> bool:
    """Whether this release has that revision among its migrations."""
    return any(script.revision == revision for script in _script().walk_revisions())


def upgrade(settings: Settings, revision: str = "head") -> tuple[str | None, str | None]:
    """Upgrade to ``revision``; returns (revision before, revision after).

    Raises DatabaseFault when the database cannot be reached or would break a foreign key.
    """
    with migrating(settings) as connection:
        before = current(connection)
        _run(command.upgrade, connection, revision)
        return before, current(connection)


def downgrade(settings: Settings, revision: str) -> None:
    """Step back to ``revision`` (``base`` drops everything). For tests and for repairs."""
    with migrating(settings) as connection:
        _run(command.downgrade, connection, revision)


def upgrade_within(connection: Connection, revision: str) -> None:
    """Upgrade inside the caller's transaction (a restore does, into an empty database)."""
    _run(command.upgrade, connection, revision)


@contextmanager
def migrating(settings: Settings) -> Iterator[Connection]:
    """One exclusive transaction in which tables may be rebuilt; commits at the end.

    SQLite rebuilds a table to alter it, which foreign keys would forbid half-way: they are off
    here and all checked before the commit.
    """
    engine = _new(settings)
    if engine.dialect.name == "sqlite":
        _without_foreign_keys(engine)
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                for limit in ("lock_timeout", "idle_in_transaction_session_timeout"):
                    # A host's connections come with the limits of requests.
                    connection.execute(text(f"SET LOCAL {limit} = 0"))
                connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
            yield connection
            check_foreign_keys(connection)
    except OperationalError as error:
        raise DatabaseFault(f"The database does not answer: {_first_line(error)}") from None
    finally:
        engine.dispose()


def check_foreign_keys(connection: Connection) -> None:
    """Raises DatabaseFault when a row of a SQLite database points at a row that is not there."""
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise DatabaseFault(
            f"Row {broken[1]} of {broken[0]} points at a missing row of {broken[2]}; "
            "nothing was changed."
        )


def _without_foreign_keys(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def pragmas(dbapi_connection: Any, record: Any) -> None:
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE_SECONDS * 1000}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _run(step: Any, connection: Connection, revision: str) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    step(config, revision)


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(alembic_config())


def _first_line(error: DatabaseError) -> str:
    return str(error.orig).strip().splitlines()[0]
