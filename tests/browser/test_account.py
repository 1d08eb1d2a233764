"""The door and one's own account: refusals alike, two languages, password, sign-ins, error pages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from browser.conftest import Demo
from browser.driving import Driver, driver

pytestmark = pytest.mark.browser
SUBMIT = "main form button[type=submit]"


def refused(d: Driver, email: str) -> tuple[int, str]:
    """Status and sentence of a sign-in with a wrong password; the name typed stays in its field."""
    d.open("/sign-in")
    d.fill("#email", email)
    d.fill("#password", "nu este aceasta parola")
    with d.page.expect_response(lambda r: r.request.method == "POST") as answer:
        d.click(SUBMIT)
    expect(d.page.locator("#email")).to_have_value(email)
    expect(d.page.locator("#password")).to_have_value("")
    return answer.value.status, d.page.locator(".lms-errors").inner_text()


def test_a_wrong_password_and_an_unknown_account_look_alike(demo: Demo, chromium: Browser) -> None:
    with driver(chromium, demo.base) as d:
        d.open("/sign-in")
        d.check("sign-in")
        wrong = refused(d, "virgil.ipotescu@demo.test")
        expect(d.page.locator(".lms-errors")).to_be_focused()
        d.check("sign-in-refused")
        assert wrong == refused(d, "nimeni@demo.test")
        assert wrong == refused(d, "cornel.plecatu@demo.test"), "suspended: the door says nothing"
        d.open("/code")
        d.fill("#code", "ABCD-EFGH-JKMN")
        d.click(SUBMIT)
        expect(d.page.locator(".lms-errors")).to_be_visible()
        d.check("code-refused")
        d.open("/link/acest-semn-nu-exista")
        d.check("link-unknown")


def in_language(d: Driver, code: str, brand: str) -> None:
    expect(d.page.locator("html")).to_have_attribute("lang", code)
    expect(d.page.locator("main h1")).to_have_text(brand)


def test_the_language_is_switched_at_the_door_and_in_the_account(
    demo: Demo, chromium: Browser
) -> None:
    with driver(chromium, demo.base) as d:
        d.open("/sign-in")
        in_language(d, "ro", "Autentificare")
        d.click("footer form[action$='/language'] button")
        in_language(d, "en", "Sign in")
        d.check("sign-in-english")
        d.sign_in("virgil.ipotescu@demo.test", demo.password)
        expect(d.page.locator("html")).to_have_attribute("lang", "ro")  # the person's own
        d.click(".lms-who-name")
        d.check("account")
        d.page.select_option("#language", "en")
        d.click("main form[action$='/language'] button")
        in_language(d, "en", "My account")
        d.check("account-english")
        d.open("/")
        assert not re.search(r"[ăâîșț]", d.page.locator("header").inner_text())
    with driver(chromium, demo.base) as elsewhere:
        elsewhere.sign_in("virgil.ipotescu@demo.test", demo.password)
        expect(elsewhere.page.locator("html")).to_have_attribute("lang", "en")  # kept
        elsewhere.click("footer form[action$='/language'] button")
        expect(elsewhere.page.locator("html")).to_have_attribute("lang", "ro")


def test_a_new_password_ends_the_other_sign_ins(demo: Demo, chromium: Browser) -> None:
    email, fresh = "octavian.simulescu@demo.test", "trei cuvinte la rând"
    with driver(chromium, demo.base) as d, driver(chromium, demo.base) as other:
        for each in (d, other):
            each.sign_in(email, demo.password)
        d.open("/account/password")
        d.fill("#current", "altceva decât parola")
        d.fill("#password", fresh)
        d.fill("#again", fresh)
        d.click(SUBMIT)
        expect(d.page.locator(".lms-errors")).to_be_visible()
        d.check("password-refused")
        d.fill("#current", demo.password)
        d.fill("#password", fresh)
        d.fill("#again", fresh)
        d.click(SUBMIT)
        expect(d.page.locator(".lms-notice-success")).to_be_visible()
        other.click(".lms-nav a >> nth=1")
        expect(other.page.locator("#password")).to_be_visible()
        assert refused(other, email)[0] == 400
        other.sign_in(email, fresh)
        expect(other.page.locator(".lms-nav")).to_be_visible()


def test_signing_out_everywhere_and_here(demo: Demo, chromium: Browser) -> None:
    email = "livia.asistentescu@demo.test"
    with driver(chromium, demo.base) as d, driver(chromium, demo.base) as other:
        other.sign_in(email, demo.password)
        d.sign_in(email, demo.password, shared=True)
        d.open("/account")
        places = d.page.locator("aside section").last.locator("li")
        expect(places).to_have_count(2)
        d.click("form[action$='/sign-out-everywhere'] button")
        expect(places).to_have_count(1)
        other.page.reload()
        expect(other.page.locator("#password")).to_be_visible()
        d.click("header form[action$='/sign-out'] button")
        expect(d.page.locator(".lms-notice-success")).to_be_visible()
        d.page.go_back()
        expect(d.page.locator("#password")).to_be_visible()


def test_error_pages_say_what_to_do_in_both_languages(demo: Demo, chromium: Browser) -> None:
    with driver(chromium, demo.base) as d:
        d.sign_in("yvonne.fictivescu@demo.test", demo.password)
        d.check("home-not-enrolled-english")
        for path, status in (("/team", 403), ("/nu-exista", 404)):
            answer = d.page.goto(demo.base + path)
            assert answer is not None
            assert answer.status == status
            expect(d.page.locator("html")).to_have_attribute("lang", "en")
            expect(d.page.locator("main a").first).to_be_visible()
            d.check(f"error-{status}-english")
    with driver(chromium, demo.base) as stranger:
        answer = stranger.page.goto(f"{demo.base}/nu-exista")
        assert answer is not None
        assert answer.status == 404
        expect(stranger.page.locator("html")).to_have_attribute("lang", "ro")
        stranger.check("error-404-stranger")
        for name in ("accessibility", "privacy", "contact"):
            stranger.click(f"footer a[href$='/{name}']")
            stranger.check(f"public-{name}")
