"""A module's own texts: two authors of one module, and what was typed when the sign-in ran out."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from plain_form import form_of
from teach_room import editor, sent, text_of
from world import House

from lms.services import authoring
from lms.services.draft_rows import get_module

PATH = "/teach/por/module/m1"


def draft_of(house: House) -> dict[str, Any]:
    with house.database() as session:
        return get_module(session, authoring.get_course(session, "por"), "m1").draft


def test_two_authors_of_one_module(house: House, trainer: FlaskClient) -> None:
    mine, theirs = editor(trainer, PATH), editor(trainer, PATH)
    last = int(theirs.fields["outcomes"]) - 1
    theirs.fill(
        summary="Rezumatul colegei.",
        minutes="77",
        badge_title="Insigna colegei",
        symbol="scales",
        **{f"outcomes-{last}-text": "Rezultatul colegei"},
    )
    assert sent(trainer, PATH, theirs, "save").status_code == 303
    saved = draft_of(house)
    answer = sent(trainer, PATH, mine.fill(title="Titlul meu"), "save")
    assert answer.status_code == 409
    page, _form, rest = text_of(answer).partition('<form method="post" id="editor"')
    for theirs_now in (
        "Rezumatul colegei.",
        "77",
        "Insigna colegei",
        "scales",
        "Rezultatul colegei",
    ):
        assert theirs_now in page, theirs_now
    assert "saved this at" in page
    assert f'href="{PATH}"' in page.split("clash-title")[-1], "taking theirs"
    assert "Save mine all the same" in rest
    assert "Rezumatul colegei." not in rest, "one's own text stays in the form"
    assert draft_of(house) == saved
    again = form_of(answer, id="editor")
    assert again.fields["title"] == "Titlul meu"
    assert sent(trainer, PATH, again, "save").status_code == 303
    assert draft_of(house)["title"] == "Titlul meu"


def test_no_clash_is_shown_while_there_is_none(trainer: FlaskClient) -> None:
    assert "clash-title" not in text_of(trainer.get(PATH))
    answer = sent(trainer, PATH, editor(trainer, PATH).fill(title=""), "save")
    assert answer.status_code == 400
    assert "clash-title" not in text_of(answer)


@pytest.mark.parametrize("path", [PATH, "/teach/por/new-module", "/teach/por/test/m1-test"])
def test_the_script_can_keep_what_is_typed(trainer: FlaskClient, path: str) -> None:
    page = text_of(trainer.get(path))
    opening = page.partition('id="editor"')[2].partition(">")[0]
    assert "data-lms-editor" in opening
    assert "data-lms-unsaved" in opening
    assert "data-lms-dirty" not in opening
    assert "js/teach.js" in page


@pytest.mark.parametrize("word", ["preview", "anything"])
def test_only_saving_saves(house: House, trainer: FlaskClient, word: str) -> None:
    """What the browser kept is put back with ``do=preview``."""
    before = draft_of(house)
    data = editor(trainer, PATH).fill(summary="Scris înainte de expirare.").fields
    answer = trainer.post(PATH, data=data | {"do": word})
    assert answer.status_code == 200
    assert form_of(answer, id="editor").fields["summary"] == "Scris înainte de expirare."
    assert "data-lms-dirty" in text_of(answer)
    assert draft_of(house) == before


def test_nothing_is_added_before_it_is_saved(trainer: FlaskClient) -> None:
    path = "/teach/por/new-module"
    data = editor(trainer, path).fill(title="Încă nu", summary="S").fields
    assert trainer.post(path, data=data | {"do": "preview"}).status_code == 200
    assert "Încă nu" not in text_of(trainer.get("/teach/por"))
