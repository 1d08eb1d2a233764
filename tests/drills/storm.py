"""The deadline storm: everybody saves fifteen answers, and everybody sends in the last seconds.

Three hundred people, sixty seconds, one deadline for all. Some press "send" twice at once, some
have a second window that still saves while the first one sends, some send after the deadline. At
the end what was acknowledged is compared with what is stored and scored.

``make storm``, or ``python -m drills.storm [--people 300] [--seconds 60]
[--database sqlite|postgresql|ADDRESS] [--breakage none|late|twice]`` with ``PYTHONPATH=.:tests``,
prints the figures; the exit code says whether nothing was lost and nothing doubled.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import secrets
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from drills import town
from drills.serving import Server
from drills.visitor import Journal, Visitor

GENERATORS = 3
"""Processes that play the people: one alone would be what is measured."""
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Plan:
    """What each process of the load generator is told."""

    port: int
    begin: float
    """On the clock all processes share (``time.monotonic``)."""
    seconds: float
    """Answers are due in the first nine tenths, sending in the last one."""


def come_and_start(port: int, people: list[tuple[str, str]]) -> list[tuple[Journal, str, str]]:
    """Everybody signs in, reads and begins: (journal, cookie, token) for the storm."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    ready: list[tuple[Journal, str, str]] = []

    def arrive(name: str, cookie: str) -> None:
        visitor = Visitor(port, cookie, name, give_up)
        visitor.come_in()
        for lesson in town.LESSONS:
            visitor.expect(
                visitor.ask("POST", f"/course/por/lesson/{lesson}/read", {"go": "1"}), 303
            )
        if visitor.start(town.TEST):
            path = f"/attempt/{visitor.journal.attempt}/all"
            visitor.expect(visitor.ask("GET", path), 200)
        visitor.close()
        ready.append((visitor.journal, visitor.cookie, visitor.token))

    for at in range(0, len(people), 10):
        _together([threading.Thread(target=arrive, args=p) for p in people[at : at + 10]])
    return ready


def _together(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def play(plan: Plan, people: list[tuple[Journal, str, str]]) -> list[Journal]:
    """The storm itself, one thread for each person."""
    journals = []
    threads = []
    for journal, cookie, token in people:
        visitor = Visitor(
            plan.port, cookie, journal.name, plan.begin + plan.seconds + PATIENCE_SECONDS
        )
        visitor.journal, visitor.token = journal, token
        journals.append(journal)
        threads.append(threading.Thread(target=sit, args=(plan, visitor)))
    _together(threads)
    return journals


def sit(plan: Plan, visitor: Visitor) -> None:
    """Fifteen answers at moments of one's own, then the sending, then the result."""
    number = int(visitor.journal.name.rsplit(" ", 1)[1])
    chance = random.Random(number)
    due = sorted(plan.begin + chance.uniform(0, plan.seconds * 0.9) for _ in range(town.QUESTIONS))
    positions = list(range(1, town.QUESTIONS + 1))
    chance.shuffle(positions)
    for position, moment in zip(positions, due, strict=True):
        _wait(moment)
        visitor.save(position, chance.choice("01"), 0, _key(), moment)
    moment = plan.begin + plan.seconds * chance.uniform(0.9, 1.0)
    _wait(moment)
    try:
        if number % 5 == 0:
            _together([threading.Thread(target=_again, args=(visitor, moment)) for _ in range(2)])
        elif number % 5 == 1:
            late = threading.Thread(target=_save_late, args=(visitor, positions[0], moment))
            send = threading.Thread(target=_again, args=(visitor, moment))
            _together([late, send])
        else:
            visitor.submit(moment)
    finally:
        visitor.close()


def _wait(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))


def _key() -> str:
    return secrets.token_hex(16)


def _second_window(visitor: Visitor) -> Visitor:
    """The same person's, on a line of its own; it writes into the same journal."""
    other = Visitor(visitor.port, visitor.cookie, visitor.journal.name, visitor.give_up)
    other.journal, other.token = visitor.journal, visitor.token
    return other


def _again(visitor: Visitor, moment: float) -> None:
    other = _second_window(visitor)
    other.submit(moment)
    other.close()


def _save_late(visitor: Visitor, position: int, moment: float) -> None:
    """Changes its mind while the other window sends: either it counts, or it is told so."""
    other = _second_window(visitor)
    key = visitor.journal.last.get((visitor.journal.attempt, position))
    seen = visitor.journal.acknowledged.get(key or "", 0)
    other.save(position, "1", seen, _key(), moment)
    other.close()


def run(url: str, people: int, seconds: float, breakage: str = "none") -> town.Figures:
    """Serve, come in, storm, stop, compare."""
    cookies = town.settle(url, people)
    if breakage == "twice":
        town.forget_uniqueness(url)
    server = Server(url, breakage)
    server.start()
    try:
        journals, cpu = weather(url, server, cookies, seconds)
    finally:
        server.stop()
    figures = town.reckon(url, journals)
    figures.server_cpu_seconds = round(cpu, 1)
    return figures


def weather(
    url: str, server: Server, cookies: list[str], seconds: float
) -> tuple[list[Journal], float]:
    """Everybody comes in, then the storm; with the processor time the server took for it."""
    named = [(f"Om {number}", cookie) for number, cookie in enumerate(cookies)]
    parts = [named[n::GENERATORS] for n in range(GENERATORS)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(GENERATORS, mp_context=context) as pool:
        ready = list(pool.map(come_and_start, [server.port] * GENERATORS, parts))
        lead = timedelta(seconds=1.0 + seconds * 0.97)
        town.set_deadline(url, datetime.now(UTC) + lead)
        plan = Plan(server.port, time.monotonic() + 1.0, seconds)
        before = server.cpu_seconds()
        journals = [j for part in pool.map(play, [plan] * GENERATORS, ready) for j in part]
        return journals, server.cpu_seconds() - before


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--database", default="sqlite")
    parser.add_argument("--breakage", default="none")
    asked = parser.parse_args()
    with town.database(asked.database) as address:
        figures = run(address, asked.people, asked.seconds, asked.breakage)
    print(json.dumps({**asdict(figures), "green": figures.is_green}, indent=1))
    sys.exit(0 if figures.is_green else 1)
