"""Publishing in the browser: what changes for whom, undoing it, modules and where people are."""

from __future__ import annotations

import re
from typing import Any

import pytest
from factories.courses import a_course, make_published
from flask.testing import FlaskClient
from plain_form import PlainForm, form_of, forms_of
from statements import statements
from teach_room import editor, text_of
from world import House

from lms.models import Course, CourseTrainer, ModuleCompletion, Publication
from lms.services import authoring, learning, outline, quizzes, reading
from lms.services.draft_rows import get_module


def save(client: FlaskClient, path: str, **values: Any) -> Any:
    return client.post(path, data=editor(client, path).fill(**values).press("save"))


def publish_form(client: FlaskClient) -> PlainForm:
    return form_of(client.get("/teach/por/publish"), action="/teach/por/publish")


def publish(client: FlaskClient, note: str = "") -> Any:
    form = publish_form(client).fill(note=note)
    return client.post("/teach/por/publish", data=form.press("", ""))


def read_both(house: House, role: str) -> None:
    with house.database() as session:
        enrolled = learning.get_enrolled(session, house.world.person[role], "por")
        for key in ("m1-a", "m1-b"):
            reading.mark_read(session, enrolled, key, house.clock.moment)
        session.commit()


def test_publishing_says_what_changes_and_for_whom(house: House, trainer: FlaskClient) -> None:
    read_both(house, "employee")
    assert "Nothing to publish" in text_of(trainer.get("/teach/por/publish"))
    assert save(trainer, "/teach/por/lesson/m1-b", title="Alt titlu").status_code == 303
    assert save(trainer, "/teach/por/question/m1-i1", stem="Altfel întrebat").status_code == 303
    with house.database() as session:
        enrolled = learning.get_enrolled(session, house.world.person["colleague"], "por")
        quizzes.start(session, enrolled, "m1-test", "ro", house.clock.moment)
        session.commit()
    page = text_of(trainer.get("/teach/por/publish"))
    assert "2 changes" in page
    assert "Alt titlu" in page
    assert "Altfel întrebat" in page
    assert "Persoana Colleague" in page
    answer = publish(trainer, "Titlu mai bun")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/teach/por")
    assert "Alt titlu" in text_of(house.client("employee").get("/course/por/lesson/m1-b"))
    page = text_of(trainer.get("/teach/por/publish"))
    assert "Titlu mai bun" in page
    assert "Persoana Trainer" in page


def test_dropping_a_criterion_completes_at_once_and_an_undo_takes_nothing_away(
    house: House, trainer: FlaskClient
) -> None:
    read_both(house, "employee")
    form = editor(trainer, "/teach/por/test/m1-test")
    form.fields.poplist("needed")
    assert trainer.post("/teach/por/test/m1-test", data=form.press("save")).status_code == 303
    page = text_of(trainer.get("/teach/por/publish"))
    assert "no longer needed" in page
    assert "will see the new rule" in page
    assert publish(trainer).status_code == 303
    with house.database() as session:
        assert session.query(ModuleCompletion).count() == 1
    page = trainer.get("/teach/por/publish")
    undo = form_of(page, action="/teach/por/undo")
    assert trainer.post(undo.action, data=undo.press("", "")).status_code == 303
    with house.database() as session:
        assert session.query(ModuleCompletion).count() == 1
        moves = [move.kind for move in session.query(Publication).order_by(Publication.id)]
    assert moves == ["publish", "publish", "undo"]
    again = trainer.post(undo.action, data=undo.press("", ""))
    assert again.status_code == 409
    with house.database() as session:
        assert session.query(Publication).count() == 3


def test_an_undo_brings_the_former_text_back_and_keeps_the_draft(
    house: House, trainer: FlaskClient
) -> None:
    save(trainer, "/teach/por/lesson/m1-b", card_0_text="Text nou")
    publish(trainer)
    employee = house.client("employee")
    assert "Text nou" in text_of(employee.get("/course/por/lesson/m1-b"))
    undo = form_of(trainer.get("/teach/por/publish"), action="/teach/por/undo")
    trainer.post(undo.action, data=undo.press("", ""))
    assert "Text nou" not in text_of(employee.get("/course/por/lesson/m1-b"))
    assert editor(trainer, "/teach/por/lesson/m1-b").fields["card-0-text"] == "Text nou"
    assert "1 change" in text_of(trainer.get("/teach/por/publish"))


def test_what_was_not_previewed_is_not_published(house: House, trainer: FlaskClient) -> None:
    save(trainer, "/teach/por/lesson/m1-b", title="Primul")
    form = publish_form(trainer)
    save(trainer, "/teach/por/lesson/m1-b", title="Al doilea")
    answer = trainer.post("/teach/por/publish", data=form.fill(note="notă").press("", ""))
    assert answer.status_code == 409
    assert "Al doilea" in text_of(answer)
    assert form_of(answer, action="/teach/por/publish").fields["note"] == "notă"
    assert house.post(trainer, "/teach/por/publish").status_code == 409
    assert "Primul" not in text_of(house.client("employee").get("/course/por/lesson/m1-b"))


