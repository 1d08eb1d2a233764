"""One database of one size under load: the limit and the product, every row that it can give."""

from __future__ import annotations

import contextlib
import statistics
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from bench import limit, load, measuring, people, processes, seeding, serving
from bench.load import Ask
from bench.measuring import Target
from bench.people import Client, OpenTest
from bench.seeding import Town
from bench.serving import Served
from lms.app import create_app
from lms.settings import Settings

READERS = 64
WRITERS = 300
"""More than one round of the rotation takes, or somebody would be asked for two answers at once."""
FINISHERS = 200
SIGN_INS = 25
WARMING = 60
"""Sign-ins before those: every thread of every worker has its connection and plans by then."""


@dataclass
class Stage:
    """Everything that is up for one database."""

    settings: Settings
    app: Flask
    town: Town
    clients: dict[int, Client]
    tests: dict[int, OpenTest]
    product: Served
    bare: Served
    also: tuple[int, ...]

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        with self.app.app_context():
            yield self.app.extensions["lms"].session()


def settings_of(url: str) -> Settings:
    return Settings(
        database_url=url, secret_key=limit.SECRET, trusted_hosts=("127.0.0.1",), log_level="ERROR"
    )


@contextlib.contextmanager
def staged(url: str, *, size: int, times: int, also: tuple[int, ...]) -> Iterator[Stage]:
    settings = settings_of(url)
    town = seeding.seed(settings, people=size, times=times)
    limit.fill(settings.sqlalchemy_url)
    app = create_app(settings)
    writers = range(2, min(size, WRITERS) + 1)
    clients = people.sign_in_all(app, [1, *writers])
    with app.app_context():
        session = app.extensions["lms"].session()
        tests = people.start_tests(session, town, writers, answered=False)
    with serving.product(url) as product, serving.bare(settings.sqlalchemy_url) as bare:
        yield Stage(settings, app, town, clients, tests, product, bare, also)


def targets(stage: Stage) -> list[Target]:
    """The addresses that may be asked again and again."""
    bare_cookies = limit.cookies(stage.settings, READERS)
    readers = [stage.clients[n][0] for n in range(2, READERS + 2)]
    lesson = stage.town.published.manifest.modules[0].lessons[1].key
    course = stage.town.published.manifest.key

    def pages(path: str, cookies: list[str]) -> Any:
        asks = [Ask(path, cookie) for cookie in cookies]
        return lambda: asks

    writes = [Ask("/write", cookie, "value=some+answer&key={key}") for cookie in bare_cookies]
    bare, product, also = stage.bare, stage.product, stage.also
    return [
        Target("A1", bare, pages("/constant", [""]), also),
        Target("A2", bare, pages("/one", [""]), also),
        Target("badge", product, pages(f"/b/{stage.town.slug}", [""]), also),
        Target("A4", bare, pages("/page", bare_cookies), also),
        Target("home", product, pages("/", readers), also),
        Target("lesson", product, pages(f"/course/{course}/lesson/{lesson}", readers), also),
        Target("matrix", product, pages("/team", [stage.clients[1][0]]), also),
        Target("A5", bare, lambda: writes, also),
        Target("save", product, partial(_saves, stage), also),
    ]


def _saves(stage: Stage) -> list[Ask]:
    time.sleep(1)  # what was on its way when the last run ended has been stored by then
    with stage.session() as session:
        return people.saves(session, stage.clients, stage.tests)


def finish(stage: Stage) -> dict[str, Any]:
    """Sending a test whose every question is answered; each can be sent once."""
    senders = range(WRITERS + 1, min(stage.town.people, WRITERS + FINISHERS) + 1)
    clients = people.sign_in_all(stage.app, senders)
    with stage.session() as session:
        tests = people.start_tests(session, stage.town, senders, answered=True)
    asks = people.submissions(clients, tests)
    target = Target("finish", stage.product, lambda: asks, stage.also)
    return measuring.once(target).summary()


