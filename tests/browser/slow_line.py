"""What a page costs a person with an old computer on a slow line.

The processor is slowed four times, the line gives 1.6 Mbit/s with 150 ms there and back (what
Lighthouse calls "slow 4G"). Bytes and layout shift belong to the page; times belong to the machine
as well, so tests assert the former and ``python -m bench.browser`` judges the latter.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import CDPSession, Page

LEARNER = "simona.probareanu@demo.test"
"""In the middle of module 2; no other test needs her as she is."""
COURSE, MODULE, TEST, DONE = (
    "por",
    "romact-si-incluziunea",
    "test-romact-si-incluziunea",
    "test-cadrul-por",
)
SLOWER = 4
LINE = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
WATCH = """
window.seen = {shift: 0, shifts: [], paint: 0, painted: ''};
const watch = (type, note) => new PerformanceObserver(list => list.getEntries().forEach(note))
  .observe({type, buffered: true});
watch('layout-shift', e => { if (!e.hadRecentInput) {
  seen.shift += e.value;
  seen.shifts.push([e.value, ...(e.sources || []).map(s => s.node && s.node.nodeName + '.' + (s.node.className || ''))]);
} });
watch('largest-contentful-paint', e => {
  seen.paint = Math.round(e.startTime);
  seen.painted = e.element ? e.element.nodeName + '.' + e.element.className : '';
});
"""
"""Layout shift is summed over the whole visit, which is more than the official windows count."""


@dataclass
class Visit:
    """One page, from the click until nothing moves any more."""

    bytes: int
    """Over the wire: headers and compressed bodies of everything the visit asked for."""
    parts: dict[str, int] = field(repr=False)
    shift: float
    shifts: list[Any] = field(repr=False)
    paint: int
    """Milliseconds until the largest element was painted."""
    painted: str
    work: float = 0.0
    """Milliseconds of processor time of the longest task, slowed; 0 when it was not traced."""


class SlowLine:
    """A page whose browser is slowed and watched."""

    def __init__(self, page: Page, *, traced: bool = False) -> None:
        self.page = page
        self.traced = traced
        self.sizes: dict[str, int] = {}
        self.addresses: dict[str, str] = {}
        page.add_init_script(WATCH)
        self.tools: CDPSession = page.context.new_cdp_session(page)
        self.tools.on("Network.requestWillBeSent", self._asked)
        self.tools.on("Network.loadingFinished", self._came)
        self.tools.send("Network.enable")
        self.tools.send("Network.emulateNetworkConditions", LINE)
        self.tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})

    def forget(self) -> None:
        """As with a first visit: nothing is kept from before."""
        self.tools.send("Network.clearBrowserCache")

    def first_visit(
        self, go: Callable[[], object], then: Callable[[], object] | None = None
    ) -> Visit:
        """With an empty cache; traced, once more for the processor time alone."""
        self.forget()
        found = self.visit(go, then)
        if self.traced:
            self.forget()
            found.work = self._longest_task(go, then)
        return found

    def next_visit(self, go: Callable[[], object]) -> Visit:
        """With what the browser kept."""
        found = self.visit(go)
        if self.traced:
            found.work = self._longest_task(go, None)
        return found

    def _longest_task(self, go: Callable[[], object], then: Callable[[], object] | None) -> float:
        """By the browser's trace: the page's own ``longtask`` observer now and then misses the
        task that parses it (Chromium 156). The slowing spins by the clock, so other processes
        would be counted four times: here it is off, and the time the processor gave to the page's
        own thread is multiplied."""
        browser = self.page.context.browser
        assert browser is not None
        self.tools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        browser.start_tracing(page=self.page, categories=["toplevel", "devtools.timeline"])
        self.visit(go, then)
        events = json.loads(browser.stop_tracing())["traceEvents"]
        self.tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        pages = {
            (e["pid"], e["tid"])
            for e in events
            if e["name"] == "thread_name" and e["args"]["name"] == "CrRendererMain"
        }
        tasks = [
            e.get("tdur", 0)
            for e in events
            if e.get("name", "").endswith("RunTask") and (e["pid"], e["tid"]) in pages
        ]
        return round(max(tasks, default=0) / 1000 * SLOWER, 1)

    def visit(self, go: Callable[[], object], then: Callable[[], object] | None = None) -> Visit:
        """``go`` leads to the page; ``then`` is what the person does there."""
        self.sizes.clear()
        go()
        self.page.wait_for_load_state("networkidle")
        self.page.evaluate("document.fonts.ready.then(() => true)")
        if then is not None:
            then()
        self.page.wait_for_timeout(300)  # what moves late moves now
        seen = self.page.evaluate("window.seen")
        parts = {self.addresses[request]: size for request, size in self.sizes.items() if size}
        return Visit(
            bytes=sum(parts.values()),
            parts=parts,
            shift=round(seen["shift"], 4),
            shifts=seen["shifts"],
            paint=seen["paint"],
            painted=seen["painted"],
        )

    def _asked(self, event: dict[str, Any]) -> None:
        self.addresses[event["requestId"]] = event["request"]["url"]

    def _came(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.addresses:  # else it belongs to the page before
            self.sizes[event["requestId"]] = int(event["encodedDataLength"])


def walk(line: SlowLine, base: str) -> dict[str, Visit]:
    """The pages of a learner's day, each visited for the first time; the home page once more.

    LEARNER is signed in; she starts a test, or goes on with it, and does not hand it in.
    """
    page = line.page
    found: dict[str, Visit] = {}

    def visit(name: str, path: str, then: Callable[[], object] | None = None) -> None:
        found[name] = line.first_visit(lambda: page.goto(base + path), then)

    def scroll() -> None:
        for _ in range(12):
            page.mouse.wheel(0, 700)
            page.wait_for_timeout(60)

    def answer() -> None:
        choices = page.locator(".lms-option input")
        if choices.count():
            choices.nth(1 if choices.first.is_checked() else 0).check()
            page.locator("[data-lms-receipt] .icon").first.wait_for()

    visit("home", "/")
    found["home again"] = line.next_visit(lambda: page.goto(f"{base}/"))
    visit("module", f"/course/{COURSE}/module/{MODULE}")
    page.goto(f"{base}/")
    visit("lesson", page.locator("a.btn-continue").get_attribute("href") or "", scroll)
    page.goto(f"{base}/course/{COURSE}/quiz/{TEST}")
    page.locator("main form[action$='/start'] button, main a.btn[href*='/attempt/']").first.click()
    page.wait_for_url("**/attempt/**")
    attempt = page.url.removeprefix(base).partition("/attempt/")[2].partition("/")[0]
    visit("question", f"/attempt/{attempt}/1", answer)
    visit("all questions", f"/attempt/{attempt}/all", scroll)
    page.goto(f"{base}/course/{COURSE}/quiz/{DONE}")
    visit("result", page.locator("a[href$='/result']").first.get_attribute("href") or "", scroll)
    visit("badges", "/badges")
    return found
