"""What a trainer did not touch stays, and nothing is made twice: stale pages, refused saves, second
tabs and things put back."""

from __future__ import annotations

from typing import Any

import pytest
from factories import courses as factory
from flask.testing import FlaskClient
from plain_form import PlainForm, form_of
from teach_room import editor, sent, text_of
from world import House

from lms.domain.curriculum import Outcome
from lms.models import Activity, ActivityVersion, Item, ItemVersion, Module
from lms.services import authoring
from lms.services.draft_rows import get_lesson, get_module, get_quiz, list_activities

ROOM = "/teach/por/module/modul-nou"
NEW = f"{ROOM}/new-question"
TEST = "/teach/por/test/m1-test"
READ, PASS = {"kind": "read", "target": "lessons"}, {"kind": "pass", "target": "m1-test"}


def add_module(trainer: FlaskClient) -> None:
    form = editor(trainer, "/teach/por/new-module")
    form.fill(title="Modul nou", summary="Despre ceva.", outcomes_0_text="Știe ceva.")
    assert trainer.post("/teach/por/new-module", data=form.press("save")).status_code == 303


def single(form: PlainForm, stem: str = "Cine?") -> PlainForm:
    form.fill(options_0_text="Da", options_0_why="Așa e.", options_1_text="Nu", right="0")
    return form.fill(options_1_why="Nu e așa.", stem=stem)


def count(house: House, table: type[Item | ItemVersion | ActivityVersion]) -> int:
    with house.database() as session:
        return session.query(table).count()


def draft_of(house: House, module: str = "m1") -> Any:
    with house.database() as session:
        return get_module(session, authoring.get_course(session, "por"), module).draft


def set_draft(house: House, **changes: Any) -> None:
    """Change what the draft of module m1 says."""
    with house.database() as session:
        module = get_module(session, authoring.get_course(session, "por"), "m1")
        module.draft = {**module.draft, **changes}
        session.commit()


def made_tests(house: House) -> list[str]:
    with house.database() as session:
        row = get_module(session, authoring.get_course(session, "por"), "modul-nou")
        return [a.key for a in list_activities(session, row) if a.kind == "quiz"]


def test_where_no_test_can_be_made_the_question_is_not_stored(
    house: House, trainer: FlaskClient
) -> None:
    add_module(trainer)
    before = count(house, Item)
    form = single(editor(trainer, NEW)).fill(use="self-check")
    refused = sent(trainer, NEW, form, "save-quiz")
    assert refused.status_code == 400
    assert "nothing was changed" in text_of(refused)
    assert count(house, Item) == before
    house.clock.forward(minutes=2)
    again = form_of(refused, id="editor")
    assert again.fields["stem"] == "Cine?"
    assert sent(trainer, NEW, again, "save").status_code == 303
    assert count(house, Item) == before + 1


def taken_out(house: House, trainer: FlaskClient) -> tuple[str, PlainForm]:
    """A question of a module that was taken out: its address, its form from before."""
    add_module(trainer)
    page = sent(trainer, NEW, single(editor(trainer, NEW)), "save").headers["Location"]
    stale = editor(trainer, page)
    assert house.post(trainer, f"{page}/archive").status_code == 303
    assert house.post(trainer, f"{ROOM}/archive").status_code == 303
    return page, stale


def test_a_test_of_a_module_taken_out_meanwhile_stores_nothing(
    house: House, trainer: FlaskClient
) -> None:
    page, stale = taken_out(house, trainer)
    before = count(house, ItemVersion)
    for button in ("save-quiz", "save"):
        refused = sent(trainer, page, stale.fill(stem="Alta?"), button)
        assert refused.status_code == 409
        assert "nowhere to put it" in text_of(refused)
        assert "Alta?" in text_of(refused), "what was typed can be taken elsewhere"
        assert "Saved meanwhile" not in text_of(refused)
    assert count(house, ItemVersion) == before


