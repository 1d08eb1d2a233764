"""``python -m bench [--quick]``: measure, print the tables, write ``var/bench/`` (JSON, HTML).

The product and the bare limit run side by side on the same database, round after round.
"""

from __future__ import annotations

import argparse
import json
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import database, load, measuring, processes, report, rows, serving, town
from bench.town import Stage
from lms import __version__

OUT = serving.ROOT / "var" / "bench"
SIZES = ((1_000, 1), (100, 1), (10_000, 1), (1_000, 10))
"""People and how many times the course; the first is the one the table speaks of."""
QUICK = ((500, 1),)


def main() -> None:
    options = argparse.ArgumentParser(prog="bench")
    options.add_argument("--quick", action="store_true", help="one small size, short rounds")
    options.add_argument("--only", choices=("sqlite", "postgresql"), help="one database")
    chosen = options.parse_args()
    try:
        load.check_tool()
    except load.NoTool as missing:
        sys.exit(str(missing))
    found = measure(chosen.quick, chosen.only)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "bench.json").write_text(json.dumps(found, indent=1))
    (OUT / "report.html").write_text(report.page(found))
    print(report.text(found))
    print(f"Written: {OUT / 'bench.json'}, {OUT / 'report.html'}")


def measure(quick: bool, only: str | None) -> dict[str, Any]:
    """All databases and sizes, and what belongs to none of them."""
    found: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": __version__,
        "machine": machine(),
        "runs": [],
    }
    with tempfile.TemporaryDirectory(prefix="parcurs-bench-") as folder, ExitStack() as stack:
        server, pid = ("", 0)
        if only != "sqlite":
            server, pid = stack.enter_context(database.postgresql(Path(folder)))
        for kind in ("sqlite", "postgresql") if only is None else (only,):
            for size, times in QUICK if quick else SIZES:
                print(f"{kind}: {size} people, {times} × the course …", file=sys.stderr)
                name = f"bench_{size}_{times}"
                url = (
                    f"sqlite:///{folder}/{name}.db"
                    if kind == "sqlite"
                    else database.new_database(server, name)
                )
                also = () if kind == "sqlite" else (pid,)
                is_main = (size, times) == (QUICK if quick else SIZES)[0]
                run = one(url, size, times, also, is_main, quick)
                found["runs"].append({"database": kind, "people": size, "course": times, **run})
    found["installed_mb"] = installed_mb()
    return found


def one(
    url: str, size: int, times: int, also: tuple[int, ...], is_main: bool, quick: bool
) -> dict[str, Any]:
    """One database of one size; the main one in full, the others for growth only."""
    with town.staged(url, size=size, times=times, also=also) as stage:
        targets = town.targets(stage)
        sizes = {t.name: measuring.check(t) for t in targets}
        if not is_main:
            targets = [t for t in targets if t.name in {"A4", "A5", *rows.GROWTH}]
        series = measuring.interleaved(
            targets,
            rounds=1 if quick else 3 if is_main else 2,
            alone=is_main and not quick,
            seconds=2 if quick else measuring.SECONDS,
        )
        made: dict[str, Any] = {
            "targets": {name: s.summary() for name, s in series.items()},
            "bytes": sizes,
            "home_kb": round(sizes["home"] / 1000, 1),
            "sql": town.statement_counts(stage),
        }
        if size >= 10_000:
            made["csv_extra_mib"] = town.csv_extra(stage)
        if is_main:
            made["targets"]["finish"] = town.finish(stage)
            made["sign_in_ratio"] = town.sign_in_ratio(stage)
            made["pss_mib"] = round(
                max(processes.proportional_memory(p) for p in stage.product.workers), 1
            )
            made |= starts(stage)
        if is_main or size >= 1_000:
            made["targets"]["report"] = town.report(stage)
        return made


def starts(stage: Stage) -> dict[str, float]:
    """From the command to the first page, the product beside the limit, three times each."""
    ours, theirs = [], []
    url = stage.settings.database_url
    for _ in range(3):
        with serving.product(url) as product:
            ours.append(product.seconds_to_first_page)
        with serving.bare(stage.settings.sqlalchemy_url) as bare:
            theirs.append(bare.seconds_to_first_page)
    seconds, limit_seconds = statistics.median(ours), statistics.median(theirs)
    return {
        "cold_start_s": round(seconds, 2),
        "cold_start_limit_s": round(limit_seconds, 2),
        "cold_start_ratio": round(seconds / limit_seconds, 2),
    }


def installed_mb() -> float | None:
    """Size of a fresh environment with what ``make demo`` installs; None without a network."""
    with tempfile.TemporaryDirectory() as folder:
        venv = Path(folder, "venv")
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        before = _size(venv)
        command = [str(venv / "bin/python"), "-m", "pip", "install", "--quiet", "--no-deps",
                   "--require-hashes", "--only-binary", ":all:", "--no-compile",
                   "-r", str(serving.ROOT / "requirements.txt")]  # fmt: skip
        if subprocess.run(command, check=False).returncode:
            return None
        del before  # pip itself counts: it is installed with the environment
        return round(_size(venv) / 1e6, 1)


def _size(folder: Path) -> int:
    return sum(p.lstat().st_size for p in folder.rglob("*") if not p.is_symlink() and p.is_file())


def machine() -> dict[str, Any]:
    """What a reader needs to judge absolute figures."""
    import os

    return {
        "system": platform.system(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "load_before": round(os.getloadavg()[0], 2),
        "workers": serving.WORKERS,
        "threads": serving.THREADS,
    }


if __name__ == "__main__":
    main()
