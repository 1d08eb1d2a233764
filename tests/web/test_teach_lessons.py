"""Writing lessons with plain forms: cards, preview, saving, publishing, two authors at once."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from factories.courses import a_course, a_lesson, a_module, a_quiz, an_item, make_published
from flask.testing import FlaskClient
from plain_form import form_of
from teach_room import editor, sent, text_of
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart
from world import House

from lms.models import ActivityVersion, CourseTrainer
from lms.services import authoring, outline, pictures
from lms.services.draft_rows import get_lesson

NEW = "/teach/por/module/m1/new-lesson"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


def body_of(house: House, key: str) -> str:
    with house.database() as session:
        course = authoring.get_course(session, "por")
        return get_lesson(session, course, key).value.body


def versions(house: House) -> int:
    with house.database() as session:
        return session.query(ActivityVersion).count()


def publish(client: FlaskClient, note: str = "") -> Any:
    form = form_of(client.get("/teach/por/publish"), action="/teach/por/publish")
    return client.post("/teach/por/publish", data=form.fill(note=note).press("", ""))


def test_a_lesson_from_cards_is_previewed_published_and_read(
    house: House, trainer: FlaskClient
) -> None:
    form = editor(trainer, NEW)
    form.fill(
        title="Cine plătește", summary="Știți cine plătește.", card_0_text="## Întâi\n\nTextul."
    )
    form = form_of(sent(trainer, NEW, form, "add-mistake"), id="editor")
    form.fill(card_1_text="„Plătește altcineva.”")
    form = form_of(sent(trainer, NEW, form, "add-check"), id="editor")
    form.fill(card_2_item="m1-c1")
    page = sent(trainer, NEW, form, "up-2")
    form = form_of(page, id="editor")
    assert form.fields["card-1-kind"] == "check"
    assert form.fields["title"] == "Cine plătește"
    preview = text_of(page).split('id="preview"')[1]
    assert '<h2 id="lms-intai">' in preview
    assert "lms-callout-mistake" in preview
    assert "Este adevărat că m1-c1?" in preview
    assert preview.index("Este adevărat") < preview.index("lms-callout-mistake")

    answer = sent(trainer, NEW, form, "save")
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        "/teach/por/lesson/cine-plateste",
    )
    assert body_of(house, "cine-plateste") == (
        "## Întâi\n\nTextul.\n\n::: check m1-c1\n\n::: mistake\n„Plătește altcineva.”\n:::"
    )
    employee = house.client("employee")
    assert employee.get("/course/por/lesson/cine-plateste").status_code == 404
    assert publish(trainer).status_code == 303
    lesson = employee.get("/course/por/lesson/cine-plateste")
    assert lesson.status_code == 200
    assert "Plătește altcineva" in text_of(lesson)


def test_buttons_lose_nothing_that_was_typed(trainer: FlaskClient) -> None:
    form = editor(trainer, NEW).fill(title="Titlu", minutes="17", card_0_text="unu")
    for button in ("add-example", "add-law", "add-then", "add-now", "add-attention", "add-text"):
        form = form_of(sent(trainer, NEW, form, button), id="editor")
    for place in range(1, 7):
        form.fill(**{f"card_{place}_text": f"textul {place}"})
    form = form_of(sent(trainer, NEW, form, "down-0"), id="editor")
    assert [form.fields[f"card-{n}-text"] for n in range(3)] == ["textul 1", "unu", "textul 2"]
    gone = sent(trainer, NEW, form, "remove-1")
    assert "textul 6" in text_of(gone)
    form = form_of(gone, id="editor")
    assert form.fields["cards"] == "6"
    form = form_of(sent(trainer, NEW, form, "back"), id="editor")
    assert form.fields["card-1-text"] == "unu"
    form = form_of(sent(trainer, NEW, form, "source"), id="editor")
    assert "::: example\ntextul 1\n:::" in form.fields["body"]
    form = form_of(sent(trainer, NEW, form, "cards"), id="editor")
    assert (form.fields["cards"], form.fields["minutes"]) == ("7", "17")


def test_what_a_button_shows_is_never_saved(house: House, trainer: FlaskClient) -> None:
    before = versions(house)
    path = "/teach/por/lesson/m1-b"
    form = editor(trainer, path).fill(card_0_text="altceva")
    page = sent(trainer, path, form, "preview")
    assert "<p>altceva</p>" in text_of(page)
    assert versions(house) == before


def test_saving_the_same_makes_no_version(house: House, trainer: FlaskClient) -> None:
    before = versions(house)
    for key in ("m1-a", "m1-b"):
        path = f"/teach/por/lesson/{key}"
        assert sent(trainer, path, editor(trainer, path), "save").status_code == 303
    assert versions(house) == before


def test_a_lesson_of_very_many_cards_loses_none(house: House, trainer: FlaskClient) -> None:
    path = "/teach/por/lesson/m1-b"
    body = "\n\n".join(f"::: law\nArticolul {number}.\n:::" for number in range(300))
    form = form_of(sent(trainer, path, editor(trainer, path), "source"), id="editor")
    assert sent(trainer, path, form.fill(body=body), "save").status_code == 303
    form = editor(trainer, path)
    assert (form.fields["mode"], form.fields["body"]) == ("source", body)
    assert sent(trainer, path, form, "save").status_code == 303
    assert body_of(house, "m1-b") == body


def test_warnings_are_in_plain_words_and_the_text_is_shown(trainer: FlaskClient) -> None:
    form = editor(trainer, NEW).fill(
        card_0_text="# Prea mare\n\n<b>gras</b> [x](term:nimic) [y](lesson:nicaieri) ![](img/a.png)"
    )
    page = text_of(sent(trainer, NEW, form, "preview"))
    for sentence in (
        "HTML is shown as it was typed",
        "no such term in the glossary: nimic",
        "no lesson with this name in the course: nicaieri",
        "not in the course: 01-m1/img/a.png",
        "Headings begin at the second level",
    ):
        assert sentence in page, sentence
    assert "&lt;b&gt;gras" in page
    assert "<b>gras" not in page.split('id="preview"')[1]


def test_the_later_of_two_authors_sees_both_texts(house: House, trainer: FlaskClient) -> None:
    with house.database() as session:
        session.add(
            CourseTrainer(course_id=house.world.course_id, person_id=house.world.person["hr"])
        )
        session.commit()
    other, path = house.client("hr"), "/teach/por/lesson/m1-b"
    mine = editor(trainer, path).fill(card_0_text="textul meu, scris timp de opt ore")
    theirs = editor(other, path).fill(card_0_text="textul colegei", title="Alt titlu")
    assert sent(other, path, theirs, "save").status_code == 303
    answer = sent(trainer, path, mine, "save")
    page = text_of(answer)
    assert answer.status_code == 409
    assert "textul colegei" in page
    assert "Persoana Hr" in page
    again = form_of(answer, id="editor")
    assert again.fields["card-0-text"] == "textul meu, scris timp de opt ore"
    assert body_of(house, "m1-b") == "textul colegei"
    assert sent(trainer, path, again, "save").status_code == 303
    assert body_of(house, "m1-b") == "textul meu, scris timp de opt ore"


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ("x" * 1_000_000, 400),
        ("x" * 65_000, 400),
        (">" * 10_000 + " a", 422),
        ("- " * 10_000 + "a", 422),
        ("un\x00doi", 400),
    ],
    ids=["1 MB", "65 kB", "quotes", "lists", "NUL"],
)
def test_hostile_texts_get_a_clear_answer_and_stay_in_the_form(
    house: House, trainer: FlaskClient, typed: str, status: int
) -> None:
    before = versions(house)
    form = editor(trainer, NEW).fill(title="T", summary="S", card_0_text=typed)
    answer = sent(trainer, NEW, form, "save")
    assert answer.status_code == status
    kept = form_of(answer, id="editor").fields["card-0-text"]
    assert kept == typed
    assert 'class="lms-errors"' in text_of(answer)
    assert versions(house) == before


def test_every_fault_is_told_beside_its_field(trainer: FlaskClient) -> None:
    form = editor(trainer, NEW).fill(title="", summary="", minutes="0", card_0_text="")
    page = text_of(sent(trainer, NEW, form, "save"))
    for name in ("title", "summary", "minutes", "body"):
        assert f'href="#{name}"' in page, name
    form = editor(trainer, NEW).fill(title="T", minutes="multe", as_of="ieri")
    page = text_of(sent(trainer, NEW, form, "save"))
    assert 'href="#minutes"' in page
    assert 'href="#as_of"' in page
    assert 'value="multe"' in page


def test_a_card_that_would_swallow_the_next_is_refused(trainer: FlaskClient) -> None:
    form = editor(trainer, NEW).fill(title="T", summary="S", card_0_text="```\nfără capăt")
    answer = sent(trainer, NEW, form, "save")
    assert answer.status_code == 400
    assert 'href="#card-0-text"' in text_of(answer)


def test_a_picture_joins_the_text_and_is_seen_by_learners(
    house: House, trainer: FlaskClient
) -> None:
    form = editor(trainer, NEW).fill(
        title="Cu poză", summary="S", card_0_text="Uitați-vă.", alt="Un [arbore] cu rădăcini"
    )
    data = form.press("save-questions")
    data["picture"] = (io.BytesIO(PNG), "Arborele problemelor.png")
    answer = trainer.post(NEW, data=data, content_type="multipart/form-data")
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/new-question?lesson=cu-poza")
    image = "img/arborele-problemelor.png"
    assert body_of(house, "cu-poza").endswith(f"![Un \\[arbore\\] cu rădăcini]({image})")
    shown = trainer.get(f"/teach/por/file/01-m1/{image}")
    assert (shown.status_code, shown.data, shown.mimetype) == (200, PNG, "image/png")
    employee = house.client("employee")
    assert employee.get(f"/course/por/file/m1/{image}").status_code == 404
    assert publish(trainer).status_code == 303
    assert employee.get(f"/course/por/file/m1/{image}").data == PNG
    page = text_of(employee.get("/course/por/lesson/cu-poza"))
    assert f'src="/course/por/file/m1/{image}"' in page


@pytest.mark.parametrize("button", ["picture", "add-example", "save"])
def test_the_next_picture_does_not_inherit_the_words(trainer: FlaskClient, button: str) -> None:
    """Also not when the button that took the picture along could not do what it is for."""
    title = "" if button == "save" else "T"
    form = editor(trainer, NEW).fill(title=title, summary="S", alt="Un arbore")
    posted = form.press(button)
    posted["picture"] = (io.BytesIO(PNG), "a.png")
    answer = trainer.post(NEW, data=posted, content_type="multipart/form-data")
    again = form_of(answer, id="editor")
    assert again.fields["card-0-text"] == "![Un arbore](img/a.png)"
    assert again.fields["alt"] == ""


def test_the_words_wait_for_their_picture(trainer: FlaskClient) -> None:
    form = editor(trainer, NEW).fill(card_0_text="scris", alt="Un arbore")
    for button in ("add-example", "source", "cards", "preview"):
        form = form_of(sent(trainer, NEW, form, button), id="editor")
        assert form.fields["alt"] == "Un arbore", button


@pytest.mark.parametrize(
    ("data", "alt", "field"),
    [
        (b"<svg onload='alert(1)'/>", "x", "picture"),
        (PNG + b"x" * 10_000, "x", "picture"),
        (PNG, "", "alt"),
    ],
    ids=["a drawing with a script", "too large", "no words"],
)
def test_a_picture_that_cannot_be_kept_leaves_the_text(
    trainer: FlaskClient, monkeypatch: pytest.MonkeyPatch, data: bytes, alt: str, field: str
) -> None:
    monkeypatch.setattr(pictures, "MAX_BYTES", 10_000)
    form = editor(trainer, NEW).fill(title="T", summary="S", card_0_text="scris", alt=alt)
    posted = form.press("picture")
    posted["picture"] = (io.BytesIO(data), "a.png")
    answer = trainer.post(NEW, data=posted, content_type="multipart/form-data")
    assert answer.status_code == 400
    assert f'href="#{field}"' in text_of(answer)
    again = form_of(answer, id="editor")
    assert (again.fields["card-0-text"], again.fields["alt"]) == ("scris", alt)


def sent_whole(client: FlaskClient, path: str, posted: MultiDict[str, Any]) -> Any:
    """As ``client.post``, which would leave a large body's own file open."""
    boundary, body = encode_multipart(posted)
    kind = f'multipart/form-data; boundary="{boundary}"'
    return client.post(path, data=body, content_type=kind)


