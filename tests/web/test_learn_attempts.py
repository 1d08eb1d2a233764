"""Taking a test as plain forms: answers, receipts, two windows, double sending, bad input."""

from __future__ import annotations

import re
from typing import Any

import canary_course
import pytest
from attempts import (
    answer,
    answer_right,
    asked_in,
    count_attempts,
    fill,
    start,
    stored,
    submit,
)
from plain_form import form_of
from sqlalchemy import func, select
from world import House

from lms.domain.items import Kind
from lms.models import Credential, Response

MISSING = "00000000-0000-4000-8000-000000000000"
JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def laid(asking: str) -> str:
    """Here the test asks one question of every kind."""
    return asking


def position_of(house: House, uuid: str, kind: Kind) -> int:
    return next(q.position for q in asked_in(house, uuid) if q.kind is kind)


def text_of(answer_: Any) -> str:
    text: str = answer_.get_data(as_text=True)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_a_whole_attempt_as_plain_forms_earns_the_badge(house: House) -> None:
    client = house.client("employee")
    for lesson in ("m1-a", "m1-b"):
        form = form_of(client.get(f"/course/por/lesson/{lesson}"), action="/read")
        assert client.post(form.action, data=form.fields).status_code == 303
    uuid = start(house, client)
    assert {q.kind for q in asked_in(house, uuid)} == set(Kind) - {Kind.CASE}
    answer_right(house, client, uuid)
    sent = submit(client, uuid)
    assert sent.headers["Location"].endswith(f"/attempt/{uuid}/result")
    page = client.get(sent.headers["Location"])
    assert "100%" in text_of(page)
    assert "/badges/" in page.get_data(as_text=True)
    with house.database() as session:
        assert session.scalar(select(func.count(Credential.id))) == 1
    why = client.get("/course/por/module/m1/why")
    assert f"/attempt/{uuid}/result" in why.get_data(as_text=True)


def test_every_answer_shows_its_receipt_and_is_there_again(house: House) -> None:
    client = house.client("employee")
    uuid = start(house, client)
    for question in asked_in(house, uuid):
        before = client.get(f"/attempt/{uuid}/{question.position}").get_data(as_text=True)
        assert "lms-receipt-saved" not in before
        answer(client, uuid, question.position, question.right())
        page = client.get(f"/attempt/{uuid}/{question.position}")
        assert "11:30:00" in text_of(page)  # the server's clock, in Bucharest
        form = form_of(page, id="answer")
        for suffix, values in question.right().items():
            name = f"q-{suffix}" if suffix else "q"
            assert form.fields.getlist(name) == values


def test_going_on_without_a_change_stores_nothing_more(house: House) -> None:
    client = house.client("employee")
    uuid = start(house, client)
    question = asked_in(house, uuid)[0]
    for _ in range(3):
        answer(client, uuid, 1, question.right(), go="2")
    assert len(stored(house, uuid, 1)) == 1
    answer(client, uuid, 2, {}, go="3")
    assert stored(house, uuid, 2) == []


def test_all_on_one_page_saves_every_answer(house: House) -> None:
    client = house.client("employee")
    uuid = start(house, client, view="all")
    assert client.get(f"/attempt/{uuid}").headers["Location"].endswith("/all")
    form = form_of(client.get(f"/attempt/{uuid}/all"), id="answer")
    for question in asked_in(house, uuid):
        fill(form, question.right(), f"q{question.position}")
    sent = client.post(form.action, data={**form.fields.to_dict(flat=False), "go": "summary"})
    assert sent.headers["Location"].endswith("/summary")
    submit(client, uuid)
    assert "100%" in text_of(client.get(f"/attempt/{uuid}/result"))


def test_the_chosen_view_is_remembered(house: House) -> None:
    client = house.client("employee")
    first = start(house, client, view="all")
    submit(client, first)
    house.clock.forward(hours=1)
    page = client.get("/course/por/quiz/m1-test").get_data(as_text=True)
    assert re.search(r'btn-primary"[^>]*value="all"', page)


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("3,14", "3,14"),
        ("1.234", "1.234"),
        ("3.14", "3,14"),
        ("-0", "0"),
        ("4 000 000,5", "4.000.000,5"),
    ],
)
def test_a_number_is_shown_back_as_it_was_understood(
    house: House, typed: str, understood: str
) -> None:
    client = house.client("employee")
    uuid = start(house, client)
    at = position_of(house, uuid, Kind.NUMERIC)
    answer(client, uuid, at, {"": [typed]})
    assert f"{understood} lei" in text_of(client.get(f"/attempt/{uuid}/{at}"))
    assert f"{understood} lei" in text_of(client.get(f"/attempt/{uuid}/summary"))


