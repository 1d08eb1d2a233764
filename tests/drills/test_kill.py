"""Nothing acknowledged is lost, nothing counts twice, whatever is killed."""

from __future__ import annotations

import pytest

from drills import kill, mutants

pytestmark = pytest.mark.drill


def test_killed_workers_lose_and_double_nothing(
    real_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = kill.run("none", 20, real_database)
    with capsys.disabled():
        print(f"\nkill drill: {figures}")
    assert figures.is_green, figures
    assert figures.kills >= 5
    assert figures.acknowledged >= 40


@pytest.mark.parametrize("breakage", mutants.BREAKAGES)
def test_the_drill_sees_a_broken_product(breakage: str) -> None:
    assert mutants.caught(breakage, 12)
