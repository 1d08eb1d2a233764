"""A town hall in miniature for the tests of the entrance."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from world import House, World, build, open_house


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    path = tmp_path_factory.mktemp("world") / "world.db"
    world = build(path)
    return path, world


@pytest.fixture
def house(built: tuple[Path, World], tmp_path: Path) -> Iterator[House]:
    """The application over a database of this test's own."""
    house, close = open_house(*built, tmp_path)
    yield house
    close()
