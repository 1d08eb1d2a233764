"""Driving a real Chromium: pages in three sizes and two schemes, axe on each, clicks counted."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request

from browser.whole_bootstrap import unlike_the_whole

HERE = Path(__file__).resolve().parent
AXE = next((HERE / "vendor").glob("axe-core-*/axe.min.js"))
SHOTS = Path(os.environ.get("LMS_SHOTS", HERE.parent.parent / "var" / "screenshots"))
SIZES = {"desktop": (1280, 900), "low": (1093, 510), "phone": (360, 740)}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Emulating another scheme leaves some inherited colours of the old one in place until the styles
# are computed anew; a person's browser gets the page in one scheme from the start.
SETTLE = """() => {
  const root = document.documentElement;
  root.hidden = true;
  root.getBoundingClientRect();
  root.hidden = false;
  return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def executable() -> str | None:
    """Debian's Chromium, None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def launch(playwright: Playwright) -> Browser:
    """Debian's Chromium; nothing is downloaded."""
    return playwright.chromium.launch(
        executable_path=executable(),
        args=ARGUMENTS,
    )


@dataclass
class Driver:
    """One person's browser, with what the page must never do noted as it happens."""

    page: Page
    base: str
    clicks: int = 0
    loads: int = 0
    fields: int = 0
    faults: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("request", self._note_request)
        self.page.on("framenavigated", self._note_load)

    def _note_console(self, message: ConsoleMessage) -> None:
        expected = "Failed to load resource"  # a refusal one asked for shows its status there
        if message.type == "error" and expected not in message.text:
            self.faults.append(f"console: {message.text}")

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((self.base, "data:")):
            self.faults.append(f"third party: {request.url}")

    def _note_load(self, frame: Any) -> None:
        if frame == self.page.main_frame:
            self.loads += 1

    def open(self, path: str) -> None:
        self.page.goto(self.base + path)

    def click(self, what: Any) -> None:
        """One click, counted; waits for the page it leads to."""
        target = self.page.locator(what) if isinstance(what, str) else what
        target.first.click()
        self.clicks += 1
        self.page.wait_for_load_state("load")

    def fill(self, selector: str, value: str) -> None:
        self.page.fill(selector, value)
        self.fields += 1

    def sign_in(self, email: str, password: str, shared: bool = False) -> None:
        self.open("/sign-in")
        self.fill("#email", email)
        self.fill("#password", password)
        if shared:
            self.page.check("#shared")
        self.click("main form button[type=submit]")

    @property
    def text(self) -> str:
        return self.page.locator("main").inner_text()

    def check(self, name: str) -> None:
        """The page as it stands: axe in both schemes at three sizes, no sideways scroll, the whole
        of Bootstrap would change nothing, a shot."""
        problems = []
        before = self.page.viewport_size
        self.page.emulate_media(reduced_motion="reduce")  # no colour half-way between schemes
        for size, (width, height) in SIZES.items():
            self.page.set_viewport_size({"width": width, "height": height})
            for scheme in ("light", "dark"):
                self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # a literal
                self.page.evaluate(SETTLE)
                problems += [f"{name} {size} {scheme}: {p}" for p in axe(self.page)]
                self.shoot(f"{name}-{size}-{scheme}")
            problems += [f"{name} {size}: {p}" for p in unlike_the_whole(self.page)]
            if self.page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
                problems.append(f"{name} {size}: scrolls sideways")
        self.page.emulate_media(color_scheme="light")
        if before:
            self.page.set_viewport_size(before)
        assert not problems, "\n".join(problems)
        assert not self.faults, self.faults

    def shoot(self, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png", full_page="low" not in name)


def axe(page: Page) -> list[str]:
    """What axe finds on the page, one line each. Evaluated from outside, so the policy holds."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        """rules => axe.run(document, {runOnly: {type: "tag", values: rules},
          resultTypes: ["violations"]})""",
        RULES,
    )
    return [
        f"{violation['id']}: {node['html'][:120]} {node['failureSummary'][-220:]}"
        for violation in found["violations"]
        for node in violation["nodes"][:3]
    ]


@contextmanager
def driver(browser: Browser, base: str, **context: Any) -> Iterator[Driver]:
    """A browser of its own, as after a fresh start of the computer."""
    context = {"viewport": {"width": 1280, "height": 900}, "locale": "ro-RO", **context}
    opened = browser.new_context(**context)
    made = Driver(opened.new_page(), base)
    made.page.set_default_timeout(15_000)
    made.watch()
    try:
        yield made
    finally:
        opened.close()


FIGURES: list[str] = []
"""What was counted in this run, one line each, printed at its end."""


def report(line: str, **figures: Any) -> None:
    """Figures for the record: printed at the end of the run and kept beside the screenshots."""
    FIGURES.append(f"{line}: " + ", ".join(f"{name} {value}" for name, value in figures.items()))
    SHOTS.mkdir(parents=True, exist_ok=True)
    with (SHOTS / "figures.jsonl").open("a", encoding="utf-8") as out:
        out.write(json.dumps({"what": line, **figures}, ensure_ascii=False) + "\n")
