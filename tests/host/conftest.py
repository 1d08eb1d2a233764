"""The intranet with Parcurs under /formare, over a database of each test's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from databases import Databases
from factories import courses as factory
from flask import Flask
from sqlalchemy.orm import Session

from host.mounting import mount
from host.townhall import fill, make_app


@pytest.fixture
def intranet(databases: Databases) -> Iterator[Flask]:
    app = make_app(databases.new())
    mount(app)
    app.testing = True
    fill(app)
    yield app
    app.extensions["lms"].renderer.close()
    app.extensions["lms"].session.engine.dispose()


@pytest.fixture
def course(intranet: Flask) -> Any:
    """A small published course in the mounted Parcurs."""
    with Session(intranet.extensions["lms"].session.engine, expire_on_commit=False) as session:
        made = factory.make_published(session, factory.a_course())
        session.commit()
    return made
