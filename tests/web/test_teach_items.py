"""Writing, repairing and retiring questions; building tests from them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from plain_form import PlainForm, form_of
from teach_room import editor, sent, speak, text_of
from world import House

from lms.domain.items import Choice, Item, Numeric, TrueFalse, Use
from lms.domain.quizzes import QuizSettings
from lms.models import Attempt, AttemptItem, ItemVersion
from lms.services import authoring, learning, outline, quizzes
from lms.services.draft_rows import get_item, get_module, get_quiz

NEW = "/teach/por/module/m1/new-question"


def item_of(house: House, key: str) -> Item:
    with house.database() as session:
        return get_item(session, authoring.get_course(session, "por"), key).value


def newest(house: House) -> Item:
    with house.database() as session:
        version = session.query(ItemVersion).order_by(ItemVersion.id.desc()).first()
        assert version is not None
        key = version.source["key"]
    return item_of(house, key)


def publish(client: FlaskClient) -> Any:
    form = form_of(client.get("/teach/por/publish"), action="/teach/por/publish")
    return client.post("/teach/por/publish", data=form.press("", ""))


def single(form: PlainForm) -> PlainForm:
    return form.fill(
        stem="Cine *semnează*?",
        options_0_text="Primarul",
        options_0_why="El reprezintă orașul.",
        options_1_text="Contabila",
        options_1_why="Ea plătește.",
        right="0",
        explanation="Semnătura arată răspunderea.",
        lesson="m1-b",
    )


def test_a_single_choice_question(house: House, trainer: FlaskClient) -> None:
    answer = sent(trainer, NEW, single(editor(trainer, NEW)), "save-next")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{NEW}?kind=single&use=quiz&lesson=m1-b&outcome=roluri"
    item = newest(house)
    assert isinstance(item.body, Choice)
    assert [(o.text, o.correct) for o in item.body.options] == [
        ("Primarul", True),
        ("Contabila", False),
    ]
    assert (item.use, item.outcome, item.lesson, item.difficulty) == (
        Use.QUIZ,
        "roluri",
        "m1-b",
        2,
    )
    again = editor(trainer, answer.headers["Location"])
    assert again.fields["lesson"] == "m1-b"


def test_a_multiple_choice_question_with_rows_added(house: House, trainer: FlaskClient) -> None:
    form = single(editor(trainer, f"{NEW}?kind=multiple"))
    form = form_of(sent(trainer, NEW, form, "add-option"), id="editor")
    assert form.fields["options"] == "5"
    form.fill(options_4_text="Secretarul", options_4_why="Și el.", right=["0", "4"])
    form = form_of(sent(trainer, NEW, form, "remove-option-2"), id="editor")
    assert form.fields.getlist("right") == ["0", "3"]
    assert sent(trainer, NEW, form, "save").status_code == 303
    body = newest(house).body
    assert isinstance(body, Choice)
    assert body.many
    assert [o.text for o in body.options if o.correct] == ["Primarul", "Secretarul"]


def test_a_true_or_false_question(house: House, trainer: FlaskClient) -> None:
    form = editor(trainer, f"{NEW}?kind=true-false")
    form.fill(stem="Roma e în Italia.", why_true="Da.", why_false="Ba da.", truth="true")
    assert sent(trainer, NEW, form, "save").status_code == 303
    assert newest(house).body == TrueFalse(True, "Da.", "Ba da.")


def test_a_number_is_read_in_the_notation_of_the_page(house: House, trainer: FlaskClient) -> None:
    speak(house, "ro")
    form = editor(trainer, f"{NEW}?kind=numeric")
    form.fill(stem="Cât?", answer="1.234,5", tolerance="0,05", unit="lei", why="Așa.")
    form.fill(mistakes_0_value="12", mistakes_0_why="S-a uitat ceva.")
    answer = trainer.post(NEW, data=form.press("save"), follow_redirects=True)
    body = newest(house).body
    assert isinstance(body, Numeric)
    assert (body.answer, body.tolerance, body.unit) == (Decimal("1234.5"), Decimal("0.05"), "lei")
    assert body.mistakes[0].value == "12"
    assert form_of(answer, id="editor").fields["answer"] == "1.234,5"


@pytest.mark.parametrize("typed", ["NaN", "1e999", "inf", "", "douăzeci", "1,2,3", "٣", "9" * 60])
def test_what_is_no_number_is_told_and_kept(trainer: FlaskClient, typed: str) -> None:
    form = editor(trainer, f"{NEW}?kind=numeric").fill(stem="Cât?", answer=typed, why="Așa.")
    answer = sent(trainer, NEW, form, "save")
    assert answer.status_code == 400
    assert 'href="#answer"' in text_of(answer)
    assert form_of(answer, id="editor").fields["answer"] == typed


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"right": []}, "options"),
        ({"options_1_why": ""}, "options-1-why"),
        ({"options_1_text": "Primarul"}, "options-1-text"),
        ({"options_1_text": "", "options_1_why": ""}, "options"),
        ({"stem": ""}, "stem"),
        ({"facts": "F-99"}, "facts"),
        ({"options_0_text": "x" * 65_000}, "options-0-text"),
    ],
)
def test_every_fault_is_told_beside_its_field(
    trainer: FlaskClient, change: dict[str, Any], field: str
) -> None:
    form = single(editor(trainer, NEW)).fill(**change)
    answer = sent(trainer, NEW, form, "save")
    assert answer.status_code == 400
    assert f'href="#{field}"' in text_of(answer)
    assert f'id="{field}-error"' in text_of(answer)


def test_a_blank_row_between_does_not_move_a_fault(trainer: FlaskClient) -> None:
    form = single(editor(trainer, NEW))
    form.fill(options_1_text="", options_1_why="", options_3_text="Altcineva", options_3_why="")
    page = text_of(sent(trainer, NEW, form, "save"))
    assert 'href="#options-3-why"' in page
    assert 'href="#options-1-why"' not in page


def test_a_hostile_text_in_an_answer_is_inert_or_refused(
    house: House, trainer: FlaskClient
) -> None:
    form = single(editor(trainer, NEW))
    form.fill(options_0_why="<script>alert(1)</script><img src=x onerror=alert(1)>")
    page = text_of(sent(trainer, NEW, form, "preview"))
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    form.fill(options_0_why="[" * 20_000)
    answer = sent(trainer, NEW, form, "save")
    assert answer.status_code in (303, 422)


def test_repairing_a_question_leaves_an_open_attempt_alone(
    house: House, trainer: FlaskClient
) -> None:
    """R-16, A-040: who has begun keeps the question; who begins later is asked the new one."""
    with house.database() as session:
        enrolled = learning.get_enrolled(session, house.world.person["employee"], "por")
        quizzes.start(session, enrolled, "m2-test", "ro", house.clock.moment)
        session.commit()
        keys = [
            version.source["key"]
            for version in session.query(ItemVersion)
            .join(AttemptItem, AttemptItem.item_version_id == ItemVersion.id)
            .all()
        ]
        drawn = sorted(row.item_version_id for row in session.query(AttemptItem).all())
    for number in (1, 2, 3, 4):
        path = f"/teach/por/question/m2-i{number}"
        page = trainer.get(path)
        assert "attempts that are under way keep the question" in text_of(page)
        form = form_of(page, id="editor").fill(stem=f"Reparată {number}", options_0_text="Sigur")
        assert sent(trainer, path, form, "save").status_code == 303
    preview = text_of(trainer.get("/teach/por/publish"))
    assert "Persoana Employee" in preview
    assert "in the middle of a test" in preview
    assert publish(trainer).status_code == 303

    employee = house.client("employee")
    with house.database() as session:
        attempt = session.query(Attempt).one()
        assert sorted(r.item_version_id for r in session.query(AttemptItem).all()) == drawn
    page = text_of(employee.get(f"/attempt/{attempt.uuid}/1"))
    assert "Reparată" not in page
    assert any(f"Este adevărat că {key}?" in page for key in keys)
    colleague = house.client("colleague")
    begun = house.post(colleague, "/course/por/quiz/m2-test/start")
    page = colleague.get(begun.headers["Location"], follow_redirects=True)
    assert "Reparată" in text_of(page)


def test_two_authors_of_one_question(house: House, trainer: FlaskClient) -> None:
    path = "/teach/por/question/m1-i1"
    mine, theirs = editor(trainer, path), editor(trainer, path)
    assert sent(trainer, path, theirs.fill(stem="A lor"), "save").status_code == 303
    answer = sent(trainer, path, mine.fill(stem="A mea"), "save")
    assert answer.status_code == 409
    assert "A lor" in text_of(answer)
    again = form_of(answer, id="editor")
    assert again.fields["stem"] == "A mea"
    assert item_of(house, "m1-i1").stem == "A lor"
    assert sent(trainer, path, again, "save").status_code == 303
    assert item_of(house, "m1-i1").stem == "A mea"


@pytest.mark.parametrize("kind", ["ordering", "short", "case"])
def test_kinds_of_the_course_files_are_shown_with_their_key(
    house: House, trainer: FlaskClient, kind: str
) -> None:
    answer = trainer.get(f"/teach/por/question/k-{kind}")
    assert "written in the course files" in text_of(answer)
    assert 'class="lms-question"' in text_of(answer)
    assert 'id="editor"' not in text_of(answer)
    posted = house.post(trainer, f"/teach/por/question/k-{kind}", {"stem": "x", "kind": "single"})
    assert posted.status_code == 400


def test_the_bank_tells_how_questions_fare_only_of_five_people(
    house: House, trainer: FlaskClient
) -> None:
    page = text_of(trainer.get("/teach/por/module/m1/bank"))
    assert "Este adevărat că m1-i1?" in page
    assert "at least 5 people" in page
    assert "asked of" not in page


def test_a_test_of_all_questions_in_one_press(house: House, trainer: FlaskClient) -> None:
    form = editor(trainer, "/teach/por/new-module")
    form.fill(title="Modul nou", summary="Despre ceva.", outcomes_0_text="Știe ceva.")
    answer = trainer.post("/teach/por/new-module", data=form.press("save"))
    assert answer.headers["Location"] == "/teach/por/module/modul-nou/new-lesson"
    path = "/teach/por/module/modul-nou/new-question"
    refused = house.post(trainer, "/teach/por/module/modul-nou/test-from-bank")
    assert refused.status_code == 400
    assert sent(trainer, path, single(editor(trainer, path)), "save-next").status_code == 303
    form = single(editor(trainer, path)).fill(stem="A doua?")
    answer = sent(trainer, path, form, "save-quiz")
    assert answer.headers["Location"] == "/teach/por/publish"
    with house.database() as session:
        course = authoring.get_course(session, "por")
        line = next(m for m in outline.outline(session, course).modules if m.key == "modul-nou")
        quiz = get_quiz(session, course, line.activities[-1].key)
        assert quiz.value.settings == QuizSettings(draw=quiz.value.settings.draw)
        assert [rule.count for rule in quiz.value.settings.draw] == [2]
        criteria = get_module(session, course, "modul-nou").draft["criteria"]
        assert criteria.count({"kind": "pass", "target": quiz.value.key}) == 1
    # A second press on a page without a script is no second test and no second rule.
    assert house.post(trainer, "/teach/por/module/modul-nou/test-from-bank").status_code == 303
    with house.database() as session:
        draft = get_module(session, authoring.get_course(session, "por"), "modul-nou").draft
    assert [rule["kind"] for rule in draft["criteria"]] == ["read", "pass"]


def test_the_editor_of_a_test(house: House, trainer: FlaskClient) -> None:
    path = "/teach/por/test/m1-test"
    form = editor(trainer, path)
    assert form.fields["draw-0-count"] == "2"
    assert form.fields["needed"] == "1"
    form = form_of(sent(trainer, path, form, "add-rule"), id="editor")
    form.fill(draw_1_count="900", draw_1_difficulty="3", pass_percent="80", items=["m1-i1"])
    page = sent(trainer, path, form, "check")
    assert "The bank cannot fill this test" in text_of(page)
    form = form_of(page, id="editor").fill(draw_1_count="1", time_limit_minutes="20", attempts="3")
    answer = sent(trainer, path, form, "save-publish")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/teach/por/publish")
    with house.database() as session:
        settings = get_quiz(session, authoring.get_course(session, "por"), "m1-test").value.settings
    assert (settings.pass_percent, settings.items, settings.attempts) == (80, ("m1-i1",), 3)
    assert [(rule.count, rule.difficulty) for rule in settings.draw] == [(2, 0), (1, 3)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"pass_percent": "101"}, "pass_percent"),
        ({"pass_percent": "-1"}, "pass_percent"),
        ({"minutes": "1e9"}, "minutes"),
        ({"draw_0_count": "NaN"}, "draw-0-count"),
        ({"draw_0_count": "0"}, "draw-0-count"),
        ({"draw_0_outcome": "altul"}, "draw-0-outcome"),
        ({"items": ["straina"]}, "items"),
        ({"title": ""}, "title"),
        ({"draw_0_count": ""}, "draw"),
    ],
)
def test_a_test_that_makes_no_sense_is_told(
    trainer: FlaskClient, change: dict[str, Any], field: str
) -> None:
    path = "/teach/por/test/m1-test"
    answer = sent(trainer, path, editor(trainer, path).fill(**change), "save")
    assert answer.status_code == 400
    assert f'href="#{field}"' in text_of(answer)


def test_two_authors_of_one_test(trainer: FlaskClient) -> None:
    path = "/teach/por/test/m1-test"
    mine, theirs = editor(trainer, path), editor(trainer, path)
    assert sent(trainer, path, theirs.fill(pass_percent="60"), "save").status_code == 303
    answer = sent(trainer, path, mine.fill(pass_percent="90"), "save")
    assert answer.status_code == 409
    again = form_of(answer, id="editor")
    assert again.fields["pass_percent"] == "90"
    assert sent(trainer, path, again, "save").status_code == 303