def test_pressing_publish_twice_publishes_once(house: House, trainer: FlaskClient) -> None:
    save(trainer, "/teach/por/lesson/m1-b", title="Altul")
    form = publish_form(trainer)
    assert trainer.post("/teach/por/publish", data=form.press("", "")).status_code == 303
    again = trainer.post("/teach/por/publish", data=form.press("", ""))
    assert again.status_code in (303, 400)
    with house.database() as session:
        assert session.query(Publication).count() == 2


@pytest.mark.parametrize("note", ["x" * 501, "a\x00b"])
def test_a_note_that_cannot_be_kept_publishes_nothing(
    house: House, trainer: FlaskClient, note: str
) -> None:
    save(trainer, "/teach/por/lesson/m1-b", title="Altul")
    answer = publish(trainer, note)
    assert answer.status_code == 400
    assert 'href="#note"' in text_of(answer)
    with house.database() as session:
        assert session.query(Publication).count() == 1


def test_what_stands_in_the_way_is_listed_and_nothing_can_be_published(
    house: House, trainer: FlaskClient
) -> None:
    save(trainer, "/teach/por/lesson/m1-b", card_0_text="[x](term:nu-este) ::: \n\n![a](img/x.png)")
    save(trainer, "/teach/por/test/m1-test", draw_0_count="90")
    save(trainer, "/teach/por/new-module", title="Gol", summary="Nimic.")
    save(trainer, "/teach/por/question/m1-i2", stem="Ce e [asta](term:nici-asta)?")
    page = trainer.get("/teach/por/publish")
    for place, sentence in (
        ("lesson/m1-b", "refers to a term that is not in the glossary: nu-este"),
        ("lesson/m1-b", "refers to a file or picture that is not there"),
        ("test/m1-test", "asks for more questions than the bank has"),
        ("module/gol", "Gol: has no lesson and no test yet"),
        ("question/m1-i2", "refers to a term that is not in the glossary: nici-asta"),
    ):
        line = rf'<a href="/teach/por/{place}">[^<]*{sentence}'
        assert re.search(line, text_of(page)), sentence
    assert "Modulul m1: question “Ce e [asta](term:nici-asta)?”: refers" in text_of(page)
    assert not [form for form in forms_of(page) if form.action.endswith("/publish")]
    state = house.post(trainer, "/teach/por/publish", {"state": "x"})
    assert state.status_code in (400, 409)


def test_a_module_is_added_ordered_and_changed(house: House, trainer: FlaskClient) -> None:
    path = "/teach/por/new-module"
    form = editor(trainer, path).fill(
        title="Un titlu destul de lung",
        summary="S",
        outcomes_0_text="Știe.",
        outcomes_1_text="Poate.",
    )
    assert trainer.post(path, data=form.press("save")).status_code == 303
    assert trainer.post(path, data=form.press("save")).status_code == 303  # pressed twice
    with house.database() as session:
        tree = outline.outline(session, authoring.get_course(session, "por"))
    assert [m.key for m in tree.modules] == ["m1", "m2", "un-titlu-destul-de-lung"]
    key = tree.modules[-1].key
    token = house.token(trainer)
    up = {"csrf_token": token, "to": "up"}
    trainer.post(f"/teach/por/module/{key}/move", data=up)
    trainer.post("/teach/por/activity/m1-b/move", data=up)
    trainer.post("/teach/por/activity/m1-b/move", data=up)  # already the first: it stays
    with house.database() as session:
        tree = outline.outline(session, authoring.get_course(session, "por"))
    assert [m.key for m in tree.modules] == ["m1", key, "m2"]
    assert [a.key for a in tree.modules[0].activities] == ["m1-b", "m1-a", "m1-test"]
    form = editor(trainer, f"/teach/por/module/{key}").fill(outcomes_0_text="Știe mai bine.")
    trainer.post(f"/teach/por/module/{key}", data=form.press("save"))
    with house.database() as session:
        draft = get_module(session, authoring.get_course(session, "por"), key).draft
    assert [o["text"] for o in draft["outcomes"]] == ["Știe mai bine.", "Poate."]
    assert [o["key"] for o in draft["outcomes"]] == ["stie", "poate"]
    assert draft["short"] == "Un titlu destu"


def test_an_empty_module_is_taken_out_again(house: House, trainer: FlaskClient) -> None:
    path = "/teach/por/new-module"
    form = editor(trainer, path).fill(title="Din greșeală", summary="S", outcomes_0_text="Știe.")
    assert trainer.post(path, data=form.press("save")).status_code == 303
    assert "stands in the way" in text_of(trainer.get("/teach/por/publish"))
    page = trainer.get("/teach/por/module/din-greseala")
    archive = form_of(page, action="/module/din-greseala/archive")
    assert trainer.post(archive.action, data=archive.press("", "")).status_code == 303
    assert "Nothing to publish" in text_of(trainer.get("/teach/por/publish"))
    assert trainer.get("/teach/por/module/din-greseala").status_code == 404


