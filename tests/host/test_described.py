"""What the host says of somebody: what cannot be used, and what HR has undone since."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from host.mounting import PREFIX, arrive, change, engine_of, enter, token
from lms.models import Department, Person


def test_a_department_that_hr_has_removed_is_not_made_again(intranet: Flask) -> None:
    """Whoever presses the button of an old page a second time is told nothing new."""
    change(intranet, "ana", office="Compartimentul Vechi")
    client = enter(intranet, "ana")
    page = client.get(f"{PREFIX}/badges")
    arrive(client)
    with Session(engine_of(intranet)) as session:
        person = session.scalars(select(Person)).one()
        old, person.department = person.department, None
        session.flush()
        session.delete(old)
        session.commit()
    form = {"csrf_token": token(page), "next": f"{PREFIX}/badges"}
    assert client.post(f"{PREFIX}/arrive", data=form).status_code == 303
    with Session(engine_of(intranet)) as session:
        assert "Compartimentul Vechi" not in session.scalars(select(Department.name)).all()


@pytest.mark.parametrize("wrong", ["subject", "key"])
def test_who_is_described_wrongly_is_told_whom_to_ask_and_the_log_what_to_do(
    intranet: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, wrong: str
) -> None:
    cnp = "1960229400018"
    given: dict[str, Any] = {"subject": cnp} if wrong == "subject" else {"subject": 7, "is": cnp}
    mounted = replace(intranet.extensions["lms"].host, identify=lambda user: given)
    monkeypatch.setattr(intranet.extensions["lms"], "host", mounted)
    intranet.testing = False
    client = enter(intranet, "ana")
    page = client.get(f"{PREFIX}/badges")
    if wrong == "subject":
        form = {"csrf_token": token(page), "next": ""}
        page = client.post(f"{PREFIX}/arrive", data=form)
    assert page.status_code == 500
    assert "adresați-vă celui care o administrează" in page.text
    assert "peste un minut" not in page.text
    logged = caplog.text
    said = "Give your own id of the person." if wrong == "subject" else "identify gave is, which"
    assert said in logged
    assert cnp not in page.text + logged
    with Session(engine_of(intranet)) as session:
        assert session.scalars(select(Person)).all() == []
