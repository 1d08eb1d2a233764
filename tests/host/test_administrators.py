"""Whom the host calls administrator is one for HR as well: nobody else touches their account."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from host.mounting import PREFIX, arrive, change, enter, token
from lms.models import Person


def stored(app: Flask, login: str) -> Person:
    """Somebody's row as it is now; the intranet's ids follow its list."""
    subject = {"ana": "host:1", "carmen": "host:3", "dan": "host:4"}[login]
    with Session(app.extensions["lms"].session.engine, expire_on_commit=False) as session:
        return session.scalars(select(Person).where(Person.subject == subject)).one()


@pytest.fixture
def carmen(intranet: Flask) -> FlaskClient:
    """HR by the host's word; Ana and Dan, the administrator, have been here before her."""
    for login in ("ana", "dan"):
        arrive(enter(intranet, login))
    client = enter(intranet, "carmen")
    arrive(client)
    return client


def press(client: FlaskClient, app: Flask, login: str, act: str, **form: str) -> int:
    """The status of a button on somebody's page, pressed or forged."""
    address = f"{PREFIX}/admin/person/{stored(app, login).uuid}"
    page = arrive(client, address)
    data = {"csrf_token": token(page), **form}
    return client.post(f"{address}/{act}", data=data).status_code


def test_hr_shuts_out_and_changes_nobody_who_administers(
    intranet: Flask, carmen: FlaskClient
) -> None:
    dan = stored(intranet, "dan")
    assert not dan.is_admin, "no right is stored"
    page = carmen.get(f"{PREFIX}/admin/person/{dan.uuid}").text
    assert "numai alt administrator" in page
    assert f"{dan.uuid}/suspend" not in page
    assert f"{dan.uuid}/edit" not in page
    assert press(carmen, intranet, "dan", "suspend") == 403
    edited = press(carmen, intranet, "dan", "edit", name="Altul", email="altul@primaria.test")
    assert edited == 403
    after = stored(intranet, "dan")
    assert (after.name, after.email, after.suspended_at) == (dan.name, dan.email, None)
    assert press(carmen, intranet, "ana", "suspend") == 303, "who administers nothing, she may"
    assert stored(intranet, "ana").suspended_at is not None


def test_another_administrator_of_the_host_may(intranet: Flask, carmen: FlaskClient) -> None:
    change(intranet, "carmen", level="operator")
    assert press(carmen, intranet, "dan", "suspend") == 303
    assert stored(intranet, "dan").suspended_at is not None
    change(intranet, "carmen", level="personnel")
    assert press(carmen, intranet, "dan", "reinstate") == 403


def test_with_the_role_the_protection_goes(intranet: Flask, carmen: FlaskClient) -> None:
    dan = enter(intranet, "dan")
    change(intranet, "dan", level="clerk")
    assert press(carmen, intranet, "dan", "suspend") == 403, "he has not been here since"
    arrive(dan)
    assert press(carmen, intranet, "dan", "suspend") == 303


def test_who_becomes_administrator_is_protected_from_the_next_visit(
    intranet: Flask, carmen: FlaskClient
) -> None:
    ana = enter(intranet, "ana")
    change(intranet, "ana", level="operator")
    assert arrive(ana, f"{PREFIX}/admin/system").status_code == 200
    assert press(carmen, intranet, "ana", "suspend") == 403
    assert not stored(intranet, "ana").is_admin


def test_the_mark_gives_no_right(intranet: Flask, carmen: FlaskClient) -> None:
    """What the host said last protects; what it says now decides."""
    dan = enter(intranet, "dan")
    page = arrive(dan, f"{PREFIX}/admin/person/{stored(intranet, 'ana').uuid}")
    change(intranet, "dan", level="clerk")
    form: dict[str, Any] = {"csrf_token": token(page), "to": "yes"}
    address = f"{PREFIX}/admin/person/{stored(intranet, 'ana').uuid}/administrator"
    assert dan.post(address, data=form).status_code == 403
    assert not stored(intranet, "ana").is_admin
