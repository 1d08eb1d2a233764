"""What a reader gets when something is wrong: bad input, a busy or missing database, our mistakes."""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from attempts import start
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm.exc import StaleDataError
from world import House

from lms.services import learning
from lms.web.blueprint import GUARDS

pytestmark = pytest.mark.slow

JSON = {"Accept": "application/json"}


@pytest.fixture
def real(house: House) -> House:
    """The house as it is in production: accidents become pages."""
    house.app.testing = False
    return house


def break_home(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*arguments: Any, **more: Any) -> None:
        raise error

    monkeypatch.setattr(learning, "list_enrolled", fail)


def db_error(kind: type[DBAPIError], text: str, sqlstate: str = "") -> DBAPIError:
    """What a database says; ``sqlstate``: PostgreSQL's."""
    said = sqlite3.OperationalError(text)
    if sqlstate:
        said.sqlstate = sqlstate  # type: ignore[attr-defined]  # as psycopg's errors have it
    return kind("SELECT secret", {}, said)


def test_a_database_that_is_away_gets_a_page_all_the_same(
    real: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every page of every room, signed in or not: 503, when to come back, nothing lost."""
    client = real.client("employee")
    token = real.token(client)
    with real.app.app_context():
        engine = real.app.extensions["sqlalchemy"].engine
        engine.dispose()

    def away(*arguments: Any, **more: Any) -> None:
        raise engine.dialect.loaded_dbapi.OperationalError("unable to open database file")

    monkeypatch.setattr(engine.pool, "_creator", away)
    monkeypatch.setattr(engine.pool, "_invoke_creator", away)
    for path in ("/", "/team", "/course/por/lesson/m1-a", "/healthz", "/account", "/admin/people"):
        answer = client.get(path)
        text = answer.get_data(as_text=True)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5"), path
        assert "<!doctype html>" in text
        assert "unable to open" not in text
        assert "Content-Security-Policy" in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
    answer = client.post("/course/por/lesson/m1-a/read", data={"csrf_token": token}, headers=JSON)
    assert (answer.status_code, answer.get_json()["error"]) == (503, "busy")
    assert client.get("/no-such-page").status_code == 404
    assert real.client().get("/contact").status_code == 200


@contextmanager
def held(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody else holds what a writer needs, for longer than anybody waits."""
    with house.app.app_context():
        engine = house.app.extensions["sqlalchemy"].engine

    monkeypatch.setattr("lms.models.engine.BUSY_SECONDS", 0.02)

    def less_patience(dbapi_connection: Any, *more: Any) -> None:
        if engine.dialect.name == "postgresql":
            dbapi_connection.execute("SET lock_timeout = '20ms'")
            dbapi_connection.commit()

    event.listen(engine, "checkout", less_patience)
    try:
        with engine.connect() as holder:
            holder.execution_options(lms_write=True)
            enrolments = "SELECT id FROM lms_enrolment"
            if engine.dialect.name == "postgresql":
                enrolments += " FOR UPDATE"
            holder.exec_driver_sql(enrolments)
            yield
    finally:
        event.remove(engine, "checkout", less_patience)


def test_a_locked_database_says_so_after_its_patience(
    real: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = real.client("employee")
    token = real.token(client)
    with held(real, monkeypatch):
        answer = client.post("/course/por/lesson/m1-b/read", data={"csrf_token": token})
        assert client.get("/").status_code == 200, "reading goes on"
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize(
    ("error", "status", "word"),
    [
        (db_error(OperationalError, "database is locked"), 503, "busy"),
        (db_error(OperationalError, "database or disk is full"), 503, "busy"),
        (NoConnection("QueuePool limit"), 503, "busy"),
        (db_error(IntegrityError, "UNIQUE constraint failed: a.b"), 409, "changed-meanwhile"),
        (StaleDataError("UPDATE secret: 0 were matched"), 409, "changed-meanwhile"),
        (db_error(IntegrityError, "duplicate key", "23505"), 409, "changed-meanwhile"),
        (db_error(IntegrityError, "violates foreign key", "23503"), 409, "changed-meanwhile"),
        (db_error(IntegrityError, "violates check", "23514"), 500, "accident"),
        (db_error(IntegrityError, "FOREIGN KEY constraint failed"), 500, "accident"),
        (db_error(IntegrityError, "CHECK constraint failed: a"), 500, "accident"),
        (RuntimeError("parola=secreta"), 500, "accident"),
        (RecursionError(), 500, "accident"),
    ],
)
def test_accidents_get_a_status_a_number_and_no_inside(
    real: House,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    status: int,
    word: str,
) -> None:
    client = real.client("employee")
    break_home(monkeypatch, error)
    with caplog.at_level(logging.ERROR, "lms.web"):
        page, data = client.get("/"), client.get("/", headers=JSON)
    assert (page.status_code, data.status_code) == (status, status)
    assert data.get_json().keys() == {"error", "number"}
    assert data.get_json()["error"] == word
    for inside in ("secret", "SELECT", "Traceback", "constraint", "QueuePool"):
        assert inside not in page.get_data(as_text=True)
    number = data.get_json()["number"]
    assert number in caplog.text
    assert ("Retry-After" in page.headers) is (status == 503)


def test_an_accident_speaks_the_language_of_the_visitor(
    real: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = real.client()
    with client.session_transaction() as cookie:
        cookie["lms_language"] = "en"
        cookie["_user_id"] = "some token"

    def away(*arguments: Any) -> None:
        raise db_error(OperationalError, "gone")

    monkeypatch.setattr(real.app.extensions["lms"], "identify", away)
    answer = client.get("/", headers={"Accept-Language": "ro"})
    assert answer.status_code == 503
    assert '<html lang="en"' in answer.get_data(as_text=True)


@pytest.mark.parametrize("accept", ["*/*", "text/html,*/*;q=0.8", "", "image/webp", "q=;;,"])
def test_browsers_get_pages(house: House, accept: str) -> None:
    answer = house.client("employee").get("/no-such-page", headers={"Accept": accept})
    assert answer.mimetype == "text/html"
    assert answer.status_code == 404


def test_scripts_get_json(house: House) -> None:
    client = house.client("employee")
    assert client.get("/no-such", headers=JSON).get_json() == {"error": "http-404"}
    assert client.get("/team", headers=JSON).get_json()["error"] == "not-allowed"
    assert house.client().get("/", headers=JSON).get_json() == {"error": "signed-out"}
    refused = client.post("/sign-out", headers=JSON)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "csrf")


def test_a_refusal_of_a_method_names_what_is_allowed(house: House) -> None:
    answer = house.client("employee").delete("/account")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert house.client("employee").options("/account").status_code == 200


BAD = ["\x00", "a\ud800'; --{{7*7}}"]
"""A lone surrogate travels as the bytes that UTF-8 does not allow."""


def _raw(value: str) -> str:
    return "".join(f"%{byte:02X}" for byte in value.encode("utf-8", "surrogatepass"))


def _fill(rule: str, values: dict[str, str]) -> str:
    """A rule's address; empty when a part of it has no value here."""
    for name, value in values.items():
        rule = re.sub(rf"<(?:[a-z]+:)?{name}>", lambda _, v=value: v, rule)
    return "" if "<" in rule else rule


@pytest.mark.parametrize("value", [*BAD, "x" * 3_000])
@pytest.mark.parametrize("role", ["employee", "trainer", "hr"])
def test_no_part_of_an_address_breaks_a_page(house: House, role: str, value: str) -> None:
    client, known = house.client(role), {"course": "por", "key": "m1-a", "path": "files/x.csv"}
    walked = 0
    for rule in house.app.url_map.iter_rules():
        for name in rule.arguments & {"course", "key", "item", "path", "token", "version", "name"}:
            filled = _fill(rule.rule, {**known, "item": "m1-c1", name: _raw(value)})
            if filled and "GET" in (rule.methods or ()):
                assert client.get(filled).status_code < 500, filled
                walked += 1
    assert walked > 10


@pytest.mark.parametrize("value", [*BAD, "x" * 3_000, "-1"])
def test_no_part_of_a_query_breaks_a_page(house: House, value: str) -> None:
    client = house.client("hr")
    for name in ("q", "page", "state", "course", "department", "cohort", "unfinished", "next"):
        for path in ("/team", "/team/export.csv", "/sign-in", "/", "/admin/people"):
            assert client.get(f"{path}?{name}={_raw(value)}").status_code < 500, (path, name)


FIELDS = [
    *("email", "password", "shared", "next", "carried", "code", "account", "again", "current"),
    *("language", "name", "q", "q-0", "key", "sequence", "go", "flag", "on", "percent", "anchor"),
    *("view", "title", "body", "note", "state", "staff_number", "department", "text", "people"),
    *("list", "do", "shown", "since", "source", "status", "to", "role", "starts_on", "days"),
]


@pytest.mark.parametrize("value", [*BAD, "9" * 300])
@pytest.mark.parametrize("role", ["employee", "trainer", "hr"])
def test_no_field_of_a_form_breaks_a_page(house: House, role: str, value: str) -> None:
    """Every unsafe route gets every field with it; what it says is its own, but never 500."""
    client = house.client(role)
    uuid = start(house, client) if role == "employee" else house.world.uuid["employee"]
    sent = "&".join(f"{name}={_raw(value)}" for name in FIELDS)
    body = f"csrf_token={_raw(house.token(client))}&{sent}"
    for rule in house.app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.endpoint.endswith("sign_out"):
            continue
        key = "m1-test" if "quiz" in rule.rule else "m1-a"
        values = {"course": "por", "uuid": uuid, "position": "1", "key": key, "item": "m1-c1"}
        path = _fill(rule.rule, {**values, "token": "no-such"})
        for headers in ({}, JSON) if path.startswith(("/attempt", "/course")) else ({},):
            kind = "application/x-www-form-urlencoded"
            answer = client.post(path, data=body, content_type=kind, headers=headers)
            assert answer.status_code < 500, (path, answer.status_code)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/sign-in", "email password next carried"),
        ("/code", "code"),
        ("/link/no-such", "shared"),
        ("/forgotten", "account"),
        ("/account/password", "current password again"),
        ("/language", "language next"),
        ("/course/por/lesson/m1-b/place", "anchor percent"),
        ("/course/por/lesson/m1-a/check/m1-c1", "q key"),
    ],
)
def test_a_megabyte_in_a_field_is_answered_in_words(house: House, path: str, fields: str) -> None:
    client = house.client("employee")
    for name in fields.split():
        answer = house.post(client, path, {"email": "a", "password": "b", name: "x" * 1_000_000})
        assert 200 <= answer.status_code < 500, (path, name)
        assert len(answer.data) < 100_000, (path, name, "not all of it is sent back")


