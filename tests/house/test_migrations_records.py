"""Every migration, present and future, leaves the records as they are: down, up, and down again."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from populated import populated as populated
from populated import sums
from schema_dump import dumped
from sqlalchemy import create_engine, make_url, text

from lms.records.form import Sums
from lms.records.moving import move
from lms.settings import Settings
from lms.upgrade import alembic_config, downgrade, migrating, open_engine, upgrade

pytestmark = pytest.mark.slow

REVISIONS = [s.revision for s in ScriptDirectory.from_config(alembic_config()).walk_revisions()]
"""Newest first."""


@pytest.fixture
def settings(populated: Settings, empty_database: str) -> Settings:
    """A populated database of each kind."""
    found = Settings(database_url=empty_database)
    if empty_database.startswith("sqlite"):
        there, here = (Path(str(make_url(s.database_url).database)) for s in (populated, found))
        shutil.copyfile(there, here)
    else:
        move(populated, empty_database, datetime.now(UTC))
    return found


Seen = tuple[dict[str, Sums], dict[str, list[str]]]
"""What is there at a revision: sums of the rows, definitions of the tables."""


def look(settings: Settings) -> Seen:
    engine = open_engine(settings)
    with engine.connect() as connection:
        found = sums(connection), dumped(connection)
    engine.dispose()
    return found


def test_rows_stay_as_they_are_down_up_and_down_again(settings: Settings) -> None:
    """Going down may forget what the older release has no place for, the first time. Whatever is
    there then comes through the step up and down again unchanged, row for row."""
    full, schema = look(settings)
    assert all(found.rows for found in full.values()), "an empty table proves nothing"
    for newer, older in pairwise(REVISIONS):
        downgrade(settings, older)
        below = look(settings)
        upgrade(settings, newer)
        above = look(settings)
        downgrade(settings, older)
        assert look(settings) == below, f"{older} to {newer} and back"
        upgrade(settings, newer)
        assert look(settings) == above, f"{newer} a second time"
        downgrade(settings, older)
    oldest, _ = look(settings)
    assert sum(found.rows for found in oldest.values()) > 1_000
    upgrade(settings)
    after, schema_after = look(settings)
    assert schema_after == schema
    downgrade(settings, REVISIONS[-1])
    assert look(settings)[0] == oldest, "all the way"
    upgrade(settings)
    assert look(settings) == (after, schema)


def test_a_step_forgets_only_what_an_older_release_has_no_place_for(settings: Settings) -> None:
    """People, their sign-ins, what they read and their badges are older than any step."""
    before, _ = look(settings)
    downgrade(settings, REVISIONS[-1])
    upgrade(settings)
    after, _ = look(settings)
    for table in ("person", "department", "sign_in", "enrolment", "reading", "credential"):
        assert before[f"lms_{table}"].rows == after[f"lms_{table}"].rows > 0, table


def test_a_step_that_fails_among_records_leaves_every_row(settings: Settings) -> None:
    before = look(settings)

    def break_off() -> None:
        with migrating(settings) as connection:
            connection.execute(text("DELETE FROM lms_audit_entry"))
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        break_off()
    assert look(settings) == before


def test_the_comparison_notices_one_changed_letter(settings: Settings) -> None:
    before, _ = look(settings)
    engine = create_engine(settings.sqlalchemy_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE lms_person SET name = name || '.' WHERE id = 1"))
    engine.dispose()
    after, _ = look(settings)
    assert {name for name in before if before[name] != after[name]} == {"lms_person"}
