"""Asking as fast as is answered: ``wrk`` for what may be asked again, threads for what may not."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


class NoTool(Exception):
    """The load generator is not installed."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of the rotation. ``{seq}`` in the body is a number that rises by one each
    time, ``{key}`` one that never comes twice."""

    path: str
    cookie: str = ""
    body: str = ""
    accept: str = "text/html"
    first: int = 0
    """Where ``{seq}`` begins."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run gave; times in milliseconds."""

    requests: int
    errors: int
    """Answers that were neither 2xx nor 3xx, and connections that broke."""
    seconds: float
    p50: float
    p99: float
    bytes: int

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


SCRIPT = """
local asks = %(asks)s
local n, i = #asks, 0
local seq = {}
local stamp = "%(stamp)s"
local made = 0
local is_trial = true -- wrk asks for one request before it begins, and never sends it
for k = 1, n do seq[k] = asks[k].first end
request = function()
  if is_trial then
    is_trial = false
    return wrk.format("GET", "/")
  end
  i = i %% n + 1
  local a = asks[i]
  local headers = {["Cookie"] = a.cookie, ["Accept"] = a.accept}
  if a.body == "" then return wrk.format("GET", a.path, headers) end
  headers["Content-Type"] = "application/x-www-form-urlencoded"
  made = made + 1
  local body = a.body:gsub("{seq}", tostring(seq[i])):gsub("{key}", stamp .. made)
  seq[i] = seq[i] + 1
  return wrk.format("POST", a.path, headers, body)
end
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '\\nRESULT {"requests":%%d,"errors":%%d,"seconds":%%f,"p50":%%f,"p99":%%f,"bytes":%%d}\\n',
    summary.requests, e.connect + e.read + e.write + e.status + e.timeout,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    summary.bytes))
end
"""


def check_tool() -> None:
    if shutil.which("wrk") is None:
        raise NoTool("NOT RUN: wrk is not installed (apt-get install wrk).")


def ask_much(port: int, asks: Sequence[Ask], *, clients: int, seconds: int) -> Figures:
    """``clients`` connections ask in rotation for so long."""
    lines = ",\n".join(
        "{" + ", ".join(f"{name}={json.dumps(value)}" for name, value in asdict(ask).items()) + "}"
        for ask in asks
    )
    stamp = f"{time.monotonic_ns():x}-"
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "asks.lua")
        script.write_text(SCRIPT % {"asks": f"{{{lines}}}", "stamp": stamp})
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "20s",
                   "-s", str(script), f"http://127.0.0.1:{port}"]  # fmt: skip
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    result = next(line for line in out.splitlines() if line.startswith("RESULT "))
    return Figures(**json.loads(result.removeprefix("RESULT ")))


def ask_once(port: int, asks: Sequence[Ask], *, clients: int) -> Figures:
    """Each request exactly once, from so many threads."""
    waiting = list(reversed(asks))
    times: list[float] = []
    errors, received = [], []

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            try:
                ask = waiting.pop()
            except IndexError:
                return
            began = time.perf_counter()
            status, body = send(connection, ask)
            times.append((time.perf_counter() - began) * 1000)
            received.append(len(body))
            if status >= 400:
                errors.append(status)

    began = time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ordered = sorted(times)
    return Figures(
        len(times),
        len(errors),
        time.perf_counter() - began,
        ordered[len(ordered) // 2],
        ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)],
        sum(received),
    )


def send(connection: http.client.HTTPConnection, ask: Ask) -> tuple[int, bytes]:
    """One request; status and body."""
    headers = {"Cookie": ask.cookie, "Accept": ask.accept}
    if ask.body:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request("POST" if ask.body else "GET", ask.path, ask.body or None, headers)
    with connection.getresponse() as answer:
        return answer.status, answer.read()


def probe(port: int, ask: Ask) -> tuple[int, bytes]:
    """One request on a connection of its own: is this address answered at all?"""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        return send(connection, ask)
    finally:
        connection.close()
