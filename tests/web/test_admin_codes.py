"""One-time codes and links: shown once, stored as hashes, asked for and handed out."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from admin_room import MISSING, everything, text_of
from factories.people import make_person
from plain_form import forms_of
from sqlalchemy import select
from world import House

from lms.models import AccessCode, Cohort, HelpRequest, Person
from lms.services import choosing

CODE = re.compile(r'<p class="lms-slip-code">([^<]*)</p>')


def since(house: House) -> dict[str, str]:
    return {"since": house.clock.moment.isoformat()}


def people(house: House, *roles: str) -> list[str]:
    return [house.world.uuid[role] for role in roles]


def print_for(house: House, client: Any, *roles: str, **more: str) -> Any:
    data = {"person": people(house, *roles), **since(house), **more}
    return house.post(client, "/admin/codes", data)


def redeem(house: House, code: str) -> Any:
    client = house.client()
    client.get("/code")
    page = text_of(client.get("/code"))
    token = page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    return client.post("/code", data={"csrf_token": token, "code": code})


def test_one_chooses_for_whom(house: House) -> None:
    with house.database() as session:
        make_person(session, "Nouă Ana")
        make_person(session, "Plecată Ana", suspended_at=house.clock.moment)
        session.commit()
        cohort = session.scalars(select(Cohort)).one()
    client = house.client("hr")
    new = text_of(client.get("/admin/codes?source=all&only=new"))
    assert "Nouă Ana" in new
    assert "Plecată Ana" not in new
    assert "Persoana Employee" not in new
    everyone = text_of(client.get("/admin/codes?source=all&only=all"))
    assert "Persoana Employee" in everyone
    assert f'value="{house.world.uuid["admin"]}"' not in everyone
    of_cohort = text_of(client.get(f"/admin/codes?source=cohort:{cohort.uuid}&only=all"))
    assert of_cohort.count('name="person"') == 3


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("source=nobody", 400),
        (f"source=cohort:{MISSING}", 400),
        (f"source=import:{MISSING}", 404),
        ("source=import:%00", 404),
        ("source=all&only=admins", 400),
        ("source=", 200),
    ],
)
def test_a_choice_that_is_none(house: House, query: str, status: int) -> None:
    assert house.client("hr").get(f"/admin/codes?{query}").status_code == status


def test_more_than_fit_on_a_sheet_are_narrowed_where_one_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "MOST", 2)
    answer = house.client("hr").get("/admin/codes?source=all&only=all")
    assert answer.status_code == 400
    page = text_of(answer)
    assert "Alegeți o grupă sau un compartiment" in page
    assert '<select aria-describedby="source-error"' in page
    assert 'name="person"' not in page


def test_the_printed_codes_let_each_person_in_once(house: House) -> None:
    hr = house.client("hr")
    answer = print_for(house, hr, "employee", "colleague")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    page = text_of(answer)
    codes = CODE.findall(page)
    assert len(set(codes)) == 2
    assert page.count('<article class="lms-slip">') == 2
    assert "employee@demo.test" in page
    assert "http://localhost/code" in page
    house.clock.forward(minutes=5)
    assert redeem(house, codes[0].lower().replace("-", " ")).status_code == 303
    assert redeem(house, codes[0]).status_code == 400


def test_codes_are_in_no_table_and_in_no_log(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hr = house.client("hr")
    codes = CODE.findall(text_of(print_for(house, hr, "employee")))
    link_page = text_of(
        house.post(hr, f"/admin/person/{house.world.uuid['other']}/link", since(house))
    )
    link = re.search(r"/link/([A-Za-z0-9_-]{20,})", link_page)
    assert link is not None
    stored = repr(everything(house))
    for secret in (codes[0], codes[0].replace("-", ""), link[1]):
        assert secret not in stored
        assert secret not in caplog.text
    with hr.session_transaction() as cookie:
        assert link[1] not in repr(dict(cookie))
        assert codes[0] not in repr(dict(cookie))


def test_a_second_click_or_a_reload_replaces_nothing(house: House) -> None:
    """The slips may be on paper already: the first codes go on working."""
    hr = house.client("hr")
    page_shown_at = since(house)
    first = CODE.findall(text_of(print_for(house, hr, "employee")))
    house.clock.forward(seconds=1)
    again = print_for(house, hr, "employee", **page_shown_at)
    assert again.status_code == 409
    assert CODE.findall(text_of(again)) == []
    assert redeem(house, first[0]).status_code == 303


@pytest.mark.parametrize(
    ("path", "shown"),
    [("/admin/codes", CODE), ("/code", CODE), ("/link", re.compile("/link/\\S+<"))],
)
def test_who_clicked_twice_without_javascript_still_gets_a_code(
    house: House, path: str, shown: re.Pattern[str]
) -> None:
    """The browser drops the first answer, with the codes, and shows the second one."""
    hr, uuid = house.client("hr"), house.world.uuid["employee"]
    address = path if path.startswith("/admin") else f"/admin/person/{uuid}{path}"
    data = {"person": [uuid], **since(house)}
    assert shown.search(text_of(house.post(hr, address, data)))
    house.clock.forward(seconds=1)
    second = house.post(hr, address, data)
    assert second.status_code == 409
    assert not shown.search(text_of(second))
    on = next(form for form in forms_of(second) if "since" in form.fields)
    house.clock.forward(seconds=1)
    again = hr.post(on.action or address, data=on.fields)
    assert again.status_code == 200
    assert shown.search(text_of(again))


def test_from_a_fresh_page_new_codes_replace_the_old(house: House) -> None:
    hr = house.client("hr")
    first = CODE.findall(text_of(print_for(house, hr, "employee")))
    house.clock.forward(minutes=1)
    second = CODE.findall(text_of(print_for(house, hr, "employee")))
    assert second
    assert redeem(house, first[0]).status_code == 400
    assert redeem(house, second[0]).status_code == 303


def test_an_administrator_among_those_ticked_stops_it_all(house: House) -> None:
    answer = print_for(house, house.client("hr"), "employee", "admin")
    assert answer.status_code == 403
    with house.database() as session:
        assert session.scalars(select(AccessCode)).all() == []
    assert print_for(house, house.client("admin"), "employee", "admin").status_code == 200


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({}, 400),
        ({"person": [MISSING]}, 404),
        ({"person": ["\x00"]}, 404),
        ({"person": [f"{n:036d}" for n in range(1_001)]}, 400),
        ({"person": ["employee"], "since": ""}, 400),
        ({"person": ["employee"], "since": "yesterday"}, 400),
        ({"person": ["employee"], "since": "0001-01-01T00:00:00+14:00"}, 400),
        ({"person": ["employee"], "since": "2026-03-02T09:30:00"}, 400),
    ],
)
def test_codes_for_nobody(house: House, data: dict[str, Any], status: int) -> None:
    named = [house.world.uuid.get(p, p) for p in data.get("person", [])]
    answer = house.post(
        house.client("hr"), "/admin/codes", {**since(house), **data, "person": named}
    )
    assert answer.status_code == status
    with house.database() as session:
        assert session.scalars(select(AccessCode)).all() == []


def test_a_link_opens_without_being_used_up(house: House) -> None:
    hr = house.client("hr")
    page = text_of(house.post(hr, f"/admin/person/{house.world.uuid['other']}/link", since(house)))
    link = re.search(r"http://localhost(/link/[A-Za-z0-9_-]+)", page)
    assert link is not None
    stranger = house.client()
    for _look in range(2):
        assert stranger.get(link[1]).status_code == 200


def ask_for_help(house: House, account: str) -> None:
    client = house.client()
    page = text_of(client.get("/forgotten"))
    token = page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    client.post("/forgotten", data={"csrf_token": token, "account": account})


def test_who_waits_is_seen_and_helped(house: House) -> None:
    ask_for_help(house, "employee@demo.test")
    ask_for_help(house, "colleague@demo.test")
    ask_for_help(house, "nobody@demo.test")
    hr = house.client("hr")
    page = text_of(hr.get("/admin/requests"))
    assert "Persoana Employee" in page
    assert "(2)" in page  # beside the tab
    path = f"/admin/person/{house.world.uuid['employee']}/code"
    assert house.post(hr, path, since(house)).status_code == 200
    page = text_of(hr.get("/admin/requests"))
    assert "Persoana Employee" not in page
    with house.database() as session:
        waiting = session.scalars(
            select(HelpRequest).where(HelpRequest.resolved_at.is_(None))
        ).one()
    for _click in range(2):
        answer = house.post(hr, f"/admin/request/{waiting.uuid}/resolve")
        assert answer.status_code == 303
    hr.get("/admin/requests")
    assert "Persoana Colleague" not in text_of(hr.get("/admin/requests"))
    assert house.post(hr, f"/admin/request/{MISSING}/resolve").status_code == 404


def test_hr_sees_an_administrators_request_but_cannot_answer_it(house: House) -> None:
    ask_for_help(house, "admin@demo.test")
    page = text_of(house.client("hr").get("/admin/requests"))
    assert "Persoana Admin" in page
    assert f"/person/{house.world.uuid['admin']}/code" not in page
    mine = text_of(house.client("admin").get("/admin/requests"))
    assert f"/person/{house.world.uuid['admin']}/code" in mine


def test_every_slip_says_how_to_sign_in_afterwards(house: House) -> None:
    with house.database() as session:
        shared = make_person(session, "Fără Poștă", email=None, staff_number="M-417")
        session.commit()
        uuid = shared.uuid
    hr = house.client("hr")
    page = text_of(house.post(hr, "/admin/codes", {"person": [uuid], **since(house)}))
    assert "M-417" in page
    with house.database() as session:
        assert (
            session.scalars(select(Person).where(Person.uuid == uuid)).one().password_hash is None
        )
