"""What human resources have typed outlives a sign-in that ran out, and nobody else finds it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from browser.conftest import Demo
from browser.driving import Driver, driver

pytestmark = pytest.mark.browser
SUBMIT = "main form button[type=submit]"
CNP = "1800101221144"
LIST = f"Nume\tE-mail\tCNP\nPăstrata Ana\tpastrata.ana@demo.test\t{CNP}"
OFFER = ".lms-notices .lms-notice-warning"


def kept(d: Driver) -> str:
    """Everything this tab keeps of forms."""
    found = (
        "JSON.stringify(Object.entries(sessionStorage).filter(e => e[0].startsWith('lms-kept')))"
    )
    text: str = d.page.evaluate(found)
    return "" if text == "[]" else text


def wait_until_kept(d: Driver, wanted: bool) -> None:
    """The page's policy lets no string be evaluated in it, so this asks from outside."""
    for _try in range(50):
        if bool(kept(d)) is wanted:
            return
        d.page.wait_for_timeout(100)
    pytest.fail(f"kept: {kept(d)}")


def sign_in(d: Driver, demo: Demo, email: str = "hr@demo.test") -> None:
    d.fill("#email", email)
    d.fill("#password", demo.password)
    d.click(SUBMIT)


def put_back(d: Driver) -> None:
    expect(d.page.locator(OFFER)).to_be_visible()
    d.page.locator(f"{OFFER} .btn-outline-primary").click()


def test_a_person_typed_past_the_sign_in_is_offered_again(demo: Demo, chromium: Browser) -> None:
    with driver(chromium, demo.base) as d:
        d.sign_in("hr@demo.test", demo.password)
        d.open("/admin/people/new")
        d.fill("#name", "Păstrata Ioana")
        d.fill("#email", "pastrata.ioana@demo.test")
        d.page.context.clear_cookies()
        d.click(SUBMIT)
        expect(d.page.locator("#password")).to_be_visible()
        sign_in(d, demo)
        expect(d.page).to_have_url(re.compile("/admin/people/new$"))
        d.check("hr-kept")
        put_back(d)
        expect(d.page.locator("#name")).to_have_value("Păstrata Ioana")
        expect(d.page.locator("#email")).to_have_value("pastrata.ioana@demo.test")
        d.click(SUBMIT)
        expect(d.page.locator("main h1")).to_have_text("Păstrata Ioana")
        wait_until_kept(d, False)


def test_a_pasted_list_is_kept_without_codes_until_it_is_confirmed(
    demo: Demo, chromium: Browser
) -> None:
    with driver(chromium, demo.base) as d:
        d.sign_in("hr@demo.test", demo.password)
        d.open("/admin/import")
        d.fill("#text", LIST)
        d.click(SUBMIT)
        assert "pastrata.ana" in kept(d)
        assert CNP not in kept(d)
        d.page.context.clear_cookies()
        d.click("form[action$='/apply'] button[type=submit]")
        sign_in(d, demo)
        expect(d.page).to_have_url(re.compile("/admin/import$"))
        put_back(d)
        expect(d.page.locator("#text")).to_have_value(LIST.replace(CNP, ""))
        d.click(SUBMIT)
        d.click("form[action$='/apply'] button[type=submit]")
        expect(d.page.locator("main")).to_contain_text("Păstrata Ana")
        wait_until_kept(d, False)


def test_a_page_from_before_another_sign_in_leads_back_to_what_was_typed(
    demo: Demo, chromium: Browser
) -> None:
    with driver(chromium, demo.base) as d:
        d.sign_in("hr@demo.test", demo.password)
        d.open("/admin/cohorts")
        d.click("main a[href*='/admin/cohort/']")
        d.page.locator("#enrol details summary").click()
        d.fill("#accounts", "pilda.1@demo.test, pilda.2@demo.test")
        d.page.context.clear_cookies()
        other = Driver(d.page.context.new_page(), demo.base)
        other.sign_in("hr@demo.test", demo.password)
        d.click("form[action$='/enrol-listed'] button[type=submit]")
        expect(d.page.locator(".lms-error-page")).to_be_visible()
        d.click(".lms-error-page .btn-primary")
        put_back(d)
        expect(d.page.locator("#accounts")).to_be_visible()
        expect(d.page.locator("#accounts")).to_have_value("pilda.1@demo.test, pilda.2@demo.test")


def typed_by_hr(d: Driver, demo: Demo) -> None:
    d.sign_in("hr@demo.test", demo.password)
    d.open("/admin/people/new")
    d.fill("#name", "A nimănui")
    wait_until_kept(d, True)


def test_nobody_else_finds_it(demo: Demo, chromium: Browser) -> None:
    with driver(chromium, demo.base) as d:
        typed_by_hr(d, demo)
        d.page.context.clear_cookies()
        d.open("/sign-in")
        sign_in(d, demo, "dumitru.probareanu@demo.test")
        expect(d.page.locator("[data-lms-person]")).to_be_visible()
        wait_until_kept(d, False)


def test_signing_out_forgets_it(demo: Demo, chromium: Browser) -> None:
    with driver(chromium, demo.base) as d:
        typed_by_hr(d, demo)
        # As at a plain http address, where no browser obeys the server's own request.
        d.page.route("**/sign-out", lambda route: route.fulfill(status=204))
        d.page.locator("header form[action$='/sign-out'] button").first.click()
        wait_until_kept(d, False)
