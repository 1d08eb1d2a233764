"""The loud line at the end: which tests this machine could not run, and why."""

from __future__ import annotations

from collections import Counter

import pytest
from fixtures_folder import NOT_RUN


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = Counter(
        _reason(report) for report in terminalreporter.stats.get("skipped", ()) if _reason(report)
    )
    if not reasons:
        return
    terminalreporter.section(f"{NOT_RUN}: {reasons.total()}", sep="!", red=True, bold=True)
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count:5d}  {reason}")


def _reason(report: pytest.TestReport) -> str:
    """Why a test was not run; empty for a test that skips itself by design."""
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    _, mark, reason = text.partition(f"{NOT_RUN}: ")
    return reason.strip() if mark else ""
