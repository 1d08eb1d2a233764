"""No key before it may be seen: a mark in every part of every kind of question, sought everywhere."""

from __future__ import annotations

import canary_course
import pytest
from attempts import answer, answer_right, asked_in, start, submit
from canary_course import MARK, SECRET_NUMBERS
from flask.testing import FlaskClient
from world import House

from lms.domain.items import Kind

JSON = {"Accept": "application/json"}
PAGES = (
    "/",
    "/course/por",
    "/course/por/module/m1",
    "/course/por/module/m1/why",
    "/course/por/lesson/m1-a",
    "/course/por/quiz/m1-test",
    "/glossary",
    "/badges",
    "/account",
)


@pytest.fixture(scope="module")
def laid(asking: str) -> str:
    """Here the test asks one question of every kind."""
    return asking


def leaks(text: str) -> list[str]:
    return [secret for secret in (MARK, *SECRET_NUMBERS) if secret in text]


def read(client: FlaskClient, path: str) -> str:
    return client.get(path, follow_redirects=True).get_data(as_text=True)


def test_the_marks_are_in_the_bank() -> None:
    """The test can fail: everything sought below is in the items."""
    bank = str([item.to_json() for item in canary_course.every_kind()])
    assert all(secret in bank for secret in (MARK, *SECRET_NUMBERS))


@pytest.mark.parametrize("given", ["nothing", "right", "wrong"])
def test_no_page_of_an_open_attempt_holds_the_key(house: House, given: str) -> None:
    client = house.client("employee")
    uuid = start(house, client)
    asked = asked_in(house, uuid)
    for question in asked:
        if given == "nothing" or question.kind in (Kind.NUMERIC, Kind.SHORT_ANSWER):
            continue
        fields = question.right() if given == "right" else {"": ["2"], "0": ["1"]}
        if question.kind is Kind.TRUE_FALSE and given == "wrong":
            fields = {"": ["0"]}
        if question.kind in (Kind.ORDERING, Kind.MATCHING) and given == "wrong":
            fields = {"0": ["1"]}
        answer(client, uuid, question.position, fields)
    for path in (*PAGES, *(f"/attempt/{uuid}/{n}" for n in range(1, len(asked) + 1))):
        assert leaks(read(client, path)) == [], path
    for path in ("", "/all", "/summary", "/result"):
        assert leaks(read(client, f"/attempt/{uuid}{path}")) == [], path


def test_receipts_and_refusals_say_the_same_for_right_and_wrong(house: House) -> None:
    client = house.client("employee")
    uuid = start(house, client)
    for question in asked_in(house, uuid):
        if question.kind is not Kind.SINGLE:
            continue
        replies = []
        for sequence, option in enumerate(("0", "1", "2")):
            data = {"q": option, "sequence": str(sequence), "key": f"{question.position}-{option}"}
            reply = house.post(client, f"/attempt/{uuid}/{question.position}", data, headers=JSON)
            assert leaks(reply.get_data(as_text=True)) == []
            replies.append({k: v for k, v in reply.get_json().items() if k != "sequence"})
        assert replies[0] == replies[1] == replies[2]


@pytest.mark.parametrize("wrong", [9, 4])
def test_a_failed_attempt_shows_no_key(house: House, wrong: int) -> None:
    client = house.client("employee")
    uuid = start(house, client)
    asked = asked_in(house, uuid)
    for question in asked[: len(asked) - wrong]:
        if question.kind not in (Kind.NUMERIC, Kind.SHORT_ANSWER):
            answer(client, uuid, question.position, question.right())
    submit(client, uuid)
    page = read(client, f"/attempt/{uuid}/result")
    assert "lms-result-fail" in page
    assert leaks(page) == []
    for verdict in ("lms-answer-right", "lms-answer-wrong", "lms-answer-missed", "lms-review-item"):
        assert verdict not in page
    for path in PAGES:
        assert leaks(read(client, path)) == [], path


def test_a_passed_attempt_explains_everything(house: House) -> None:
    client = house.client("employee")
    uuid = start(house, client)
    answer_right(house, client, uuid)
    submit(client, uuid)
    page = read(client, f"/attempt/{uuid}/result")
    assert page.count(f"{MARK} explicația") == 9
    assert f"{MARK} de ce nu" in page
    assert "918.273,645" in page
    assert f"{MARK}-" not in page  # the bank's inner keys are nobody's business


def test_a_self_check_explains_itself_only_once_it_is_answered(house: House) -> None:
    client = house.client("employee")
    path = "/course/por/lesson/m1-a"
    assert leaks(read(client, path)) == []
    empty = house.post(client, f"{path}/check/m1-c1", headers=JSON)
    assert empty.status_code == 400
    assert leaks(empty.get_data(as_text=True)) == []
    answered = house.post(client, f"{path}/check/m1-c1", {"q": "0"}, headers=JSON)
    assert f"{MARK} explicația m1-c1" in answered.get_json()["html"]
    assert f"{MARK} explicația m1-c1" in read(client, path)
    assert leaks(read(house.client("colleague"), path)) == []


def test_the_order_of_the_options_tells_nothing(house: House) -> None:
    """Where the right option stands is drawn anew: χ² over many draws of three places."""
    import random

    body = canary_course.single("x").body
    places = [0, 0, 0]
    for seed in range(2000):
        layout = body.layout(random.Random(seed))  # type: ignore[union-attr]  # no case
        places[layout["order"].index(0)] += 1
    expected = sum(places) / 3
    assert sum((n - expected) ** 2 / expected for n in places) < 13.8  # p = 0.001, 2 degrees
