"""The set test: twenty people answer and send while workers are killed; then all is read back.

After Jepsen's set test: a journal of what was sent and what was acknowledged, and at the end
LOST = acknowledged but not there, GHOST = there but never sent, DOUBLED = there twice.

``python -m drills.kill [none|late|twice] [seconds] [sqlite|postgresql]`` prints the figures.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from factories import courses as factory
from factories.people import make_department, make_person
from sqlalchemy import text
from sqlalchemy.orm import Session

from drills import town
from drills.served import settings_of
from drills.serving import free_port
from drills.town import database
from lms.app import create_app
from lms.models import Enrolment
from lms.services import sign_in
from lms.settings import Settings
from lms.upgrade import open_engine, upgrade

Answer = tuple[int, str, str]
"""Status, Location, text."""

PEOPLE = 20
TESTS = Path(__file__).resolve().parent.parent


@dataclass
class Figures:
    """What the drill found; all but the first four must be as the promises say."""

    sent: int = 0
    acknowledged: int = 0
    retried: int = 0
    kills: int = 0
    lost: int = 0
    ghosts: int = 0
    doubled: int = 0
    attempts_sent: int = 0
    badges: int = 0
    badges_due: int = 0
    unexpected: list[str] = field(default_factory=list)

    @property
    def is_green(self) -> bool:
        return (
            self.acknowledged > 0
            and self.kills > 0
            and not (self.lost or self.ghosts or self.doubled or self.unexpected)
            and self.badges == self.badges_due > 0
        )


@dataclass
class Journal:
    """One client's own record, kept outside the service."""

    sent: set[str] = field(default_factory=set)
    acknowledged: dict[str, int] = field(default_factory=dict)
    finished: set[str] = field(default_factory=set)
    """Attempts whose sending was acknowledged."""
    retried: int = 0
    unexpected: list[str] = field(default_factory=list)


def prepare_people(url: str, port: int) -> list[tuple[str, str]]:
    """A course and its learners; gives (cookie, person) for each browser."""
    upgrade(Settings(database_url=url))
    engine = open_engine(Settings(database_url=url))
    app = create_app(settings_of(url, port))
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    cookies = []
    now = datetime.now(UTC)
    with Session(engine) as session:
        course = factory.a_course()
        for number, module in enumerate(course.modules, 1):
            # Nobody waits after a failed attempt: a drill wants as many as it can get.
            test = factory.a_quiz(f"{module.key}-test", wait_minutes=0)
            course = factory.with_module(course, number, activities=(*module.activities[:-1], test))
        at = factory.make_published(session, course)
        home = make_department(session)
        for number in range(PEOPLE):
            person = make_person(session, f"Om {number}", department=home)
            session.add(Enrolment(person_id=person.id, course_id=at.course_id, enrolled_at=now))
            token = sign_in.open(session, person, is_shared=False, now=now)
            cookie = signer.dumps({"_user_id": token, "lms_seen": now.timestamp()})
            cookies.append((str(cookie), person.name))
        session.commit()
    engine.dispose()
    return cookies


class Browser:
    """One client. It retries whatever got no answer, with the same key, as the page does."""

    def __init__(self, port: int, cookie: str, until: float) -> None:
        self.port, self.cookie, self.until = port, cookie, until
        self.journal = Journal()
        self.token = ""

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> Answer:
        """Status, Location and text. Tries again until there is an answer."""
        body = urllib.parse.urlencode({"csrf_token": self.token, **form}) if form else None
        headers = {
            "Cookie": f"parcurs={self.cookie}",
            "Accept": "application/json" if form and "key" in form else "text/html",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            try:
                connection.request(method, path, body, headers)
                with connection.getresponse() as answer:
                    content = answer.read().decode()
                if answer.status == 503:
                    raise ConnectionError
                for name, value in answer.getheaders():
                    if name.lower() == "set-cookie" and value.startswith("parcurs="):
                        self.cookie = value.split("=", 1)[1].split(";", 1)[0]
                        headers["Cookie"] = f"parcurs={self.cookie}"
                return answer.status, answer.getheader("Location") or "", content
            except (OSError, http.client.HTTPException):
                self.journal.retried += 1
                if time.monotonic() > self.until + 60:
                    raise
                time.sleep(0.05 + random.random() * 0.1)
            finally:
                connection.close()

    def work(self) -> None:
        _, _, page = self.ask("GET", "/account")
        self.token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]  # type: ignore[index]
        for module in ("m1", "m2"):
            for lesson in ("a", "b"):
                path = f"/course/por/lesson/{module}-{lesson}/read"
                self.expect(self.ask("POST", path, {"go": "1"}), 303)
        while time.monotonic() < self.until:
            self.sit(random.choice(("m1", "m2")))

    def expect(self, answer: Answer, *statuses: int) -> bool:
        if answer[0] not in statuses:
            self.journal.unexpected.append(f"{answer[0]} {answer[2][:200]}")
        return answer[0] in statuses

    def sit(self, module: str) -> None:
        """One attempt: every question answered a few times over, then sent four times at once."""
        started = self.ask("POST", f"/course/por/quiz/{module}-test/start", {"go": "1"})
        if not self.expect(started, 303, 409) or started[0] == 409:
            time.sleep(0.1)
            return
        uuid = re.search(r"/attempt/([0-9a-f-]{36})", started[1])[1]  # type: ignore[index]
        for position in (1, 2):
            for sequence in range(random.randint(1, 4)):
                self.answer(uuid, position, sequence)
        sends = [threading.Thread(target=self.send, args=(uuid,)) for _ in range(4)]
        for send in sends:
            send.start()
        for send in sends:
            send.join()

    def answer(self, uuid: str, position: int, sequence: int) -> None:
        key = f"{uuid[:18]}-{position}-{sequence}-{secrets.token_hex(8)}"
        self.journal.sent.add(key)
        form = {"q": random.choice("01"), "sequence": str(sequence), "key": key}
        status, _, content = self.ask("POST", f"/attempt/{uuid}/{position}", form)
        if status == 200:
            self.journal.acknowledged[key] = json.loads(content)["sequence"]
        elif status != 409:
            self.journal.unexpected.append(f"{status} {content[:200]}")

    def send(self, uuid: str) -> None:
        answer = self.ask("POST", f"/attempt/{uuid}/submit", {"go": "1"})
        if self.expect(answer, 303):
            self.journal.finished.add(uuid)


