"""A sign-in that has expired by the time a form is sent: nothing typed is lost, nothing is claimed."""

from __future__ import annotations

import time

import pytest
from attempts import asked_in, fill, start, stored
from flask.testing import FlaskClient
from plain_form import PlainForm, form_of, forms_of
from sqlalchemy import select
from world import PASSWORD, House

from lms.domain.items import Kind
from lms.models import Cohort, Department


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


def answered(house: House, view: str) -> tuple[FlaskClient, str, int, PlainForm]:
    """A page with an answer typed into it, not sent yet."""
    client = house.client("employee")
    uuid = start(house, client, view=view)
    at = position_of(house, uuid, Kind.SINGLE)
    page = f"/attempt/{uuid}/{'all' if view == 'all' else at}"
    form = form_of(client.get(page), id="answer")
    return client, uuid, at, fill(form, {"": ["1"]}, "q" if view == "one" else f"q{at}")


@pytest.mark.parametrize("view", ["one", "all"])
def test_an_answer_from_before_a_sign_in_in_another_tab_is_one_click_from_saved(
    house: House, view: str
) -> None:
    """The page with the answer knows nothing of the new sign-in: its token is none any more."""
    client, uuid, at, form = answered(house, view)
    come_in(client)
    forged = client.post(form.action, data=form.fields, headers={"Sec-Fetch-Site": "same-site"})
    assert forged.status_code == 400
    assert "carried" not in forged.text
    by_script = client.post(form.action, data=form.fields, headers={"Accept": "application/json"})
    assert by_script.json is not None
    assert by_script.json["error"] == "csrf", "the page's own queue keeps it"
    asked = client.post(form.action, data=form.fields)
    assert asked.status_code == 400
    assert "js/arrive.js" not in asked.text, "by the reader, never by the page"
    assert stored(house, uuid, at) == []
    again = form_of(asked, action="/arrive")
    come_in(client)  # and once more, in yet another tab
    asked = client.post(again.action, data=again.fields)
    assert stored(house, uuid, at) == []
    again = form_of(asked, action="/arrive")
    back = client.post(again.action, data=again.fields, follow_redirects=True)
    assert "este acum salvat" in back.text
    assert len(stored(house, uuid, at)) == 1


def test_an_answer_waiting_at_the_door_outlives_a_sign_in_in_another_tab(house: House) -> None:
    _, uuid, at, form = answered(house, "one")
    stranger = house.client()
    door = form_of(stranger.post(form.action, data=form.fields), action="/sign-in")
    door.fill(email="employee@demo.test", password=PASSWORD)
    come_in(stranger)
    asked = form_of(stranger.post(door.action, data=door.fields), action="/arrive")
    assert stored(house, uuid, at) == []
    stranger.post(asked.action, data=asked.fields)
    assert len(stored(house, uuid, at)) == 1


@pytest.mark.parametrize("where", ["/arrive", "/sign-in"])
def test_an_answer_waits_at_the_door_also_when_the_browser_forgot_everything(
    house: House, where: str
) -> None:
    client, uuid, at, form = answered(house, "one")
    come_in(client)
    page = client.post(form.action, data=form.fields)
    if where == "/sign-in":
        page = house.client().post(form.action, data=form.fields)
    waiting = form_of(page, action=where)
    stranger = house.client()
    door = stranger.post(waiting.action, data=waiting.fields)
    assert door.status_code in (400, 401)
    come = form_of(door, action="/sign-in").fill(email="employee@demo.test", password=PASSWORD)
    stranger.post(come.action, data=come.fields)
    assert len(stored(house, uuid, at)) == 1


def test_another_form_from_before_the_sign_in_is_refused_as_ever(house: House) -> None:
    client = house.client("employee")
    form = form_of(client.get(LESSON), action="/read")
    come_in(client)
    refused = client.post(form.action, data=form.fields)
    assert refused.status_code == 400
    assert "/arrive" not in refused.text
    for path in ("/arrive", "/sign-in"):
        unsealed = client.post(path, data={"carried": "an answer of theirs"})
        assert unsealed.status_code == 400
        assert 'name="carried"' not in unsealed.text, "nothing waits there"
    nothing = client.post("/arrive", data={"csrf_token": house.token(client), "carried": "x"})
    assert (nothing.status_code, nothing.location) == (303, "/")


