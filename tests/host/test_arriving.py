"""The intranet's people in Parcurs: coming in, their rights, going away, others after them."""

from __future__ import annotations

import logging
from typing import Any
from uuid import uuid4

import pytest
from factories.people import make_enrolment, make_person
from flask import Flask
from sessions import NOW
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from host.mounting import PREFIX, arrive, change, enter, token
from lms.domain.errors import Conflict
from lms.models import AuditEntry, Course, Department, Enrolment, Person
from lms.services import host_people

NONE = "00000000-0000-4000-8000-000000000000"


def database(app: Flask) -> Session:
    return Session(app.extensions["lms"].session.engine)


def people(app: Flask) -> dict[str, str | None]:
    """Names with their subjects."""
    with database(app) as session:
        return {p.name: p.subject for p in session.scalars(select(Person))}


def test_a_stranger_is_sent_to_the_hosts_sign_in_and_back(intranet: Flask) -> None:
    client = intranet.test_client()
    answer = client.get(f"{PREFIX}/badges")
    assert answer.status_code == 302
    assert answer.location == "/intrare?next=%2Fformare%2Fbadges"
    form = {"login": "ana", "password": "parola intranetului"}
    back = client.post(answer.location, data=form)
    assert back.location == f"{PREFIX}/badges"
    assert arrive(client, back.location).status_code == 200


def test_looking_in_writes_nothing_and_a_post_lets_in(intranet: Flask) -> None:
    client = enter(intranet, "ana")
    page = client.get(f"{PREFIX}/badges")
    assert page.status_code == 200
    assert "js/arrive.js" in page.text
    assert people(intranet) == {}
    form = {"csrf_token": token(page), "next": f"{PREFIX}/badges"}
    answer = client.post(f"{PREFIX}/arrive", data=form)
    assert (answer.status_code, answer.location) == (303, f"{PREFIX}/badges")
    assert people(intranet) == {"Ana Ionescu": "host:1"}
    assert "Ana Ionescu" in client.get(f"{PREFIX}/badges").text
    with database(intranet) as session:
        ana = session.scalars(select(Person)).one()
        assert (ana.email, ana.password_hash, ana.is_admin) == ("ana@primaria.test", None, False)
        department = ana.department
        assert department is not None
        names = {d.id: (d.name, d.parent_id) for d in session.scalars(select(Department))}
        assert department.name == "Serviciul Proiecte"
        assert [name for name, _ in names.values()] == [
            "Instituția",
            "Direcția Tehnică",
            "Serviciul Proiecte",
        ]


