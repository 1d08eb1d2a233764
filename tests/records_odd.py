"""Records with everything odd in them, and what is compared of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from lms.domain.text import fold
from lms.models import (
    AccessCode,
    Asset,
    Base,
    Course,
    Department,
    Manifest,
    Person,
    SignIn,
)
from lms.models.engine import begin_write
from lms.records.form import (
    columns_of,
    sums_in,
)
from lms.settings import Settings
from lms.upgrade import open_engine, upgrade

NOW = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 9, 9, 30, tzinfo=UTC)


@pytest.fixture
def settings(empty_database: str) -> Settings:
    found = Settings(database_url=empty_database)
    upgrade(found)
    return found


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = open_engine(settings)
    yield engine
    engine.dispose()


def person(name: str, **more: object) -> Person:
    return Person(name=name, name_key=fold(name), created_at=NOW, **more)


def add_everything_odd(engine: Engine) -> None:
    """Rows with what does not survive carelessness: cycles, binary, null beside "null"."""
    with Session(engine) as session:
        begin_write(session)
        root = Department(name="Primăria", name_key="primaria", is_root=True)
        session.add(root)
        session.flush()
        late = Department(name="Târziu", name_key="tarziu", parent=root, path="/1/2/")
        early = Department(name="Devreme", name_key="devreme", path="/1/2/3/")
        session.add_all([early, late])
        session.flush()
        early.parent = late  # a parent whose id is the greater one
        ana = person(
            "Ștefania „Fani” Țurcanu", department=early, email="a@x.ro", email_key="a@x.ro"
        )
        session.add_all([ana, person("\u200b=1+1;\t'\"\\ 😀", staff_number="7", staff_key="7")])
        course = Course(key="por", draft={"z": 1, "a": [1.5, None, "ț"]}, created_at=NOW)
        session.add(course)
        session.flush()
        manifest = Manifest(course_id=course.id, number=1, content={}, created_at=NOW)
        session.add(manifest)
        session.flush()
        course.manifest = manifest
        session.add(
            Asset(
                course_id=course.id,
                sha256="0" * 64,
                media_type="image/png",
                name="x.png",
                data=bytes(range(256)),
            )
        )
        session.add(
            SignIn(
                token_hash="t" * 64, person=ana, is_shared=False, created_at=NOW, expires_at=LATER
            )
        )
        session.add(
            AccessCode(
                kind="code", secret_hash="c" * 64, person=ana, created_at=NOW, expires_at=LATER
            )
        )
        session.commit()


def every_row(engine: Engine) -> dict[str, object]:
    with engine.connect() as connection:
        return {
            table.name: sums_in(connection, table.name, columns_of(table))
            for table in Base.metadata.sorted_tables
        }
