"""The target table: what each row must reach, what it aims at, and how it is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Found = dict[str, Any]
"""Figures of one database and size, by name; ``targets`` holds the summaries by target."""


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    value: float | None
    must: float | None
    """None: no bound is set, the figure is for the record."""
    aim: float | None
    is_least: bool = False
    """True where larger is better: the bounds are least values."""

    @property
    def verdict(self) -> str:
        """``aim``, ``must``, ``missed``, ``for the record`` or ``not measured``."""
        if self.value is None:
            return "not measured"
        if self.must is None or self.aim is None:
            return "for the record"
        if self._reaches(self.value, self.aim):
            return "aim"
        return "must" if self._reaches(self.value, self.must) else "missed"

    def _reaches(self, value: float, bound: float) -> bool:
        return value >= bound if self.is_least else value <= bound


RATIOS = (
    ("home / A4", "home", "A4", 0.5, 0.9),
    ("lesson / A4", "lesson", "A4", 0.6, 1.0),
    ("save / A5 FULL", "save", "A5", 0.5, 0.8),
    ("public badge / A2", "badge", "A2", 0.5, 0.8),
    ("matrix of 50 / A4", "matrix", "A4", 0.25, 0.5),
)
CPU = (
    ("home", 0.45, 0.28),
    ("lesson", 0.40, 0.25),
    ("save", 0.30, 0.20),
    ("finish", 0.8, 0.5),
)
"""Bounds for SQLite; another database's server and driver cost what they cost (its own A4 tells)."""
SQL = (("home", 6, 4), ("lesson", 4, 3), ("save", 4, 3), ("matrix", 8, 6), ("report of 500", 8, 8))


def rows(found: Found) -> list[Row]:
    """Every row of the table that was measured for this database and size."""
    targets: dict[str, Any] = found["targets"]
    made = []
    for name, one, other, must, aim in RATIOS:
        made.append(Row(f"{name}, requests/s", _ratio(targets, one, other), must, aim, True))
    for name, must, aim in CPU:
        value = targets[name]["cpu_per_100"] if name in targets else None
        bounds = (must, aim) if found["database"] == "sqlite" else (None, None)
        made.append(Row(f"CPU s per 100: {name}", value, *bounds))
    if "report" in targets:
        made.append(
            Row("CPU s: report of 500, whole", targets["report"]["cpu_per_100"] / 100, 0.5, 0.15)
        )
    for name, must, aim in SQL:
        made.append(Row(f"SQL: {name}", found.get("sql", {}).get(name), must, aim))
    for name in ("home", "lesson", "save"):
        if name in targets:
            spread = targets[name]["p99_ms"] / targets[name]["p50_ms"]
            made.append(Row(f"p99 / p50: {name}", round(spread, 2), 4, 2))
    single = (
        ("HTML of home, KB", "home_kb", 30, 18),
        ("sign-in / argon2 verify", "sign_in_ratio", 1.5, 1.2),
        ("PSS per worker, MiB", "pss_mib", 90, 65),
        ("cold start / limit's", "cold_start_ratio", 3, 2),
        ("installed, MB", "installed_mb", 250, 150),
        ("CSV of 10,000: extra MiB", "csv_extra_mib", 100, 30),
    )
    for name, key, must, aim in single:
        if key in found:
            made.append(Row(name, found[key], must, aim))
    return made


def _ratio(targets: dict[str, Any], one: str, other: str) -> float | None:
    if one not in targets or other not in targets:
        return None
    return round(float(targets[one]["per_second"]) / float(targets[other]["per_second"]), 2)


GROWTH = ("home", "lesson", "save", "matrix")


def growth(base: Found, larger: Found) -> dict[str, float]:
    """CPU of each page when larger, as a multiple of the small one; each beside its own A4."""
    made = {}
    for name in GROWTH:
        if name in base["targets"] and name in larger["targets"]:
            made[name] = round(_beside(larger, name) / _beside(base, name), 2)
    return made


def _beside(found: Found, name: str) -> float:
    targets = found["targets"]
    limit = "A5" if name == "save" else "A4"
    return float(targets[name]["cpu_per_100"]) / float(targets[limit]["cpu_per_100"])
