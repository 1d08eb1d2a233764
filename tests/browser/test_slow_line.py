"""The browser budget on an old computer with a slow line: bytes and layout shift.

Times (largest paint, long tasks) are judged by ``python -m bench.browser``, since they also measure
the machine; here it is only proven that they would be seen.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, Route

from browser.conftest import Demo
from browser.driving import driver, report
from browser.slow_line import LEARNER, SlowLine, walk

pytestmark = pytest.mark.browser
COLD, WARM = 300_000, 15_000
"""Bytes: everything of the first visit with its fonts, and of every later one."""
SHIFT = 0.1
"""Cumulative layout shift that still counts as good (web.dev/cls)."""
TRAP = "http://127.0.0.1:9/"
PAGE = """<!doctype html><html lang="ro"><head><title>x</title></head>
<body><p style="height:300px">stays</p><p style="height:300px">is pushed</p><script>%s</script>"""


def test_a_learners_pages_are_light_and_stand_still(demo: Demo, chromium: Browser) -> None:
    with driver(chromium, demo.base) as d:
        d.sign_in(LEARNER, demo.password)
        found = walk(SlowLine(d.page), demo.base)
        for name, visit in found.items():
            kept = ("bytes", "shift", "paint")
            report(f"slow line, {name}", **{what: getattr(visit, what) for what in kept})
        home, again = found["home"], found["home again"]
        assert any(address.endswith(".woff2") for address in home.parts), "fonts are counted"
        assert len(home.parts) > len(again.parts) >= 1
        assert home.bytes <= COLD, home.parts
        assert again.bytes <= WARM, again.parts
        assert {n: v.shifts for n, v in found.items() if v.shift >= SHIFT} == {}
        assert all(visit.paint for visit in found.values()), "the largest paint is seen"
        assert not d.faults


def broken(page: Page, script: str) -> None:
    """A page that is wrong on purpose."""

    def answer(route: Route) -> None:
        route.fulfill(content_type="text/html; charset=utf-8", body=PAGE % script)

    page.route(TRAP, answer)


def test_a_page_that_jumps_is_seen(chromium: Browser) -> None:
    with driver(chromium, TRAP) as d:
        broken(
            d.page,
            "setTimeout(() => { const b = document.createElement('div'); "
            "b.style.height = '400px'; document.body.prepend(b); }, 200)",
        )
        visit = SlowLine(d.page).visit(
            lambda: d.page.goto(TRAP), lambda: d.page.wait_for_timeout(400)
        )
        assert visit.shift >= SHIFT


def test_a_page_that_computes_for_long_is_seen(chromium: Browser) -> None:
    with driver(chromium, TRAP) as d:
        broken(d.page, "const end = performance.now() + 200; while (performance.now() < end);")
        visit = SlowLine(d.page, traced=True).first_visit(lambda: d.page.goto(TRAP))
        assert visit.work >= 100


def test_a_heavy_page_is_seen(demo: Demo, chromium: Browser) -> None:
    """A picture of 400 kB on the home page: over the limit, first and later visits apart."""
    with driver(chromium, demo.base) as d:
        d.sign_in(LEARNER, demo.password)
        line = SlowLine(d.page)
        line.forget()
        parts, whole = "css/bootstrap.css", "vendor/bootstrap-5.3.9/bootstrap.min.css"

        def go() -> None:
            d.open("/")
            d.page.evaluate(
                "address => Promise.all([...Array(9)].map((_, i) => "
                "fetch(`${address}?${i}`, {cache: 'no-store'}).then(r => r.arrayBuffer())))",
                (d.page.locator(f"link[href$='{parts}']").get_attribute("href") or "").replace(
                    parts, whole
                ),
            )

        assert line.visit(go).bytes > COLD
