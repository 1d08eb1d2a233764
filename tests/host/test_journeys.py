"""The employee's and the manager's day inside an intranet, in a real Chromium.

Once with the checkout and once with the built wheel in an environment of its own.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser.driving import Driver, driver
from browser.test_learner import answer_all, read_lessons
from playwright.sync_api import Browser, expect
from wheels import ROOT, clean_variables

from host.mounting import PREFIX
from host.townhall import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@dataclass(frozen=True)
class Intranet:
    base: str
    database: str


@pytest.fixture(scope="module", params=["checkout", "wheel"])
def intranet(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Intranet]:
    """The intranet as a process of its own, over a fresh folder."""
    folder = tmp_path_factory.mktemp(f"intranet-{request.param}")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    variables = clean_variables()
    if request.param == "checkout":
        python, paths = Path(sys.executable), [ROOT, ROOT / "tests"]
    else:
        python, paths = request.getfixturevalue("clean_bin") / "python", [folder / "host-only"]
        shutil.copytree(ROOT / "tests/host/townhall", folder / "host-only/host/townhall")
        (folder / "host-only/host/__init__.py").touch()
    variables["PYTHONPATH"] = os.pathsep.join(map(str, paths))
    command = [python, "-m", "host.townhall.serving", str(port), folder]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=variables, stdout=log, stderr=log)
    try:
        _wait(f"http://127.0.0.1:{port}{PREFIX}/healthz", server, folder / "log")
        said = (folder / "log").read_text()
        assert (f"Parcurs from {ROOT}" in said) == (request.param == "checkout"), said
        yield Intranet(f"http://127.0.0.1:{port}", f"sqlite:///{folder / 'formare.db'}")
    finally:
        server.terminate()
        server.wait(30)


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 240
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    pytest.fail(f"the intranet did not come up:\n{log.read_text()[-3000:]}")


def come_in(d: Driver, login: str) -> None:
    """The intranet's sign-in, then its link to the courses; the rest goes by itself."""
    d.open("/intrare")
    d.fill("[name=login]", login)
    d.fill("[name=password]", PASSWORD)
    d.click("#enter")
    expect(d.page.locator("nav")).to_contain_text("Ieșire din intranet")
    d.click("nav a:has-text('Formare')")
    d.page.wait_for_url(f"{d.base}{PREFIX}/")
    expect(d.page.locator(".lms-who-name")).to_be_visible()


def test_the_days_of_an_employee_and_a_manager(intranet: Intranet, chromium: Browser) -> None:
    with driver(chromium, intranet.base) as ana, driver(chromium, intranet.base) as carmen:
        come_in(ana, "ana")
        expect(ana.page.locator("main")).to_contain_text("niciun curs")
        assert ana.page.locator("form[action*='sign-out']").count() == 0
        come_in(carmen, "carmen")
        carmen.click("nav[aria-label] a[href$='/admin/people']")
        carmen.check("host-hr-people")
        _enrol(carmen, "Ana Ionescu")
        carmen.check("host-hr-person")
        ana.base += PREFIX
        ana.open("/")
        ana.check("host-learner-home")
        assert read_lessons(ana) >= 4
        ana.open("/course/por/quiz/test-cadrul-por")
        ana.click("main form[action$='/start'] button")
        answer_all(ana, intranet.database)
        ana.click("button[name=go][value=summary]")
        ana.click("form[action$='/submit'] button")
        expect(ana.page.locator(".lms-score")).to_contain_text("100%")
        ana.open("/badges")
        ana.check("host-learner-badges")
        assert ana.page.locator("main a[href*='/badges/']").count() == 1
        _manager(intranet, chromium)
        _after(ana, intranet)


def _enrol(d: Driver, name: str) -> None:
    """HR finds the person who has just arrived and enrols them."""
    d.click("nav[aria-label] a[href$='/admin/people']")
    d.click(f"a:has-text('{name}')")
    d.click("form[action$='/enrol'] button")
    expect(d.page.locator("main")).to_contain_text("por", ignore_case=True)