def test_an_answer_waits_at_the_door_for_a_working_day(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The door said that it is kept."""
    _, uuid, at, form = answered(house, "one")
    stranger, moment = house.client(), time.time()
    door = form_of(stranger.post(form.action, data=form.fields), action="/sign-in")
    door.fill(email="employee@demo.test", password=PASSWORD)
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: moment + 8 * 3600)
    stranger.post(door.action, data=door.fields)
    assert len(stored(house, uuid, at)) == 1


def come_in(client: FlaskClient) -> None:
    """Sign in in another tab of the same browser, whose own sign-in has ended."""
    client.delete_cookie("parcurs")
    form = form_of(client.get("/sign-in"), action="/sign-in")
    form.fill(email="employee@demo.test", password=PASSWORD)
    assert client.post(form.action, data=form.fields).status_code == 303


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
def test_where_no_page_of_ours_stands_before_it_the_door_says_it_was_not_done(
    house: House, before: str
) -> None:
    answer = house.client().post(f"{LESSON}/read", headers={"Referer": before})
    assert answer.status_code == 401
    assert form_of(answer, action="/sign-in").fields["next"] == ""
    assert "nu a fost efectuată" in answer.get_data(as_text=True)


@pytest.mark.parametrize("page", ["/admin/people/new", "/admin/import", "/admin/cohorts/new"])
def test_a_stale_page_leads_back_to_a_fresh_one(house: House, page: str) -> None:
    """Signed in anew in another tab: the form's token is none of this sign-in's."""
    form = next(f for f in forms_of(house.client("hr").get(page)) if f.action.endswith(page))
    again = house.client("hr")
    answer = again.post(page, data=form.fields, headers={"Referer": f"http://localhost{page}"})
    assert answer.status_code == 400
    assert f'class="btn btn-primary" href="{page}"' in answer.get_data(as_text=True)
    elsewhere = {"Referer": "https://elsewhere.example/x"}
    answer = again.post(page, data=form.fields, headers=elsewhere)
    assert "elsewhere.example" not in answer.get_data(as_text=True)


def test_a_forms_own_person_is_named_so_that_nobody_elses_text_is_kept(house: House) -> None:
    page = house.client("hr").get("/admin/people/new").get_data(as_text=True)
    assert f'data-lms-person="{house.world.uuid["hr"]}"' in page
    assert "data-lms-person" not in house.client().get("/sign-in").get_data(as_text=True)


def test_what_human_resources_type_is_kept_and_passwords_and_codes_are_not(house: House) -> None:
    hr = house.client("hr")
    with house.database() as session:
        cohort = session.scalars(select(Cohort)).one().uuid
        department = session.scalars(select(Department)).first()
        assert department is not None
        home = f"/admin/department/{department.uuid}"
    forms = {"/admin/people/new": 1, "/admin/import": 1, "/admin/cohorts/new": 1}
    forms |= {f"/admin/cohort/{cohort}": 3, home: 2}
    for path, many in forms.items():
        page = hr.get(path).get_data(as_text=True)
        assert page.count("data-lms-kept ") == many, path
        assert page.count("js/forms.js") == 1, path
    for path in ("/sign-in", "/code", "/account/password", "/admin/codes?source=all"):
        client = house.client() if path in ("/sign-in", "/code") else hr
        assert "data-lms-kept" not in client.get(path).get_data(as_text=True), path


def test_signing_out_twice_asks_for_nothing(house: House) -> None:
    before = {"Referer": f"http://localhost{LESSON}"}
    answer = house.client().post("/sign-out", headers=before)
    assert answer.status_code == 401
    assert "nu a fost efectuată" not in answer.get_data(as_text=True)
