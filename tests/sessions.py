"""A fresh database with all tables for each test, so that commits are real.

One engine serves all tests of a process, over a copy of an empty database made once: what a test
costs is the test. SQLite, or with ``LMS_TEST_DATABASE=postgresql`` PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from databases import Databases
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from lms.models import Base
from lms.models.engine import prepare

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
"""A Monday morning, for tests that need some moment."""


@pytest.fixture(scope="session")
def no_rows(databases: Databases) -> str:
    """A database with all tables, to be copied."""
    url = databases.new()
    engine = create_engine(url)
    prepare(engine)
    Base.metadata.create_all(engine)
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def reused_engine(databases: Databases) -> Engine:
    engine = create_engine(databases.new())
    prepare(engine)
    return engine


@pytest.fixture
def engine(reused_engine: Engine, no_rows: str, databases: Databases) -> Iterator[Engine]:
    """An engine of our own over an empty database with all tables."""
    databases.copy(no_rows, reused_engine.url.render_as_string(hide_password=False))
    yield reused_engine
    # With its pool goes everything that services keep for a database.
    reused_engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on that database; what a test leaves uncommitted is rolled back."""
    with Session(engine) as session:
        yield session