@pytest.mark.parametrize("path", [NEW, "/teach/por/lesson/m1-b"])
def test_a_photograph_from_a_telephone_leaves_the_text(trainer: FlaskClient, path: str) -> None:
    """It is larger than other requests may be, and is answered beside the text all the same."""
    form = editor(trainer, path).fill(title="T", card_0_text="scris", alt="Un arbore")
    posted = form.press("picture")
    photograph = b"\xff\xd8\xff" + bytes(8_000_000)
    posted["picture"] = FileStorage(io.BytesIO(photograph), "IMG_1.jpg")
    answer = sent_whole(trainer, path, posted)
    assert answer.status_code == 400
    assert "larger than 1000 kB" in text_of(answer)
    assert form_of(answer, id="editor").fields["card-0-text"] == "scris"


def test_a_text_is_no_picture(trainer: FlaskClient) -> None:
    """More room for a picture is no room for more text."""
    form = editor(trainer, NEW).fill(card_0_text="x" * 1_600_000)
    refused = sent_whole(trainer, NEW, form.press("preview"))
    assert refused.status_code == 413
    assert "Nothing was stored" in text_of(refused), "in the language of who sent it"


def test_a_lesson_is_taken_out_and_put_back(house: House, trainer: FlaskClient) -> None:
    path = "/teach/por/lesson/m1-b"
    archive = form_of(trainer.get(path), action="/activity/m1-b/archive")
    page = trainer.post(archive.action, data=archive.press("", ""), follow_redirects=True)
    assert "taken out of the draft" in text_of(page)
    assert house.client("employee").get("/course/por/lesson/m1-b").status_code == 200
    assert "Lecția m1-b" in text_of(trainer.get("/teach/por/publish"))
    back = form_of(trainer.get(path), action="/activity/m1-b/archive")
    trainer.post(back.action, data=back.press("", ""))
    assert "Nothing to publish" in text_of(trainer.get("/teach/por/publish"))


