"""The demonstration as anybody gets it, served for real, and a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from browser.demo_server import Demo as Demo
from browser.demo_server import serve_demo
from browser.driving import FIGURES


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with serve_demo(tmp_path_factory.mktemp("demo")) as served:
        yield served


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Clicks, page loads and weights, for the closing note."""
    if FIGURES:
        terminalreporter.section("figures")
    for line in FIGURES:
        terminalreporter.write_line(line)
