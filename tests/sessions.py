"""A fresh database with all tables for each test, so that commits are real.

SQLite in a file of its own; with ``LMS_TEST_DATABASE=postgresql`` the same tests run there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from lms.models import Base
from lms.models.engine import prepare

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
"""A Monday morning, for tests that need some moment."""


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine of our own over an empty database with all tables."""
    if os.environ.get("LMS_TEST_DATABASE", "sqlite") == "postgresql":
        engine = create_engine(request.getfixturevalue("postgresql_url"))
    else:
        engine = create_engine(f"sqlite:///{tmp_path / 'lms.db'}")
    prepare(engine)
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on that database; what a test leaves uncommitted is rolled back."""
    with Session(engine) as session:
        yield session
