"""A workbook exercise by keyboard, a test of the whole course, and what both look like on paper."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from browser.conftest import Demo
from browser.driving import SHOTS, Driver, driver
from browser.slow_line import COURSE, LEARNER

pytestmark = pytest.mark.browser
ON_SCREEN_ONLY = ".lms-header, .lms-footer, .lms-outline, .lms-drawer, .lms-lesson-nav, .lms-crumbs"


def first_exercise(d: Driver) -> str:
    """The address of the first module's exercise."""
    d.open("/")
    d.click(".lms-stop-title a")
    d.click("main .lms-list a[href*='/exercise/']")
    return d.page.url


def shown(page: Page, selector: str) -> list[Any]:
    """Which of the elements take up space on the page."""
    found: list[Any] = page.eval_on_selector_all(
        selector, "all => all.filter(e => e.getClientRects().length).map(e => e.className)"
    )
    return found


def test_a_sheet_is_judged_by_keyboard_and_kept(demo: Demo, chromium: Browser) -> None:
    with driver(chromium, demo.base) as d:
        d.sign_in("angajat2@demo.test", demo.password)
        first_exercise(d)
        d.check("exercise")
        d.page.locator(".lms-sheet-data > summary").focus()
        d.page.keyboard.press("Enter")
        assert d.page.locator(".lms-sheet-data .lms-prose").is_visible()
        radios = d.page.locator("#assessment fieldset").first.locator("input")
        radios.first.focus()
        d.page.keyboard.press("Space")
        d.page.keyboard.press("ArrowDown")
        assert [radios.nth(n).is_checked() for n in range(3)] == [False, True, False]
        d.page.locator("#note").focus()
        d.page.keyboard.type("Cerem extrasul.")
        d.page.locator("#assessment button[type=submit]").focus()
        d.page.keyboard.press("Enter")
        d.page.wait_for_url(re.compile("#assessment$"))
        assert "Autoevaluarea a fost salvată" in d.text
        assert d.page.input_value("#note") == "Cerem extrasul."
        assert radios.nth(1).is_checked()
        d.check("exercise-saved")


def test_the_sheet_on_paper_is_empty_and_has_lines(demo: Demo, chromium: Browser) -> None:
    with driver(chromium, demo.base) as d:
        d.sign_in("angajat2@demo.test", demo.password)
        first_exercise(d)
        assert shown(d.page, ".lms-paper") == []
        d.page.emulate_media(media="print")
        assert shown(d.page, ".lms-paper") != []
        assert shown(d.page, f"{ON_SCREEN_ONLY}, #assessment, .lms-sheet-data, form button") == []
        boxes = len(shown(d.page, ".lms-paper-box"))
        assert boxes == 3 * len(shown(d.page, ".lms-paper-criterion")) > 0
        assert len(shown(d.page, ".lms-paper-line")) >= 6
        SHOTS.mkdir(parents=True, exist_ok=True)
        pdf = d.page.pdf(path=SHOTS / "exercise.pdf", prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 3


def test_a_lesson_on_paper_is_a_handout(demo: Demo, chromium: Browser) -> None:
    with driver(chromium, demo.base) as d:
        d.sign_in("angajat2@demo.test", demo.password)
        d.page.emulate_media(color_scheme="dark")
        d.open("/")
        d.click("a.btn-continue")
        d.page.emulate_media(media="print", color_scheme="dark")
        assert shown(d.page, f"{ON_SCREEN_ONLY}, .lms-reading-progress") == []
        style = "e => { const s = getComputedStyle(e); return [s.color, s.breakInside]; }"
        colour, _ = d.page.locator("body").evaluate(style)
        assert colour == "rgb(0, 0, 0)", "dark mode is for screens"
        for kept in d.page.locator(".lms-callout, .lms-table tr, figure").all():
            assert kept.evaluate(style)[1] == "avoid"
        link = "e => getComputedStyle(e, '::after').content"
        sources = d.page.locator(".lms-sources a").all()
        assert sources
        for source in sources:
            # In Chromium the computed value is the text itself or its recipe; both name the address.
            assert re.search(r"attr\(href\)|https?://", source.evaluate(link))
        width = d.page.evaluate("document.querySelector('.lms-lesson-main').clientWidth")
        for picture in d.page.locator(".lms-prose img").all():
            assert picture.evaluate("e => e.clientWidth") <= width


def faces_of(page: Page, selector: str) -> set[str]:
    """The fonts that really draw the letters of an element."""
    tools = page.context.new_cdp_session(page)
    tools.send("DOM.enable")
    tools.send("CSS.enable")
    root = tools.send("DOM.getDocument")["root"]["nodeId"]
    node = tools.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
    drawn = tools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    return {font["postScriptName"] for font in drawn}


def test_a_certificate_is_of_one_face_in_a_browser_that_never_saw_it(
    demo: Demo, chromium: Browser
) -> None:
    """Also when the half of the letters with ă and ț comes late."""

    def late(route: Route) -> None:
        d.page.wait_for_timeout(500)
        route.continue_()

    with driver(chromium, demo.base) as d:
        d.sign_in(LEARNER, demo.password)
        d.page.route("**/source-serif-4-latin-ext-*", late)
        d.open(f"/course/{COURSE}/certificate")
        d.page.wait_for_load_state("networkidle")
        assert faces_of(d.page, ".lms-certificate h1") == {"SourceSerif4-SemiBold"}
        assert faces_of(d.page, ".lms-certificate-name") == {"SourceSerif4-SemiBold"}
        assert faces_of(d.page, ".lms-certificate p:not([class])") == {"SourceSerif4-Regular"}


def test_the_test_before_the_course_is_an_offer(demo: Demo, chromium: Browser) -> None:
    with driver(chromium, demo.base) as d:
        d.sign_in("angajat2@demo.test", demo.password)
        d.open("/")
        d.check("home-offer")
        d.click(".lms-offer a")
        d.check("course-test")
        d.click("button[value=all]")
        radios = d.page.locator("fieldset.lms-question").first.locator("input[type=radio]")
        if radios.count():
            radios.first.check()
        d.click("button[name=go][value=summary]")
        d.click("form[action$='/submit'] button")
        d.page.wait_for_url("**/result")  # the page sends it and then goes there
        assert "Modul cu modul" in d.text or "MODUL CU MODUL" in d.text
        d.check("course-test-result")
        d.open("/")
        assert d.page.locator(".lms-offer").count() == 0
