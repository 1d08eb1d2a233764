"""The figures as text for a terminal, and as one small page with charts drawn in SVG."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from bench import rows
from bench.rows import Row

Found = dict[str, Any]
MARKS = {"aim": "aim", "must": "must", "missed": "MISSED", "not measured": "–",
         "for the record": "–"}  # fmt: skip


def text(found: Found) -> str:
    """Tables in Markdown, fit for ``docs/performance.md``."""
    parts = []
    for run in mains(found):
        parts.append(f"\n### {title(run)}\n")
        parts.append(_table(("row", "measured", "must", "aim", "reached"), _lines(found, run)))
        parts.append("\n" + _table(TARGET_HEAD, _target_lines(run)))
    parts.append("\n### Growth: CPU of a page beside its own limit, as a multiple of 1,000 × 1\n")
    parts.append(_table(("database", "people", "course", *rows.GROWTH), _growth_lines(found)))
    return "\n".join(parts)


def title(run: Found) -> str:
    names = {"sqlite": "SQLite (FULL)", "postgresql": "PostgreSQL"}
    return f"{names[run['database']]}, {run['people']:,} people, {run['course']} × the course"


def mains(found: Found) -> list[Found]:
    """The run of each database that the table speaks of."""
    return [run for run in found["runs"] if "pss_mib" in run]


def _rows(found: Found, run: Found) -> list[Row]:
    largest = [
        r for r in found["runs"] if "csv_extra_mib" in r and r["database"] == run["database"]
    ]
    more = {"csv_extra_mib": largest[0]["csv_extra_mib"]} if largest else {}
    if found.get("installed_mb"):
        more["installed_mb"] = found["installed_mb"]
    return rows.rows({**run, **more})


def _lines(found: Found, run: Found) -> list[tuple[str, ...]]:
    return [
        (
            row.name,
            "–" if row.value is None else f"{row.value:g}",
            _bound(row, row.must),
            _bound(row, row.aim),
            MARKS[row.verdict],
        )
        for row in _rows(found, run)
    ]


def _bound(row: Row, bound: float | None) -> str:
    return "–" if bound is None else f"{'≥' if row.is_least else '≤'} {bound:g}"


TARGET_HEAD = ("address", "CPU s / 100", "requests/s c=16", "c=1", "p50 ms", "p99 ms", "bytes",
               "errors")  # fmt: skip


def _target_lines(run: Found) -> list[tuple[str, ...]]:
    return [
        (
            name,
            f"{t['cpu_per_100']:.3f}",
            f"{t['per_second']:g}",
            "–" if t["per_second_alone"] is None else f"{t['per_second_alone']:g}",
            f"{t['p50_ms']:g}",
            f"{t['p99_ms']:g}",
            str(run["bytes"].get(name, "–")),
            str(t["errors"]),
        )
        for name, t in run["targets"].items()
    ]


def _growth_lines(found: Found) -> list[tuple[str, ...]]:
    lines = []
    for base in mains(found):
        for run in found["runs"]:
            if run is base or run["database"] != base["database"]:
                continue
            grown = rows.growth(base, run)
            lines.append(
                (run["database"], f"{run['people']:,}", f"{run['course']} ×",
                 *(f"{grown[name]:g}" if name in grown else "–" for name in rows.GROWTH))
            )  # fmt: skip
    return lines


def _table(head: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    head = list(head)
    out = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*out, *("| " + " | ".join(line) + " |" for line in lines)])


STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
color:#1d2127;background:#fff}table{border-collapse:collapse;margin:1rem 0}
th,td{padding:.25rem .75rem;border-bottom:1px solid #c9ced6;text-align:left}
.missed{color:#a3161f;font-weight:600}.aim{color:#1b6e3c}svg text{font:13px system-ui,sans-serif}
@media (prefers-color-scheme:dark){body{color:#e8eaee;background:#1d2127}.aim{color:#7fd6a2}
.missed{color:#ff9a9f}svg text{fill:#e8eaee}}
"""


def page(found: Found) -> str:
    """A page that needs nothing but a browser."""
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><title>Parcurs: measured</title>",
        f"<style>{STYLE}</style><h1>Parcurs, measured beside the bare limit</h1>",
        f"<p>{escape(found['at'])} · version {escape(found['version'])} · "
        + escape(", ".join(f"{k} {v}" for k, v in found["machine"].items()))
        + "</p>",
    ]
    for run in mains(found):
        parts.append(f"<h2>{escape(title(run))}</h2>{_chart(run)}")
        body = "".join(
            f'<tr class="{row.verdict.replace(" ", "-")}"><td>'
            + "</td><td>".join(escape(cell) for cell in line)
            + "</td></tr>"
            for row, line in zip(_rows(found, run), _lines(found, run), strict=True)
        )
        parts.append(
            f"<table><thead><tr><th>row<th>measured<th>must<th>aim<th>reached</thead>{body}</table>"
        )
    parts.append("<h2>Growth</h2><p>CPU of a page beside its own limit, 1 = at 1,000 × 1.</p>")
    body = "".join(
        "<tr><td>" + "</td><td>".join(map(escape, line)) + "</td></tr>"
        for line in _growth_lines(found)
    )
    head = "".join(f"<th>{name}" for name in ("database", "people", "course", *rows.GROWTH))
    parts.append(f"<table><thead><tr>{head}</thead>{body}</table></html>")
    return "".join(parts)


def _chart(run: Found) -> str:
    """Bars: processor seconds per 100 requests."""
    shown = [(n, t["cpu_per_100"]) for n, t in run["targets"].items() if n != "report"]
    most = max(value for _, value in shown)
    bars = []
    for place, (name, value) in enumerate(shown):
        top = place * 26
        colour = "#7a8290" if name.startswith("A") else "#0b57a4"
        bars.append(
            f'<text x="0" y="{top + 16}">{escape(name)}</text>'
            f'<rect x="70" y="{top + 4}" width="{500 * value / most:.1f}" height="16" '
            f'fill="{colour}"/><text x="{78 + 500 * value / most:.1f}" y="{top + 16}">'
            f"{value:.3f}</text>"
        )
    return (
        f'<svg viewBox="0 0 640 {26 * len(shown)}" width="640" role="img" '
        f'aria-label="Processor seconds per 100 requests">{"".join(bars)}</svg>'
    )