def test_a_question_is_not_put_back_into_a_module_taken_out(
    house: House, trainer: FlaskClient
) -> None:
    page, _stale = taken_out(house, trainer)
    refused = house.post(trainer, f"{page}/archive", {"restore": "1"})
    assert refused.status_code == 409
    assert "nowhere to put it" in text_of(refused)
    with house.database() as session:
        module = session.query(Module).filter_by(key="modul-nou").one()
        assert session.query(Item).filter_by(module_id=module.id).one().archived_at


def test_a_lesson_is_not_put_back_into_a_module_taken_out(
    house: House, trainer: FlaskClient
) -> None:
    add_module(trainer)
    path = f"{ROOM}/new-lesson"
    form = editor(trainer, path).fill(title="Lecția", summary="Ceva.", card_0_text="Text.")
    assert sent(trainer, path, form, "save").status_code == 303
    archive = "/teach/por/activity/lectia/archive"
    assert house.post(trainer, archive).status_code == 303
    assert house.post(trainer, f"{ROOM}/archive").status_code == 303
    refused = house.post(trainer, archive, {"restore": "1"})
    assert refused.status_code == 409
    assert "nowhere to put it" in text_of(refused)
    with house.database() as session:
        assert session.query(Activity).filter_by(key="lectia").one().archived_at


def test_two_tabs_make_one_test(house: House, trainer: FlaskClient) -> None:
    add_module(trainer)
    first, second = editor(trainer, NEW), editor(trainer, NEW)
    assert sent(trainer, NEW, single(first, "Una?"), "save-quiz").status_code == 303
    (made,) = made_tests(house)
    answer = sent(trainer, NEW, single(second, "Alta?"), "save-quiz")
    assert answer.headers["Location"] == f"/teach/por/test/{made}"
    page = text_of(trainer.get(answer.headers["Location"]))
    assert "no second one was made" in page
    assert "lms-notice-success" in page, "the script forgets what it kept: the question is saved"
    assert "Alta?" in text_of(trainer.get(f"{ROOM}/bank"))
    answer = house.post(trainer, f"{ROOM}/test-from-bank")
    assert answer.headers["Location"] == f"/teach/por/test/{made}"
    assert made_tests(house) == [made]
    assert draft_of(house, "modul-nou")["criteria"] == [READ, {"kind": "pass", "target": made}]


def test_a_tick_left_alone_puts_no_rule_back(house: House, trainer: FlaskClient) -> None:
    mine, theirs = editor(trainer, TEST), editor(trainer, TEST)
    assert theirs.fields.pop("needed") == "1"
    assert sent(trainer, TEST, theirs, "save").status_code == 303
    assert draft_of(house)["criteria"] == [READ]
    shown = form_of(sent(trainer, TEST, mine, "add-rule"), id="editor")
    assert "needed" not in shown.fields, "the page shows what is so"
    assert sent(trainer, TEST, mine.fill(title="Alt titlu"), "save").status_code == 303
    assert draft_of(house)["criteria"] == [READ]
    back = editor(trainer, TEST).fill(needed="1")
    back = form_of(sent(trainer, TEST, back, "add-rule"), id="editor")
    assert sent(trainer, TEST, back, "save").status_code == 303
    assert draft_of(house)["criteria"] == [READ, PASS]


def test_a_new_test_is_needed_when_ticked(house: House, trainer: FlaskClient) -> None:
    path = "/teach/por/module/m1/new-test"
    form = editor(trainer, path).fill(title="Al doilea")
    assert "needed" not in form.fields, "the module has a test that completes it"
    form = form_of(sent(trainer, path, form.fill(needed="1"), "add-rule"), id="editor")
    assert sent(trainer, path, form, "save").status_code == 303
    assert draft_of(house)["criteria"] == [READ, PASS, {"kind": "pass", "target": "al-doilea"}]