def test_what_is_too_large_is_refused_in_words(house: House) -> None:
    client = house.client("employee")
    sent = {"language": "x" * 2_000_000}
    answer = house.post(client, "/language", sent)
    assert answer.status_code == 413
    assert "Nu s-a stocat nimic: deodată se pot trimite cel mult 64 kB" in answer.get_data(
        as_text=True
    )
    inside = house.post(client, "/account/password", sent).get_data(as_text=True)
    assert "cel mult 1,5 MB" in inside
    from_a_page = {"Referer": "http://localhost/account"}
    page = house.post(client, "/language", sent, headers=from_a_page).get_data(as_text=True)
    assert 'href="/account">' in page, "back to what was filled in"
    assert "La autentificare" not in page, "who has signed in is not asked to"


@pytest.mark.parametrize("position", ["0", "99", str(10**9), str(10**30)])
def test_no_question_stands_at_a_senseless_number(house: House, position: str) -> None:
    client = house.client("employee")
    uuid = start(house, client)
    for path in (f"/attempt/{uuid}/{position}", f"/attempt/{uuid}/{position}/flag"):
        for headers in ({}, JSON):
            answer = house.post(client, path, {"q": "0", "on": "1"}, headers=headers)
            assert answer.status_code == 404, (path, headers)


def test_a_slow_line_holds_no_writing_transaction(house: House) -> None:
    """The body is read to its end before the database is asked for its one writer."""
    order: list[str] = []
    client = house.client("employee")
    token = house.token(client)
    with house.app.app_context():
        engine = house.app.extensions["sqlalchemy"].engine

    def begun(connection: Any) -> None:
        order.append("begun")

    event.listen(engine, "begin", begun)

    body = f"csrf_token={_raw(token)}&language=en".encode()

    class Slow:
        def __init__(self) -> None:
            self.rest = body

        def read(self, size: int = -1) -> bytes:
            order.append("read")
            part, self.rest = self.rest[:10], self.rest[10:]
            return part

        def readline(self, size: int = -1) -> bytes:
            return self.read(size)

    answer = client.open(
        "/language",
        method="POST",
        environ_overrides={
            "wsgi.input": Slow(),
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
        },
    )
    event.remove(engine, "begin", begun)
    assert answer.status_code == 303
    assert "read" in order
    assert "read" not in order[order.index("begun") :]


def test_every_view_is_walked_by_some_room() -> None:
    """The lists above name fields by hand; a new room must not slip past unread."""
    assert {name.split(".")[0] for name in GUARDS} == {
        "account",
        "admin",
        "learn",
        "lms",
        "manage",
        "public",
        "teach",
    }
