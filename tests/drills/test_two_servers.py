"""Two servers on one PostgreSQL: what one does the other knows, and either may be lost.

The table of docs/servers.md, row by row, and then the drill behind a real proxy.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from databases import Postgresql
from factories import courses as factory
from sqlalchemy import select
from sqlalchemy.orm import Session

from drills import proxies, two_servers
from drills.together import PASSWORD, Pair, pair
from drills.visitor import Visitor
from lms.models import Person, Throttle
from lms.services import access_codes, course_store, throttle

pytestmark = pytest.mark.drill


@pytest.fixture(scope="module")
def running(durable: Postgresql) -> Iterator[Pair]:
    with pair(durable.new()) as found:
        yield found


@pytest.fixture
def servers(running: Pair) -> Iterator[Pair]:
    yield running
    running.hang_up()


def is_in(visitor: Visitor) -> bool:
    status, location, _ = visitor.ask("GET", "/account")
    assert status == 200 or "/sign-in" in location
    return status == 200


def test_a_sign_in_ended_on_one_is_refused_by_the_other_at_once(servers: Pair) -> None:
    here, there = servers.both("employee")
    assert is_in(here)
    assert is_in(there)
    assert here.ask("POST", "/sign-out", {"go": "1"})[0] == 303
    assert not is_in(there)
    assert there.ask("POST", "/course/por/lesson/m1-a/read", {"go": "1", "key": "x"})[0] == 401


def test_who_is_suspended_on_one_is_out_on_the_other_at_once(servers: Pair) -> None:
    there = servers.at(1, role="leaver")
    assert is_in(there)
    uuid = servers.people["leaver"][1]
    hr = servers.at(0, role="hr")
    assert hr.ask("POST", f"/admin/person/{uuid}/suspend", {"go": "1"})[0] == 303
    assert not is_in(there)
    sent = {"email": "leaver@demo.test", "password": PASSWORD}
    door = servers.at(1)
    assert door.ask("POST", "/sign-in", sent)[0] == 400
    assert hr.ask("POST", f"/admin/person/{uuid}/reinstate", {"go": "1"})[0] == 303
    assert door.ask("POST", "/sign-in", sent)[0] == 303


def test_what_one_publishes_the_other_shows_at_once(servers: Pair) -> None:
    """Both have the former version in memory; neither may show it."""
    reader, trainer = servers.at(1, role="employee"), servers.at(0, role="trainer")
    path = "/course/por/lesson/m1-b"
    for number in range(3):
        for at in (0, 1):
            line = servers.at(at, reader.cookie)
            for _ in range(6):  # another line may reach another worker: all have read it
                assert line.ask("GET", path)[0] == 200
                line.close()
        _draft(servers, f"Ediția {number}")
        assert f"Ediția {number}" not in reader.ask("GET", path)[2], "a draft is nobody's yet"
        _publish(trainer)
        for _ in range(6):
            reader.close()
            assert f"Ediția {number}" in reader.ask("GET", path)[2]


def _draft(servers: Pair, title: str) -> None:
    course = factory.a_course()
    first, second, *others = course.modules[0].activities
    renamed = replace(second, title=title)
    changed = factory.with_module(course, 1, activities=(first, renamed, *others))
    with Session(servers.engine) as session:
        course_store.store_course(session, changed, factory.InlineRenderer(), datetime.now(UTC))
        session.commit()


def _publish(trainer: Visitor) -> None:
    page = trainer.ask("GET", "/teach/por/publish")[2]
    form = page[page.index('action="/teach/por/publish"') :]
    form = form[: form.index("</form>")]
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
    answer = trainer.ask("POST", "/teach/por/publish", {**hidden, "note": ""})
    assert answer[0] == 303, answer[2][:500]


def test_tries_to_sign_in_count_together(servers: Pair) -> None:
    doors = [servers.at(0), servers.at(1)]
    sent = {"email": "nobody-of-both@demo.test", "password": "greșit"}
    tried = [doors[n % 2].ask("POST", "/sign-in", sent)[0] for n in range(10)]
    assert tried == [400] * 10
    assert [door.ask("POST", "/sign-in", sent)[0] for door in doors] == [429, 429]


def test_a_code_used_on_one_is_spent_on_the_other(servers: Pair) -> None:
    with Session(servers.engine) as session:
        person = session.get_one(Person, servers.people["employee"][0])
        hr = session.get_one(Person, servers.people["hr"][0])
        now = datetime.now(UTC)
        ((_, code),) = access_codes.issue_codes(session, [person], hr, now)
        session.commit()
    assert servers.at(0).ask("POST", "/code", {"code": code})[0] == 303
    assert servers.at(1).ask("POST", "/code", {"code": code})[0] in (400, 409, 410)


def test_one_answer_sent_to_both_is_one_answer(servers: Pair) -> None:
    here, there = servers.both("trainer")
    assert here.start("m1-test")
    there.journal = here.journal
    assert there.start("m1-test"), "the same attempt, not a second one"
    key = secrets.token_hex(16)
    assert [line.save(1, "0", 0, key, 0.0) for line in (here, there)] == [1, 1]
    assert there.save(1, "1", 1, secrets.token_hex(16), 0.0) == 2
    path = f"/attempt/{here.journal.attempt}/1"
    late = {"q": "0", "sequence": "1", "key": secrets.token_hex(16)}
    assert here.ask("POST", path, late)[0] == 409, "older than what the other has stored"


def test_form_tokens_and_language_travel_with_the_browser(servers: Pair) -> None:
    here, there = servers.both("hr")
    assert there.token
    there.token = here.token
    answer = there.ask("POST", "/language", {"language": "ro", "next": "/account"})
    assert answer[0] == 303
    assert 'lang="ro"' in here.ask("GET", "/account")[2]


@pytest.mark.parametrize("kind", proxies.KINDS)
def test_the_proxy_says_who_comes_and_nobody_else_can(
    servers: Pair, kind: str, tmp_path: Path
) -> None:
    """With one hop, an address that a visitor invents counts for nothing."""
    ports = (servers.servers[0].port, servers.servers[1].port)
    with proxies.proxied(kind, ports, tmp_path) as port:
        visitor = Visitor(port, "", "stranger", 0)
        page = visitor.ask("GET", "/sign-in")[2]
        visitor.token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]  # type: ignore[index]
        visitor.more = {"X-Forwarded-For": f"203.0.113.7, 198.51.100.{len(kind)}"}
        sent = {"email": f"{kind}@demo.test", "password": "greșit"}
        assert visitor.ask("POST", "/sign-in", sent)[0] == 400
        visitor.close()
    with Session(servers.engine) as session:
        counted = set(session.scalars(select(Throttle.subject).where(Throttle.scope == "address")))
    assert throttle.counter(throttle.ADDRESS, "127.0.0.1").subject in counted
    for invented in ("203.0.113.7", f"198.51.100.{len(kind)}"):
        assert throttle.counter(throttle.ADDRESS, invented).subject not in counted


@pytest.mark.parametrize("kind", proxies.KINDS)
def test_one_is_killed_and_one_frozen_and_nothing_is_lost(
    durable: Postgresql, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proxies.needed(kind)
    outcome = two_servers.run(durable.new(), kind, tmp_path)
    with capsys.disabled():
        print(f"\ntwo servers behind {kind}: {outcome}")
    assert outcome.is_green, outcome


def test_the_drill_sees_a_broken_product(durable: Postgresql, tmp_path: Path) -> None:
    """A server that acknowledges first and stores a moment later loses what it had in hand."""
    proxies.needed("haproxy")
    short = two_servers.Schedule(kill=4, again=6, freeze=8, thaw=9, end=11)
    outcome = two_servers.run(durable.new(), "haproxy", tmp_path, "late", plan=short)
    assert outcome.figures.lost, outcome
