"""`lms demo` as a process of its own, on a free port over a database of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PASSWORD = "parola pentru demonstratie"
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Demo:
    base: str
    database: str
    password: str = PASSWORD


@contextmanager
def serve_demo(folder: Path) -> Iterator[Demo]:
    """Raises RuntimeError with the end of its log when it does not come up."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    database = f"sqlite:///{folder / 'demo.db'}"
    command = [sys.executable, "-m", "lms", "demo", "--password", PASSWORD]
    command += ["--port", str(port), "--database-url", database]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        try:
            _wait(f"http://127.0.0.1:{port}", server, folder / "log")
            yield Demo(f"http://127.0.0.1:{port}", database)
        finally:
            server.terminate()
            server.wait(30)


def _wait(base: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{base}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"the demonstration did not come up:\n{log.read_text()[-2000:]}")
