"""A town hall in miniature for the tests of the entrance."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from databases import Databases
from flask.testing import FlaskClient
from teach_room import speak
from world import House, Houses, World, build


@pytest.fixture(scope="session")
def houses(databases: Databases) -> Iterator[Houses]:
    """Where a test gets its house from."""
    houses = Houses(databases)
    yield houses
    houses.close()


@pytest.fixture(scope="session")
def built(databases: Databases) -> tuple[str, World]:
    """A database to be copied, and what is in it."""
    url = databases.new()
    return url, build(url)


@pytest.fixture
def house(houses: Houses, built: tuple[str, World]) -> Iterator[House]:
    """The application over a database of this test's own."""
    with houses.open(*built) as house:
        yield house


@pytest.fixture
def trainer(house: House) -> FlaskClient:
    """The course's trainer, who reads English here."""
    speak(house, "en")
    return house.client("trainer")