def _manager(intranet: Intranet, chromium: Browser) -> None:
    with driver(chromium, intranet.base, accept_downloads=True) as d:
        come_in(d, "barbu")
        d.click("nav[aria-label] a[href$='/team']")
        expect(d.page.locator("main table")).to_contain_text("Ana Ionescu")
        expect(d.page.locator("main table")).not_to_contain_text("Elena")
        d.check("host-manager-team")
        with d.page.expect_download() as waiting:
            d.page.locator("a[href*='export.csv']").first.click()
        lines = Path(waiting.value.path()).read_text("utf-8-sig").splitlines()
        assert len([line for line in lines if "Ana Ionescu" in line]) >= 1
        assert not [line for line in lines if "Elena" in line]


def _after(ana: Driver, intranet: Intranet) -> None:
    """Signing out at the intranet ends it here; who comes next finds nothing of Ana."""
    ana.base = intranet.base
    left = ana.page.url
    ana.click(".lms-host-home")
    ana.click("nav button:has-text('Ieșire')")
    ana.page.goto(left)
    assert "/intrare" in ana.page.url
    assert "Ana" not in ana.page.locator("body").inner_text()
    ana.page.go_back()
    assert "Ana Ionescu" not in ana.page.locator("body").inner_text()
    come_in(ana, "elena")
    assert "Ana" not in ana.page.content()
    ana.page.goto(f"{intranet.base}{PREFIX}/badges")
    assert ana.page.locator("main a[href*='/badges/']").count() == 0
    kept = ana.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert kept == "{}"


def test_an_answer_waits_until_the_host_knows_the_person_again(
    intranet: Intranet, chromium: Browser
) -> None:
    """Signed out elsewhere in the middle of a test: the browser keeps the answer and sends it."""
    with driver(chromium, intranet.base) as d, driver(chromium, intranet.base) as carmen:
        come_in(d, "elena")
        come_in(carmen, "carmen")
        _enrol(carmen, "Elena Alta")
        d.open(f"{PREFIX}/course/por/quiz/test-cadrul-por")
        d.click("main form[action$='/start'] button[value=all]")
        other = d.page.context.new_page()
        other.goto(f"{intranet.base}/")
        other.locator("nav button:has-text('Ieșire')").click()
        # Waited for, and left open: Chromium may never close a page while another comes into it.
        expect(other.locator("nav a[href='/intrare']")).to_be_visible()
        d.page.locator(".lms-option input").first.check()
        d.click("[data-lms-trouble] a")
        d.fill("[name=login]", "elena")
        d.fill("[name=password]", PASSWORD)
        d.click("#enter")
        d.page.wait_for_url("**/attempt/**")
        expect(d.page.locator(".lms-receipt-saved").first).to_be_visible()
        expect(d.page.locator(".lms-option input").first).to_be_checked()


def test_coming_in_without_scripts(intranet: Intranet, chromium: Browser) -> None:
    with driver(chromium, intranet.base, java_script_enabled=False) as d:
        d.open("/intrare")
        d.fill("[name=login]", "elena")
        d.fill("[name=password]", PASSWORD)
        d.click("#enter")
        d.click("nav a:has-text('Formare')")
        if d.page.locator("form[data-lms-arrive]").count():
            d.click("form[data-lms-arrive] button")
        expect(d.page.locator(".lms-who-name")).to_contain_text("Elena Alta")


def test_the_page_between_is_as_good_as_the_others(intranet: Intranet, chromium: Browser) -> None:
    """Kept from sending itself, to be looked at."""
    with driver(chromium, intranet.base) as d:
        d.page.route(re.compile(r"/js/arrive\.js$"), lambda route: route.abort())
        d.open("/intrare")
        d.fill("[name=login]", "dan")
        d.fill("[name=password]", PASSWORD)
        d.click("#enter")
        d.click("nav a:has-text('Formare')")
        expect(d.page.locator("form[data-lms-arrive]")).to_be_visible()
        d.check("host-arrive")
        d.click("form[data-lms-arrive] button")
        expect(d.page.locator(".lms-who-name")).to_contain_text("Dan Operatoru")
