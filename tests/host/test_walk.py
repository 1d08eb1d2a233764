"""Every route of ours in a host, as each kind of person: no link leads out, no reading writes."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sessions import NOW
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from host.mounting import PREFIX, arrive, enter
from lms.models import Base, CourseTrainer, Department, Enrolment, Person
from lms.web.blueprint import guard_of

MISSING = "00000000-0000-4000-8000-000000000000"
LOGINS = ("ana", "barbu", "carmen", "dan", "elena")
DOORS = re.compile(r"sign-in|sign-out|/codes?$|/link(/|$)|/password|/forgotten")


def ours(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("lms.")]


@pytest.fixture
def known(intranet: Flask, course: Any) -> dict[str, str]:
    """Everybody has arrived and is enrolled; Elena, who sees least, teaches."""
    for login in LOGINS:
        arrive(enter(intranet, login))
    with Session(intranet.extensions["lms"].session.engine) as session:
        people = {p.subject: p for p in session.scalars(select(Person))}
        rows = [
            {"uuid": str(uuid4()), "person_id": p.id, "course_id": course.course_id}
            for p in people.values()
        ]
        session.execute(insert(Enrolment), [{**row, "enrolled_at": NOW} for row in rows])
        session.add(CourseTrainer(course_id=course.course_id, person_id=people["host:5"].id))
        session.commit()
        place = session.scalars(select(Department.uuid)).first()
        assert place is not None
        module = course.manifest.modules[0]
        return {
            "person": people["host:1"].uuid,
            "department": place,
            "course": course.manifest.key,
            "module": module.key,
            "lesson": module.lessons[0].key,
            "quiz": module.quizzes[0].key,
        }


def address(rule: Rule, known: dict[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        kind, name = found[1] or "", found[2]
        if name == "uuid":
            return next((known[k] for k in ("department", "person") if k in rule.rule), MISSING)
        if name == "key":
            return next((known[k] for k in ("lesson", "quiz") if k in rule.rule), "none")
        return known.get(name) or (MISSING if "uuid" in kind else "1" if "int" in kind else "none")

    return re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>", value, rule.rule)


def checksum(app: Flask) -> list[Any]:
    with Session(app.extensions["lms"].session.engine) as session:
        return [
            session.execute(text(f"SELECT * FROM {table.name}")).all()
            for table in Base.metadata.sorted_tables
        ]


def test_every_route_in_a_host_declares_its_guard(intranet: Flask) -> None:
    assert len(ours(intranet)) > 30
    for rule in ours(intranet):
        assert guard_of(rule.endpoint) is not None, rule.endpoint
        assert rule.rule.startswith(f"{PREFIX}/"), rule.rule
    names = {rule.endpoint.removeprefix("lms.") for rule in ours(intranet)}
    assert {"account.arrive", "account.arrived", "account.home", "account.language"} == {
        name for name in names if name.startswith("account.")
    }


@pytest.mark.parametrize("login", LOGINS)
def test_pages_hold_together_and_reading_writes_nothing(
    intranet: Flask, known: dict[str, str], login: str
) -> None:
    client = enter(intranet, login)
    before = checksum(intranet)
    good = 0
    for rule in ours(intranet):
        if "GET" not in (rule.methods or set()) or rule.endpoint == "lms.static":
            continue
        path = address(rule, known)
        answer = client.get(path)
        assert answer.status_code < 500, (path, answer.status_code)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        good += 1
        found = re.findall(r'(?:href|action|src|data-[a-z-]+)="(/[^"]*)"', answer.text)
        strays = [a for a in found if a.startswith("/") and not a.startswith(f"{PREFIX}/")]
        assert not strays, (path, strays)
        assert not [a for a in found if DOORS.search(a)], path
        words = re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2]).lower()
        assert not re.search("password|parol|one-time|unică folosință", words), path
    assert good >= 8
    assert checksum(intranet) == before


def test_strangers_are_asked_to_sign_in_everywhere_but_on_public_pages(
    intranet: Flask, known: dict[str, str]
) -> None:
    client = intranet.test_client()
    opened = set()
    for rule in ours(intranet):
        if "GET" not in (rule.methods or set()) or rule.endpoint == "lms.static":
            continue
        answer = client.get(address(rule, known))
        if answer.status_code == 302:
            assert answer.location.startswith("/intrare?next=%2Fformare")
        else:
            opened.add(rule.endpoint.removeprefix("lms."))
    assert opened == {
        "public.accessibility",
        "public.badge",
        "public.contact",
        "public.health",
        "public.privacy",
    }