@pytest.mark.parametrize("typed", ["NaN", "1e999", "inf", "0x10", "٣", "douăzeci", "1_000"])
def test_what_is_no_number_is_kept_and_named_before_sending(house: House, typed: str) -> None:
    client = house.client("employee")
    uuid = start(house, client)
    at = position_of(house, uuid, Kind.NUMERIC)
    sent = answer(client, uuid, at, {"": [typed]}, go=str(at + 1))
    assert sent.headers["Location"].endswith(f"/attempt/{uuid}/{at}")
    page = client.get(f"/attempt/{uuid}/{at}")
    assert form_of(page, id="answer").fields["q"] == typed
    assert 'aria-invalid="true"' in page.get_data(as_text=True)
    summary = client.get(f"/attempt/{uuid}/summary").get_data(as_text=True)
    assert f"/attempt/{uuid}/{at}" in summary
    assert "lms-pill-amber" in summary
    assert stored(house, uuid, at) == [{"text": typed}]


@pytest.mark.parametrize("bad", ["x" * 1_000_000, "a\x00b"])
@pytest.mark.parametrize("view", ["one", "all"])
def test_a_text_nobody_can_store_is_refused_and_the_rest_is_kept(
    house: House, bad: str, view: str
) -> None:
    client = house.client("employee")
    uuid = start(house, client, view=view)
    at = position_of(house, uuid, Kind.SHORT_ANSWER)
    other = next(q for q in asked_in(house, uuid) if q.kind is Kind.SINGLE)
    path = f"/attempt/{uuid}/{'all' if view == 'all' else at}"
    form = form_of(client.get(path), id="answer")
    form.fields["q" if view == "one" else f"q{at}"] = bad
    if view == "all":
        fill(form, other.right(), f"q{other.position}")
    sent = client.post(path, data={**form.fields.to_dict(flat=False), "go": "summary"})
    assert sent.status_code == 400
    assert 'aria-invalid="true"' in sent.get_data(as_text=True)
    assert len(sent.get_data()) < 200_000
    assert stored(house, uuid, at) == []
    if view == "all":
        assert len(stored(house, uuid, other.position)) == 1


def test_another_window_is_never_overwritten_unread(house: House) -> None:
    client = house.client("employee")
    uuid = start(house, client)
    at = position_of(house, uuid, Kind.SINGLE)
    old = form_of(client.get(f"/attempt/{uuid}/{at}"), id="answer")
    answer(client, uuid, at, {"": ["1"]})
    stale = client.post(old.action, data={**old.fields.to_dict(flat=False), "q": "2", "go": "2"})
    assert stale.status_code == 409
    assert len(stored(house, uuid, at)) == 1
    form = form_of(stale, id="answer")
    assert form.fields["q"] == "2"  # what was chosen here is still chosen
    kept = client.post(form.action, data={**form.fields.to_dict(flat=False), "go": "2"})
    assert kept.status_code == 303
    assert len(stored(house, uuid, at)) == 2  # now that both have been seen


def test_another_window_on_the_page_of_all_questions(house: House) -> None:
    client = house.client("employee")
    uuid = start(house, client)
    at = position_of(house, uuid, Kind.SINGLE)
    other = position_of(house, uuid, Kind.TRUE_FALSE)
    form = form_of(client.get(f"/attempt/{uuid}/all"), id="answer")
    answer(client, uuid, at, {"": ["1"]})
    fill(fill(form, {"": ["2"]}, f"q{at}"), {"": ["1"]}, f"q{other}")
    sent = client.post(form.action, data={**form.fields.to_dict(flat=False), "go": "summary"})
    assert sent.headers["Location"].endswith("/all")
    assert len(stored(house, uuid, at)) == 1
    assert len(stored(house, uuid, other)) == 1


def test_the_same_sending_twice_is_stored_once_with_the_same_receipt(house: House) -> None:
    client = house.client("employee")
    uuid = start(house, client)
    data = {"q": "0", "sequence": "0", "key": "abc"}
    receipts = [
        house.post(client, f"/attempt/{uuid}/1", data, headers=JSON).get_json() for _ in range(2)
    ]
    assert receipts[0] == receipts[1]
    assert receipts[0]["sequence"] == 1
    with house.database() as session:
        assert session.scalar(select(func.count(Response.id))) == 1


def test_a_stale_answer_by_script_is_a_conflict(house: House) -> None:
    client = house.client("employee")
    uuid = start(house, client)
    at = position_of(house, uuid, Kind.SINGLE)
    for key, status in (("one", 200), ("two", 409)):
        data = {"q": "1", "sequence": "0", "key": key}
        sent = house.post(client, f"/attempt/{uuid}/{at}", data, headers=JSON)
        assert sent.status_code == status
    assert sent.get_json()["error"] == "newer-answer"


def test_sending_twice_scores_once_and_the_back_button_changes_nothing(house: House) -> None:
    client = house.client("employee")
    uuid = start(house, client)
    form = form_of(client.get(f"/attempt/{uuid}/1"), id="answer")
    confirm = form_of(client.get(f"/attempt/{uuid}/summary"), action="/submit")
    first = client.post(confirm.action, data=confirm.fields)
    again = client.post(confirm.action, data=confirm.fields)
    assert first.headers["Location"] == again.headers["Location"]
    late = client.post(form.action, data={**form.fields.to_dict(flat=False), "q": "0"})
    assert late.status_code == 409
    assert stored(house, uuid, 1) == []
    for page in ("1", "all", "summary"):
        seen = client.get(f"/attempt/{uuid}/{page}")
        assert seen.headers["Location"].endswith("/result")