def report(stage: Stage) -> dict[str, Any]:
    """Everybody's completion in one request, as a file."""
    asks = [Ask("/team/export.csv", stage.clients[1][0])] * 5
    target = Target("report", stage.product, lambda: asks, stage.also)
    return measuring.once(target, clients=1).summary()


def csv_extra(stage: Stage) -> float:
    """MiB by which a worker grows at its peak while it writes everybody's file."""
    ask = Ask("/team/export.csv", stage.clients[1][0])
    grown = []
    for _ in range(3):
        workers = stage.product.workers
        for pid in workers:
            processes.reset_peak(pid)
        before = {pid: processes.peak_memory(pid) for pid in workers}
        load.probe(stage.product.port, ask)
        grown.append(max(processes.peak_memory(pid) - before[pid] for pid in workers))
    return round(max(grown), 1)


def sign_in_ratio(stage: Stage) -> float:
    """A sign-in's time over that of checking a password with the same parameters, alone.

    Both warm, as every other row.
    """
    hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
    hashed = hasher.hash(seeding.PASSWORD)
    checks, sign_ins = [], []
    page = stage.app.test_client().get("/sign-in", base_url="https://127.0.0.1")
    cookie, token = people.form_of(page)
    for number in range(WARMING + SIGN_INS):
        began = time.perf_counter()
        hasher.verify(hashed, seeding.PASSWORD)
        checks.append(time.perf_counter() - began)
        form = {"csrf_token": token, "email": f"om{number + 2}@demo.test",
                "password": seeding.PASSWORD}  # fmt: skip
        ask = Ask("/sign-in", cookie, urllib.parse.urlencode(form))
        began = time.perf_counter()
        status, _ = load.probe(stage.product.port, ask)
        sign_ins.append(time.perf_counter() - began)
        if status != 303:
            raise RuntimeError(f"a sign-in answers {status}")
    warm = slice(WARMING, None)
    return round(statistics.median(sign_ins[warm]) / statistics.median(checks[warm]), 2)


def statement_counts(stage: Stage) -> dict[str, int]:
    """SQL statements of each page, warm."""
    course = stage.town.published.manifest.key
    lesson = stage.town.published.manifest.modules[0].lessons[1].key
    head, reader = stage.clients[1][0], stage.clients[2][0]
    save = _saves(stage)[0]
    filled = save.body.replace("{seq}", str(save.first)).replace("{key}", f"count-{time.time_ns()}")
    asks = {
        "home": Ask("/", reader),
        "lesson": Ask(f"/course/{course}/lesson/{lesson}", reader),
        "matrix": Ask("/team", head),
        "report of 500": Ask("/team/export.csv", head),
        "save": Ask(save.path, save.cookie, filled, save.accept),
    }
    return {name: _count(stage.app, ask) for name, ask in asks.items()}


def _count(app: Flask, ask: Ask) -> int:
    client = app.test_client(use_cookies=False)
    sent: list[str] = []

    def note(*arguments: Any) -> None:
        if not arguments[2].startswith(("BEGIN", "SAVEPOINT", "RELEASE", "PRAGMA")):
            sent.append(arguments[2])

    with app.app_context():
        engine = app.extensions["lms"].session().get_bind()
    kind = "application/x-www-form-urlencoded" if ask.body else None
    for is_counted in (False, True):
        if ask.body and not is_counted:
            continue
        if is_counted:
            event.listen(engine, "before_cursor_execute", note)
        answer = client.open(
            ask.path,
            method="POST" if ask.body else "GET",
            data=ask.body or None,
            content_type=kind,
            headers={"Cookie": ask.cookie, "Accept": ask.accept},
            base_url="https://127.0.0.1",
            buffered=True,  # a stream would ask the database only once somebody reads it
        )
        if answer.status_code >= 400:
            raise RuntimeError(f"{ask.path} answers {answer.status}")
    event.remove(engine, "before_cursor_execute", note)
    return len(sent)
