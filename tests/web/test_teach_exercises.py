"""Writing workbook exercises with plain forms: add, change, preview, refuse, two authors at once."""

from __future__ import annotations

import pytest
from factories import courses as factory
from flask.testing import FlaskClient
from plain_form import PlainForm, form_of
from sqlalchemy import func, select
from teach_room import editor, sent, speak
from world import House

from lms.domain.authoring import AuthoredExercise
from lms.models import ActivityVersion
from lms.services import authoring
from lms.services.draft_rows import get_exercise

NEW = "/teach/por/module/m1/new-exercise"
PAGE = "/teach/por/exercise/m1-fisa"


@pytest.fixture
def trainer(house: House) -> FlaskClient:
    """The course's trainer, who reads English here; module m1 has an exercise."""
    with house.database() as session:
        course = factory.a_course()
        first, second, quiz = course.modules[0].activities
        sheet = factory.an_exercise("m1-fisa")
        course = factory.with_module(course, 1, activities=(first, second, sheet, quiz))
        factory.make_published(session, course)
        session.commit()
    speak(house, "en")
    return house.client("trainer")


def held(house: House, key: str = "m1-fisa") -> AuthoredExercise:
    with house.database() as session:
        return get_exercise(session, authoring.get_course(session, "por"), key).value


def versions(house: House) -> int:
    with house.database() as session:
        return session.scalar(select(func.count(ActivityVersion.id))) or 0


def filled(form: PlainForm) -> PlainForm:
    form.fill(title="Fișa nouă", summary="O pagină.", task="## Pas\n\nScrieți.", example="Date.")
    for row in range(3):
        form.fill(**{f"rubric-{row}-title": f"Criteriul {row}"})
        for level in range(3):
            form.fill(**{f"rubric-{row}-levels-{level}": f"Nivelul {level} din {row}"})
    return form


def test_the_editor_holds_what_is_stored_and_saving_it_changes_nothing(
    house: House, trainer: FlaskClient
) -> None:
    before, stored = versions(house), held(house)
    page = trainer.get(PAGE).get_data(as_text=True)
    assert "Bun <em>1</em>" in page, "the preview"
    assert sent(trainer, PAGE, editor(trainer, PAGE), "save").status_code == 303
    assert (versions(house), held(house)) == (before, stored)


def test_a_change_is_saved_and_seen_once_published(house: House, trainer: FlaskClient) -> None:
    form = editor(trainer, PAGE).fill(task="## Altă sarcină\n\nText.")
    form.fill(**{"rubric-1-levels-2": "Altceva, mai bun"})
    assert sent(trainer, PAGE, form, "save").status_code == 303
    now = held(house)
    assert now.task == "## Altă sarcină\n\nText."
    assert [c.key for c in now.rubric] == ["c1", "c2", "c3"]
    assert now.rubric[1].levels[2] == "Altceva, mai bun"
    learner = house.client("employee").get("/course/por/exercise/m1-fisa")
    assert "Altă sarcină" not in learner.get_data(as_text=True)
    preview = trainer.get("/teach/por/publish")
    assert "Workbook exercise, changed" in preview.get_data(as_text=True)
    form = form_of(preview, action="/publish")
    assert trainer.post(form.action, data=form.fields).status_code == 303
    learner = house.client("employee").get("/course/por/exercise/m1-fisa")
    assert "Altceva, mai bun" in learner.get_data(as_text=True)


def test_a_new_exercise_stands_before_the_test(house: House, trainer: FlaskClient) -> None:
    saved = sent(trainer, NEW, filled(editor(trainer, NEW)), "save")
    assert saved.headers["Location"] == "/teach/por/exercise/fisa-noua"
    made = held(house, "fisa-noua")
    assert [c.key for c in made.rubric] == ["criteriul-0", "criteriul-1", "criteriul-2"]
    outline = trainer.get("/teach/por").get_data(as_text=True)
    places = [outline.index(f'id="activity-{key}"') for key in ("m1-fisa", "fisa-noua", "m1-test")]
    assert places == sorted(places)


