"""The demonstration as anybody gets it, served for real, and a browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fixtures_folder import NOT_RUN
from playwright.sync_api import Browser, sync_playwright

from browser.driving import FIGURES, executable, launch

PASSWORD = "parola pentru demonstratie"


@dataclass(frozen=True)
class Demo:
    base: str
    database: str
    password: str = PASSWORD


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`lms demo` on a free port over a database of its own."""
    folder = tmp_path_factory.mktemp("demo")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    database = f"sqlite:///{folder / 'demo.db'}"
    command = [sys.executable, "-m", "lms", "demo", "--password", PASSWORD]
    command += ["--port", str(port), "--database-url", database]
    root = Path(__file__).resolve().parents[2]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=root, stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": str(root)}
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
    pytest.fail(f"the demonstration did not come up:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all; without Chromium these tests are not run, and fail in CI."""
    if executable() is None:
        missing = f"{NOT_RUN}: no Chromium on this machine"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Clicks, page loads and weights, for the closing note."""
    if FIGURES:
        terminalreporter.section("figures")
    for line in FIGURES:
        terminalreporter.write_line(line)
