"""The same pages by keyboard alone, at 400 % zoom, with wider text, in the dark, without motion."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from browser.conftest import Demo
from browser.driving import Driver, driver

pytestmark = pytest.mark.browser
NARROW = {"320 px": (320, 740), "400 %": (320, 256)}
"""1280 × 1024 at 400 % is 320 × 256 (WCAG 2.2, 1.4.10)."""
WIDER = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
    word-spacing: .16em !important } p { margin-bottom: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
}"""
"""Text spacing a reader may set (WCAG 2.2, 1.4.12); put in as an extension does, past the policy."""
CLIPPED = """() => [...document.querySelectorAll("body *")].filter(e => {
  const style = getComputedStyle(e), box = e.getBoundingClientRect();
  if (box.width < 2 || box.height < 2 || style.visibility !== "visible") return false;
  const cut = way => style[way] === "hidden" || style[way] === "clip";
  const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
  return own && (cut("overflowX") && e.scrollWidth > e.clientWidth + 1
    || cut("overflowY") && e.scrollHeight > e.clientHeight + 1);
}).map(e => e.outerHTML.slice(0, 120))"""
TORN = """() => {
  const pen = document.createElement("canvas").getContext("2d");
  return [...document.querySelectorAll("[data-label]")].filter(e => {
    const label = getComputedStyle(e, "::before"), own = getComputedStyle(e);
    if (!label.content.startsWith('"')) return false;
    pen.font = `${label.fontWeight} ${label.fontSize} ${label.fontFamily}`;
    const room = e.clientWidth - parseFloat(own.paddingLeft) - parseFloat(own.paddingRight);
    return e.dataset.label.split(" ").some(word => pen.measureText(word).width > room);
  }).map(e => e.dataset.label);
}"""
"""Labels that a stacked table's narrow cell breaks within a word."""
STUCK = """() => [...document.querySelectorAll("body *")].filter(e => {
  const box = e.getBoundingClientRect(), position = getComputedStyle(e).position;
  return (position === "fixed" || position === "sticky") && box.top < innerHeight && box.bottom > 0
    && box.width > innerWidth / 2 && box.height > innerHeight / 3;
}).map(e => e.className)"""
"""What stays on the screen while one scrolls must leave most of it to the text."""
MOVING = """() => [...document.querySelectorAll("body, body *")].filter(e => {
  const style = getComputedStyle(e);
  return [style.transitionDuration, style.animationDuration].some(
    all => all.split(",").some(one => parseFloat(one) * (one.trim().endsWith("ms") ? 1 : 1000) > 10));
}).map(e => e.outerHTML.slice(0, 100))"""
FOCUSED = """() => {
  const e = document.activeElement, box = e.getBoundingClientRect(), card = e.nextElementSibling;
  const ring = s => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0;
  return {seen: box.bottom > 0 && box.top < innerHeight,
    ring: ring(getComputedStyle(e)) || card !== null && ring(getComputedStyle(card, "::before"))};
}"""
"""The ring stands around the control, or around the whole card of an answer."""


def narrow(d: Driver, name: str) -> list[str]:
    """What goes wrong on this page when there is little room; the size before is put back."""
    before = d.page.viewport_size
    wrong = []
    for size, (width, height) in NARROW.items():
        d.page.set_viewport_size({"width": width, "height": height})
        if d.page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
            wrong.append(f"{name} at {size} scrolls sideways")
        wrong += [f"{name} at {size}: {stuck} covers it" for stuck in d.page.evaluate(STUCK)]
        wrong += [f"{name} at {size} breaks {label}" for label in d.page.evaluate(TORN)]
        d.shoot(f"narrow-{name}-{width}x{height}-low" if height < 300 else f"narrow-{name}-{width}")
        if size == "320 px":
            d.page.evaluate(WIDER)
            if d.page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
                wrong.append(f"{name} with wider text scrolls sideways")
            wrong += [f"{name} with wider text cuts {what}" for what in d.page.evaluate(CLIPPED)]
            d.shoot(f"spaced-{name}-{width}")
            d.page.evaluate("document.adoptedStyleSheets = []")
    if before:
        d.page.set_viewport_size(before)
    return wrong


