"""The intranet with Parcurs under /formare, over a database of each test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from factories import courses as factory
from flask import Flask
from sqlalchemy.orm import Session

from host.mounting import mount
from host.townhall import fill, make_app


@pytest.fixture
def intranet(tmp_path: Path) -> Iterator[Flask]:
    app = make_app(f"sqlite:///{tmp_path / 'intranet.db'}")
    mount(app)
    app.testing = True
    fill(app)
    yield app
    app.extensions["lms"].renderer.close()


@pytest.fixture
def course(intranet: Flask) -> Any:
    """A small published course in the mounted Parcurs."""
    with Session(intranet.extensions["lms"].session.engine, expire_on_commit=False) as session:
        made = factory.make_published(session, factory.a_course())
        session.commit()
    return made
