"""Walks over every route: guards, tokens, safe reading, headers, roles. No route is left out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import inspect, select, text
from werkzeug.routing import Rule
from world import ROLES, House

from lms.domain.access import Action
from lms.models import Base, Credential
from lms.services import credentials, learning, quizzes
from lms.web import headers
from lms.web.blueprint import (
    ASSET,
    FOR_ANYBODY,
    GUARDS,
    OWN_CHOICE,
    PUBLIC,
    SIGNED_IN,
    Door,
    guard_of,
)
from lms.web.rendering import asset_version

MISSING = "00000000-0000-4000-8000-000000000000"
OPEN_TO: dict[Any, set[str]] = {
    PUBLIC: set(ROLES),
    OWN_CHOICE: set(ROLES),
    SIGNED_IN: set(ROLES),
    ASSET: set(ROLES),
    Action.LEARN: set(ROLES),
    Action.SEE_TEAM: {"manager", "hr"},
    Action.TEACH: {"trainer"},
    Action.MANAGE_PEOPLE: {"hr", "admin"},
    Action.ADMINISTER: {"admin"},
}
"""The matrix role × guard, written down by hand: what the code must say as well."""


def things(house: House, owner: str = "employee") -> dict[str, str]:
    """A value for every variable name of the URL map, naming ``owner``'s own things."""
    at = house.published()
    module = at.manifest.modules[0]
    with house.database() as session:
        enrolled = learning.get_enrolled(session, house.world.person[owner], at.manifest.key)
        attempt = quizzes.start(session, enrolled, module.quizzes[0].key, "ro", house.clock.moment)
        credentials.issue(session, enrolled, module, house.clock.moment)
        badge = session.scalars(
            select(Credential).where(Credential.enrolment_id == enrolled.enrolment_id)
        ).first()
        assert badge is not None
        slug = credentials.share(session, house.world.person[owner], badge.uuid, house.clock.moment)
        session.commit()
        return {
            "attempt": attempt.uuid,
            "badges": badge.uuid,
            "slug": slug,
            "person": house.world.uuid[owner],
            "course": at.manifest.key,
            "lesson": module.lessons[0].key,
            "quiz": module.quizzes[0].key,
            "module": module.key,
            "check": next(iter(at.manifest.checks)),
            "file": next(iter(at.manifest.assets)),
        }


def our_rules(house: House) -> list[Rule]:
    found = [r for r in house.app.url_map.iter_rules() if r.endpoint.startswith("lms.")]
    assert len(found) > 30
    return found


def address(rule: Rule, known: dict[str, str]) -> str:
    """The rule's address with known things put in, else with things that do not exist."""
    filled = rule.rule
    for converter, name in re.findall(r"<(?:([a-z]+):)?([a-z_]+)>", rule.rule):
        value = {"int": "1", "uuid": MISSING, "path": "no/thing"}.get(converter, "no-such-thing")
        if name == "version":
            value = "1"
        for part, thing in known.items():
            if f"/{part}/<" in rule.rule and name in {"key", "uuid", "path", "item"}:
                prefix = rule.rule.split(f"<{converter}:{name}>" if converter else f"<{name}>")[0]
                if prefix.endswith(f"/{part}/"):
                    value = thing
        if name in known:
            value = known[name]
        filled = re.sub(rf"<(?:[a-z]+:)?{name}>", value, filled, count=1)
    return filled


def checksum(house: House) -> str:
    """Everything the database says, as one hash."""
    digest = hashlib.sha256()
    with house.database() as session:
        for table in Base.metadata.sorted_tables:
            key = [column.name for column in inspect(table).primary_key]
            rows = session.execute(text(f'SELECT * FROM "{table.name}" ORDER BY {", ".join(key)}'))
            for row in rows:
                digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def each(house: House, method: str) -> Iterator[tuple[Rule, str]]:
    known = things(house)
    for rule in our_rules(house):
        if method in (rule.methods or set()):
            yield rule, address(rule, known)


