"""Workbook exercises: the sheet, one's own judgement of it, and that nobody else reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from factories import courses as factory
from plain_form import PlainForm, form_of
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from statements import statements
from world import PASSWORD, House

from lms.models import CriterionMet, ModuleCompletion, SelfAssessment

PAGE = "/course/por/exercise/m1-fisa"
NOTE = "Căutăm o sursă pentru fiecare cifră."


@pytest.fixture
def sheet(house: House) -> House:
    """The house with a sheet between the lessons and the test of its first module."""
    with house.database() as session:
        _publish(session)
        session.commit()
    return house


def _publish(session: Session, **changes: Any) -> None:
    course = factory.a_course()
    first, second, quiz = course.modules[0].activities
    files = factory.an_exercise(
        "m1-fisa", task="## Sarcina\n\n[tabel](file:x.csv), [POR](term:por)", **changes
    )
    factory.make_published(
        session, factory.with_module(course, 1, activities=(first, second, files, quiz))
    )


def form(house: House, client: Any) -> PlainForm:
    return form_of(client.get(PAGE), action="/assessment#assessment")


def stored(house: House) -> list[SelfAssessment]:
    with house.database() as session:
        return list(session.scalars(select(SelfAssessment).order_by(SelfAssessment.id)))


def text(answer: Any) -> str:
    html: str = answer.get_data(as_text=True)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_sheet_shows_task_data_files_and_rubric(sheet: House) -> None:
    page = sheet.client("employee").get(PAGE)
    html = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "Sarcina" in html
    assert 'href="/course/por/file/files/x.csv"' in html
    assert "Nu avem un proiect al nostru" in html
    assert 'id="lms-sarcina"' in html
    assert 'id="lms-example--datele-orasului"' in html
    assert html.count('type="radio"') == 9
    assert "Bun <em>3</em>" in html
    assert [html.count(f'value="{n}"') for n in "123"] == [3, 3, 3]
    assert "De refăcut" in html
    assert "lms-paper-box" in html


def test_who_wants_the_test_need_not_pass_by_the_sheet(sheet: House) -> None:
    client = sheet.client("employee")
    last, first = "/course/por/lesson/m1-b", "/course/por/lesson/m1-a"
    form_of_last = form_of(client.get(last), action="/read")
    direct = client.post(f"{last}/read", data=form_of_last.press("test", "go"))
    assert direct.headers["Location"] == "/course/por/quiz/m1-test"
    assert "Direct la test" in text(client.get(last)), "read, and the way stays"
    plain = sheet.post(client, f"{last}/read")
    assert plain.headers["Location"] == PAGE
    assert 'value="test"' not in client.get(first).get_data(as_text=True)
    assert sheet.post(client, f"{first}/read", {"go": "test"}).headers["Location"] == last


def test_files_are_downloads_of_their_own_kind(house: House) -> None:
    with house.database() as session:
        course = factory.a_course()
        sheets = {"files/buget.xlsx": b"PK\x03\x04", "files/lista.csv": b"a;b\n"}
        factory.make_published(session, replace(course, assets=course.assets | sheets))
        session.commit()
    client = house.client("employee")
    for name, kind in (
        ("buget.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("lista.csv", "text/csv"),
    ):
        file = client.get(f"/course/por/file/files/{name}")
        assert file.headers["Content-Type"].partition(";")[0] == kind
        assert file.headers["Content-Disposition"].startswith("attachment;")
        assert name in file.headers["Content-Disposition"]
        assert file.headers["X-Content-Type-Options"] == "nosniff"
        assert file.data == sheets[f"files/{name}"]
    assert client.get("/course/por/file/files/alt.xlsx").status_code == 404


def test_the_route_leads_from_the_lessons_over_the_sheet_to_the_test(sheet: House) -> None:
    client = sheet.client("employee")
    read = sheet.post(client, "/course/por/lesson/m1-b/read")
    assert read.headers["Location"] == PAGE
    assert 'href="/course/por/quiz/m1-test"' in client.get(PAGE).get_data(as_text=True)
    lesson = client.get("/course/por/lesson/m1-b").get_data(as_text=True)
    assert f'href="{PAGE}"' in lesson
    assert "La fișa de lucru" in lesson
    # It completes nothing, so "continue" does not stop at it.
    home = client.get("/").get_data(as_text=True)
    assert 'class="btn btn-lg btn-continue" href="/course/por/lesson/m1-a"' in home


def test_what_is_said_is_kept_shown_and_not_replaced(sheet: House) -> None:
    client = sheet.client("employee")
    first = form(sheet, client).fill(level_c1="1", level_c2="3", note=NOTE, team="Ana, Radu")
    saved = client.post(first.action, data=first.fields)
    assert saved.headers["Location"] == f"{PAGE}#assessment"
    page = client.get(PAGE)
    assert "Autoevaluarea a fost salvată la" in text(page)
    again = form(sheet, client)
    assert again.fields["level-c1"] == "1"
    assert again.fields["level-c2"] == "3"
    assert "level-c3" not in again.fields
    assert again.fields["note"] == NOTE
    sheet.clock.forward(hours=1)
    client.post(again.action, data=again.fill(level_c1="2", note="Gata.").fields)
    page = client.get(PAGE)
    html = page.get_data(as_text=True)
    assert "1 autoevaluare mai veche" in text(page)
    assert NOTE in html[html.index("mai veche") :]
    assert [row.levels for row in stored(sheet)] == [{"c1": 1, "c2": 3}, {"c1": 2, "c2": 3}]
    assert "autoevaluată la" in text(client.get("/course/por/module/m1"))


def test_pressed_twice_it_is_stored_once_and_written_on_it_is_one_more(sheet: House) -> None:
    client = sheet.client("employee")
    sent = form(sheet, client).fill(level_c1="1")
    for _ in range(2):
        assert client.post(sent.action, data=sent.fields).status_code == 303
    assert len(stored(sheet)) == 1
    # The browser's "back" shows the page with its old key; what is written then is not lost.
    client.post(sent.action, data=sent.fill(note="Încă ceva").fields)
    assert [row.note for row in stored(sheet)] == ["", "Încă ceva"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "nu s-a salvat nimic"),
        ({"note": "x" * 4001}, "peste 4000"),
        ({"team": "x" * 401}, "peste 400"),
        ({"level-c1": "4", "note": "păstrat"}, ""),
        ({"level-nu": "1", "note": "păstrat"}, ""),
        ({"note": "a\x00b"}, ""),
    ],
)
def test_a_refused_form_comes_back_with_what_was_written(
    sheet: House, fields: dict[str, str], words: str
) -> None:
    client = sheet.client("employee")
    answer = sheet.post(client, f"{PAGE}/assessment", fields)
    assert answer.status_code == 400
    assert words in text(answer)
    assert stored(sheet) == []
    if fields.get("note", "").isprintable():
        assert form_of(answer, action="/assessment#assessment").fields["note"] == fields.get(
            "note", ""
        )


def test_line_ends_of_the_browser_do_not_count_twice(sheet: House) -> None:
    client = sheet.client("employee")
    note = "\r\n".join(["x" * 7] * 500)  # 3,999 characters as one sees them
    assert sheet.post(client, f"{PAGE}/assessment", {"note": note}).status_code == 303
    assert stored(sheet)[0].note == "\n".join(["x" * 7] * 500)


def test_it_counts_for_nothing_and_starts_nothing(sheet: House) -> None:
    client = sheet.client("employee")
    before = text(sheet.client("manager").get("/team/por"))
    sheet.post(client, f"{PAGE}/assessment", {"level-c1": "3", "note": NOTE})
    with sheet.database() as session:
        assert session.scalar(select(func.count(CriterionMet.id))) == 0
        assert session.scalar(select(func.count(ModuleCompletion.id))) == 0
    assert text(sheet.client("manager").get("/team/por")) == before


WALKED = {
    "manager": ("/team/por", "/team/por?unfinished=m1", "/team/export/por"),
    "hr": ("/team/por", "/admin/people"),
    "trainer": ("/teach/por", "/teach/por/people", "/teach/por/exercise/m1-fisa"),
    "admin": ("/admin/people",),
}


def _pages(house: House) -> Iterator[tuple[str, str]]:
    person = house.world.uuid["employee"]
    more = {"manager": f"/team/por/person/{person}", "admin": f"/admin/people/{person}"}
    for role, paths in WALKED.items():
        for path in (*paths, more.get(role, paths[0])):
            yield role, path


def test_nobody_else_reads_what_was_said(sheet: House) -> None:
    sheet.post(
        sheet.client("employee"),
        f"{PAGE}/assessment",
        {"note": NOTE, "team": "Zenobia", "level-c1": "1"},
    )
    seen = 0
    for role, path in _pages(sheet):
        answer = sheet.client(role).get(path)
        seen += answer.status_code == 200
        body = answer.get_data(as_text=True)
        assert NOTE not in body
        assert "Zenobia" not in body
    assert seen >= 5
    other = sheet.client("colleague").get(PAGE).get_data(as_text=True)
    assert NOTE not in other


def test_a_sheet_of_another_version_keeps_its_own_words(sheet: House) -> None:
    client = sheet.client("employee")
    sheet.post(client, f"{PAGE}/assessment", {"level-c1": "3"})
    with sheet.database() as session:
        _publish(session, criteria=4, summary="Alta")
        session.commit()
    sheet.post(client, f"{PAGE}/assessment", {"level-c4": "2"})
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "Criteriul 1 : Convingător" in text(page)


def test_sent_after_the_sign_in_expired_it_is_saved_behind_the_door(sheet: House) -> None:
    page = form(sheet, sheet.client("employee")).fill(level_c1="2", note=NOTE)
    stranger = sheet.client()
    door = stranger.post(page.action, data=page.fields)
    assert door.status_code == 401
    sign_in = form_of(door, action="/sign-in").fill(email="employee@demo.test", password=PASSWORD)
    back = stranger.post("/sign-in", data=sign_in.fields)
    assert back.headers["Location"] == f"{PAGE}#assessment"
    assert [row.note for row in stored(sheet)] == [NOTE]


def test_what_was_carried_is_not_saved_for_somebody_else(sheet: House) -> None:
    page = form(sheet, sheet.client("employee")).fill(level_c1="2", note=NOTE)
    stranger = sheet.client()
    door = form_of(stranger.post(page.action, data=page.fields), action="/sign-in")
    door.fill(email="colleague@demo.test", password=PASSWORD)
    assert stranger.post("/sign-in", data=door.fields).headers["Location"] == "/"
    assert stored(sheet) == []


def test_the_longest_note_is_carried_too(sheet: House) -> None:
    note = "".join(chr(0x4E00 + n * 7 % 20000) for n in range(4000))
    page = form(sheet, sheet.client("employee")).fill(note=note)
    stranger = sheet.client()
    door = form_of(stranger.post(page.action, data=page.fields), action="/sign-in")
    door.fill(email="employee@demo.test", password=PASSWORD)
    stranger.post("/sign-in", data=door.fields)
    assert [row.note for row in stored(sheet)] == [note]


def test_queries_of_the_sheet(sheet: House) -> None:
    client = sheet.client("employee")
    for number in range(3):
        sheet.post(client, f"{PAGE}/assessment", {"level-c1": "1", "note": str(number)})
    client.get(PAGE)
    with sheet.database() as session, statements(session) as sent:
        assert client.get(PAGE).status_code == 200
    assert len(sent) <= 4, sent
    data = {"csrf_token": sheet.token(client), "level-c1": "1", "key": "k", "note": "y"}
    with sheet.database() as session, statements(session) as sent:
        assert client.post(f"{PAGE}/assessment", data=data).status_code == 303
    assert len(sent) <= 3, sent


def test_a_sheet_that_is_none_is_not_found(sheet: House) -> None:
    client = sheet.client("employee")
    for path in ("/course/por/exercise/m1-a", "/course/por/exercise/x", "/course/x/exercise/y"):
        assert client.get(path).status_code == 404
        assert sheet.post(client, f"{path}/assessment", {"note": "x"}).status_code == 404
    assert client.get("/course/por/lesson/m1-fisa").status_code == 404
