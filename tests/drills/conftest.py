"""A PostgreSQL for drills: as it is installed, on the real disk, with every promise switched on."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import Postgresql, own_server
from fixtures_folder import not_run


@pytest.fixture(scope="session")
def durable() -> Iterator[Postgresql]:
    """A server that does not acknowledge what is not on disk; missing, it fails in CI."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = own_server(Path(folder), {})
        try:
            url = server.__enter__()
        except ImportError:
            not_run("no PostgreSQL for drills")
        databases = Postgresql(url)
        yield databases
        databases.dispose()
        server.__exit__(None, None, None)


@pytest.fixture(params=["sqlite", "postgresql"])
def real_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of each kind on the real disk."""
    if request.param == "postgresql":
        databases: Postgresql = request.getfixturevalue("durable")
        url = databases.new()
        yield url
        databases.drop(url)
        return
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/drill.db"
