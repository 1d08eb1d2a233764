"""A town hall in miniature for the tests of the entrance."""

from __future__ import annotations

from collections.abc import Iterator

import canary_course
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


@pytest.fixture(scope="session")
def asking(databases: Databases, built: tuple[str, World]) -> str:
    """The same with a test that asks one question of every kind, each with its canary."""
    return canary_course.build(databases, built[0])


@pytest.fixture(scope="module")
def laid(built: tuple[str, World]) -> str:
    """What every test's own database is a copy of; a module may want another."""
    return built[0]


@pytest.fixture
def house(houses: Houses, laid: str, built: tuple[str, World]) -> Iterator[House]:
    """The application over a database of this test's own."""
    with houses.open(laid, built[1]) as house:
        yield house


@pytest.fixture
def trainer(house: House) -> FlaskClient:
    """The course's trainer, who reads English here."""
    speak(house, "en")
    return house.client("trainer")
