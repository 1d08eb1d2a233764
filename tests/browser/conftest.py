"""The demonstration as anybody gets it, served for real, and a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fixtures_folder import not_run
from playwright.sync_api import Browser, sync_playwright

from browser.demo_server import Demo as Demo
from browser.demo_server import serve_demo
from browser.driving import FIGURES, executable, launch


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with serve_demo(tmp_path_factory.mktemp("demo")) as served:
        yield served


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all; without Chromium these tests are not run, and fail in CI."""
    if executable() is None:
        not_run("no Chromium on this machine")
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
