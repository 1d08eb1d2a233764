"""Human resources: a list comes in, a cohort gets its dates, people get in, are helped, are let go."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from babel.dates import format_date
from playwright.sync_api import Browser, Locator, expect

from browser.conftest import Demo
from browser.driving import Driver, driver, report
from lms.web.clock import ZONE

pytestmark = pytest.mark.browser
CNP = "1800101221144"
BROKEN = 17
"""Row of the list, its titles being row 1."""
GIVEN = [
    "Aurora",
    "Bujor",
    "Carina",
    "Dragoş",
    "Elvira",
    "Fane",
    "Geta",
    "Haşdeu",
    "Ilinca",
    "Jenică",
    "Lenuţa",
    "Mitruţ",
    "Nuţa",
]
GIVEN += ["Oprişan", "Pompilia", "Roxana", "Sânziana", "Tiberiu", "Ursula", "Voichiţa"]
SUBMIT = "main form button[type=submit]"
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}


def a_list() -> str:
    """Twenty people as copied from Excel, with cedillas and a column that must not be kept."""
    lines = ["Nr. crt.\tNumele şi prenumele\tE-mail\tCNP\tServiciul"]
    for number, given in enumerate(GIVEN, start=1):
        at = "(at)" if number == BROKEN - 1 else "@"
        email = f"pilda.{number}{at}demo.test"
        place = "Serviciul Buget şi Contabilitate"
        lines.append(f"{number}\tPildescu {given}\t{email}\t{CNP}\t{place}")
    return "\n".join(lines)


def figures(d: Driver) -> list[str]:
    """New, changed, already there, left out."""
    return d.page.locator(".lms-figure-value").all_inner_texts()


def the(d: Driver, action: str) -> Locator:
    """The button of the form that does something."""
    return d.page.locator(f"main form[method=post][action$='/{action}'] button[type=submit]")


def hr_signs_in(d: Driver, demo: Demo) -> None:
    d.sign_in("hr@demo.test", demo.password)
    d.click(".lms-nav a[href$='/admin/people']")


def a_cohort(d: Driver, name: str) -> str:
    """A new cohort with dates for its modules; its address."""
    ended = datetime.now(ZONE).date() - timedelta(days=1)
    d.open("/admin/cohorts")
    d.check("hr-cohorts")
    d.click("main a[href$='/cohorts/new']")
    d.fill("#name", name)
    d.fill("#starts_on", (ended - timedelta(days=2)).isoformat())
    d.fill("#ends_on", (ended - timedelta(days=5)).isoformat())
    d.click(SUBMIT)
    expect(d.page.locator(".lms-errors")).to_be_visible()
    d.check("hr-cohort-new-refused")
    expect(d.page.locator("#name")).to_have_value(name)
    d.fill("#ends_on", ended.isoformat())
    d.click(SUBMIT)
    due = d.page.locator("#due input[name^='days-']")
    for number, field in enumerate(due.all(), start=1):
        field.fill(str(14 * number))
    d.click(the(d, "due"))
    for number in range(1, due.count() + 1):
        day = format_date(ended + timedelta(days=14 * number), "d MMMM y", locale="ro")
        expect(d.page.locator("#due .lms-hint", has_text=day)).to_be_visible()
    return d.page.url.replace(d.base, "").partition("#")[0]


def test_from_a_pasted_list_to_the_first_lesson(demo: Demo, chromium: Browser) -> None:
    with driver(chromium, demo.base) as d:
        hr_signs_in(d, demo)
        d.check("hr-people")
        cohort = a_cohort(d, "Sesiunea de probă")
        d.open("/admin/departments")
        departments = d.page.locator(".lms-tree li").count()
        d.check("hr-departments")
        d.open("/admin/people")
        d.click("main a[href$='/admin/import']")
        d.check("hr-import")
        d.fill("#text", a_list())
        d.click(SUBMIT)
        assert figures(d) == ["19", "0", "0", "1"]
        broken = d.page.locator("tr.is-error")
        expect(broken).to_have_count(1)
        expect(broken.locator("td.lms-num")).to_have_text(str(BROKEN))
        assert CNP not in d.page.content()
        assert not re.search("[şţŞŢ]", d.text), "cedillas become commas"
        assert "Dragoș" in d.text
        d.check("hr-import-preview")
        d.page.select_option("#cohort", label="Sesiunea de probă")
        d.click(the(d, "apply"))
        assert figures(d) == ["19", "0", "0", "1"]
        d.check("hr-import-result")
        d.open("/admin/departments")
        assert d.page.locator(".lms-tree li").count() == departments
        d.page.go_back()
        code = _printed_code(d, "Pildescu Dragoș")
        _arrives(demo, chromium, code)
        _again(d, cohort)


def _printed_code(d: Driver, name: str) -> str:
    """Slips for everybody new, eight to a sheet; the code of one of them."""
    d.click("main a[href*='/admin/codes?source=import']")
    ticked = d.page.locator("main form [name=person]:checked")
    expect(ticked).to_have_count(19)
    d.check("hr-codes")
    d.click(the(d, "codes"))
    slips = d.page.locator(".lms-slip")
    expect(slips).to_have_count(19)
    d.check("hr-slips")
    sheets = d.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheets)) == 3
    codes = d.page.locator(".lms-slip-code").all_inner_texts()
    assert len(set(codes)) == 19
    return slips.filter(has_text=name).locator(".lms-slip-code").inner_text()


def _arrives(demo: Demo, chromium: Browser, code: str) -> None:
    """The first time, on a phone, with the code typed as people type."""
    with driver(chromium, demo.base, **PHONE) as phone:
        phone.open("/code")
        phone.check("phone-code")
        phone.fill("#code", code.lower().replace("-", " "))
        phone.click(SUBMIT)
        phone.fill("#password", "scurt")
        phone.fill("#again", "scurt")
        phone.click(SUBMIT)
        expect(phone.page.locator(".lms-errors")).to_be_visible()
        phone.check("phone-password")
        phone.fill("#password", "drumul spre primarie")
        phone.fill("#again", "drumul spre primarie")
        phone.click(SUBMIT)
        expect(phone.page.locator("a.btn-continue")).to_be_visible()
        assert "Sesiunea de probă".upper() in phone.text.upper()
        report("first arrival by code", clicks=phone.clicks, fields=phone.fields)
        phone.check("phone-first-home")
    with driver(chromium, demo.base, **PHONE) as again:
        again.sign_in("pilda.4@demo.test", "drumul spre primarie")
        expect(again.page.locator("a.btn-continue")).to_be_visible()
    with driver(chromium, demo.base) as thief:
        thief.open("/code")
        thief.fill("#code", code)
        thief.click(SUBMIT)
        expect(thief.page.locator(".lms-errors")).to_be_visible()
        expect(thief.page.locator("main a[href$='/forgotten']")).to_be_visible()


def _again(d: Driver, cohort: str) -> None:
    """The same list once more changes nothing; a list of accounts names whom it does not know."""
    d.open("/admin/import")
    d.fill("#text", a_list())
    d.click(SUBMIT)
    assert figures(d) == ["0", "0", "19", "1"]
    d.open(cohort)
    expect(d.page.locator("#members li")).to_have_count(19)
    d.page.locator("#enrol details summary").click()
    d.fill("#accounts", "Aurora <pilda.1@demo.test>, nimeni@demo.test")
    d.click(the(d, "enrol-listed"))
    expect(d.page.locator(".lms-notice-warning").last).to_contain_text("nimeni@demo.test")
    expect(d.page.locator("#members li")).to_have_count(19)
    d.check("hr-cohort")


def new_person(d: Driver, name: str, email: str) -> str:
    d.open("/admin/people/new")
    d.fill("#name", name)
    d.fill("#email", email)
    d.click(SUBMIT)
    expect(d.page.locator("main h1")).to_have_text(name)
    return d.page.url.replace(d.base, "")


def a_link(d: Driver, person: str) -> str:
    d.open(person)
    d.click(the(d, "link"))
    return d.page.locator("#link").input_value().replace(d.base, "")


def test_a_link_is_used_up_by_its_button_alone(demo: Demo, chromium: Browser) -> None:
    with driver(chromium, demo.base) as d:
        hr_signs_in(d, demo)
        person = new_person(d, "Legătura Pildescu", "legatura@demo.test")
        d.check("hr-person")
        link = a_link(d, person)
        d.check("hr-link")
        for _ in range(2):  # a mail scanner, a preview
            with driver(chromium, demo.base, java_script_enabled=False) as scanner:
                answer = scanner.page.goto(demo.base + link)
                assert answer is not None
                assert answer.status == 200
        with driver(chromium, demo.base, **PHONE) as phone:
            phone.open(link)
            phone.check("phone-link")
            phone.click(SUBMIT)
            expect(phone.page.locator("#password")).to_be_visible()
        with driver(chromium, demo.base, **PHONE) as late:
            late.open(link)
            late.check("phone-link-spent")
            late.click(the(late, "new"))
            expect(late.page.locator(".lms-notice-success")).to_be_visible()
        d.open("/admin/requests")
        waiting = d.page.locator("main li", has_text="Legătura Pildescu")
        expect(waiting).to_have_count(1)
        d.check("hr-requests")
        d.click(waiting.locator("form[action$='/link'] button"))
        fresh = d.page.locator("#link").input_value()
        assert not fresh.endswith(link)
        d.open("/admin/requests")
        expect(waiting).to_have_count(0)


def test_a_forgotten_password_reaches_human_resources(demo: Demo, chromium: Browser) -> None:
    said = []
    with driver(chromium, demo.base) as stranger:
        for name in ("dumitru.probareanu@demo.test", "nimeni@demo.test"):
            stranger.open("/sign-in")
            stranger.click("main a[href$='/forgotten']")
            stranger.fill("#account", name)
            stranger.click(SUBMIT)
            said.append(stranger.page.locator(".lms-notices").inner_text())
        stranger.open("/forgotten")
        stranger.check("forgotten")
    assert said[0] == said[1] != ""
    with driver(chromium, demo.base) as d:
        hr_signs_in(d, demo)
        d.click(".lms-tabs a[href$='/admin/requests']")
        waiting = d.page.locator("main li", has_text="Dumitru Probăreanu")
        expect(waiting).to_have_count(1)
        assert "nimeni" not in d.text
        d.click(waiting.locator("form[action$='/resolve'] button"))
        expect(waiting).to_have_count(0)


def test_who_is_suspended_is_out_at_the_next_click(demo: Demo, chromium: Browser) -> None:
    email = "dumitru.probareanu@demo.test"
    with driver(chromium, demo.base) as d, driver(chromium, demo.base) as person:
        person.sign_in(email, demo.password)
        hr_signs_in(d, demo)
        d.fill("#q", "dumitru")
        d.click("form.lms-filters button[type=submit]")
        d.click("main table tbody th a")
        d.page.locator("details.lms-confirm:has(form[action$='/suspend']) summary").click()
        expect(the(d, "suspend")).to_be_visible()
        d.check("hr-suspend")
        d.click(the(d, "suspend"))
        expect(the(d, "reinstate")).to_be_visible()
        person.click(".lms-nav a >> nth=1")
        expect(person.page.locator("#password")).to_be_visible()
        person.sign_in(email, demo.password)
        expect(person.page.locator(".lms-errors")).to_be_visible()
        d.click(the(d, "reinstate"))
        expect(d.page.locator(".lms-notice-success")).to_be_visible()
        person.sign_in(email, demo.password)
        expect(person.page.locator("a.btn-continue")).to_be_visible()