def test_little_room_and_wider_text(demo: Demo, chromium: Browser) -> None:
    """Home, lesson, question, team, people and what else is made of tables and bars."""
    wrong = []
    with driver(chromium, demo.base) as d:
        d.sign_in("rodica.demonstrescu@demo.test", demo.password)
        wrong += narrow(d, "home")
        d.open("/course/por/lesson/cine-face-ce")
        wrong += narrow(d, "lesson")
        d.open("/")
        d.click("a.btn-continue")
        expect(d.page.locator(".lms-bar")).to_be_visible()
        wrong += narrow(d, "question")
        d.open(re.sub(r"/\d+$", "/all", d.page.url.replace(demo.base, "")))
        wrong += narrow(d, "questions")
    with driver(chromium, demo.base) as d:
        d.sign_in("hr@demo.test", demo.password)
        for name, path in (
            ("team", "/team"),
            ("people", "/admin/people"),
            ("departments", "/admin/departments"),
            ("import", "/admin/import"),
            ("account", "/account"),
        ):
            d.open(path)
            wrong += narrow(d, name)
        d.open("/team")
        d.click(".lms-matrix tbody th a")
        wrong += narrow(d, "team-person")
    with driver(chromium, demo.base) as d:
        d.sign_in("formator@demo.test", demo.password)
        for name, path in (
            ("teach", "/teach/"),
            ("teach-lesson", "/teach/por/lesson/cine-face-ce"),
            ("teach-question", "/teach/por/module/cadrul-por/new-question"),
        ):
            d.open(path)
            wrong += narrow(d, name)
    assert not wrong, "\n".join(wrong)


def test_dark_is_dark_and_nothing_moves_when_asked(demo: Demo, chromium: Browser) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    with driver(chromium, demo.base, color_scheme="dark", reduced_motion="reduce") as d:
        d.sign_in("anca.bugetescu@demo.test", demo.password)
        for path in ("/", "/course/por/lesson/cine-face-ce", "/team"):
            d.open(path)
            levels = [int(part) for part in re.findall(r"\d+", d.page.evaluate(paper))[:3]]
            assert max(levels) < 64, (path, levels)
            assert d.page.evaluate(MOVING) == [], path
        assert (
            d.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
        )


def tab_to(d: Driver, selector: str, most: int = 60) -> None:
    """Tab until the control has the focus; every stop on the way shows where it is."""
    for _ in range(most):
        d.page.keyboard.press("Tab")
        seen = d.page.evaluate(FOCUSED)
        assert seen["seen"], d.page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
        assert seen["ring"], d.page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
        if d.page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    pytest.fail(f"Tab never reaches {selector}")


def test_signing_in_and_answering_by_keyboard_alone(demo: Demo, chromium: Browser) -> None:
    keyed = "main form [name^='q']"
    with driver(chromium, demo.base) as d:
        keys = d.page.keyboard
        d.open("/sign-in")
        keys.press("Tab")
        expect(d.page.locator(".lms-skip")).to_be_focused()
        keys.press("Enter")
        expect(d.page.locator("#main")).to_be_focused()
        tab_to(d, "#email")
        keys.type("rodica.demonstrescu@demo.test")
        tab_to(d, "#password")
        keys.type(demo.password)
        tab_to(d, "#shared")
        keys.press("Space")
        expect(d.page.locator("#shared")).to_be_checked()
        keys.press("Space")
        tab_to(d, "main form button[type=submit]")
        keys.press("Enter")
        expect(d.page.locator("a.btn-continue")).to_be_visible()
        tab_to(d, "a.btn-continue")
        keys.press("Enter")
        expect(d.page.locator(".lms-bar")).to_be_visible()
        asked = d.page.url
        tab_to(d, keyed)
        kind = d.page.evaluate("document.activeElement.type")
        if kind in ("radio", "checkbox"):
            keys.press("Space")
            expect(d.page.locator("main form :checked").first).to_be_attached()
        elif kind.startswith("select"):
            keys.press("ArrowDown")
        else:
            keys.type("1")
        expect(d.page.locator(".lms-receipt-saved").first).to_be_visible()
        tab_to(d, ".lms-bar .btn-primary")
        keys.press("Enter")
        d.page.wait_for_url(lambda url: url != asked)
        answered = d.page.locator("[data-lms-cell].is-answered")
        assert answered.count() >= 1
        assert not d.faults


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ('main.innerHTML += \'<img src="/static/x" width="9">\'', "image-alt"),
        ("main.querySelector('h1').style.color = '#ddd'", "color-contrast"),
        ("main.querySelector('h1').style.width = '2000px'", "scrolls sideways"),
        ("console.error('broken')", "console: broken"),
    ],
)
def test_the_check_notices_what_is_wrong(
    demo: Demo, chromium: Browser, monkeypatch: pytest.MonkeyPatch, harm: str, told: str
) -> None:
    """Without this, pages without faults would prove nothing."""
    monkeypatch.setattr(Driver, "shoot", lambda *_: None)
    with driver(chromium, demo.base) as d:
        d.open("/sign-in")
        d.page.evaluate(f"() => {{ const main = document.querySelector('main'); {harm} }}")
        with pytest.raises(AssertionError, match=told):
            d.check("wrong-on-purpose")
