"""What something still names does not go unsaid, and what is gone is not dropped unsaid."""

from __future__ import annotations

from typing import Any

import pytest
from factories import courses as factory
from flask.testing import FlaskClient
from plain_form import form_of, forms_of
from teach_room import editor, sent, text_of
from world import House

from lms.domain.curriculum import Outcome
from lms.models import Activity, Item, Module
from lms.services import authoring
from lms.services.draft_rows import get_item, get_lesson, get_module, get_quiz

TEST, QUESTION = "/teach/por/test/m1-test", "/teach/por/question/m1-i1"
CHECK, LESSON = "/teach/por/question/m1-c1", "/teach/por/lesson/m1-b"
SECOND = {"key": "al-doilea", "text": "Al doilea"}


def set_outcomes(house: House, *more: dict[str, str]) -> None:
    """Module m1 leads to its own outcome and these, whatever names them."""
    with house.database() as session:
        module = get_module(session, authoring.get_course(session, "por"), "m1")
        own = [o for o in module.draft["outcomes"] if o["key"] == "roluri"]
        module.draft = {**module.draft, "outcomes": [*own, *more]}
        session.commit()


def ask_always(trainer: FlaskClient) -> None:
    form = editor(trainer, TEST).fill(items=["m1-i1"])
    assert sent(trainer, TEST, form, "save").status_code == 303


def fixed_items(house: House) -> tuple[str, ...]:
    with house.database() as session:
        course = authoring.get_course(session, "por")
        return get_quiz(session, course, "m1-test").value.settings.items


@pytest.mark.parametrize(
    ("page", "use", "where"),
    [(QUESTION, "self-check", "Testul m1-test"), (CHECK, "quiz", "Lecția m1-a")],
)
def test_a_question_that_is_named_keeps_its_use(
    house: House, trainer: FlaskClient, page: str, use: str, where: str
) -> None:
    ask_always(trainer)
    key = page.rpartition("/")[2]
    refused = sent(trainer, page, editor(trainer, page).fill(use=use, stem="Altfel?"), "save")
    assert refused.status_code == 400
    assert f"This question is asked by: {where}." in text_of(refused)
    assert form_of(refused, id="editor").fields["stem"] == "Altfel?"
    with house.database() as session:
        held = get_item(session, authoring.get_course(session, "por"), key)
    assert held.value.use != use
    again = form_of(refused, id="editor").fill(use=str(held.value.use))
    assert sent(trainer, page, again, "save").status_code == 303, "its words may change"


@pytest.mark.parametrize(("page", "where"), [(QUESTION, "Testul m1-test"), (CHECK, "Lecția m1-a")])
def test_a_question_that_is_named_stays_in_the_bank(
    house: House, trainer: FlaskClient, page: str, where: str
) -> None:
    ask_always(trainer)
    archive = form_of(trainer.get(page), action="/archive")
    answer = trainer.post(archive.action, data=archive.press("", ""), follow_redirects=True)
    assert answer.request.path == page
    assert f"This question is asked by: {where}." in text_of(answer)
    with house.database() as session:
        row = session.query(Item).filter_by(key=page.rpartition("/")[2]).one()
        assert row.archived_at is None


def test_a_question_nothing_names_goes_and_turns_as_it_likes(
    house: House, trainer: FlaskClient
) -> None:
    form = editor(trainer, QUESTION).fill(use="self-check")
    assert sent(trainer, QUESTION, form, "save").status_code == 303
    assert house.post(trainer, f"{QUESTION}/archive").status_code == 303
    assert "has been taken out" in text_of(trainer.get(QUESTION))


def test_a_test_shows_the_question_it_has_lost(house: House, trainer: FlaskClient) -> None:
    """It went with the course files, where nobody is asked."""
    ask_always(trainer)
    with house.database() as session:
        session.query(Item).filter_by(key="m1-i1").one().archived_at = house.clock.moment
        session.commit()
    form = editor(trainer, TEST)
    assert form.fields.getlist("items") == ["m1-i1"]
    assert "m1-i1 (no longer there)" in text_of(trainer.get(TEST))
    refused = sent(trainer, TEST, form, "save")
    assert refused.status_code == 400
    assert 'href="#items"' in text_of(refused)
    assert fixed_items(house) == ("m1-i1",)
    form = form_of(refused, id="editor").fill(items=[])
    assert sent(trainer, TEST, form, "save").status_code == 303
    assert fixed_items(house) == ()


