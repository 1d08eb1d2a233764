"""The same application in several WSGI servers: what the choice of the server rests on.

``python -m bench.servers`` prints a table; ``var/bench/servers.json`` keeps it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from flask import Flask

from bench import load, measuring, serving, town
from bench.serving import Served
from lms.app import create_app

WORKERS, THREADS = str(serving.WORKERS), str(serving.THREADS)
PEOPLE = 1_000

GUNICORN = ["-m", "gunicorn", "--bind", "127.0.0.1:{port}", "--workers", WORKERS,
            "--log-level", "error", "bench.servers:application"]  # fmt: skip
COMMANDS: dict[str, list[str]] = {
    "granian": [],
    "gunicorn sync": GUNICORN,
    "gunicorn gthread": [*GUNICORN, "--worker-class", "gthread", "--threads", THREADS],
    "waitress": ["-m", "waitress", "--listen", "127.0.0.1:{port}",
                 "--threads", str(serving.WORKERS * serving.THREADS),
                 "bench.servers:application"],
}  # fmt: skip


def _from_environment() -> Flask:
    settings = town.settings_of(os.environ["BENCH_DATABASE"])
    return create_app(settings)


application: Any = _from_environment() if "BENCH_DATABASE" in os.environ else None
"""What the other servers import."""


@contextmanager
def served(name: str, url: str) -> Iterator[Served]:
    """The product in one of the servers."""
    if not COMMANDS[name]:
        with serving.product(url) as ours:
            yield ours
        return
    port = serving.free_port()
    environ = {
        **os.environ,
        "BENCH_DATABASE": url,
        "PYTHONPATH": os.pathsep.join([str(serving.ROOT / "tests"), str(serving.ROOT)]),
    }
    command = [sys.executable, *(part.format(port=port) for part in COMMANDS[name])]
    with serving.running(name, command, environ, port, "/sign-in") as other:
        yield other


def main(names: Sequence[str]) -> None:
    try:
        load.check_tool()
    except load.NoTool as missing:
        sys.exit(str(missing))
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="parcurs-bench-") as folder:
        url = f"sqlite:///{folder}/servers.db"
        with town.staged(url, size=PEOPLE, times=1, also=()) as stage:
            for name in names:
                if COMMANDS[name] and importlib.util.find_spec(COMMANDS[name][1]) is None:
                    print(f"NOT RUN: {name} is not installed", file=sys.stderr)
                    continue
                with served(name, url) as server:
                    pages = town.targets(replace(stage, product=server))
                    wanted = [t for t in pages if t.name in {"A4", "home", "lesson", "save"}]
                    series = measuring.interleaved(wanted, rounds=3)
                    found[name] = {n: s.summary() for n, s in series.items()}
    out = serving.ROOT / "var" / "bench"
    out.mkdir(parents=True, exist_ok=True)
    (out / "servers.json").write_text(json.dumps(found, indent=1))
    print(table(found))


def table(found: dict[str, Any]) -> str:
    """Each server's figures; the limit stays in granian, as the measure of the minute."""
    lines = ["| server | page | requests/s c=16 | beside A4 | CPU s / 100 | p50 ms | p99 ms | errors |",
             "|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for name, targets in found.items():
        limit_rate = targets["A4"]["per_second"]
        for page in ("home", "lesson", "save"):
            t = targets[page]
            lines.append(
                f"| {name} | {page} | {t['per_second']:g} | {t['per_second'] / limit_rate:.2f} | "
                f"{t['cpu_per_100']:.3f} | {t['p50_ms']:g} | {t['p99_ms']:g} | {t['errors']} |"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    main(sys.argv[1:] or list(COMMANDS))
