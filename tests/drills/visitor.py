"""One person's browser in a drill: it keeps its connection, and tries again as the page does.

Whatever got no answer, or one that says "later" (502 to 504), is sent again with the same key; a
journal outside the service notes what was sent and what was acknowledged.
"""

from __future__ import annotations

import http.client
import re
import time
import urllib.parse
from dataclasses import dataclass, field

from drills.serving import COOKIE, HOST

Answer = tuple[int, str, str]
"""Status, Location, text."""

LATER = {502, 503, 504}
PAUSES = (0.2, 0.5, 1.0, 2.0)
"""Seconds before each further try; somewhat more eager than the page."""


@dataclass
class Journal:
    """What happened to one person."""

    name: str = ""
    attempt: str = ""
    sent: set[str] = field(default_factory=set)
    acknowledged: dict[str, int] = field(default_factory=dict)
    """Key of an answer → the sequence number in its receipt."""
    last: dict[tuple[str, int], str] = field(default_factory=dict)
    """Attempt and question → the key of the last answer that was acknowledged."""
    finished: list[str] = field(default_factory=list)
    """Attempts whose sending was acknowledged."""
    retried: int = 0
    moments: list[float] = field(default_factory=list)
    """When receipts came, on the clock all processes share."""
    saves: list[float] = field(default_factory=list)
    """Seconds from the moment an answer was due to be sent to its receipt."""
    submits: list[float] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)


class Visitor:
    """A signed-in browser."""

    def __init__(self, port: int, cookie: str, name: str, give_up: float) -> None:
        self.port, self.cookie, self.give_up = port, cookie, give_up
        self.journal = Journal(name)
        self.token = ""
        self.more: dict[str, str] = {}
        """Headers of one's own."""
        self._line: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> Answer:
        """Tries again until there is an answer. Raises the last fault after ``give_up``."""
        body = urllib.parse.urlencode({"csrf_token": self.token, **form}) if form else None
        headers = {
            "Host": HOST,
            "Cookie": f"{COOKIE}={self.cookie}",
            "Accept": "application/json" if form and "key" in form else "text/html",
            "Content-Type": "application/x-www-form-urlencoded",
            **self.more,
        }
        tries = 0
        while True:
            try:
                answer = self._once(method, path, body, headers)
                if answer[0] not in LATER or time.monotonic() > self.give_up:
                    return answer
            except (OSError, http.client.HTTPException):
                self.close()
                if time.monotonic() > self.give_up:
                    raise
            self.journal.retried += 1
            time.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
            tries += 1

    def _once(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        if self._line is None:
            self._line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        self._line.request(method, path, body, headers)
        with self._line.getresponse() as answer:
            content = answer.read().decode()
            if answer.will_close:
                self.close()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie" and value.startswith(f"{COOKIE}="):
                self.cookie = value.split("=", 1)[1].split(";", 1)[0]
        return answer.status, answer.getheader("Location") or "", content

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def expect(self, answer: Answer, *statuses: int) -> bool:
        if answer[0] not in statuses:
            self.journal.unexpected.append(f"{answer[0]} {answer[2][:300]}")
        return answer[0] in statuses

    def come_in(self) -> None:
        """The first page, and the token of its forms."""
        answer = self.ask("GET", "/account")
        found = re.search(r'name="csrf_token" value="([^"]+)"', answer[2])
        if self.expect(answer, 200) and found:
            self.token = found[1]

    def start(self, key: str) -> bool:
        """Begin a test; a second try gives back the attempt of the first."""
        answer = self.ask("POST", f"/course/por/quiz/{key}/start", {"view": "all"})
        if not self.expect(answer, 303):
            return False
        self.journal.attempt = ""
        found = re.search(r"/attempt/([0-9a-f-]{36})", answer[1])
        if not found:
            self.journal.unexpected.append(f"no attempt at {answer[1]!r}")
            return False
        self.journal.attempt = found[1]
        return True

    def save(self, position: int, choice: str, sequence: int, key: str, due: float) -> int | None:
        """Save one answer; the sequence number in its receipt, None when it was refused."""
        self.journal.sent.add(key)
        form = {"q": choice, "sequence": str(sequence), "key": key}
        status, _, content = self.ask("POST", f"/attempt/{self.journal.attempt}/{position}", form)
        if status == 409 and any(word in content for word in ("attempt-closed", "time-over")):
            return None  # told in time that it does not count
        found = re.search(r'"sequence":\s*(\d+)', content)
        if status != 200 or not found:
            self.journal.unexpected.append(f"{status} {content[:300]}")
            return None
        self.journal.moments.append(time.monotonic())
        self.journal.saves.append(self.journal.moments[-1] - due)
        self.journal.acknowledged[key] = int(found[1])
        self.journal.last[self.journal.attempt, position] = key
        return int(found[1])

    def submit(self, due: float) -> None:
        """Send the attempt and look at the result."""
        uuid = self.journal.attempt
        answer = self.ask("POST", f"/attempt/{uuid}/submit", {"go": "1"})
        if self.expect(answer, 303):
            self.journal.submits.append(time.monotonic() - due)
            self.journal.finished.append(uuid)
            self.expect(self.ask("GET", f"/attempt/{uuid}/result"), 200)