def workers(pid: int) -> list[int]:
    """The server's worker processes (not multiprocessing's own tracker)."""
    found = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in listed.read_text().split():
            try:
                command = Path(f"/proc/{child}/cmdline").read_bytes()
            except FileNotFoundError:
                continue
            if b"resource_tracker" not in command:
                found.append(int(child))
    return found


def run(breakage: str = "none", seconds: float = 20, url: str = "") -> Figures:
    """Serve, work, kill, stop, read back. Without ``url`` in a SQLite file of its own."""
    if not url:
        with tempfile.TemporaryDirectory() as folder:
            return run(breakage, seconds, f"sqlite:///{folder}/drill.db")
    port = free_port()
    people = prepare_people(url, port)
    if breakage == "twice":
        town.forget_uniqueness(url)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(TESTS.parent), str(TESTS)))}
    command = [sys.executable, "-m", "drills.served", breakage, url, str(port)]
    server = subprocess.Popen(command, env=environment)
    try:
        _wait(port)
        browsers, kills = _storm(server.pid, port, people, seconds)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)
    return _read_back(url, browsers, kills)


def _wait(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            with connection.getresponse() as answer:
                if answer.status == 200:
                    return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    raise RuntimeError("the service did not come up")


def _storm(
    pid: int, port: int, people: list[tuple[str, str]], seconds: float
) -> tuple[list[Browser], int]:
    until = time.monotonic() + seconds
    browsers = [Browser(port, cookie, until) for cookie, _ in people]
    threads = [threading.Thread(target=browser.work) for browser in browsers]
    for thread in threads:
        thread.start()
    kills = 0
    while time.monotonic() < until:
        time.sleep(random.uniform(0.4, 1.2))
        alive = workers(pid)
        if alive:
            os.kill(random.choice(alive), signal.SIGKILL)
            kills += 1
    for thread in threads:
        thread.join(120)
    return browsers, kills


def _read_back(url: str, browsers: list[Browser], kills: int) -> Figures:
    engine = open_engine(Settings(database_url=url))
    with engine.connect() as connection:

        def rows(query: str) -> list[Any]:
            return [tuple(row) for row in connection.execute(text(query))]

        stored = rows("SELECT idempotency_key, sequence FROM lms_response")
        submitted = {u for (u,) in rows("SELECT uuid FROM lms_attempt WHERE state = 'submitted'")}
        badges = rows("SELECT enrolment_id, achievement FROM lms_credential")
        due = rows("SELECT enrolment_id, module_id FROM lms_module_completion")
        course_due = rows(
            "SELECT enrolment_id FROM lms_module_completion "
            "GROUP BY enrolment_id HAVING count(*) = 2"
        )
        doubled_completions = rows(
            "SELECT 1 FROM lms_module_completion "
            "GROUP BY enrolment_id, module_id HAVING count(*) > 1"
        )
        is_file = engine.dialect.name == "sqlite"
        healthy = not is_file or rows("PRAGMA integrity_check") == [("ok",)]
    engine.dispose()
    return _reckon(browsers, kills, stored, submitted, badges, len(due) + len(course_due),
                   len(doubled_completions), healthy)  # fmt: skip


def _reckon(
    browsers: list[Browser],
    kills: int,
    stored: list[Any],
    submitted: set[str],
    badges: list[Any],
    badges_due: int,
    doubled_completions: int,
    healthy: bool,
) -> Figures:
    kept = dict(stored)
    found = Figures(kills=kills, badges=len(badges), badges_due=badges_due)
    found.doubled = (len(stored) - len(kept)) + (len(badges) - len(set(badges)))
    found.doubled += doubled_completions
    sent: set[str] = set()
    for browser in browsers:
        journal = browser.journal
        sent |= journal.sent
        found.sent += len(journal.sent)
        found.acknowledged += len(journal.acknowledged)
        found.retried += journal.retried
        found.attempts_sent += len(journal.finished)
        found.lost += sum(kept.get(k) != s for k, s in journal.acknowledged.items())
        found.lost += len(journal.finished - submitted)
        found.unexpected += journal.unexpected[:5]
    found.ghosts = len(kept.keys() - sent)
    if not healthy:
        found.unexpected.append("integrity_check")
    return found


if __name__ == "__main__":
    chosen = sys.argv[1] if len(sys.argv) > 1 else "none"
    length = float(sys.argv[2]) if len(sys.argv) > 2 else 20
    with database(sys.argv[3] if len(sys.argv) > 3 else "sqlite") as address:
        figures = run(chosen, length, address)
    print(json.dumps({**asdict(figures), "green": figures.is_green}, indent=1))
    sys.exit(0 if figures.is_green else 1)