def test_an_outcome_that_a_lesson_leads_to_stays(house: House, trainer: FlaskClient) -> None:
    set_outcomes(house, SECOND)
    form = editor(trainer, LESSON).fill(outcomes=["roluri", "al-doilea"])
    assert sent(trainer, LESSON, form, "save").status_code == 303
    path = "/teach/por/module/m1"
    form = editor(trainer, path).fill(outcomes_1_text="")
    refused = sent(trainer, path, form, "save")
    assert refused.status_code == 400
    assert "“Al doilea” is still named by: Lecția m1-b." in text_of(refused)
    lesson = editor(trainer, LESSON).fill(outcomes=["roluri"])
    assert sent(trainer, LESSON, lesson, "save").status_code == 303
    assert sent(trainer, path, form, "save").status_code == 303


def test_an_outcome_added_meanwhile_is_not_said_to_be_taken_out(
    house: House, trainer: FlaskClient
) -> None:
    """The page was made before a colleague added one and gave it to a question."""
    path = "/teach/por/module/m1"
    stale = editor(trainer, path).fill(summary="Al meu.")
    added = editor(trainer, path).fill(outcomes_1_text="Al doilea")
    assert sent(trainer, path, added, "save").status_code == 303
    question = editor(trainer, QUESTION).fill(outcome="al-doilea")
    assert sent(trainer, QUESTION, question, "save").status_code == 303
    refused = sent(trainer, path, stale, "save")
    assert refused.status_code == 409
    assert "clash-title" in text_of(refused)


def lead_nowhere(house: House, trainer: FlaskClient) -> None:
    """Lesson and question name an outcome; they are taken out, it goes, they come back."""
    set_outcomes(house, SECOND)
    lesson = editor(trainer, LESSON).fill(outcomes=["al-doilea"])
    assert sent(trainer, LESSON, lesson, "save").status_code == 303
    question = editor(trainer, QUESTION).fill(outcome="al-doilea")
    assert sent(trainer, QUESTION, question, "save").status_code == 303
    archives = ("/teach/por/activity/m1-b/archive", f"{QUESTION}/archive")
    for archive in archives:
        assert house.post(trainer, archive).status_code == 303
    path = "/teach/por/module/m1"
    form = editor(trainer, path).fill(outcomes_1_text="")
    assert sent(trainer, path, form, "save").status_code == 303
    for archive in archives:
        assert house.post(trainer, archive, {"restore": "1"}).status_code == 303


def test_what_is_put_back_shows_the_outcome_it_has_lost(house: House, trainer: FlaskClient) -> None:
    lead_nowhere(house, trainer)
    page = text_of(trainer.get("/teach/por/publish"))
    assert page.count("names an outcome that its module does not have: al-doilea") == 2
    for path, field, value in ((LESSON, "outcomes", "roluri"), (QUESTION, "outcome", "roluri")):
        form = editor(trainer, path)
        assert form.fields.getlist(field) == ["al-doilea"]
        assert "al-doilea (no longer there)" in text_of(trainer.get(path))
        refused = sent(trainer, path, form, "save")
        assert refused.status_code == 400
        assert f'href="#{field}"' in text_of(refused)
        form = editor(trainer, path).fill(**{field: value})
        assert sent(trainer, path, form, "save").status_code == 303
    with house.database() as session:
        lesson = get_lesson(session, authoring.get_course(session, "por"), "m1-b")
    assert lesson.value.outcomes == ("roluri",)
    assert "does not have" not in text_of(trainer.get("/teach/por/publish"))


def test_an_exercise_shows_the_outcome_it_has_lost(house: House, trainer: FlaskClient) -> None:
    with house.database() as session:
        course = factory.a_course()
        module = course.modules[0]
        sheet = factory.an_exercise("m1-fisa", outcomes=("al-doilea",))
        course = factory.with_module(
            course,
            1,
            outcomes=(*module.outcomes, Outcome(**SECOND)),
            activities=(*module.activities, sheet),
        )
        factory.make_published(session, course)
        session.commit()
    set_outcomes(house)
    path = "/teach/por/exercise/m1-fisa"
    form = editor(trainer, path)
    assert form.fields.getlist("outcomes") == ["al-doilea"]
    refused = sent(trainer, path, form.fill(title="Alta"), "save")
    assert refused.status_code == 400
    assert 'href="#outcomes"' in text_of(refused)


@pytest.mark.parametrize("page", [TEST, QUESTION, LESSON])
def test_nothing_is_offered_where_the_module_is_gone(
    house: House, trainer: FlaskClient, page: str
) -> None:
    with house.database() as session:
        module: Any = session.query(Module).filter_by(key="m1").one()
        module.archived_at = house.clock.moment
        for table in (Activity, Item):
            for row in session.query(table).filter_by(module_id=module.id):
                row.archived_at = house.clock.moment
        session.commit()
    answer = trainer.get(page)
    assert "and so was its module" in text_of(answer)
    assert not [form for form in forms_of(answer) if form.action.endswith("/archive")]
    buttons = [value for form in forms_of(answer) for _name, value in form.buttons]
    assert not [value for value in buttons if value.startswith("save")]
    assert "/module/m1/" not in text_of(answer), "no link leads to what is gone"
