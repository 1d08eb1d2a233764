"""The editor of a test: what it says of the bank, of two authors, and of everything to be mended."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from plain_form import form_of
from teach_room import editor, sent, text_of
from world import House

from lms.services import authoring
from lms.services.draft_rows import get_quiz

TEST = "/teach/por/test/m1-test"
ALL_WRONG = {
    TEST: {
        "title": "",
        "minutes": "",
        "pass_percent": "170",
        "wait_minutes": "-5",
        "draw_0_count": "multe",
    },
    "/teach/por/module/m1": {"title": "", "minutes": "", "badge_title": "x" * 201},
    "/teach/por/lesson/m1-b": {"title": "", "minutes": "", "as_of": "ieri"},
    "/teach/por/module/m1/new-question": {
        "kind": "numeric",
        "stem": "",
        "answer": "mult",
        "tolerance": "-1",
        "mistakes_0_value": "",
        "mistakes_0_why": "De ce.",
        "facts": "NU-1",
        "why": "",
    },
    "/teach/por/question/m1-i1": {"kind": "true-false", "stem": "", "truth": "", "why_true": ""},
    "/teach/por/module/m1/new-exercise": {"title": "", "minutes": "", "task": "", "as_of": ""},
}


@pytest.mark.parametrize("path", [*ALL_WRONG])
def test_everything_to_be_mended_is_said_at_once(trainer: FlaskClient, path: str) -> None:
    refused = sent(trainer, path, editor(trainer, path).fill(**ALL_WRONG[path]), "save")
    assert refused.status_code == 400
    page = text_of(refused)
    errors = page.partition('class="lms-errors"')[2].partition("</ul>")[0]
    for field in ALL_WRONG[path].keys() - {"kind", "mistakes_0_why"}:
        told = re.findall(
            rf'<a href="#{field}">([^<]*)</a>|<a href="#{field.replace("_", "-")}">([^<]*)</a>',
            errors,
        )
        assert len(told) == 1, field
    for each in ("Please write a number. A number", "This is not a number. This"):
        assert each not in errors, "once is enough"


def test_a_browsers_own_word_stops_no_button(trainer: FlaskClient) -> None:
    for path in ALL_WRONG:
        opening = re.search(r'<form[^>]* id="editor"[^>]*>', text_of(trainer.get(path)))
        assert opening is not None
        assert " novalidate" in opening[0], path


def test_how_many_questions_the_bank_has(trainer: FlaskClient) -> None:
    """Module m1: ten single ones for tests and a case of two, all for one outcome."""
    page = text_of(trainer.get(TEST))
    assert "any outcome (12)" in page
    assert "Numește rolurile. (12)" in page


def test_two_authors_of_one_test(house: House, trainer: FlaskClient) -> None:
    mine, theirs = editor(trainer, TEST), editor(trainer, TEST)
    theirs.fill(
        intro="Al colegei.", time_limit_minutes="45", items=["m1-i1"], draw_0_outcome="roluri"
    )
    assert sent(trainer, TEST, theirs, "save").status_code == 303
    answer = sent(trainer, TEST, mine.fill(title="Al meu"), "save")
    assert answer.status_code == 409
    page, _form, rest = text_of(answer).partition('id="editor"')
    for told in ("Persoana Trainer saved this at", "Al colegei.", "<dd>45</dd>",
                 "2 · Numește rolurile.", "Este adevărat că m1-i1?"):  # fmt: skip
        assert told in page, told
    assert "Al colegei." not in rest
    again: Any = form_of(answer, id="editor")
    assert sent(trainer, TEST, again, "save").status_code == 303
    with house.database() as session:
        value = get_quiz(session, authoring.get_course(session, "por"), "m1-test").value
    assert (value.title, value.settings.items) == ("Al meu", ())


def test_enter_asks_the_bank_and_saves_nothing(house: House, trainer: FlaskClient) -> None:
    form = editor(trainer, TEST)
    assert form.buttons[0] == ("do", "check"), "the first button is the one Enter presses"
    answer = sent(trainer, TEST, form.fill(draw_0_count="90"), "check")
    assert answer.status_code == 200
    assert "The bank cannot fill this test" in text_of(answer)
    assert editor(trainer, TEST).fields["draw-0-count"] == "2"