def test_every_route_declares_its_guard(house: House) -> None:
    for rule in our_rules(house):
        declared = guard_of(rule.endpoint)
        assert declared is not None, rule.endpoint
        assert isinstance(declared[0], Door | Action), rule.endpoint
    endpoints = {".".join(rule.endpoint.split(".")[-2:]) for rule in our_rules(house)}
    in_a_host = {"account.arrived"}  # tests/host walks these
    assert set(GUARDS) == endpoints | in_a_host, (
        "a guard without a route, or a route without a guard"
    )


def test_only_a_few_doors_are_open_to_strangers(house: House) -> None:
    """Whoever opens another door says so here."""
    open_doors = {name for name, (guard, _) in GUARDS.items() if guard in FOR_ANYBODY}
    assert open_doors == {
        "account.arrive",
        "account.ask_for_link",
        "account.code_form",
        "account.forgotten",
        "account.forgotten_form",
        "account.language",
        "account.link",
        "account.redeem_code",
        "account.redeem_link",
        "account.sign_in_form",
        "account.sign_in_with_password",
        "public.accessibility",
        "public.badge",
        "public.contact",
        "public.health",
        "public.privacy",
    }


def test_a_guarded_route_turns_strangers_away(house: House) -> None:
    client = house.client()
    for rule, path in each(house, "GET"):
        guard, _ = guard_of(rule.endpoint) or (None, None)
        if guard in (*FOR_ANYBODY, ASSET):
            continue
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/sign-in")


def test_every_unsafe_request_without_a_token_is_refused(house: House) -> None:
    walk = list(each(house, "POST"))
    for role in ("trainer", "hr", "admin", None):
        client = house.client(role)
        before = checksum(house)
        for rule, path in walk:
            data = {"csrf_token": "stale##0123"} if role == "hr" else {}
            if role is None and (guard_of(rule.endpoint) or ())[:1] == (OWN_CHOICE,):
                data = {"language": "de"}  # needs no token of a stranger, only something to choose
            answer = client.post(path, data=data)
            assert answer.status_code in {400, 401}, (rule.endpoint, answer.status_code)
        assert checksum(house) == before


def test_a_token_of_another_browser_is_refused(house: House) -> None:
    theirs = house.token(house.client("colleague"))
    client = house.client("employee")
    assert client.post("/sign-out", data={"csrf_token": theirs}).status_code == 400


