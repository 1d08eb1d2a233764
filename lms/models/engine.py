"""How transactions begin. Hooks hang on one engine, never on SQLAlchemy's global ``Engine``.

SQLite: WAL with ``synchronous=FULL`` (what was acknowledged survives a power cut), foreign keys
on, and every writing transaction starts with ``BEGIN IMMEDIATE``: a deferred read-then-write
cannot be upgraded once another writer has committed, and fails however long it waits.

PostgreSQL: nobody waits for a row longer than for SQLite's one writer, and a server that stopped
in the middle of a transaction (frozen, cut off) loses it and what it had locked.
"""

from __future__ import annotations

import selectors
import sqlite3
import time
from typing import Any
from weakref import WeakSet

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DisconnectionError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

WRITE = "lms_write"
FLEETING = "lms_fleeting"
BUSY_SECONDS = 5
ASK_AGAIN_SECONDS = 0.002
IDLE_SECONDS = 20
"""How long a transaction may lie still. Requests take milliseconds; only a server that no longer
runs stays silent for so long, and its late write must not land on newer ones."""
RESTED_SECONDS = 5
"""After lying so long in the pool a connection is asked whether it still leads anywhere: the
server's machine may have begun anew without a word."""
RESTING_SINCE = "lms_resting_since"
_SELECTOR = getattr(selectors, "PollSelector", selectors.SelectSelector)
"""The first needs no file descriptor of its own and looks at any number; Windows has the second."""
OURS = "parcurs"
"""What our connections are called in PostgreSQL's list of them."""
_PREPARED: WeakSet[Engine] = WeakSet()


def prepare(engine: Engine) -> None:
    """Install the hooks on one engine; once is enough. Connections it has made before are given up:
    they would go on without."""
    if engine in _PREPARED:
        return
    _PREPARED.add(engine)
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    elif engine.dialect.name == "postgresql":
        _prepare_postgresql(engine)
    if isinstance(engine.pool, QueuePool):
        engine.dispose()


def _prepare_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "do_connect")
    def be_patient(dialect: Any, record: Any, arguments: Any, parameters: dict[str, Any]) -> None:
        parameters.setdefault("connect_timeout", BUSY_SECONDS)
        parameters.setdefault("application_name", OURS)

    @event.listens_for(engine, "connect")
    def limits(dbapi_connection: Any, record: Any) -> None:
        # Not as start-up options: a connection pooler between us and the server refuses those.
        with dbapi_connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{BUSY_SECONDS}s'")
            cursor.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
        dbapi_connection.commit()

    @event.listens_for(engine, "checkin")
    def rest(dbapi_connection: Any, record: Any) -> None:
        record.info[RESTING_SINCE] = time.time()  # goes on while a machine sleeps

    @event.listens_for(engine, "checkout")
    def still_there(dbapi_connection: Any, record: Any, proxy: Any) -> None:
        """Asking before each use would be one more way to the server and back at every request. A
        server that ends a connection says so, and what it said lies there to be read."""
        since = record.info.get(RESTING_SINCE)
        if since is None:  # it has just been made
            return
        if 0 <= time.time() - since < RESTED_SECONDS and not _has_news(dbapi_connection):
            return
        try:
            engine.dialect.do_ping(dbapi_connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if _is_fleeting(connection):
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")


def _has_news(dbapi_connection: Any) -> bool:
    """Whether the server sent something that nobody asked for; its farewell, nearly always. What
    cannot be looked at counts as well."""
    if dbapi_connection.closed:
        return True
    try:
        with _SELECTOR() as selector:
            selector.register(dbapi_connection.fileno(), selectors.EVENT_READ)
            return bool(selector.select(0))
    except OSError:
        return True


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def pragmas(dbapi_connection: Any, record: Any) -> None:
        # The driver's own transaction handling begins too late (before DML only): we begin.
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {round(BUSY_SECONDS * 1000)}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "checkin")
    def lasting_again(dbapi_connection: Any, record: Any) -> None:
        if dbapi_connection is not None:
            _wait_for_the_disk(dbapi_connection, record.info)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not _is_fleeting(connection):
            _wait_for_the_disk(connection.connection, connection.info)
        if connection.get_execution_options().get(WRITE, False):
            _become_the_writer(connection)
        else:
            connection.exec_driver_sql("BEGIN")


def _wait_for_the_disk(dbapi_connection: Any, info: dict[str, Any]) -> None:
    """Whatever this connection commits from now on lasts, though its last commit may have been
    ``fleeting``."""
    if info.pop(FLEETING, False):
        dbapi_connection.execute("PRAGMA synchronous = FULL")


def _become_the_writer(connection: Connection) -> None:
    """Wait for one's turn, asking again at a steady pace.

    SQLite's own way of waiting sleeps longer and longer, so whoever came last is served first and
    some wait for seconds: with everybody's answers arriving at a deadline, that is the wrong order.
    """
    until = time.monotonic() + BUSY_SECONDS
    cursor = connection.connection.cursor()
    try:
        cursor.execute("PRAGMA busy_timeout = 0")
        if _is_fleeting(connection):
            connection.info[FLEETING] = True
            cursor.execute("PRAGMA synchronous = NORMAL")
        while time.monotonic() < until:
            try:
                cursor.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    break
                time.sleep(ASK_AGAIN_SECONDS)
            else:
                return
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # fails in SQLAlchemy's words
    finally:
        cursor.execute(f"PRAGMA busy_timeout = {round(BUSY_SECONDS * 1000)}")
        cursor.close()


def _is_fleeting(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get(FLEETING, False))


def is_prepared(engine: Engine) -> bool:
    """Whether transactions on this engine begin as ours must."""
    return engine.dialect.name != "sqlite" or engine in _PREPARED


def is_taken(error: IntegrityError) -> bool:
    """Whether a value that may stand once was stored by somebody else meanwhile."""
    state = getattr(error.orig, "sqlstate", None)  # PostgreSQL's unique_violation
    return state == "23505" or "UNIQUE constraint failed" in str(error.orig)


def is_gone(error: IntegrityError) -> bool:
    """Whether what a row names was removed by somebody else meanwhile, or what is removed here is
    named by then. On SQLite writers wait for each other, so there it is a fault of ours."""
    return getattr(error.orig, "sqlstate", None) == "23503"  # PostgreSQL's foreign_key_violation


def begin_write(session: Session, *, fleeting: bool = False) -> None:
    """Begin this session's transaction as a writing one.

    Must come before the session's first statement. What a ``fleeting`` one commits is seen by all
    at once and survives when we are killed, but nobody waits for the disk: a power cut, or a crash
    of PostgreSQL itself, may take the last of it. For counts of tries only, never for what was
    acknowledged.
    """
    if not session.in_transaction():
        session.connection(execution_options={WRITE: True, FLEETING: fleeting})
