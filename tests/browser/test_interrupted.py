"""What comes between: a second window, a lost connection, a sign-in that ended elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import Demo
from browser.driving import Driver, driver
from browser.solving import right_answers

pytestmark = pytest.mark.browser
LEARNER = "petru.maketescu@demo.test"
QUIZ = "/course/por/quiz/test-romact-si-incluziunea"
TYPED = [
    f"/course/por/quiz/test-{name}"
    for name in (
        "bugetul-proiectului",
        "documentatia-tehnica",
        "citirea-ghidului",
        "matricea-logica",
    )
]
SAVED = re.compile("lms-receipt-saved")


def begin(d: Driver, quiz: str) -> None:
    d.open(quiz)
    go_on = d.page.locator("main a.btn-primary[href*='/attempt/']")
    if go_on.count():
        d.click(go_on)
    else:
        d.click("main form[action$='/start'] button[value=one]")
    d.page.goto(re.sub(r"/[0-9a-z]+$", "/1", d.page.url))


@contextmanager
def sitting(chromium: Browser, demo: Demo, email: str = LEARNER) -> Iterator[Driver]:
    """At the first question of a test, one at a time."""
    with driver(chromium, demo.base) as d:
        d.sign_in(email, demo.password)
        begin(d, QUIZ)
        yield d


def change(page: Page) -> None:
    """Another answer than the one that is shown."""
    options = page.locator("fieldset .lms-option input")
    if options.count():
        options.locator("visible=true").and_(page.locator("input:not(:checked)")).first.check()
        return
    selects = page.locator("fieldset select")
    if selects.count():
        now = selects.first.evaluate("e => e.selectedIndex")
        selects.first.select_option(index=1 if now != 1 else 2)
        return
    field = page.locator("fieldset input")
    field.fill("12" if field.input_value() != "12" else "13")


def test_a_newer_answer_elsewhere_is_read_about_before_the_page_goes(
    demo: Demo, chromium: Browser
) -> None:
    with sitting(chromium, demo) as d:
        other = d.page.context.new_page()
        other.goto(d.page.url)
        change(d.page)
        expect(d.page.locator("[data-lms-receipt]")).to_have_class(SAVED)
        change(other)
        here = other.url
        other.locator(".lms-bar .btn-primary").click()  # at once, before anybody could read
        expect(other.locator("[data-lms-trouble] a")).to_be_focused()
        assert other.url == here
        other.locator(".lms-bar .btn-primary").click()
        expect(other).not_to_have_url(here)


def test_without_a_connection_nothing_is_claimed_and_no_warning_stays_behind(
    demo: Demo, chromium: Browser
) -> None:
    with sitting(chromium, demo) as d:
        d.page.context.set_offline(True)
        flag = d.page.locator("[data-lms-flag]")
        before = flag.get_attribute("aria-pressed")
        flag.click()
        expect(d.page.locator("[data-lms-trouble] [data-about=flag]")).to_be_visible()
        assert flag.get_attribute("aria-pressed") == before
        change(d.page)
        d.page.locator(".lms-bar .btn-primary").click()
        expect(d.page.locator("[data-lms-trouble] [data-about=wait]")).to_be_visible(timeout=12_000)
        d.page.context.set_offline(False)
        expect(d.page.locator("[data-lms-receipt]")).to_have_class(SAVED)
        expect(d.page.locator("[data-lms-trouble] [data-about=wait]")).to_have_count(0)
        flag.click()
        expect(d.page.locator("[data-lms-trouble]")).to_be_empty()
        assert flag.get_attribute("aria-pressed") != before


def test_who_signed_in_again_in_another_window_comes_back_to_the_answer(
    demo: Demo, chromium: Browser
) -> None:
    with sitting(chromium, demo) as d:
        here = d.page.url
        other = d.page.context.new_page()
        other.goto(demo.base + "/")
        other.locator("header form button:visible").click()
        expect(other).to_have_url(re.compile("/sign-in"))
        change(d.page)
        back = d.page.locator("[data-lms-trouble] [data-about=signed-out] a")
        expect(back).to_be_visible()
        other.fill("#email", LEARNER)
        other.fill("#password", demo.password)
        other.click("main form button[type=submit]")
        expect(other).to_have_url(demo.base + "/")
        back.click()
        expect(d.page).to_have_url(here)
        expect(d.page.locator("[data-lms-receipt]")).to_have_class(SAVED)


def typed_question(d: Driver, demo: Demo) -> None:
    """To a question with something to type: the draw of the first test need not have one."""
    for quiz in TYPED:
        begin(d, quiz)
        uuid = d.page.url.split("/attempt/")[1].split("/")[0]
        for right in right_answers(demo.database, uuid):
            if right.kind in ("numeric", "short-answer"):
                d.page.goto(re.sub(r"/1$", f"/{right.position}", d.page.url))
                return
    raise AssertionError("no test asks for something to type")


def test_what_is_half_typed_is_there_again_for_who_left_all_the_same(
    demo: Demo, chromium: Browser
) -> None:
    with sitting(chromium, demo) as d:
        typed_question(d, demo)
        change(d.page)
        typed = d.page.locator("fieldset input.form-control").input_value()
        d.page.on("dialog", lambda dialog: dialog.accept())
        d.page.reload()
        expect(d.page.locator("fieldset input.form-control")).to_have_value(typed)
        expect(d.page.locator("[data-lms-receipt]")).to_have_class(SAVED)


def test_a_form_sent_without_a_connection_stays_with_what_was_typed(
    demo: Demo, chromium: Browser
) -> None:
    with driver(chromium, demo.base) as d:
        d.sign_in("hr@demo.test", demo.password)
        d.open("/admin/people/new")
        d.page.fill("#name", "Zamfira Fictivescu")
        d.page.context.set_offline(True)
        d.page.click("main form button[type=submit]")
        note = d.page.locator("[data-lms-no-line]")
        expect(note).to_contain_text("Nu există conexiune")
        assert d.page.input_value("#name") == "Zamfira Fictivescu"
        d.check("form-offline")
        d.page.context.set_offline(False)
        expect(note).to_have_count(0)


def test_a_test_that_cannot_be_sent_says_so_and_is_sent_a_little_later(
    demo: Demo, chromium: Browser
) -> None:
    with sitting(chromium, demo) as d:
        d.page.goto(re.sub(r"/1$", "/summary", d.page.url))
        here = d.page.url
        d.page.route("**/submit", lambda route: route.abort("connectionreset"), times=1)
        send = d.page.locator("[data-lms-submit] button")
        send.click()
        expect(d.page.locator("[data-lms-trouble] [data-about=unsent]")).to_be_visible()
        assert d.page.url == here
        d.check("summary-unsent")
        send.dblclick()
        expect(d.page).to_have_url(re.compile("/result$"))
        assert not d.faults


def test_a_test_sent_in_another_window_takes_no_answer_and_says_so(
    demo: Demo, chromium: Browser
) -> None:
    with sitting(chromium, demo, "laur.modelescu@demo.test") as d:
        other = d.page.context.new_page()
        other.goto(re.sub(r"/1$", "/summary", d.page.url))
        other.locator("[data-lms-submit] button").click()
        expect(other).to_have_url(re.compile("/result$"))
        change(d.page)
        expect(d.page.locator("[data-lms-trouble] [data-about=closed]")).to_be_visible()
        expect(d.page.locator("[data-lms-receipt]")).to_have_text("Nesalvat")
        d.page.locator(".lms-bar .btn-primary").click()
        expect(d.page).to_have_url(re.compile("/result$"))
