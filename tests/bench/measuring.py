"""One figure at a time: so many seconds of load on one address, and what it cost."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench import load
from bench.load import Ask, Figures
from bench.processes import cpu_seconds
from bench.serving import Served

SECONDS = 3
SECONDS_ALONE = 2


@dataclass(frozen=True, slots=True)
class Target:
    """An address under load: the bare limit's or the product's."""

    name: str
    served: Served
    asks: Callable[[], Sequence[Ask]]
    """The rotation of the next run; what writes begins where the last one ended."""
    also: tuple[int, ...] = ()
    """Process trees that work for it as well: the database server."""


@dataclass
class Series:
    """All rounds of one target."""

    many: list[Figures] = field(default_factory=list)
    """Sixteen clients."""
    one: list[Figures] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    """Processor seconds per 100 requests of the whole process tree."""

    def summary(self) -> dict[str, Any]:
        """Medians and the best round."""
        rates = [f.per_second for f in self.many]
        return {
            "per_second": round(statistics.median(rates), 1),
            "per_second_best": round(max(rates), 1),
            "per_second_alone": round(statistics.median(f.per_second for f in self.one), 1)
            if self.one
            else None,
            "cpu_per_100": round(statistics.median(self.cpu), 4),
            "cpu_per_100_best": round(min(self.cpu), 4),
            "p50_ms": round(statistics.median(f.p50 for f in self.many), 2),
            "p99_ms": round(statistics.median(f.p99 for f in self.many), 2),
            "p50_alone_ms": round(statistics.median(f.p50 for f in self.one), 2)
            if self.one
            else None,
            "requests": sum(f.requests for f in [*self.many, *self.one]),
            "errors": sum(f.errors for f in [*self.many, *self.one]),
            "rounds": len(self.many),
        }


def check(target: Target) -> int:
    """Bytes of one answer. Raises RuntimeError unless it is a 2xx."""
    status, body = load.probe(target.served.port, _filled(target.asks()[0]))
    if not 200 <= status < 300:
        raise RuntimeError(f"{target.name} answers {status}")
    return len(body)


def _filled(ask: Ask) -> Ask:
    body = ask.body.replace("{seq}", str(ask.first)).replace("{key}", f"probe-{time.time_ns()}")
    return Ask(ask.path, ask.cookie, body, ask.accept)


def interleaved(
    targets: Sequence[Target], *, rounds: int, alone: bool = True, seconds: int = SECONDS
) -> dict[str, Series]:
    """Every target in turn, round after round: what disturbs one round disturbs all alike."""
    found = {target.name: Series() for target in targets}
    for target in targets:  # warm: every worker has read its templates and its course
        load.ask_much(target.served.port, target.asks(), clients=16, seconds=1)
    for _ in range(rounds):
        for target in targets:
            _round(target, found[target.name], alone, seconds)
    return found


def _round(target: Target, series: Series, alone: bool, seconds: int) -> None:
    roots = (target.served.pid, *target.also)
    port, asks = target.served.port, target.asks()
    before = cpu_seconds(*roots)
    many = load.ask_much(port, asks, clients=16, seconds=seconds)
    spent = cpu_seconds(*roots) - before
    series.many.append(many)
    series.cpu.append(100 * spent / max(1, many.requests))
    if alone:
        series.one.append(load.ask_much(port, target.asks(), clients=1, seconds=SECONDS_ALONE))


def once(target: Target, *, clients: int = 16) -> Series:
    """Requests that can be made only once: each of them, and what they cost together."""
    roots = (target.served.pid, *target.also)
    before = cpu_seconds(*roots)
    figures = load.ask_once(target.served.port, target.asks(), clients=clients)
    spent = cpu_seconds(*roots) - before
    return Series(many=[figures], cpu=[100 * spent / max(1, figures.requests)])
