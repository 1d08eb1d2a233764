"""What compares a page with the whole of Bootstrap can fail: every page looked at goes through it."""

from __future__ import annotations

import pytest
from house.bootstrap_parts import PARTS
from playwright.sync_api import Browser, Route

from browser.conftest import Demo
from browser.driving import driver
from browser.whole_bootstrap import unlike_the_whole

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("left_out", ["p{", "*,::after", "button,input", "ol,ul{"])
def test_a_rule_left_out_is_seen(demo: Demo, chromium: Browser, left_out: str) -> None:
    lines = PARTS.read_text("utf-8").splitlines()
    fewer = [line for line in lines if not line.startswith(left_out)]
    assert len(fewer) < len(lines)

    def answer(route: Route) -> None:
        route.fulfill(content_type="text/css", body="\n".join(fewer))

    with driver(chromium, demo.base, reduced_motion="reduce") as d:
        d.open("/privacy")
        assert unlike_the_whole(d.page) == []
        d.page.route("**/css/bootstrap.css", answer)
        d.open("/privacy")
        assert unlike_the_whole(d.page) != []
