"""Everybody sends at the deadline: nothing acknowledged is lost, nothing counts twice.

Here with sixty people in fifteen seconds; ``make storm`` is the whole one.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from databases import Postgresql

from drills import mutants, storm

pytestmark = pytest.mark.drill

PEOPLE, SECONDS = 60, 15


def test_nothing_is_lost_or_doubled_in_the_storm(
    real_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = storm.run(real_database, PEOPLE, SECONDS)
    with capsys.disabled():
        kind = real_database.partition(":")[0]
        print(f"\ndeadline storm, {kind}: {figures}")
    assert figures.is_green, figures
    assert figures.submitted == PEOPLE
    assert figures.acknowledged >= PEOPLE * storm.town.QUESTIONS
    assert figures.badges == 2 * PEOPLE


@pytest.mark.parametrize("breakage", mutants.BREAKAGES)
def test_the_storm_sees_a_broken_product(breakage: str, tmp_path: Path) -> None:
    assert mutants.caught_in_the_storm(breakage, f"sqlite:///{tmp_path}/drill.db")


def test_the_storm_sees_a_broken_product_on_postgresql(durable: Postgresql) -> None:
    assert mutants.caught_in_the_storm("twice", durable.new())