def test_criteria_are_added_and_taken_out_and_nothing_typed_is_lost(trainer: FlaskClient) -> None:
    form = editor(trainer, PAGE).fill(task="Ceva nou scris")
    more = sent(trainer, PAGE, form, "add-criterion")
    form = form_of(more, id="editor")
    assert (form.fields["rubric"], form.fields["task"]) == ("4", "Ceva nou scris")
    form = form_of(sent(trainer, PAGE, form, "add-criterion"), id="editor")
    assert ("do", "add-criterion") not in form.buttons, "five are the most"
    form = form_of(sent(trainer, PAGE, form, "remove-0"), id="editor")
    assert form.fields["rubric"] == "4"
    assert form.fields["rubric-0-key"] == "c2"
    assert form.fields["task"] == "Ceva nou scris"


@pytest.mark.parametrize(
    ("fields", "label"),
    [
        ({"title": ""}, "Title"),
        ({"task": ""}, "Task"),
        ({"example": ""}, "Data of the fictional project"),
        ({"task": "Text\n\n::: check m1-c1\n"}, "stands in a lesson only"),
        ({"minutes": "0"}, "Minutes a team needs"),
        ({"as_of": "2026-02-30"}, "Valid as of"),
        ({"rubric-0-title": ""}, "Criterion 1"),
        ({"rubric-1-levels-2": ""}, "Criterion 2"),
        ({"rubric-1-levels-2": "Slab 2"}, "This is here twice."),
        ({"rubric-2-title": "criteriul 1"}, "This is here twice."),
        ({"rubric": "2"}, "At least 3 are needed."),
        ({"task": "a\x00b"}, "cannot be stored"),
    ],
)
def test_what_is_to_be_mended_is_said_and_nothing_is_lost(
    house: House, trainer: FlaskClient, fields: dict[str, str], label: str
) -> None:
    before = versions(house)
    form = editor(trainer, PAGE)
    for name, value in fields.items():
        form.fields.setlist(name, [value])
    answer = sent(trainer, PAGE, form, "save")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert label in html
    assert versions(house) == before
    assert form_of(answer, id="editor").fields["rubric-0-levels-0"] == "Slab 1"


def test_two_authors_at_once_do_not_overwrite_each_other(
    house: House, trainer: FlaskClient
) -> None:
    mine, theirs = editor(trainer, PAGE), editor(trainer, PAGE).fill(title="A lor")
    assert sent(trainer, PAGE, theirs, "save").status_code == 303
    answer = sent(trainer, PAGE, mine.fill(title="A mea"), "save")
    assert answer.status_code == 409
    assert "A lor" in answer.get_data(as_text=True)
    assert held(house).title == "A lor"
    again = form_of(answer, id="editor")
    assert again.fields["title"] == "A mea"
    assert sent(trainer, PAGE, again, "save").status_code == 303
    assert held(house).title == "A mea"


def test_it_is_taken_out_and_put_back(house: House, trainer: FlaskClient) -> None:
    out = form_of(trainer.get(PAGE), action="/m1-fisa/archive")
    assert trainer.post(out.action, data=out.fields).headers["Location"] == PAGE
    assert "m1-fisa" in trainer.get("/teach/por").get_data(as_text=True)
    back = form_of(trainer.get(PAGE), action="/m1-fisa/archive")
    assert back.fields["restore"] == "1"
    trainer.post(back.action, data=back.fields)
    assert 'id="activity-m1-fisa"' in trainer.get("/teach/por").get_data(as_text=True)


def test_only_trainers_of_the_course_write(house: House, trainer: FlaskClient) -> None:
    for role in ("employee", "manager", "admin"):
        assert house.client(role).get(PAGE).status_code in (403, 404)
        assert house.post(house.client(role), PAGE, {"do": "save"}).status_code in (403, 404)
