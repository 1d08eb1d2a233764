"""Two servers, one PostgreSQL, a real proxy in front: one server is killed, then one is frozen.

People go on working through the proxy and try again as a browser does. Then what they were told is
compared with what the database holds.

``python -m drills.two_servers [nginx|haproxy] [people]`` prints the figures.
"""

from __future__ import annotations

import json
import random
import secrets
import signal
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from drills import town
from drills.proxies import KINDS, proxied
from drills.serving import Server
from drills.visitor import Journal, Visitor

PEOPLE = 20
SMALL = {"LMS_WORKERS": "2", "LMS_THREADS": "4", "LMS_PROXY_HOPS": "1"}


@dataclass(frozen=True)
class Schedule:
    """Seconds from the beginning."""

    kill: float = 5
    again: float = 12
    """The killed one is started again, as the system does."""
    freeze: float = 20
    thaw: float = 46
    """Longer than the database lets a transaction lie still."""
    end: float = 54


@dataclass
class Outcome:
    figures: town.Figures
    receipts: dict[str, int] = field(default_factory=dict)
    """How many answers were acknowledged while both worked, one was gone, one was frozen, after."""

    @property
    def is_green(self) -> bool:
        return self.figures.is_green and all(self.receipts.values())


def run(url: str, kind: str, folder: Path, breakage: str = "none", people: int = PEOPLE,
        plan: Schedule = Schedule()) -> Outcome:  # fmt: skip
    """Serve twice, work, kill, freeze, compare."""
    cookies = town.settle(url, people)
    if breakage == "twice":
        town.forget_uniqueness(url)
    servers = [Server(url, breakage, dict(SMALL)) for _ in range(2)]
    try:
        for server in servers:
            server.start()
        with proxied(kind, (servers[0].port, servers[1].port), folder) as port:
            begin = time.monotonic()
            give_up = begin + plan.end + 60
            visitors = [
                Visitor(port, cookie, f"Om {number}", give_up)
                for number, cookie in enumerate(cookies)
            ]
            working = [
                threading.Thread(target=work, args=(visitor, begin + plan.end))
                for visitor in visitors
            ]
            for thread in working:
                thread.start()
            trouble(servers, begin, plan)
            for thread in working:
                thread.join(plan.end + 120)
    finally:
        for server in servers:
            server.stop()
    journals = [visitor.journal for visitor in visitors]
    return Outcome(town.reckon(url, journals), _receipts(journals, begin, plan))


def trouble(servers: list[Server], begin: float, plan: Schedule) -> None:
    """What happens to the servers, and when."""
    first, second = servers
    _until(begin + plan.kill)
    first.kill()
    _until(begin + plan.again)
    first.start()
    _until(begin + plan.freeze)
    second.signal(signal.SIGSTOP)
    _until(begin + plan.thaw)
    second.signal(signal.SIGCONT)
    _until(begin + plan.end)


def _until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))


def _receipts(journals: list[Journal], begin: float, plan: Schedule) -> dict[str, int]:
    moments = [moment - begin for journal in journals for moment in journal.moments]
    spans = {
        "both": (0.0, plan.kill),
        "one killed": (plan.kill, plan.again),
        "one frozen": (plan.freeze, plan.thaw),
        "afterwards": (plan.thaw, plan.end + 120),
    }
    return {name: sum(a <= m < b for m in moments) for name, (a, b) in spans.items()}


def work(visitor: Visitor, until: float) -> None:
    """Attempt after attempt; what is under way at the end is finished."""
    chance = random.Random(visitor.journal.name)
    try:
        visitor.come_in()
        for lesson in town.LESSONS:
            path = f"/course/por/lesson/{lesson}/read"
            visitor.expect(visitor.ask("POST", path, {"go": "1"}), 303)
        while time.monotonic() < until:
            if not visitor.start(town.TEST):
                return
            sit(visitor, chance)
    except Exception as error:  # noqa: BLE001  # whatever it is, the drill must see it
        visitor.journal.unexpected.append(repr(error))
    finally:
        visitor.close()


def sit(visitor: Visitor, chance: random.Random) -> None:
    """Some questions, some of them answered more than once, then sent, sometimes twice."""
    for position in chance.sample(range(1, town.QUESTIONS + 1), 6):
        seen: int | None = 0
        for _ in range(chance.randint(1, 3)):
            time.sleep(chance.uniform(0.05, 0.4))
            if seen is not None:
                key = secrets.token_hex(16)
                seen = visitor.save(position, chance.choice("01"), seen, key, time.monotonic())
    times = 2 if chance.random() < 0.3 else 1
    for _ in range(times):
        visitor.submit(time.monotonic())


if __name__ == "__main__":
    chosen = sys.argv[1] if len(sys.argv) > 1 else KINDS[0]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else PEOPLE
    with town.database("postgresql") as address, tempfile.TemporaryDirectory() as scratch:
        outcome = run(address, chosen, Path(scratch), people=count)
    print(json.dumps({**asdict(outcome), "green": outcome.is_green}, indent=1))
    sys.exit(0 if outcome.is_green else 1)