def test_letting_in_needs_the_token(intranet: Flask) -> None:
    """A sign-in at the host renews the session; then the page asks once more, with a good token."""
    client = enter(intranet, "ana")
    page = client.post(f"{PREFIX}/arrive", data={"csrf_token": "stale", "next": f"{PREFIX}/badges"})
    assert page.status_code == 200
    assert "js/arrive.js" not in page.text, "without cookies it would send itself for ever"
    assert people(intranet) == {}
    form = {"csrf_token": token(page), "next": f"{PREFIX}/badges"}
    assert client.post(f"{PREFIX}/arrive", data=form).location == f"{PREFIX}/badges"
    assert list(people(intranet)) == ["Ana Ionescu"]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_no_other_site_lets_anybody_in(intranet: Flask, site: str) -> None:
    """Nor is it given a page with a good token, on which the reader might press the button."""
    client = enter(intranet, "ana")
    page = client.get(f"{PREFIX}/badges")
    for sent in ("stale", token(page)):
        form = {"csrf_token": sent, "next": f"{PREFIX}/badges", "carried": "an answer of theirs"}
        answer = client.post(f"{PREFIX}/arrive", data=form, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 400
        assert f'action="{PREFIX}/arrive"' not in answer.text
        assert "an answer of theirs" not in answer.text
    assert people(intranet) == {}


def test_nobody_is_sent_elsewhere_on_arrival(intranet: Flask) -> None:
    client = enter(intranet, "ana")
    for target in (
        "https://evil.test/",
        "//evil.test",
        "/intrare",
        "/",
        "/formarex",
        f"{PREFIX}/static/x/../../../iesire",
        f"{PREFIX}/./badges",
        f"{PREFIX}/static/x/css/base.css",
        f"{PREFIX}/course/por/file/../../../../iesire",
        f"{PREFIX}/course/..",
    ):
        page = client.get(f"{PREFIX}/badges")
        form = {"csrf_token": token(page), "next": target}
        assert client.post(f"{PREFIX}/arrive", data=form).location == f"{PREFIX}/"
        with database(intranet) as session:
            session.execute(text("DELETE FROM lms_audit_entry"))
            session.execute(text("DELETE FROM lms_person"))
            session.commit()


def test_there_is_no_way_in_or_out_of_our_own(intranet: Flask) -> None:
    client = enter(intranet, "dan")
    arrive(client)
    for path in ("/sign-in", "/code", "/forgotten", "/link/x", "/account/password"):
        assert client.get(PREFIX + path).status_code == 404, path
    for path in ("/sign-out", "/sign-in", "/code", "/account/sign-out-everywhere"):
        assert client.post(PREFIX + path).status_code == 404, path
    rules = {rule.endpoint for rule in intranet.url_map.iter_rules()}
    assert not {r for r in rules if "sign_in" in r or "sign_out" in r} - {"sign_in", "sign_out"}
    for path in ("/", "/account", "/badges", "/contact", "/admin/people", "/admin/system"):
        page = client.get(PREFIX + path)
        assert page.status_code == 200, path
        assert "sign-out" not in page.text, path
        assert "one-time" not in page.text.lower(), path
        assert "password" not in page.text.lower(), path


def test_details_are_brought_up_to_date_by_a_post(intranet: Flask) -> None:
    client = enter(intranet, "ana")
    arrive(client)
    change(intranet, "ana", full_name="Ana Popescu", office="Resurse Umane")
    page = client.get(f"{PREFIX}/badges")
    assert "data-lms-arrive" in page.text
    assert list(people(intranet)) == ["Ana Ionescu"]
    arrive(client, f"{PREFIX}/badges")
    assert people(intranet) == {"Ana Popescu": "host:1"}
    assert "data-lms-arrive" not in client.get(f"{PREFIX}/badges").text
    with database(intranet) as session:
        department = session.scalars(select(Person)).one().department
        assert department is not None
        assert department.name == "Resurse Umane"
        verbs = list(session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)))
        assert verbs[-2:] == ["department.add", "person.change"]


def test_a_manager_sees_nobody_of_a_department_that_only_has_the_same_name(
    intranet: Flask, course: Any
) -> None:
    change(intranet, "ana", office="Direcția Tehnică / Secretariat")
    change(intranet, "barbu", office="Secretariat")
    arrive(enter(intranet, "ana"))
    with database(intranet) as session:
        make_enrolment(
            session, session.scalars(select(Person)).one(), session.scalars(select(Course)).one()
        )
        session.commit()
    barbu = enter(intranet, "barbu")
    arrive(barbu)
    team = barbu.get(f"{PREFIX}/team")
    assert team.status_code == 200
    assert "Ana Ionescu" not in team.text


def test_a_post_under_way_is_not_lost_to_new_details(intranet: Flask, course: Any) -> None:
    client = enter(intranet, "ana")
    page = arrive(client, f"{PREFIX}/account")
    sent = {"csrf_token": token(page), "language": "en"}
    change(intranet, "ana", full_name="Ana Popescu")
    assert client.post(f"{PREFIX}/language", data=sent).status_code == 303
    arrive(client)
    with database(intranet) as session:
        ana = session.scalars(select(Person)).one()
        assert (ana.name, ana.language) == ("Ana Popescu", "en")


@pytest.mark.parametrize(
    ("login", "opens"),
    [
        ("ana", set()),
        ("barbu", {"/team"}),
        ("carmen", {"/team", "/admin/people"}),
        ("dan", {"/admin/people", "/admin/system"}),
    ],
)
def test_roles_of_the_host_give_rights(intranet: Flask, login: str, opens: set[str]) -> None:
    client = enter(intranet, login)
    arrive(client)
    for path in ("/team", "/admin/people", "/admin/system", "/teach/"):
        expected = 200 if path in opens else 403
        answer = client.get(PREFIX + path)
        assert answer.status_code == expected, (path, answer.text[:300])
    with database(intranet) as session:
        assert not session.scalars(select(Person)).one().is_admin
        assert session.execute(text("SELECT count(*) FROM lms_department_head")).scalar() == 0