def test_what_alone_completes_the_module_stays_needed(house: House, trainer: FlaskClient) -> None:
    set_draft(house, criteria=[PASS])
    form = editor(trainer, TEST).fill(title="Alt titlu")
    form.fields.pop("needed")
    refused = sent(trainer, TEST, form, "save")
    page = text_of(refused)
    assert refused.status_code == 400
    assert 'href="#needed"' in page
    assert 'id="needed-error"' in page
    assert "Nothing but this test completes the module" in page
    assert 'href="#criteria"' not in page
    again = form_of(refused, id="editor")
    assert "needed" not in again.fields, "as it was left"
    assert sent(trainer, TEST, again.fill(needed="1"), "save").status_code == 303
    assert draft_of(house)["criteria"] == [PASS]


def with_second_outcome(house: House, trainer: FlaskClient) -> list[dict[str, str]]:
    """The test's second line draws for an outcome of its own; the former outcomes."""
    former: list[dict[str, str]] = draft_of(house)["outcomes"]
    set_draft(house, outcomes=[*former, {"key": "al-doilea", "text": "Al doilea"}])
    form = form_of(sent(trainer, TEST, editor(trainer, TEST), "add-rule"), id="editor")
    form.fill(draw_1_count="1", draw_1_outcome="al-doilea")
    assert sent(trainer, TEST, form, "save").status_code == 303
    return former


def test_a_line_for_an_outcome_that_is_gone_is_shown_and_told(
    house: House, trainer: FlaskClient
) -> None:
    set_draft(house, outcomes=with_second_outcome(house, trainer))
    form = editor(trainer, TEST)
    assert form.fields["draw-1-outcome"] == "al-doilea"
    refused = sent(trainer, TEST, form, "save")
    assert refused.status_code == 400
    assert 'href="#draw-1-outcome"' in text_of(refused)
    with house.database() as session:
        settings = get_quiz(session, authoring.get_course(session, "por"), "m1-test").value.settings
    assert [rule.outcome for rule in settings.draw] == ["", "al-doilea"]
    form = form_of(refused, id="editor").fill(draw_1_outcome="")
    assert sent(trainer, TEST, form, "save").status_code == 303


def without(form: PlainForm, text: str) -> PlainForm:
    (name,) = [name for name, value in form.fields.items() if value == text]
    return form.fill(**{name: ""})


def test_an_outcome_that_a_test_draws_for_stays(house: House, trainer: FlaskClient) -> None:
    with_second_outcome(house, trainer)
    path = "/teach/por/module/m1"
    refused = sent(trainer, path, without(editor(trainer, path), "Al doilea"), "save")
    assert refused.status_code == 400
    assert "“Al doilea” is still named by: Testul m1-test." in text_of(refused)
    form = editor(trainer, TEST).fill(draw_1_outcome="")
    assert sent(trainer, TEST, form, "save").status_code == 303
    gone = without(editor(trainer, path), "Al doilea")
    assert sent(trainer, path, gone, "save").status_code == 303


OUTCOMES = tuple(Outcome(key, f"Rezultatul {key}") for key in ("roluri", "unu", "doi", "trei"))


@pytest.fixture
def ordered(house: House) -> None:
    """Lesson m1-b leads to several outcomes, in an order that is not the module's."""
    with house.database() as session:
        course = factory.a_course()
        first, _second, quiz = course.modules[0].activities
        lesson = factory.a_lesson("m1-b", outcomes=("doi", "roluri", "unu"))
        activities = (first, lesson, quiz)
        course = factory.with_module(course, 1, outcomes=OUTCOMES, activities=activities)
        factory.make_published(session, course)
        session.commit()


@pytest.mark.usefixtures("ordered")
def test_outcomes_keep_the_order_of_their_author(house: House, trainer: FlaskClient) -> None:
    path, before = "/teach/por/lesson/m1-b", count(house, ActivityVersion)
    assert sent(trainer, path, editor(trainer, path), "save").status_code == 303
    assert count(house, ActivityVersion) == before
    form = editor(trainer, path).fill(outcomes=["roluri", "doi", "trei"])
    assert sent(trainer, path, form, "save").status_code == 303
    with house.database() as session:
        held = get_lesson(session, authoring.get_course(session, "por"), "m1-b")
    assert held.value.outcomes == ("doi", "roluri", "trei")
