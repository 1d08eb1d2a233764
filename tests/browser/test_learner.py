"""The employee's working day: lessons, a test, the badge, the certificate."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from browser.conftest import Demo
from browser.driving import Driver, driver, report
from browser.solving import give, right_answers

pytestmark = pytest.mark.browser
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def attempt_of(d: Driver) -> str:
    found = re.search(UUID, d.page.url)
    assert found, d.page.url
    return found[0]


def read_lessons(d: Driver) -> int:
    """From "continue" through all lessons, past the exercise, to the test's own page."""
    d.click("a.btn-continue")
    lessons = 0
    while "/lesson/" in d.page.url:
        d.click(".lms-lesson-nav button[type=submit]")
        lessons += 1
        assert lessons < 20
    past_the_exercise(d)
    return lessons


def past_the_exercise(d: Driver) -> None:
    """A workbook exercise, where a module has one, stands between its lessons and its test."""
    if "/exercise/" in d.page.url:
        d.click(".lms-lesson-nav a[href*='/quiz/']")


def begin_test(d: Driver, email: str, password: str) -> str:
    """From the sign-in to the first question of the module's test; the attempt's uuid."""
    d.sign_in(email, password)
    read_lessons(d)
    d.click("main form[action$='/start'] button")
    return attempt_of(d)


def answer_all(d: Driver, database: str, *, wrong: int = 0) -> None:
    """Every question on one page; the last ``wrong`` of them stay without an answer."""
    uuid = attempt_of(d)
    d.open(f"/attempt/{uuid}/all")
    answers = right_answers(database, uuid)
    for right in answers[: len(answers) - wrong]:
        d.fields += give(d.page, right, f"q{right.position}")
        expect(d.page.locator(f"[data-lms-state='{right.position}']")).to_have_class(
            re.compile("lms-receipt-saved")
        )


def test_from_enrolment_to_badge_and_certificate(demo: Demo, chromium: Browser) -> None:
    with driver(chromium, demo.base) as d:
        d.sign_in("angajat2@demo.test", demo.password)
        d.check("learner-home-new")
        d.click("a.btn-continue")
        d.check("learner-lesson")
        _self_check(d)
        d.open("/")
        assert read_lessons(d) >= 4
        d.check("learner-test-start")
        d.click("main form[action$='/start'] button")
        d.check("learner-question")
        answer_all(d, demo.database)
        d.check("learner-questions")
        d.click("button[name=go][value=summary]")
        d.check("learner-summary")
        d.click("form[action$='/submit'] button")
        expect(d.page.locator(".lms-score")).to_contain_text("100%")
        d.check("learner-result")
        _badge(d, demo, chromium)
        d.open("/")
        assert d.page.locator(".lms-stop-done").count() == 1
        d.check("learner-home-one-done")
        d.open("/course/por/certificate")
        assert "ANC" in d.text
        d.check("learner-certificate")


def _self_check(d: Driver) -> None:
    panel = d.page.locator(".lms-check-panel").first
    panel.locator(".lms-option input, input[inputmode], select").first.check()
    panel.locator("button[type=submit]").click()
    expect(d.page.locator(".lms-check-panel").first.locator(".lms-answers")).to_be_visible()
    d.check("learner-lesson-checked")


def _badge(d: Driver, demo: Demo, chromium: Browser) -> None:
    """Private until it is shared, public while it is, gone when it is withdrawn."""
    d.open("/badges")
    d.check("learner-badges")
    d.click("main a[href*='/badges/']")
    d.click("form[action$='/share'] button")
    d.check("learner-badge")
    public = d.page.locator("a[href*='/b/']").first.get_attribute("href") or ""
    public = public.replace(demo.base, "")
    with driver(chromium, demo.base) as stranger:
        stranger.open(public)
        assert "Vlad Începutu" in stranger.text
        assert "@" not in stranger.text
        stranger.check("public-badge")
    unshare = d.page.locator("form[action$='/unshare'] button")
    if not unshare.is_visible():
        d.page.locator("details.lms-confirm summary").first.click()
    unshare.click()
    with driver(chromium, demo.base) as stranger:
        answer = stranger.page.goto(demo.base + public)
        assert answer is not None
        assert answer.status == 404
        stranger.check("public-not-found")


def test_the_task_takes_few_clicks(demo: Demo, chromium: Browser) -> None:
    """From sign-in to a finished lesson, a test and one's own completion (performance targets)."""
    with driver(chromium, demo.base) as d:
        d.sign_in("traian.modelescu@demo.test", demo.password)
        d.click("a.btn-continue")
        while "/lesson/" in d.page.url:
            # The task has one lesson: what was read before it does not count.
            lessons = ".lms-outline .lms-outline-list li:not(.lms-outline-test, .lms-outline-sheet)"
            unread = f"{lessons}:not(.is-done)"
            if d.page.locator(unread).count() > 1:
                d.clicks -= 1
            direct = d.page.locator(".lms-lesson-nav button[name=go][value=test]")
            d.click(direct if direct.count() else ".lms-lesson-nav button[type=submit]")
        d.click("main form[action$='/start'] button[value=all]")
        uuid = attempt_of(d)
        for right in right_answers(demo.database, uuid):
            d.fields += give(d.page, right, f"q{right.position}")
        d.click(".lms-bar button[name=go][value=summary]")
        d.click("form[action$='/submit'] button")
        expect(d.page.locator(".lms-result-pass")).to_have_count(1)
        report("learner task", clicks=d.clicks, loads=d.loads, fields=d.fields)
        assert d.clicks <= 6


