"""A question whose kind is changed and changed back: nothing typed is lost, nothing hidden stored."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from plain_form import PlainForm, form_of
from teach_room import editor, sent, text_of
from world import House

from lms.domain.items import Body, Choice, Numeric, TrueFalse
from lms.models import ItemVersion
from lms.services import authoring
from lms.services.draft_rows import get_item

NEW = "/teach/por/module/m1/new-question"
TYPED = {
    "single": {
        "options-0-text": "Primarul",
        "options-0-why": "El reprezintă orașul:\nprin lege.",
        "options-3-text": "Contabila",
        "options-3-why": "Ea plătește.",
        "right": "0",
    },
    "multiple": {
        "options-0-text": "Primarul",
        "options-2-text": "Secretarul",
        "right": ["0", "2"],
    },
    "true-false": {"truth": "false", "why_true": "Nu încă.", "why_false": 'Așa "e" <legea>.'},
    "numeric": {
        "answer": "12.5",
        "tolerance": "0.5",
        "unit": "%",
        "why": "Se împarte.",
        "mistakes-0-value": "125",
        "mistakes-0-why": "Virgula.",
    },
}  # fmt: skip


def turned(trainer: FlaskClient, form: PlainForm, kind: str) -> PlainForm:
    return form_of(sent(trainer, NEW, form.fill(kind=kind), "kind"), id="editor")


def body_of_newest(house: House) -> Body:
    with house.database() as session:
        version = session.query(ItemVersion).order_by(ItemVersion.id.desc()).first()
        assert version is not None
        course = authoring.get_course(session, "por")
        return get_item(session, course, version.source["key"]).value.body


@pytest.mark.parametrize("others", [("true-false",), ("numeric",), ("true-false", "numeric")])
@pytest.mark.parametrize("kind", [*TYPED])
def test_coming_back_to_a_kind_finds_what_was_typed(
    trainer: FlaskClient, kind: str, others: tuple[str, ...]
) -> None:
    form = editor(trainer, f"{NEW}?kind={kind}").fill(stem="Cine?", **TYPED[kind])
    for other in [*others, kind]:
        form = turned(trainer, form, other)
    assert form.fields["kind"] == kind
    for name, value in TYPED[kind].items():
        assert form.fields.getlist(name) == (value if isinstance(value, list) else [value]), name


def test_rows_that_were_added_come_back_too(trainer: FlaskClient) -> None:
    form = editor(trainer, NEW)
    form = form_of(sent(trainer, NEW, form, "add-option"), id="editor")
    form.fill(**{"options-4-text": "Al cincilea"})
    form = turned(trainer, turned(trainer, form, "numeric"), "single")
    assert form.fields["options"] == "5"
    assert form.fields["options-4-text"] == "Al cincilea"


def test_only_the_shown_kind_is_stored(house: House, trainer: FlaskClient) -> None:
    form = editor(trainer, NEW).fill(stem="Cine?", lesson="m1-b")
    for kind in ("single", "numeric", "true-false"):
        form = turned(trainer, form, kind).fill(**TYPED[kind])
    assert form.fields["options-0-text"] == "Primarul", "posted, though not shown"
    assert sent(trainer, NEW, form, "save").status_code == 303
    assert body_of_newest(house) == TrueFalse(False, "Nu încă.", 'Așa "e" <legea>.')


def test_a_hidden_fault_does_not_stand_in_the_way(house: House, trainer: FlaskClient) -> None:
    form = editor(trainer, f"{NEW}?kind=numeric").fill(stem="Cine?", answer="nici un număr")
    form = turned(trainer, form, "single").fill(**TYPED["single"])
    assert sent(trainer, NEW, form, "save").status_code == 303
    assert isinstance(body_of_newest(house), Choice)


def test_an_answer_typed_for_another_kind_is_no_answer(trainer: FlaskClient) -> None:
    form = editor(trainer, NEW).fill(stem="Cât?", **TYPED["single"])
    form = turned(trainer, form, "numeric").fill(answer="3", why="Se adună.")
    form = turned(trainer, form, "true-false")
    answer = sent(trainer, NEW, form, "save")
    assert answer.status_code == 400
    assert form_of(answer, id="editor").fields["answer"] == "3"


def test_the_tolerance_of_a_new_number_is_none(house: House, trainer: FlaskClient) -> None:
    form = turned(trainer, editor(trainer, NEW).fill(stem="Cât?"), "numeric")
    assert form.fields["tolerance"] == "0"
    assert sent(trainer, NEW, form.fill(answer="3", why="Se adună."), "save").status_code == 303
    body = body_of_newest(house)
    assert isinstance(body, Numeric)
    assert body.tolerance == 0


def test_of_several_right_answers_none_is_chosen_unsaid(house: House, trainer: FlaskClient) -> None:
    form = editor(trainer, f"{NEW}?kind=multiple").fill(stem="Cine?", **TYPED["multiple"])
    form.fill(options_0_why="Așa e.", options_2_why="Și el.")
    answer = sent(trainer, NEW, form.fill(kind="single"), "kind")
    assert "Several answers were marked as right: 1, 3." in text_of(answer)
    form = form_of(answer, id="editor")
    assert "right" not in form.fields, "a browser would keep the last"
    refused = sent(trainer, NEW, form, "save")
    assert refused.status_code == 400
    assert "Only one answer may be right" in text_of(refused)
    again = form_of(refused, id="editor")
    assert turned(trainer, again, "multiple").fields.getlist("right") == ["0", "2"]
    answer = sent(trainer, NEW, turned(trainer, again, "numeric").fill(kind="single"), "kind")
    assert "marked as right: 1, 3." in text_of(answer)
    chosen = form_of(answer, id="editor").fill(right="2")
    assert "Several answers" not in text_of(sent(trainer, NEW, chosen, "add-option"))
    assert sent(trainer, NEW, chosen, "save").status_code == 303
    body = body_of_newest(house)
    assert isinstance(body, Choice)
    assert [option.correct for option in body.options] == [False, True]
