"""Mounting Parcurs into the intranet of the tests, and walking its pages as a browser would."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import lms
from host.townhall import PASSWORD, User, db, describe
from lms.models import Base

PREFIX = "/formare"


def mount(app: Flask, **options: Any) -> lms.LMS:
    """Parcurs under /formare, in the intranet's database or in one of its own (``bind_key``)."""
    if "bind_key" not in options:
        with app.app_context():
            lms.prepare(db.engine)
    parcurs = lms.LMS(app, db=db, **{"identify": describe, "url_prefix": PREFIX, **options})
    with app.app_context():
        Base.metadata.create_all(app.extensions["lms"].session.engine)
    app.config.setdefault("SHOW_COURSES", True)
    return parcurs


def enter(app: Flask, login: str) -> FlaskClient:
    """A browser signed in at the intranet."""
    client = app.test_client()
    answer = client.post("/intrare", data={"login": login, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def token(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text[:2000]
    return found[1]


def arrive(client: FlaskClient, path: str = f"{PREFIX}/") -> TestResponse:
    """A page, through the one that lets newcomers in when it comes first."""
    page = client.get(path)
    if "data-lms-arrive" not in page.text:
        return page
    form = re.search(r'action="([^"]+)"[^>]* data-lms-arrive', page.text)
    assert form
    data = {"csrf_token": token(page), "next": path}
    done = client.post(form[1], data=data, follow_redirects=True)
    assert "data-lms-arrive" not in done.text
    return done


def change(app: Flask, login: str, **values: Any) -> None:
    """What the intranet's own administration does to a user."""
    with app.app_context():
        user = db.session.scalar(db.select(User).where(User.login == login))
        assert user is not None
        for name, value in values.items():
            setattr(user, name, value)
        db.session.commit()


def engine_of(app: Flask) -> Any:
    """The engine of our tables there."""
    return app.extensions["lms"].session.engine


def leave(app: Flask) -> None:
    """Close what a mounted application holds open."""
    app.extensions["lms"].renderer.close()
    engine_of(app).dispose()