def test_a_module_that_holds_anything_stays(house: House, trainer: FlaskClient) -> None:
    page = trainer.get("/teach/por/module/m1")
    assert not [form for form in forms_of(page) if form.action.endswith("/archive")]
    assert house.post(trainer, "/teach/por/module/m1/archive").status_code == 409
    assert trainer.get("/teach/por/module/m1").status_code == 200


def test_an_outcome_that_questions_measure_stays(trainer: FlaskClient) -> None:
    path = "/teach/por/module/m1"
    answer = save(trainer, path, outcomes_0_text="")
    assert answer.status_code == 400
    assert "“Numește rolurile.” is still named by: " in text_of(answer)
    assert "Lecția m1-a; Lecția m1-b; Este adevărat că m1-i1?; " in text_of(answer)
    assert re.search(r" \(\+\d+\)\. Take it out there first", text_of(answer))


def test_taking_a_test_out_takes_its_criterion_along(house: House, trainer: FlaskClient) -> None:
    form = form_of(trainer.get("/teach/por/test/m1-test"), action="/m1-test/archive")
    trainer.post(form.action, data=form.press("", ""))
    assert "stands in the way" not in text_of(trainer.get("/teach/por/publish"))
    assert publish(trainer).status_code == 303


def test_a_test_put_back_completes_the_module_again(trainer: FlaskClient) -> None:
    for _again in range(2):
        form = form_of(trainer.get("/teach/por/test/m1-test"), action="/m1-test/archive")
        assert trainer.post(form.action, data=form.press("", "")).status_code == 303
    assert "Nothing to publish" in text_of(trainer.get("/teach/por/publish"))


def test_a_test_of_a_new_module_put_back_completes_it_too(
    house: House, trainer: FlaskClient
) -> None:
    with house.database() as session:
        row = session.query(Course).filter_by(key="por").one()
        row.manifest_id = None
        session.query(Publication).delete()
        session.commit()
    for _again in range(2):
        form = form_of(trainer.get("/teach/por/test/m1-test"), action="/m1-test/archive")
        assert trainer.post(form.action, data=form.press("", "")).status_code == 303
    with house.database() as session:
        draft = get_module(session, authoring.get_course(session, "por"), "m1").draft
    assert {"kind": "pass", "target": "m1-test"} in draft["criteria"]


def test_where_people_are_is_said_in_numbers_only(house: House, trainer: FlaskClient) -> None:
    read_both(house, "employee")
    page = text_of(trainer.get("/teach/por"))
    assert "2 not started, 1 in progress, 0 finished" in page
    page = text_of(trainer.get("/teach/por/people"))
    assert "2 not started · 1 in progress · 0 finished" in page
    assert "Persoana Employee" not in page


def test_one_course_opens_at_once_several_are_listed(house: House, trainer: FlaskClient) -> None:
    assert trainer.get("/teach/").headers["Location"] == "/teach/por"
    with house.database() as session:
        other = make_published(session, a_course("alt", modules=1, title="Celălalt"))
        session.add(
            CourseTrainer(course_id=other.course_id, person_id=house.world.person["trainer"])
        )
        session.commit()
    page = text_of(trainer.get("/teach/"))
    assert "Celălalt" in page
    assert 'href="/teach/alt"' in page


def test_points_to_verify_are_for_trainers(house: House, trainer: FlaskClient) -> None:
    with house.database() as session:
        course = session.get_one(Course, house.world.course_id)
        point = {"number": 3, "group": "Achiziții", "text": "Pragurile din mai.", "facts": []}
        course.draft = {**course.draft, "to_verify": [point]}
        session.commit()
    assert "Pragurile din mai." in text_of(trainer.get("/teach/por"))


def test_the_pages_cost_the_same_however_much_there_is(house: House, trainer: FlaskClient) -> None:
    pages = ("/teach/por", "/teach/por/publish", "/teach/por/people", "/teach/por/lesson/m1-a",
             "/teach/por/module/m1/bank", "/teach/por/question/m1-i1")  # fmt: skip
    counts = []
    for size in (3, 7):
        with house.database() as session:
            make_published(session, a_course("por", modules=size))
            session.commit()
        row = []
        for page in pages:
            trainer.get(page)  # what never changes is read once per process
            with house.database() as session, statements(session) as asked:
                assert trainer.get(page).status_code == 200
            row.append(len(asked))
        counts.append(row)
    assert counts[0] == counts[1], dict(zip(pages, counts, strict=False))
    assert max(counts[0]) <= 20
