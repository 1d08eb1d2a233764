"""The head of a directorate: who has not finished, a file of it, never anybody else's people."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from playwright.sync_api import Browser, expect

from browser.conftest import Demo
from browser.driving import Driver, driver, report
from lms.demo.people import ACCOUNTS, COLLEAGUES, DEPARTMENTS, Colleague, History

pytestmark = pytest.mark.browser
MUST = 4
"""Clicks from signing in to a file of who has not finished module 2; 3 is the aim."""
MISSING = "00000000-0000-4000-8000-000000000000"


def below(key: str) -> set[str]:
    """A department of the cast and those below it."""
    return {key} | {one for one, (above, _name) in DEPARTMENTS.items() if above == key}


def cast(department: str | None = None) -> list[Colleague]:
    """Who follows the course, as the cast itself says; None for the whole institution."""
    return [
        who
        for who in (*ACCOUNTS, *COLLEAGUES)
        if who.history is not History.NOT_IN_COURSE
        and not who.is_suspended
        and (department is None or who.department in below(department))
    ]


def names(people: list[Colleague]) -> set[str]:
    return {who.name for who in people}


def shown(d: Driver) -> list[str]:
    return d.page.locator(".lms-matrix tbody th a").all_inner_texts()


def query(d: Driver) -> dict[str, str]:
    """What the address asks for."""
    found = parse_qs(urlsplit(d.page.url).query)
    return {name: values[0] for name, values in found.items()}


def download(d: Driver, view: str, path: Path) -> bytes:
    with d.page.expect_download() as started:
        d.click(f"main a[href*='{view}']")
    started.value.save_as(path)
    return path.read_bytes()


def csv_rows(body: bytes) -> list[list[str]]:
    assert body.startswith(b"\xef\xbb\xbf"), "without the mark Excel shows ÅŸ for ș"
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";"))


def test_who_has_not_finished_module_2_and_a_file_of_it(
    demo: Demo, chromium: Browser, tmp_path: Path
) -> None:
    finished = {History.TWO, History.FAILED_THEN_TWO}
    wanted = names([who for who in cast("dti") if who.history not in finished])
    with driver(chromium, demo.base) as d:
        d.sign_in("manager@demo.test", demo.password)
        d.click(".lms-team-links li:nth-child(2) a")
        expect(d.page.locator(".lms-matrix")).to_be_visible()
        body = download(d, "export.xlsx", tmp_path / "echipa.xlsx")
        report("manager task", clicks=d.clicks, loads=d.loads, fields=d.fields)
        assert d.clicks <= MUST
        assert set(shown(d)) == wanted
        rows = list(openpyxl.load_workbook(io.BytesIO(body)).active.iter_rows(values_only=True))
        assert [row[0] for row in rows[1:]] == shown(d)
        d.page.reload()
        assert set(shown(d)) == wanted, "the filter is the address's"
        d.check("manager-team-unfinished")
        d.open("/")
        d.check("manager-home")


def test_filters_stay_in_the_address_and_reach_the_files(
    demo: Demo, chromium: Browser, tmp_path: Path
) -> None:
    with driver(chromium, demo.base) as d:
        d.sign_in("manager@demo.test", demo.password)
        d.click(".lms-nav a[href$='/team']")
        assert set(shown(d)) == names(cast("dti"))
        figure = d.page.locator(".lms-figure-value").first
        expect(figure).to_have_text(str(len(cast("dti"))))
        d.check("manager-team")
        option = d.page.locator("#department option", has_text="Serviciul Derulare Proiecte")
        department = option.get_attribute("value") or ""
        d.page.select_option("#department", department)
        d.page.select_option("#state", "overdue")
        d.click("form.lms-filters button[type=submit]")
        asked = query(d)
        assert asked["department"] == department
        assert asked["state"] == "overdue"
        assert 0 < len(shown(d)) < len(cast("proiecte"))
        assert set(shown(d)) < names(cast("proiecte"))
        every = d.page.locator(".lms-matrix tbody tr")
        assert every.count() == every.filter(has=d.page.locator(".lms-cell-overdue")).count()
        body = download(d, "export.csv", tmp_path / "echipa.csv")
        header, *rows = csv_rows(body)
        assert [row[0] for row in rows] == shown(d)
        overdue = len(header) - 2
        assert all(int(row[overdue]) >= 1 for row in rows)
        d.page.fill("#q", "stef")
        d.click("form.lms-filters button[type=submit]")
        assert query(d)["q"] == "stef"
        assert query(d)["state"] == "overdue"
        d.page.go_back()
        assert query(d)["department"] == department
        d.open("/team?q=nimeni-nu-se-numeste-asa")
        d.check("manager-team-nobody")


def test_the_figures_are_those_the_employee_sees(demo: Demo, chromium: Browser) -> None:
    with driver(chromium, demo.base) as d, driver(chromium, demo.base) as ana:
        d.sign_in("manager@demo.test", demo.password)
        d.open("/team?q=ana+exemplescu")
        row = d.page.locator(".lms-matrix tbody tr", has_text=re.compile(r"^\s*Ana "))
        total = row.locator(".lms-matrix-total").inner_text()
        d.click(row.locator("th a"))
        d.check("manager-person")
        ana.sign_in("angajat@demo.test", demo.password)
        stops = ana.page.locator(".lms-stop:has(a[href*='/module/'])")
        rows = d.page.locator("main table tbody tr")
        expect(rows).to_have_count(stops.count())
        done = 0
        for row, stop in zip(rows.all(), stops.all(), strict=True):
            _state, finished, due = row.locator("td").all_inner_texts()
            theirs = stop.inner_text()
            is_done = row.locator(".lms-pill-green").count() == 1
            assert is_done == ("lms-stop-done" in (stop.get_attribute("class") or ""))
            assert (finished in theirs) if is_done else (due in theirs)
            done += is_done
        assert done == 1
        assert total == f"1/{stops.count()}"
        assert not re.search(r"\d\s?%", d.text), "no score on the manager's page"


def test_nobody_elses_people(demo: Demo, chromium: Browser, tmp_path: Path) -> None:
    """A person of another directorate looks like one who does not exist."""
    with driver(chromium, demo.base) as hr, driver(chromium, demo.base) as d:
        hr.sign_in("hr@demo.test", demo.password)
        hr.open("/team?q=livia+asistentescu")
        rows = csv_rows(download(hr, "export.csv", tmp_path / "una.csv"))
        assert [row[0] for row in rows[1:]] == shown(hr) == ["Livia Asistentescu"]
        other = hr.page.locator(".lms-matrix tbody th a")
        path = (other.get_attribute("href") or "").replace(demo.base, "")
        hr.click("form.lms-filters a.btn-link")
        rows = csv_rows(download(hr, "export.csv", tmp_path / "toti.csv"))
        assert names(cast()) <= {row[0] for row in rows}
        d.sign_in("manager@demo.test", demo.password)
        answers = [
            d.page.goto(f"{demo.base}{address}") for address in (path, f"/team/person/{MISSING}")
        ]
        assert [answer.status for answer in answers if answer] == [404, 404]
        missing = d.text
        d.open(path)
        assert d.text == missing
        assert "Livia" not in d.page.content()
        d.check("manager-not-found")
        for path in ("/admin/people", "/teach/"):
            refused = d.page.goto(demo.base + path)
            assert refused is not None
            assert refused.status == 403