def test_a_right_taken_away_ends_with_the_next_request(intranet: Flask) -> None:
    client = enter(intranet, "dan")
    page = arrive(client, f"{PREFIX}/admin/people/new")
    form = {"csrf_token": token(page), "name": "Nou Venit", "email": "nou@primaria.test"}
    change(intranet, "dan", level="clerk")
    assert client.post(f"{PREFIX}/admin/people/new", data=form).status_code == 403
    between = client.get(f"{PREFIX}/admin/people")
    assert "data-lms-arrive" in between.text
    assert "person/" not in between.text
    assert arrive(client, f"{PREFIX}/admin/people").status_code == 403
    assert client.get(f"{PREFIX}/admin/people").status_code == 403
    change(intranet, "dan", level="operator")
    assert client.post(f"{PREFIX}/admin/people/new", data=form).status_code == 303
    assert set(people(intranet)) == {"Dan Operatoru", "Nou Venit"}


def test_a_manager_who_moves_sees_the_new_people_and_not_the_old(
    intranet: Flask, course: Any
) -> None:
    for login in ("ana", "elena"):
        arrive(enter(intranet, login))
    with database(intranet) as session:
        enrolled = [
            {"uuid": str(uuid4()), "person_id": p.id, "course_id": course.course_id}
            for p in session.scalars(select(Person))
        ]
        session.execute(insert(Enrolment), [{**e, "enrolled_at": NOW} for e in enrolled])
        session.commit()
    client = enter(intranet, "barbu")
    arrive(client)
    team = client.get(f"{PREFIX}/team/export.csv").text
    assert "Ana Ionescu" in team
    assert "Elena Alta" not in team
    change(intranet, "barbu", office="Direcția Economică")
    first = client.get(f"{PREFIX}/team/export.csv").text
    assert "data-lms-arrive" in first
    assert "Ana Ionescu" not in first
    moved = arrive(client, f"{PREFIX}/team/export.csv").text
    assert "Elena Alta" in moved
    assert "Ana Ionescu" not in moved


def test_a_hosts_administrator_administers(intranet: Flask) -> None:
    """Also what only an administrator may do, though no such right is stored."""
    arrive(enter(intranet, "ana"))
    client = enter(intranet, "dan")
    arrive(client)
    with database(intranet) as session:
        ana = session.scalars(select(Person).where(Person.subject == "host:1")).one().uuid
    page = client.get(f"{PREFIX}/admin/person/{ana}")
    form = {"csrf_token": token(page), "to": "yes"}
    answer = client.post(f"{PREFIX}/admin/person/{ana}/administrator", data=form)
    assert answer.status_code == 303, answer.text
    with database(intranet) as session:
        admins = session.scalars(select(Person.subject).where(Person.is_admin.is_(True))).all()
    assert admins == ["host:1"]


def test_unknown_roles_give_nothing_and_are_named_once(
    intranet: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("host.townhall").townhall.ROLES, "clerk", ["Administrator"])
    client = enter(intranet, "ana")
    with caplog.at_level(logging.WARNING, "lms.host"):
        arrive(client)
        assert client.get(f"{PREFIX}/admin/people").status_code == 403
    assert len([r for r in caplog.records if "Administrator" in r.getMessage()]) == 1


def test_a_suspended_person_stays_out(intranet: Flask) -> None:
    client = enter(intranet, "ana")
    good = token(arrive(client))
    with database(intranet) as session:
        session.execute(text("UPDATE lms_person SET suspended_at = created_at"))
        session.commit()
    page = client.get(f"{PREFIX}/badges")
    assert page.status_code == 403
    assert "data-lms-arrive" not in page.text
    answer = client.post(f"{PREFIX}/arrive", data={"csrf_token": good})
    assert answer.status_code == 403


