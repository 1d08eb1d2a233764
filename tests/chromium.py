"""The one Chromium of a test run: Playwright does not start twice in a process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from fixtures_folder import not_run

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all; without Chromium these tests are not run, and fail in CI."""
    # Read only by runs that open a browser.
    from browser.driving import executable, launch
    from playwright.sync_api import sync_playwright

    if executable() is None:
        not_run("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()