def test_pressing_start_twice_gives_the_same_attempt(house: House) -> None:
    client = house.client("employee")
    form = form_of(client.get("/course/por/quiz/m1-test"), action="/start")
    places = {
        client.post(form.action, data=form.press("one", "view")).headers["Location"]
        for _ in range(3)
    }
    assert len(places) == 1
    assert count_attempts(house, "employee") == 1


def test_the_attempt_of_somebody_else_does_not_exist(house: House) -> None:
    uuid = start(house, house.client("employee"))
    stranger = house.client("colleague")
    for page in ("", "/1", "/all", "/summary", "/result"):
        theirs, none = (
            stranger.get(f"/attempt/{uuid}{page}"),
            stranger.get(f"/attempt/{MISSING}{page}"),
        )
        assert theirs.status_code == none.status_code == 404
    for path in ("1", "all", "1/flag", "submit"):
        assert house.post(stranger, f"/attempt/{uuid}/{path}", {"q": "0"}).status_code == 404
    assert stored(house, uuid, 1) == []


def test_a_script_learns_that_the_sign_in_is_over(house: House) -> None:
    uuid = start(house, house.client("employee"))
    sent = house.client().post(f"/attempt/{uuid}/1", data={"q": "0"}, headers=JSON)
    assert sent.status_code == 401
    assert sent.get_json() == {"error": "signed-out"}


def test_marking_for_later_saves_the_answer_as_well(house: House) -> None:
    client = house.client("employee")
    uuid = start(house, client)
    at = position_of(house, uuid, Kind.SINGLE)
    form = fill(form_of(client.get(f"/attempt/{uuid}/{at}"), id="answer"), {"": ["1"]})
    sent = client.post(form.action, data=form.press("1", "flag"))
    assert sent.headers["Location"].endswith(f"/attempt/{uuid}/{at}")
    assert len(stored(house, uuid, at)) == 1
    page = client.get(f"/attempt/{uuid}/{at}").get_data(as_text=True)
    assert 'aria-pressed="true"' in page
    assert "is-flagged" in page
    assert "flag-fill" in client.get(f"/attempt/{uuid}/summary").get_data(as_text=True)


def test_a_number_that_cannot_be_read_is_marked_all_the_same(house: House) -> None:
    client = house.client("employee")
    uuid = start(house, client)
    at = position_of(house, uuid, Kind.NUMERIC)
    form = fill(form_of(client.get(f"/attempt/{uuid}/{at}"), id="answer"), {"": ["vreo zece"]})
    client.post(form.action, data=form.press("1", "flag"))
    page = client.get(f"/attempt/{uuid}/{at}").get_data(as_text=True)
    assert "vreo zece" in page
    assert 'aria-pressed="true"' in page


def test_a_failed_attempt_says_what_to_read_and_when_to_try_again(house: House) -> None:
    client = house.client("employee")
    uuid = start(house, client)
    submit(client, uuid)
    page = client.get(f"/attempt/{uuid}/result")
    assert "/course/por/lesson/m1-a" in page.get_data(as_text=True)
    assert "11:40" in text_of(page)
    quiz = client.get("/course/por/quiz/m1-test")
    assert "11:40" in text_of(quiz)
    assert 'data-lms-wait="600"' in quiz.get_data(as_text=True)
    assert house.post(client, "/course/por/quiz/m1-test/start").status_code == 409
    house.clock.forward(minutes=11)
    assert start(house, client) != uuid


def test_after_the_time_limit_the_saved_answers_count(house: House) -> None:
    canary_course.publish(house, time_limit_minutes=5)
    client = house.client("employee")
    uuid = start(house, client)
    question = asked_in(house, uuid)[0]
    answer(client, uuid, 1, question.right())
    assert 'data-lms-timer="300"' in client.get(f"/attempt/{uuid}/2").get_data(as_text=True)
    house.clock.forward(minutes=6)
    assert answer(client, uuid, 2, asked_in(house, uuid)[1].right()).status_code == 409
    submit(client, uuid)
    assert "11%" in text_of(client.get(f"/attempt/{uuid}/result"))  # one of nine


@pytest.mark.parametrize("position", [0, 10, 999999])
def test_a_question_that_is_not_there(house: House, position: int) -> None:
    client = house.client("employee")
    uuid = start(house, client)
    assert client.get(f"/attempt/{uuid}/{position}").status_code == 404
    assert house.post(client, f"/attempt/{uuid}/{position}", {"q": "0"}).status_code == 404


@pytest.mark.parametrize("value", ["99", "-1", "1e3", "٣", "x"])
def test_an_option_that_was_never_offered(house: House, value: str) -> None:
    client = house.client("employee")
    uuid = start(house, client)
    at = position_of(house, uuid, Kind.SINGLE)
    assert answer(client, uuid, at, {"": [value]}).status_code == 400
    assert stored(house, uuid, at) == []