def test_whom_identify_does_not_name_is_told_so_and_not_sent_in_circles(intranet: Flask) -> None:
    client = enter(intranet, "ana")
    change(intranet, "ana", level="contractor")
    assert client.get(f"{PREFIX}/badges").status_code == 403
    assert "csrf_token" not in client.get(f"{PREFIX}/contact").text  # no button lets them in
    assert "data-lms-arrive" not in client.post(f"{PREFIX}/arrive").text
    assert people(intranet) == {}


def test_signing_out_at_the_host_ends_it(intranet: Flask) -> None:
    client = enter(intranet, "ana")
    page = arrive(client, f"{PREFIX}/account")
    client.post("/iesire")
    assert client.get(f"{PREFIX}/account").status_code == 302
    form = {"csrf_token": token(page)}
    sent = client.post(f"{PREFIX}/badges/{NONE}/share", data=form)
    assert (sent.status_code, sent.headers.get("Location")) == (401, None)
    json = client.post(f"{PREFIX}/badges/{NONE}/share", headers={"Accept": "application/json"})
    assert (json.status_code, json.json) == (401, {"error": "signed-out"})


def test_the_next_person_in_the_browser_finds_nothing_of_the_first(intranet: Flask) -> None:
    client = enter(intranet, "ana")
    page = arrive(client, f"{PREFIX}/account")
    form = {"csrf_token": token(page), "language": "en"}
    client.post(f"{PREFIX}/language", data=form)
    with client.session_transaction() as cookie:
        cookie["lms_notices"] = [["success", "Ana's own message"]]
        before = {key for key in cookie if key.startswith("lms_")}
    assert {"lms_for", "lms_csrf", "lms_language"} <= before
    client.post("/iesire")
    client.post("/intrare", data={"login": "elena", "password": "parola intranetului"})
    page = arrive(client, f"{PREFIX}/account")
    assert "Elena Alta" in page.text
    assert "Ana" not in page.text
    with client.session_transaction() as cookie:
        assert cookie["lms_for"] == "5"
        assert "lms_language" not in cookie
        assert cookie["csrf"] == "the intranet's own token"
    assert client.post(f"{PREFIX}/language", data=form).status_code == 400, "Ana's token"


@pytest.mark.parametrize(
    "noticed",
    [
        Conflict("account-name-taken", field="email"),
        Conflict("department-exists", name="Serviciul Proiecte"),
        Conflict("root-exists"),
    ],
    ids=["person", "department", "root"],
)
def test_arriving_twice_at_once_makes_one_person(
    intranet: Flask, monkeypatch: pytest.MonkeyPatch, noticed: Conflict
) -> None:
    """Two tabs, or two colleagues on the first day: the other request has just made the person or
    the department that this one was about to make."""
    real = host_people.admit
    left = [noticed] * 4

    def overtaken(session: Session, *args: Any, **options: Any) -> Person:
        if not left:
            return real(session, *args, **options)
        session.rollback()
        real(session, *args, **options)
        session.commit()
        raise left.pop()

    client = enter(intranet, "ana")
    page = client.get(f"{PREFIX}/badges")
    monkeypatch.setattr(host_people, "admit", overtaken)
    form = {"csrf_token": token(page), "next": f"{PREFIX}/badges"}
    assert client.post(f"{PREFIX}/arrive", data=form).location == f"{PREFIX}/badges"
    assert list(people(intranet)) == ["Ana Ionescu"]
    assert client.get(f"{PREFIX}/badges").status_code == 200


def test_a_shared_mailbox_is_no_obstacle(intranet: Flask) -> None:
    change(intranet, "elena", mail="ANA@primaria.test")
    for login in ("ana", "elena"):
        arrive(enter(intranet, login))
    assert set(people(intranet)) == {"Ana Ionescu", "Elena Alta"}


def test_an_address_of_ours_is_not_taken_over(intranet: Flask) -> None:
    """Whoever may write any address into the host's profile must not become HR by it."""
    with database(intranet) as session:
        make_person(session, "Șefa", email="ana@primaria.test", is_admin=True)
        session.commit()
    client = enter(intranet, "ana")
    page = client.get(f"{PREFIX}/badges")
    answer = client.post(f"{PREFIX}/arrive", data={"csrf_token": token(page)})
    assert answer.status_code == 409
    assert people(intranet) == {"Șefa": None}