def test_another_trainers_course_does_not_exist(house: House, trainer: FlaskClient) -> None:
    with house.database() as session:
        make_published(session, a_course("alt", modules=1))
        session.commit()
    token = house.token(trainer)
    missing = text_of(trainer.get("/teach/nu-exista"))
    pages = ["", "/publish", "/people", "/new-module", "/module/m1", "/module/m1/bank",
             "/module/m1/new-lesson", "/module/m1/new-question", "/module/m1/new-test",
             "/lesson/m1-a", "/question/m1-i1", "/test/m1-test", "/file/01-m1/img/m1.svg"]  # fmt: skip
    posts = ["/publish", "/undo", "/new-module", "/module/m1", "/module/m1/move", "/module/m1/archive",
             "/activity/m1-a/move", "/activity/m1-a/archive", "/module/m1/test-from-bank",
             "/module/m1/new-lesson", "/module/m1/new-question", "/module/m1/new-test",
             "/lesson/m1-a", "/question/m1-i1", "/question/m1-i1/archive", "/test/m1-test"]  # fmt: skip
    for path in pages:
        answer = trainer.get(f"/teach/alt{path}")
        assert answer.status_code == 404, path
        assert len(text_of(answer)) - len(missing) in range(-40, 200), path
    for path in posts:
        answer = trainer.post(f"/teach/alt{path}", data={"csrf_token": token, "to": "up"})
        assert answer.status_code == 404, path


def test_things_of_another_course_are_not_found_through_ones_own(
    house: House, trainer: FlaskClient
) -> None:
    with house.database() as session:
        module = a_module(
            "strain",
            activities=(a_lesson("straina"), a_quiz("strain-test")),
            items=(an_item("strain-1"), an_item("strain-2")),
        )
        make_published(session, replace(a_course("alt", modules=1), modules=(module,)))
        session.commit()
        before = outline.outline(session, authoring.get_course(session, "alt"))
    for path in ("lesson/straina", "question/strain-1", "test/strain-test", "module/strain"):
        assert trainer.get(f"/teach/por/{path}").status_code == 404, path
    token = house.token(trainer)
    for path in ("activity/straina/move", "activity/straina/archive", "module/strain/move",
                 "question/strain-1/archive", "lesson/straina", "question/strain-1",
                 "test/strain-test", "module/strain"):  # fmt: skip
        answer = trainer.post(f"/teach/por/{path}", data={"csrf_token": token, "to": "up"})
        assert answer.status_code == 404, path
    with house.database() as session:
        assert outline.outline(session, authoring.get_course(session, "alt")) == before
