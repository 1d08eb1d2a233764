"""One verified address, two people of the host: the account stays with who came first."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from factories.people import make_person
from flask import Flask
from flask.testing import FlaskClient
from sessions import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from host.mounting import PREFIX, arrive, change, engine_of, enter, leave, mount, token
from host.townhall import fill, make_app
from lms.domain.claims import Claim
from lms.domain.errors import Conflict
from lms.models import AuditEntry, Department, Person
from lms.models.engine import begin_write
from lms.services import host_people

SHARED = "ana@primaria.test"


@pytest.fixture
def verified(empty_database: str, tmp_path: Path) -> Iterator[Flask]:
    """The intranet, which has verified its addresses; HR has brought Ana in before. Elena's
    address there is Ana's as well."""
    own = f"sqlite:///{tmp_path / 'intranet.db'}"  # its visits do not wait for our people
    app = make_app(own, SQLALCHEMY_BINDS={"formare": empty_database})
    mount(app, bind_key="formare", link_by_email=True)
    app.testing = True
    fill(app)
    change(app, "elena", mail=SHARED.upper())
    with Session(engine_of(app)) as session:
        make_person(session, "Ana din listă", email=SHARED)
        session.commit()
    yield app
    leave(app)


def accounts(app: Flask) -> list[tuple[str | None, str | None]]:
    """Subject and address of everybody."""
    with Session(engine_of(app)) as session:
        found = session.execute(select(Person.subject, Person.email).order_by(Person.id))
        return [(row[0], row[1]) for row in found]


def kept_out(app: Flask) -> list[dict[str, Any]]:
    with Session(engine_of(app)) as session:
        verb = AuditEntry.verb == "person.link-refused"
        return list(session.scalars(select(AuditEntry.details).where(verb)))


def knock(client: FlaskClient, language: str = "ro") -> TestResponse:
    """A first visit, its button pressed."""
    page = client.get(f"{PREFIX}/badges")
    form = {"csrf_token": token(page), "next": f"{PREFIX}/badges"}
    return client.post(f"{PREFIX}/arrive", data=form, headers={"Accept-Language": language})


def test_the_second_does_not_take_the_account_of_the_first(verified: Flask) -> None:
    ana, elena = enter(verified, "ana"), enter(verified, "elena")
    assert knock(ana).status_code == 303
    assert accounts(verified) == [("host:1", SHARED)]
    for language, sentence in (("ro", "este deja legat"), ("en", "is already joined")):
        refused = knock(elena, language)
        assert refused.status_code == 409
        assert sentence in refused.text
        assert "Ana" not in refused.text, "who has the address is nobody's business"
        again = "Încercați din nou" if language == "ro" else "Try again"
        assert f'href="{PREFIX}/">{again}</a>' in refused.text, "the sign-in would change nothing"
    assert accounts(verified) == [("host:1", SHARED)]
    assert kept_out(verified) == [{"claimed_by": "host:5"}], "once, however often they try"
    with Session(engine_of(verified)) as session:
        names = set(session.scalars(select(Department.name)))
        assert "Direcția Economică" not in names, "nothing of a refused visit stays"
    assert "Ana Ionescu" in ana.get(f"{PREFIX}/badges").text
    dan = enter(verified, "dan")
    assert "host:5" in arrive(dan, f"{PREFIX}/admin/system").text


def test_when_one_of_the_addresses_is_corrected_both_come_in(verified: Flask) -> None:
    elena = enter(verified, "elena")
    assert knock(enter(verified, "ana")).status_code == 303
    assert knock(elena).status_code == 409
    change(verified, "elena", mail="elena@primaria.test")
    assert knock(elena).status_code == 303
    assert accounts(verified) == [("host:1", SHARED), ("host:5", "elena@primaria.test")]


def test_an_account_of_another_host_is_neither_joined_nor_a_reason_to_keep_out(
    verified: Flask,
) -> None:
    with Session(engine_of(verified)) as session:
        session.scalars(select(Person)).one().subject = "portal:9"
        session.commit()
    assert knock(enter(verified, "ana")).status_code == 303
    assert accounts(verified) == [("portal:9", SHARED), ("host:1", None)]
    assert kept_out(verified) == []


@pytest.mark.parametrize("is_known", [True, False], ids=["from a list", "new"])
def test_of_two_at_once_one_comes_in(verified: Flask, is_known: bool) -> None:
    """Both have looked before either has written; on SQLite one waits for the other's turn."""
    if not is_known:
        with Session(engine_of(verified)) as session:
            session.delete(session.scalars(select(Person)).one())
            session.commit()
    answers = at_once(verified, ["ana", "elena"])
    assert sorted(answers.values()) == [303, 409]
    first = "host:1" if answers["ana"] == 303 else "host:5"
    second = "host:5" if first == "host:1" else "host:1"
    assert [subject for subject, _ in accounts(verified)] == [first]
    assert kept_out(verified) == [{"claimed_by": second}]


def test_one_person_in_two_tabs_is_not_two(verified: Flask) -> None:
    assert at_once(verified, ["ana", "ana "]) == {"ana": 303, "ana ": 303}
    assert accounts(verified) == [("host:1", SHARED)]
    assert kept_out(verified) == []


def test_the_second_waits_for_the_first_and_then_finds_the_account_taken(verified: Flask) -> None:
    """Two servers, step by step: the second asks while the first has joined and not committed."""

    def admit(session: Session, subject: str) -> Person:
        return host_people.admit(
            session,
            "host",
            Claim(subject, "Ion Pop", SHARED),
            link_by_email=True,
            institution="",
            language="ro",
            now=NOW,
        )

    refused: list[str] = []

    def late() -> None:
        with Session(engine_of(verified)) as session:
            begin_write(session)
            with pytest.raises(Conflict) as info:
                admit(session, "5")
        refused.append(info.value.code)

    with Session(engine_of(verified)) as session:
        begin_write(session)
        admit(session, "1")
        session.flush()
        second = threading.Thread(target=late)
        second.start()
        second.join(1)
        assert second.is_alive(), "it waits"
        session.commit()
    second.join(30)
    assert refused == ["address-joined"]
    assert accounts(verified) == [("host:1", SHARED)]


def at_once(app: Flask, logins: list[str]) -> dict[str, int]:
    """The status each gets when their POSTs meet before the first statement of either."""
    clients = {login: enter(app, login.strip()) for login in logins}
    forms = {
        login: {"csrf_token": token(client.get(f"{PREFIX}/badges"))}
        for login, client in clients.items()
    }
    ready = threading.Barrier(len(logins))
    answers: dict[str, int] = {}

    def send(login: str) -> None:
        ready.wait(30)
        answer = clients[login].post(f"{PREFIX}/arrive", data=forms[login])
        answers[login] = answer.status_code

    threads = [threading.Thread(target=send, args=(login,)) for login in logins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers
