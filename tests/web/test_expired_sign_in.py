"""A sign-in that has expired by the time a form is sent: nothing typed is lost, nothing is claimed."""

from __future__ import annotations

import pytest
from attempts import asked_in, fill, start, stored
from plain_form import form_of
from world import PASSWORD, House

from lms.domain.items import Kind


@pytest.fixture(scope="module")
def laid(asking: str) -> str:
    """Here the test asks one question of every kind."""
    return asking


def position_of(house: House, uuid: str, kind: Kind) -> int:
    return next(q.position for q in asked_in(house, uuid) if q.kind is kind)


@pytest.mark.parametrize("view", ["one", "all"])
def test_an_answer_sent_after_the_sign_in_expired_is_saved_behind_the_door(
    house: House, view: str
) -> None:
    client = house.client("employee")
    uuid = start(house, client, view=view)
    at = position_of(house, uuid, Kind.SINGLE)
    page = f"/attempt/{uuid}/{'all' if view == 'all' else at}"
    form = fill(
        form_of(client.get(page), id="answer"), {"": ["1"]}, "q" if view == "one" else f"q{at}"
    )
    stranger = house.client()  # the same page, the cookie gone
    door = stranger.post(page, data=form.fields)
    assert door.status_code == 401
    sign_in = form_of(door, action="/sign-in").fill(email="employee@demo.test", password=PASSWORD)
    back = stranger.post("/sign-in", data=sign_in.fields)
    assert back.headers["Location"].endswith(page)
    assert len(stored(house, uuid, at)) == 1


def test_what_became_of_a_carried_answer_is_said_in_the_persons_language(house: House) -> None:
    client = house.client("employee")
    uuid = start(house, client)
    at = position_of(house, uuid, Kind.SINGLE)
    form = fill(form_of(client.get(f"/attempt/{uuid}/{at}"), id="answer"), {"": ["1"]})
    house.post(client, "/language", {"language": "en"})
    stranger = house.client()  # the door asks in Romanian: nobody is known there
    door = form_of(stranger.post(form.action, data=form.fields), action="/sign-in")
    door.fill(email="employee@demo.test", password=PASSWORD)
    back = stranger.post("/sign-in", data=door.fields, follow_redirects=True)
    assert "Your answer was kept and is now saved." in back.text


def test_a_carried_answer_is_not_saved_for_somebody_else(house: House) -> None:
    client = house.client("employee")
    uuid = start(house, client)
    form = fill(form_of(client.get(f"/attempt/{uuid}/1"), id="answer"), {"": ["1"]})
    stranger = house.client()
    door = form_of(stranger.post(form.action, data=form.fields), action="/sign-in")
    door.fill(email="colleague@demo.test", password=PASSWORD)
    assert stranger.post("/sign-in", data=door.fields).headers["Location"] == "/"
    assert stored(house, uuid, 1) == []


@pytest.mark.parametrize("view", ["one", "all"])
@pytest.mark.parametrize("given", [None, ["1"]])
def test_only_what_was_really_saved_is_announced_behind_the_door(
    house: House, view: str, given: list[str] | None
) -> None:
    client = house.client("employee")
    uuid = start(house, client, view=view)
    at = position_of(house, uuid, Kind.SINGLE)
    page = f"/attempt/{uuid}/{'all' if view == 'all' else at}"
    form = form_of(client.get(page), id="answer")
    if given:
        fill(form, {"": given}, "q" if view == "one" else f"q{at}")
    stranger = house.client()
    door = form_of(stranger.post(page, data=form.fields), action="/sign-in")
    door.fill(email="employee@demo.test", password=PASSWORD)
    back = stranger.post("/sign-in", data=door.fields, follow_redirects=True)
    assert back.request.path == page
    assert ("este acum salvat" in back.get_data(as_text=True)) is (given is not None)
    assert len(stored(house, uuid, at)) == (0 if given is None else 1)


LESSON = "/course/por/lesson/m1-a"


@pytest.mark.parametrize("query", ["", "?a=1"])
def test_whoever_sent_something_else_is_told_and_comes_back_to_the_page(
    house: House, query: str
) -> None:
    form = form_of(house.client("employee").get(LESSON), action="/read")
    stranger = house.client()
    before = {"Referer": f"http://localhost{LESSON}{query}"}
    door = stranger.post(form.action, data=form.fields, headers=before, follow_redirects=True)
    assert door.request.path == "/sign-in"
    assert "nu a fost efectuată" in door.get_data(as_text=True)
    sign_in = form_of(door, action="/sign-in").fill(email="employee@demo.test", password=PASSWORD)
    back = stranger.post("/sign-in", data=sign_in.fields)
    assert back.headers["Location"] == f"{LESSON}{query}"
    assert "nu a fost efectuată" not in stranger.get(LESSON).get_data(as_text=True), "said once"


@pytest.mark.parametrize(
    "before",
    [
        "",
        "https://elsewhere.example/course/por/lesson/m1-a",
        "http://localhost/course/por/lesson/m1-a/read",
        "http://localhost//elsewhere.example/",
        "http://[",
        "about:blank",
    ],
)
def test_where_no_page_of_ours_stands_before_it_there_is_only_the_door(
    house: House, before: str
) -> None:
    answer = house.client().post(f"{LESSON}/read", headers={"Referer": before})
    assert answer.status_code == 401
    assert form_of(answer, action="/sign-in").fields["next"] == ""


def test_signing_out_twice_asks_for_nothing(house: House) -> None:
    before = {"Referer": f"http://localhost{LESSON}"}
    answer = house.client().post("/sign-out", headers=before)
    assert answer.status_code == 401
    assert "nu a fost efectuată" not in answer.get_data(as_text=True)
