"""How a learner's pages feel on an old computer with a slow line: ``python -m bench.browser``.

Each page is visited several times, first visits with an empty cache; the line gives 1.6 Mbit/s with
150 ms, the processor is slowed four times (``tests/browser/slow_line.py``). A busy machine only
ever makes a visit slower, so the best visit is nearest to the page's own cost and is what is
judged; the median stands beside it. The longest task is judged by the processor time it took, times
four: the clock also counts what other processes did meanwhile. Writes ``var/bench/browser.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from browser.demo_server import Demo, serve_demo
from browser.driving import driver, executable, launch
from browser.slow_line import LEARNER, LINE, SLOWER, SlowLine, Visit, walk
from playwright.sync_api import Browser, sync_playwright

from lms import __version__

OUT = Path(__file__).resolve().parents[2] / "var" / "bench" / "browser.json"
LIMITS = {"bytes": 300_000, "shift": 0.1, "paint": 2_500, "task": 50}
"""Bytes of the cold home page, cumulative shift, ms of the largest paint, ms of the longest task."""
WARM = 15_000


def main() -> None:
    options = argparse.ArgumentParser(prog="bench.browser")
    options.add_argument("--rounds", type=int, default=5, help="visits of every page")
    chosen = options.parse_args()
    if executable() is None:
        sys.exit("There is no Chromium on this machine.")
    with tempfile.TemporaryDirectory(prefix="parcurs-browser-") as folder:
        found = measure(Path(folder), chosen.rounds)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(found, indent=1))
    print(text(found))
    print(f"Written: {OUT}")


def measure(folder: Path, rounds: int) -> dict[str, Any]:
    """Every round has a browser context of its own; the attempt of the first is gone on with."""
    visits: dict[str, list[Visit]] = {}
    with serve_demo(folder) as demo, sync_playwright() as playwright:
        chromium = launch(playwright)
        for _ in range(rounds):
            for name, visit in _round(chromium, demo).items():
                visits.setdefault(name, []).append(visit)
        chromium.close()
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": __version__,
        "load": round(os.getloadavg()[0], 1),
        "cores": os.cpu_count(),
        "slower": SLOWER,
        "line": LINE,
        "limits": {**LIMITS, "warm": WARM},
        "pages": {name: _figures(name, seen) for name, seen in visits.items()},
    }


def _round(chromium: Browser, demo: Demo) -> dict[str, Visit]:
    with driver(chromium, demo.base) as d:
        d.page.set_default_timeout(60_000)
        d.sign_in(LEARNER, demo.password)
        return walk(SlowLine(d.page, traced=True), demo.base)


def _figures(name: str, seen: list[Visit]) -> dict[str, Any]:
    work = [visit.work for visit in seen if visit.work]
    paints = [visit.paint for visit in seen]
    figures = {
        "bytes": max(visit.bytes for visit in seen),
        "shift": max(visit.shift for visit in seen),
        "paint_best": min(paints),
        "paint_median": round(statistics.median(paints)),
        "painted": seen[-1].painted,
        "task_best": min(work, default=0),
        "task_median": round(statistics.median(work or [0])),
    }
    return {**figures, "missed": missed(name, figures)}


def missed(name: str, figures: dict[str, Any]) -> list[str]:
    """Which limits a page does not keep. Bytes are limited for the home page alone."""
    over = []
    if name.startswith("home") and figures["bytes"] > (
        WARM if "again" in name else LIMITS["bytes"]
    ):
        over.append("bytes")
    if figures["shift"] >= LIMITS["shift"]:
        over.append("shift")
    if figures["paint_best"] > LIMITS["paint"]:
        over.append("paint")
    if not 0 < figures["task_best"] <= LIMITS["task"]:  # 0: it was not seen at all
        over.append("task")
    return over


def text(found: dict[str, Any]) -> str:
    """A Markdown table, fit for ``docs/performance.md``."""
    load = f"load {found['load']} on {found['cores']} cores"
    head = "| page | KB | shift | largest paint, ms | longest task, ms | |"
    lines = [
        f"Processor {found['slower']} × slower, 1.6 Mbit/s, 150 ms; {load}; best visit (median).",
        "",
        head,
        "|---|--:|--:|--:|--:|---|",
    ]
    for name, page in found["pages"].items():
        lines.append(
            f"| {name} | {page['bytes'] / 1000:.0f} | {page['shift']:.3f} "
            f"| {page['paint_best']} ({page['paint_median']}) "
            f"| {page['task_best']:.0f} ({page['task_median']}) "
            f"| {'MISSED: ' + ', '.join(page['missed']) if page['missed'] else 'good'} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
