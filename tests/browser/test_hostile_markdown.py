"""Hostile texts opened in a real browser: nothing runs, nothing is fetched, nobody is led away.

The page has no content security policy on purpose: the text itself must be inert, the policy is
the second lock.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile_texts import AS_MARKDOWN, MUTATIONS, collections, placed
from playwright.sync_api import Browser, Page, Route

from lms.interop.markdown import render, sanitise
from lms.interop.markdown_links import resolve

pytestmark = pytest.mark.browser

HOME = "http://parcurs.test/"
PICTURE = f"{HOME}img/"

BAIT = """
window.ran = [];
for (const name of ["alert", "confirm", "prompt", "print", "open"])
  window[name] = (...given) => { window.ran.push(name + ": " + given.join()); };
"""

LOOK = """html => {
  const room = document.getElementById("room");
  room.innerHTML = html;
  const known = new Set(("a aside blockquote br code div em h2 h3 h4 h5 h6 hr img li ol p pre span"
    + " strong table tbody td th thead tr ul").split(" "));
  const found = [];
  for (const element of room.querySelectorAll("*")) {
    if (!known.has(element.localName)) found.push("<" + element.localName + ">");
    for (const {name} of element.attributes)
      if (name.startsWith("on") || name.startsWith("hx") || name === "style") found.push(name);
    for (const kind of ["click", "mouseover", "focus", "error", "load"])
      if (!(element.localName === "a" && kind === "click"))
        element.dispatchEvent(new Event(kind, {bubbles: false}));
    if (element.localName === "a" && element.hasAttribute("href")) {
      const to = element.protocol;
      if (!["http:", "https:", "mailto:"].includes(to)) found.push("href to " + to);
    }
    if (element.id && !element.id.startsWith("lms-")) found.push("id " + element.id);
  }
  if (document.getElementById("room") !== room) found.push("the room was clobbered");
  return found;
}"""


class Room:
    """One page in one browser, and everything it tried to fetch."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        page.route("**/*", self._answer)
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.add_init_script(BAIT)
        page.goto(HOME)

    def _answer(self, route: Route) -> None:
        url = route.request.url
        if url == HOME:
            route.fulfill(body="<!doctype html><div id=room></div>", content_type="text/html")
            return
        if not url.startswith(PICTURE):
            self.asked.append(url)
        route.fulfill(status=404, body="")

    def faults_of(self, html: str) -> list[str]:
        faults = list(self.page.evaluate(LOOK, html))
        # A turn of the event loop, so that what was set off has time to run.
        faults += self.page.evaluate(
            "async () => { await new Promise(done => setTimeout(done, 1)); return window.ran; }"
        )
        if self.page.url.split("#")[0] != HOME:
            faults.append(f"led away to {self.page.url}")
        return faults


@pytest.fixture(scope="module")
def room(chromium: Browser) -> Iterator[Room]:
    with chromium.new_context() as context:
        yield Room(context.new_page())


def on_a_page(stored: str) -> str:
    return resolve(
        stored,
        lesson=lambda key: f"/lectii/{key}",
        file=lambda name: f"/fisiere/{name}",
        image=lambda path: f"{PICTURE}{path}",
        titles={"mistake": "Greșeală frecventă"},
    )


def check(room: Room, html: str, source: str) -> None:
    faults = room.faults_of(html)
    assert faults == [], (source, html)
    assert room.asked == [], (source, html)


def test_our_own_hostile_texts(room: Room) -> None:
    for source in MUTATIONS:
        check(room, on_a_page(sanitise(source)), source)
    for source in [*MUTATIONS, *AS_MARKDOWN]:
        check(room, "<hr>".join(on_a_page(render(text).html) for text in placed(source)), source)


@pytest.mark.parametrize("kind", ["bleach", "naughty", "commonmark"])
def test_every_hostile_text_found(room: Room, fixtures_dir: Path, kind: str) -> None:
    for source in collections(fixtures_dir)[kind]:
        # All places of one text on one page: one look for each text of the collection.
        rendered = "<hr>".join(on_a_page(render(text).html) for text in placed(source))
        check(room, f"{rendered}<hr>{on_a_page(sanitise(source))}", source)


@pytest.mark.parametrize(
    "live",
    [
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)></svg>",
        "<a href='javascript:alert(1)'>x</a>",
        "<p id=room onclick=alert(1)>x</p>",
        "<iframe src='https://evil.example/'></iframe>",
        "<img src='https://evil.example/pixel.gif'>",
    ],
)
def test_the_room_notices_what_is_live(room: Room, live: str) -> None:
    """Without this, an empty list of faults would prove nothing."""
    faults = room.faults_of(live)
    room.page.wait_for_timeout(50)
    faults += room.page.evaluate("window.ran")
    assert faults or room.asked
    room.asked.clear()
    room.page.goto(HOME)