def test_a_request_from_another_site_is_refused_even_with_a_token(house: House) -> None:
    client = house.client("employee")
    answer = house.post(client, "/sign-out", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 400


@pytest.mark.parametrize("role", [*ROLES, None])
def test_reading_changes_nothing(house: House, role: str | None) -> None:
    walk = list(each(house, "GET"))
    client = house.client(role)
    before = checksum(house)
    for rule, path in walk:
        for method in ("GET", "HEAD"):
            answer = client.open(path, method=method)
            assert answer.status_code < 500, (rule.endpoint, method)
    assert checksum(house) == before, culprits(house, client, walk)


def culprits(house: House, client: Any, walk: list[tuple[Rule, str]]) -> list[str]:
    """Which of the addresses write, found one by one once it is known that some do."""
    found = []
    for rule, path in walk:
        before = checksum(house)
        client.get(path)
        if checksum(house) != before:
            found.append(rule.endpoint)
    return found


def test_the_headers_are_exact_everywhere(house: House) -> None:
    known = things(house)
    client = house.client("employee")
    paths = [address(rule, known) for rule in our_rules(house)]
    paths.append(f"/static/{asset_version()}/css/base.css")
    answers = [client.open(p, method=m) for p in paths for m in ("GET", "POST", "HEAD", "OPTIONS")]
    answers += [client.get("/no-such-page"), client.delete("/"), client.get("/static/1/no.css")]
    statuses = {answer.status_code for answer in answers}
    assert {200, 303, 400, 403, 404, 405} <= statuses
    for answer in answers:
        for name, value in headers.HEADERS.items():
            if name == "Content-Security-Policy" and "/file/" in answer.request.path:
                assert answer.headers[name] in (value, "default-src 'none'; sandbox")
                continue
            assert answer.headers.getlist(name) == [value], (answer.request.path, name)
        is_asset = answer.request.path.startswith("/static/") and answer.status_code == 200
        is_asset = is_asset and answer.request.method in ("GET", "HEAD")
        cached = answer.headers.get("Cache-Control", "")
        assert ("public" in cached) if is_asset else ("no-store" in cached), answer.request.path
        assert "Server" not in answer.headers or "Werkzeug" not in answer.headers["Server"]


def test_the_policy_allows_nothing_inline_and_nobody_else() -> None:
    assert "unsafe" not in headers.POLICY
    assert "http" not in headers.POLICY
    assert "*" not in headers.POLICY


@pytest.mark.parametrize("role", ROLES)
def test_the_matrix_of_roles(house: House, role: str) -> None:
    """Every GET route of every room: open exactly to the roles written down above."""
    known = things(house)
    client = house.client(role)
    for rule in our_rules(house):
        if "GET" not in (rule.methods or set()):
            continue
        guard, _ = guard_of(rule.endpoint) or (None, None)
        status = client.get(address(rule, known)).status_code
        if role in OPEN_TO[guard]:
            assert status != 403, (rule.endpoint, role)
        else:
            assert status == 403, (rule.endpoint, role, status)


@pytest.mark.parametrize("role", ROLES)
def test_the_matrix_of_roles_for_posts(house: House, role: str) -> None:
    """With a good token: a closed room stays closed and nothing changes in it."""
    known = things(house)
    client = house.client(role)
    token = house.token(client)
    before = checksum(house)
    for rule in our_rules(house):
        guard, _ = guard_of(rule.endpoint) or (None, None)
        if "POST" not in (rule.methods or set()) or role in OPEN_TO[guard]:
            continue
        answer = client.post(address(rule, known), data={"csrf_token": token})
        assert answer.status_code == 403, (rule.endpoint, role, answer.status_code)
    assert checksum(house) == before


def body(answer: Any) -> str:
    """An answer's text without what differs for every request."""
    text_ = re.sub(r'name="(csrf_token|next)" value="[^"]*"', "", answer.get_data(as_text=True))
    return re.sub(r"/[0-9a-f-]{36}", "/…", text_)


@pytest.mark.parametrize("role", ["colleague", "other", "manager", "hr", "trainer", "admin"])
def test_what_is_not_mine_looks_like_what_is_missing(house: House, role: str) -> None:
    """Attempts and badges belong to one person; for everybody else they do not exist."""
    known = things(house, "employee")
    nothing = {**known, "attempt": MISSING, "badges": MISSING}
    client = house.client(role)
    token = house.token(client)
    walked = 0
    for rule in our_rules(house):
        if not re.search(r"/(attempt|badges)/<uuid", rule.rule):
            continue
        method = "POST" if "POST" in (rule.methods or set()) else "GET"
        answers = [
            client.open(address(rule, k), method=method, data={"csrf_token": token})
            for k in (known, nothing)
        ]
        assert [a.status_code for a in answers] == [404, 404], rule.rule
        assert body(answers[0]) == body(answers[1]), rule.rule
        walked += 1
    assert walked >= 12


def test_no_answer_leaks_a_database_id(house: House) -> None:
    """Addresses carry uuids and keys, never row numbers (positions within an attempt aside)."""
    for rule in our_rules(house):
        numbers = re.findall(r"<int:([a-z_]+)>", rule.rule)
        assert set(numbers) <= {"position"}, rule.rule


def test_methods_on_the_wire_count(house: House) -> None:
    client = house.client("employee")
    before = checksum(house)
    answer = client.post(
        "/badges",
        data={"_method": "DELETE", "csrf_token": house.token(client)},
        headers={"X-HTTP-Method-Override": "DELETE"},
    )
    assert answer.status_code == 405
    assert client.open("/", method="TRACE").status_code == 405
    assert checksum(house) == before


def test_a_foreign_host_is_refused(house: House) -> None:
    house.app.config["TRUSTED_HOSTS"] = ["localhost"]
    answer = house.client("employee").get("/", headers={"Host": "evil.test"})
    assert answer.status_code == 400