def test_failing_says_what_to_read_and_when_to_try_again(demo: Demo, chromium: Browser) -> None:
    with driver(chromium, demo.base) as d:
        begin_test(d, "florin.inchipuitu@demo.test", demo.password)
        answer_all(d, demo.database, wrong=6)
        d.click(".lms-bar button[name=go][value=summary]")
        d.click("form[action$='/submit'] button")
        expect(d.page.locator(".lms-result-fail")).to_have_count(1)
        assert d.page.locator(".lms-revisit a").count() >= 1
        assert d.page.locator(".lms-answer-missed").count() == 0, "the key is not shown yet"
        d.check("learner-result-failed")
        d.page.go_back()
        d.page.go_back()
        d.page.reload()
        assert "/result" in d.page.url, "after sending, going back leads to the result"


def test_an_answer_survives_reload_another_device_and_no_connection(
    demo: Demo, chromium: Browser
) -> None:
    email = "victor.simulescu@demo.test"
    with driver(chromium, demo.base) as d, driver(chromium, demo.base) as other:
        uuid = begin_test(d, email, demo.password)
        first, second, *_ = right_answers(demo.database, uuid)
        d.open(f"/attempt/{uuid}/all")
        give(d.page, first, f"q{first.position}")
        state = d.page.locator(f"[data-lms-state='{first.position}']")
        expect(state).to_have_class(re.compile("lms-receipt-saved"))
        d.page.context.set_offline(True)
        give(d.page, second, f"q{second.position}")
        state = d.page.locator(f"[data-lms-state='{second.position}']")
        expect(state).to_have_class(re.compile("lms-receipt-(offline|unsaved)"))
        d.shoot("learner-offline-desktop")
        d.page.context.set_offline(False)
        expect(state).to_have_class(re.compile("lms-receipt-saved"), timeout=30_000)
        other.sign_in(email, demo.password)
        other.open(f"/attempt/{uuid}/all")
        for done in (first, second):
            cell = other.page.locator(f"[data-lms-cell='{done.position}']")
            expect(cell).to_have_class(re.compile("is-answered"))


def test_what_waited_for_a_sign_in_never_replaces_a_newer_answer(
    demo: Demo, chromium: Browser
) -> None:
    email = "felicia.ipotescu@demo.test"
    with driver(chromium, demo.base) as d, driver(chromium, demo.base) as other:
        uuid = begin_test(d, email, demo.password)
        first, second, *_ = right_answers(demo.database, uuid)
        d.open(f"/attempt/{uuid}/all")
        d.page.context.clear_cookies()
        give(d.page, first, f"q{first.position}")
        expect(d.page.locator("[data-about='signed-out']")).to_be_visible()
        give(d.page, second, f"q{second.position}")
        other.sign_in(email, demo.password)
        other.open(f"/attempt/{uuid}/all")
        give(other.page, second, f"q{second.position}")
        state = f"[data-lms-state='{second.position}']"
        expect(other.page.locator(state)).to_have_class(re.compile("lms-receipt-saved"))
        d.click("[data-about='signed-out'] a")
        d.fill("#email", email)
        d.fill("#password", demo.password)
        d.click("main form button[type=submit]")
        expect(d.page.locator(f"[data-about='newer-{second.position}']")).to_be_visible()
        waited = d.page.locator(f"[data-lms-state='{first.position}']")
        expect(waited).to_have_class(re.compile("lms-receipt-saved"))


def test_it_works_without_javascript(demo: Demo, chromium: Browser) -> None:
    with driver(chromium, demo.base, java_script_enabled=False) as d:
        uuid = begin_test(d, "nicu.fictivescu@demo.test", demo.password)
        for right in right_answers(demo.database, uuid):
            assert d.page.url.endswith(f"/{right.position}")
            give(d.page, right, "q")
            d.click(".lms-bar button.btn-primary")
        assert d.page.url.endswith("/summary")
        d.click("form[action$='/submit'] button")
        expect(d.page.locator(".lms-result-pass")).to_have_count(1)


def test_a_sign_in_that_ends_in_the_middle_loses_nothing(demo: Demo, chromium: Browser) -> None:
    """Without JavaScript the answer travels through the sign-in page."""
    email = "nadia.scenariu@demo.test"
    with driver(chromium, demo.base, java_script_enabled=False) as d:
        uuid = begin_test(d, email, demo.password)
        first = right_answers(demo.database, uuid)[0]
        give(d.page, first, "q")
        with driver(chromium, demo.base) as elsewhere:
            elsewhere.sign_in(email, demo.password)
            elsewhere.open("/account")
            elsewhere.click("form[action$='/sign-out-everywhere'] button")
        d.click(".lms-bar button.btn-primary")
        assert d.page.locator("#password").is_visible()
        d.shoot("learner-sign-in-carried-desktop")
        d.fill("#email", email)
        d.fill("#password", demo.password)
        d.click("main form button[type=submit]")
        assert f"/attempt/{uuid}/1" in d.page.url
        assert d.page.locator(".lms-receipt-saved").count() == 1
