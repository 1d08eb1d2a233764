"""People signed in without a browser: the cookie, the token and the address of an open test."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from attempts import right_fields
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from bench.load import Ask
from bench.seeding import Town
from lms.models import Attempt, AttemptItem, Person, Response
from lms.models.engine import begin_write
from lms.services import learning, quizzes, sign_in

Client = tuple[str, str]
"""Cookie and form token."""


@dataclass(frozen=True, slots=True)
class OpenTest:
    """A test under way, and how its first question is answered right."""

    uuid: str
    answer: dict[str, str]


def sign_in_all(app: Flask, people: Iterable[int]) -> dict[int, Client]:
    """Cookies as the browser would hold them, with a form token each."""
    state = app.extensions["lms"]
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    now = datetime.now(UTC)
    tokens = {}
    with app.app_context():
        session: Session = state.session()
        begin_write(session)
        for number in people:
            person = session.get_one(Person, number)
            tokens[number] = sign_in.open(session, person, is_shared=False, now=now)
        session.commit()
    name = app.config["SESSION_COOKIE_NAME"]
    clients = {}
    for number, token in tokens.items():
        cookie = f"{name}={signer.dumps({'_user_id': token, 'lms_seen': now.timestamp()})}"
        clients[number] = _with_token(app, cookie)
    return clients


def _with_token(app: Flask, cookie: str) -> Client:
    """Open a page with a form: the answer renews the cookie and names the token."""
    client = app.test_client(use_cookies=False)
    page = client.get("/account", headers={"Cookie": cookie}, base_url="https://127.0.0.1")
    renewed, token = form_of(page)
    return renewed or cookie, token


def form_of(page: TestResponse) -> Client:
    """The cookie a page set (empty when none) and the token of its forms."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    if page.status_code != 200 or found is None:
        raise RuntimeError(f"a page without a form: {page.status}")
    return page.headers.get("Set-Cookie", "").split(";", 1)[0], found[1]


def start_tests(
    session: Session, town: Town, people: Iterable[int], *, answered: bool
) -> dict[int, OpenTest]:
    """Each begins the test of a module they have not passed; perhaps with every answer given."""
    begin_write(session)
    now = datetime.now(UTC)
    begun = {}
    for person in people:
        enrolled = learning.get_enrolled(session, person, town.published.manifest.key)
        module = enrolled.manifest.modules[-1]
        attempt = quizzes.start(session, enrolled, module.quizzes[0].key, "ro", now)
        sat = quizzes.sitting(session, person, attempt.uuid)
        for slot in sat.slots if answered else ():
            fields = right_fields(slot.item, slot.row.layout)
            quizzes.answer(session, person, attempt.uuid, slot.row.position, fields,
                           sequence=0, key=f"k{slot.row.position}", now=now)  # fmt: skip
        first = sat.slots[0]
        given = right_fields(first.item, first.row.layout)
        fields = {f"q-{s}" if s else "q": v[0] for s, v in given.items()}
        begun[person] = OpenTest(attempt.uuid, fields)
        session.commit()
        begin_write(session)
    session.rollback()
    return begun


def saves(session: Session, clients: dict[int, Client], tests: dict[int, OpenTest]) -> list[Ask]:
    """One answer each, for ever anew: the sequence goes on where it stands, no key comes twice."""
    newest: dict[str, int] = dict(
        session.execute(
            select(Attempt.uuid, func.max(Response.sequence))
            .join(AttemptItem, AttemptItem.attempt_id == Attempt.id)
            .join(Response, Response.attempt_item_id == AttemptItem.id)
            .where(AttemptItem.position == 1)
            .group_by(Attempt.uuid)
        )
        .tuples()
        .all()
    )
    session.rollback()
    asks = []
    for person, test in tests.items():
        cookie, token = clients[person]
        form = urllib.parse.urlencode({"csrf_token": token, **test.answer})
        body = form + "&sequence={seq}&key={key}"
        first = newest.get(test.uuid, 0)
        asks.append(Ask(f"/attempt/{test.uuid}/1", cookie, body, "application/json", first))
    return asks


def submissions(clients: dict[int, Client], tests: dict[int, OpenTest]) -> list[Ask]:
    return [
        Ask(f"/attempt/{test.uuid}/submit", clients[person][0],
            urllib.parse.urlencode({"csrf_token": clients[person][1]}))
        for person, test in tests.items()
    ]  # fmt: skip
