"""Four kinds of question, a repair under an open attempt, an undo: what each reader then sees."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from browser.conftest import Demo
from browser.driving import Driver, driver
from browser.test_trainer import question

pytestmark = pytest.mark.browser
MODULE, LESSON = "Semnarea contractului", "Ce se citește înainte de semnare"
WRONG, RIGHT = "Câte zile are clarificarea? (greșit)", "Câte zile are clarificarea?"


def test_a_wrong_question_is_repaired_without_touching_open_attempts(
    demo: Demo, chromium: Browser
) -> None:
    with (
        driver(chromium, demo.base) as trainer,
        driver(chromium, demo.base) as sitting,
        driver(chromium, demo.base) as later,
    ):
        trainer.sign_in("formator@demo.test", demo.password)
        _write(trainer)
        trainer.check("trainer-publish-new-module")
        _publish(trainer)
        lesson = _lesson_address(trainer)
        stems = _start(sitting, demo, "bogdan.calculescu@demo.test", lesson)
        assert len(stems) == 4
        assert WRONG in stems
        sitting.check("trainer-questions-of-four-kinds")

        _repair(trainer)
        trainer.check("trainer-publish-repair")
        expect(trainer.page.locator("aside li", has_text="Bogdan Calculescu")).to_have_count(1)
        _publish(trainer)
        sitting.page.reload()
        assert _stems(sitting) == stems, "the open attempt keeps the question as it was begun"
        fresh = _start(later, demo, "anca.bugetescu@demo.test", lesson)
        assert RIGHT in fresh
        assert WRONG not in fresh

        trainer.open("/teach/por/people")
        row = trainer.page.locator("section", has_text=MODULE).locator("tbody tr")
        expect(row.first.locator("td").last).to_have_text("2")  # two have read its lesson
        expect(row.last.locator("td").last).to_have_text("2")  # and sit its test
        assert "Bogdan" not in trainer.text, "numbers, no names"
        trainer.check("trainer-people")

        _undo(trainer)
        trainer.check("trainer-undone")
    with driver(chromium, demo.base) as last:
        stems = _start(last, demo, "barbu.probareanu@demo.test", lesson)
        assert WRONG in stems, "the publication before is shown again"
        assert RIGHT not in stems


def _write(d: Driver) -> None:
    """A module with a lesson of three cards and one question of each kind, up to its publishing."""
    d.open("/teach/por/new-module")
    d.fill("#title", MODULE)
    d.fill("#summary", "Ce se verifică între alegerea proiectului și semnarea contractului.")
    d.click("button.btn-primary[value=save]")
    d.fill("#title", LESSON)
    d.fill("#summary", "După lecție puteți citi un contract de finanțare cu rost.")
    d.fill("#card-0-text", "## Întâi anexele\n\nAnexele spun ce se plătește.")
    for place, (kind, text) in enumerate(
        [("mistake", "Se semnează fără anexa cu indicatori."), ("example", "Bugetul pe ani.")], 1
    ):
        d.page.locator(f"button[value=add-{kind}]").click()
        expect(d.page.locator(f"#card-{place}-text")).to_be_focused()
        d.fill(f"#card-{place}-text", text)
        expect(d.page.locator(f"#preview .lms-callout-{kind}")).to_contain_text(text)
    d.click("button[value=save-questions]")
    question(d, 1)
    d.click("button[value=save-next]")
    _kind(d, "multiple")
    d.fill("#stem", "Care documente se anexează?")
    for place, text in enumerate(["Bugetul", "Graficul", "Discursul"]):
        d.fill(f"#options-{place}-text", text)
        d.fill(f"#options-{place}-why", f"{text}: se vede în anexa contractului.")
    d.page.check("#right-0")
    d.page.check("#right-1")
    d.click("button[value=save-next]")
    _kind(d, "true-false")
    d.fill("#stem", "Un contract se poate semna fără buget.")
    d.page.check("#truth-false")
    d.fill("#why_true", "Fără buget nu există ce să fie decontat.")
    d.fill("#why_false", "Bugetul este anexă obligatorie.")
    d.click("button[value=save-next]")
    _kind(d, "numeric")
    d.fill("#stem", WRONG)
    d.fill("#answer", "1.000,5")
    d.fill("#tolerance", "0,5")
    d.fill("#unit", "zile")
    d.fill("#why", "Așa scrie în contract.")
    expect(d.page.locator("#preview .lms-stem")).to_contain_text(WRONG)
    d.click("button[value=save-quiz]")
    expect(d.page.locator("form[action$='/publish'] button")).to_be_visible()


def _kind(d: Driver, kind: str) -> None:
    """The fields of another kind of question come without reloading the page."""
    field = {"multiple": "#options", "true-false": "#truth-false", "numeric": "#answer"}[kind]
    d.page.select_option("#kind", kind)
    expect(d.page.locator(field)).to_be_visible()
    if kind == "multiple":
        expect(d.page.locator("#right-0[type=checkbox]")).to_be_visible()


def _publish(d: Driver) -> None:
    d.click("form[action$='/publish'] button")
    expect(d.page.locator(".lms-notices .lms-notice-success")).to_be_visible()


def _lesson_address(d: Driver) -> str:
    """Where learners read it; the course page has come after publishing."""
    href = d.page.locator("main li a", has_text=LESSON).get_attribute("href") or ""
    return href.replace(d.base, "").replace("/teach/por/", "/course/por/")


def _start(d: Driver, demo: Demo, email: str, lesson: str) -> list[str]:
    """Read the lesson, start the test of the module; the questions it asks."""
    d.sign_in(email, demo.password)
    d.open(lesson)
    expect(d.page.locator(".lms-callout-mistake")).to_contain_text("fără anexa")
    d.click(".lms-lesson-nav button[type=submit]")
    d.click("main form[action$='/start'] button[value=all]")
    return _stems(d)


def _stems(d: Driver) -> list[str]:
    expect(d.page.locator("form .lms-stem")).to_have_count(4)
    return [text.strip() for text in d.page.locator("form .lms-stem").all_inner_texts()]


def _repair(d: Driver) -> None:
    """The question as a trainer finds it: in the bank of its module."""
    section = d.page.locator("main section", has=d.page.locator("h2", has_text=MODULE))
    section.locator("summary").first.click()  # modules are folded, but for the one at work
    d.click(section.locator("a[href$='/bank']"))
    d.click(d.page.locator(".lms-item-list a", has_text=WRONG))
    expect(d.page.locator("#answer")).to_have_value(re.compile("1[.]?000,5"))
    d.fill("#stem", RIGHT)
    d.fill("#answer", "15")
    d.click("form#editor button.btn-primary[value=save]")
    expect(d.page.locator(".lms-notices .lms-notice-success")).to_be_visible()
    d.click("main a[href$='/publish']")


def _undo(d: Driver) -> None:
    d.open("/teach/por/publish")
    d.page.locator("details.lms-confirm:has(form[action$='/undo']) summary").click()
    d.click("form[action$='/undo'] button")
    expect(d.page.locator(".lms-notices .lms-notice-success")).to_be_visible()
