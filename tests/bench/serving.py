"""Starting what is measured, as processes of their own, and stopping them."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import limit
from bench.processes import tree

ROOT = Path(__file__).resolve().parents[2]
WORKERS, THREADS = 2, 4


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers; ``pid`` is its supervisor's."""

    name: str
    port: int
    pid: int
    seconds_to_first_page: float

    @property
    def workers(self) -> list[int]:
        """The processes that hold the application (all but the supervisor)."""
        return [pid for pid in tree(self.pid) if pid != self.pid]


@contextmanager
def product(url: str) -> Iterator[Served]:
    """``lms serve`` with production rules."""
    port = free_port()
    environ = {
        **os.environ,
        "LMS_DATABASE_URL": url,
        "LMS_SECRET_KEY": limit.SECRET,
        "LMS_TRUSTED_HOSTS": "127.0.0.1",
        "LMS_PORT": str(port),
        "LMS_WORKERS": str(WORKERS),
        "LMS_THREADS": str(THREADS),
        "LMS_LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-m", "lms", "serve"]
    with running("product", command, environ, port, "/sign-in") as served:
        yield served


@contextmanager
def bare(url: str) -> Iterator[Served]:
    """The bare limit in the same server."""
    port = free_port()
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(["tests", str(ROOT)])}
    command = [sys.executable, "-m", "bench.limit", url, str(port)]
    with running("limit", command, environ, port, "/constant") as served:
        yield served


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@contextmanager
def running(
    name: str, command: list[str], environ: dict[str, str], port: int, path: str
) -> Iterator[Served]:
    began = time.monotonic()
    process = subprocess.Popen(command, env=environ, cwd=ROOT, start_new_session=True)
    try:
        _wait(port, path, process)
        yield Served(name, port, process.pid, time.monotonic() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended by itself ({process.returncode})")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status < 400:
                return
        except OSError:
            time.sleep(0.01)
        finally:
            connection.close()
    raise RuntimeError("the server does not answer")
