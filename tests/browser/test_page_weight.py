"""What a page weighs over the wire, as Chromium counts it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from browser.conftest import Demo
from browser.driving import driver, report

pytestmark = pytest.mark.browser
COLD, WARM = 300_000, 15_000
"""Bytes: everything of the first visit with its fonts, and of every later one."""


def test_the_home_page_is_light(demo: Demo, chromium: Browser) -> None:
    with driver(chromium, demo.base) as d:
        d.sign_in("angajat@demo.test", demo.password)
        network = d.page.context.new_cdp_session(d.page)
        network.send("Network.enable")
        network.send("Network.clearBrowserCache")
        sizes: dict[str, int] = {}
        addresses: dict[str, str] = {}
        network.on("Network.requestWillBeSent", lambda e: addresses.update(_address(e)))
        network.on("Network.loadingFinished", lambda e: sizes.update(_size(e)))

        def weigh(visit: Callable[[], object]) -> tuple[int, dict[str, int]]:
            sizes.clear()
            visit()
            d.page.wait_for_load_state("networkidle")
            d.page.evaluate("document.fonts.ready.then(() => true)")
            parts = {addresses[request]: size for request, size in sizes.items() if size}
            return sum(parts.values()), parts

        cold, parts = weigh(lambda: d.open("/"))
        warm, later = weigh(lambda: d.open("/"))
        report("bytes of the home page", cold=cold, warm=warm, requests=len(parts))
        assert any(address.endswith(".woff2") for address in parts), "fonts are counted"
        assert len(parts) > len(later)
        assert cold <= COLD
        assert warm <= WARM


def _address(event: dict[str, object]) -> dict[str, str]:
    request = event["request"]
    assert isinstance(request, dict)
    return {str(event["requestId"]): str(request["url"])}


def _size(event: dict[str, object]) -> dict[str, int]:
    """Bytes received for a request, headers and compressed body."""
    received = event["encodedDataLength"]
    assert isinstance(received, int | float)
    return {str(event["requestId"]): int(received)}
