"""HR and the administrator with people: the list, a person's page, who may do what."""

from __future__ import annotations

from typing import Any

import pytest
from admin_room import MISSING, text_of
from factories.people import make_person
from sqlalchemy import select
from statements import statements
from world import House

from lms.models import (
    AuditEntry,
    Course,
    CourseTrainer,
    DepartmentHead,
    Enrolment,
    Person,
    SignIn,
)


def person_of(house: House, role: str) -> Person:
    with house.database() as session:
        return session.get_one(Person, house.world.person[role])


def path_of(house: House, role: str, act: str = "") -> str:
    return f"/admin/person/{house.world.uuid[role]}" + (f"/{act}" if act else "")


def add(house: House, client: Any, **fields: str) -> Any:
    data = {"name": "", "email": "", "staff_number": "", "department": "", **fields}
    return house.post(client, "/admin/people/new", data)


def test_the_list_searches_without_diacritics_and_keeps_its_filters(house: House) -> None:
    with house.database() as session:
        make_person(session, "Ștefania Țurcanu", email="st@demo.test")
        session.commit()
    client = house.client("hr")
    page = text_of(client.get("/admin/people?q=TURCANU stefania"))
    assert "Ștefania Țurcanu" in page
    assert "Persoana Employee" not in page
    assert 'value="TURCANU stefania"' in page


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("page=-1", 400),
        ("page=0", 400),
        ("page=99999999999999999999", 400),
        ("page=%D9%A3", 400),
        ("page=9999", 200),
        ("status=password_hash", 400),
        ("department=" + MISSING, 404),
        ("department=%00", 404),
        ("q=%00", 400),
        ("q=" + "x" * 101, 400),
        ("q=%25_%27%22%3Cscript%3E", 200),
        ("sort=password_hash&per_page=1e9", 200),
    ],
)
def test_every_address_gets_a_clear_answer(house: House, query: str, status: int) -> None:
    answer = house.client("hr").get(f"/admin/people?{query}")
    assert answer.status_code == status
    assert "<script>" not in answer.get_data(as_text=True)


def test_the_list_costs_the_same_for_one_and_for_fifty(house: House) -> None:
    client = house.client("hr")
    with house.database() as session, statements(session) as few:
        client.get("/admin/people?q=employee")
    with house.database() as session:
        for number in range(60):
            make_person(session, f"Om {number}")
        session.commit()
    with house.database() as session, statements(session) as many:
        assert text_of(client.get("/admin/people")).count('<th scope="row">') == 50
    assert len(few) == len(many) <= 8


def test_adding_a_person_leads_to_their_page(house: House) -> None:
    client = house.client("hr")
    answer = add(house, client, name="  Ana   Şerban ", email="Ana.Serban@demo.test")
    assert answer.status_code == 303
    page = text_of(client.get(answer.headers["Location"]))
    assert "Ana Șerban" in page  # comma below, one space
    assert "Has no password yet" in page or "Nu are" in page
    with house.database() as session:
        made = session.scalars(select(Person).where(Person.name == "Ana Șerban")).one()
        assert (made.is_admin, made.password_hash, made.suspended_at) == (False, None, None)


def test_a_double_click_on_add_makes_one_person(house: House) -> None:
    client = house.client("hr")
    add(house, client, name="Ana Pop", email="ana@demo.test")
    again = add(house, client, name="Ana Pop", email=" ANA@demo.test ")
    assert again.status_code == 409
    assert "Ana Pop" in text_of(again)
    with house.database() as session:
        assert len(session.scalars(select(Person).where(Person.name == "Ana Pop")).all()) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "Ana"},  # nothing to sign in with
        {"name": "Ana", "email": "not an address"},
        {"name": "Ana", "email": "Employee@DEMO.test"},  # taken, in other letters
        {"name": "Ana", "email": "аna@demo.test"},  # a Cyrillic а
        {"name": "A\x00na", "email": "a@demo.test"},
        {"name": "x" * 1_000_000, "email": "a@demo.test"},
        {"name": "Ana", "staff_number": "1800101221144"},  # a CNP
        {"name": "Ana", "staff_number": "12\u202e34 <b>"},
        {"name": "Ana", "email": "a@demo.test", "department": MISSING},
        {"name": "Ana", "email": "a@demo.test", "department": "\x00"},
    ],
)
def test_bad_details_are_refused_beside_their_field(house: House, fields: dict[str, str]) -> None:
    with house.database() as session:
        before = len(session.scalars(select(Person.id)).all())
    answer = add(house, house.client("hr"), **fields)
    assert answer.status_code in {400, 409}
    assert "lms-error" in text_of(answer)
    with house.database() as session:
        assert len(session.scalars(select(Person.id)).all()) == before


def test_fields_that_no_form_has_change_nothing(house: House) -> None:
    """A-015: only declared fields are read."""
    client = house.client("hr")
    answer = house.post(
        client,
        path_of(house, "employee", "edit"),
        {
            "name": "Alt Nume",
            "email": "employee@demo.test",
            "staff_number": "",
            "department": "",
            "is_admin": "1",
            "password_hash": "x",
            "subject": "root",
            "suspended_at": "2020-01-01",
            "id": "1",
            "uuid": MISSING,
        },
    )
    assert answer.status_code == 303
    after = person_of(house, "employee")
    assert after.name == "Alt Nume"
    assert after.uuid == house.world.uuid["employee"]
    assert not after.is_admin
    assert after.subject is None
    assert after.suspended_at is None
    assert after.password_hash is not None
    assert after.password_hash.startswith("$argon2id$")


def test_whoever_is_suspended_is_out_at_the_next_request(house: House) -> None:
    theirs = house.client("employee")
    assert theirs.get("/").status_code == 200
    hr = house.client("hr")
    assert house.post(hr, path_of(house, "employee", "suspend")).status_code == 303
    assert theirs.get("/").status_code == 303
    hr.get("/admin/people")  # takes the notice
    assert "Persoana Employee" not in text_of(hr.get("/admin/people"))
    assert "Persoana Employee" in text_of(hr.get("/admin/people?status=suspended"))
    for act in ("code", "link"):
        since = {"since": house.clock.moment.isoformat()}
        assert house.post(hr, path_of(house, "employee", act), since).status_code == 409
    house.post(hr, path_of(house, "employee", "reinstate"))
    assert person_of(house, "employee").suspended_at is None
    assert theirs.get("/").status_code == 303  # the old sign-in stays ended


def test_signing_somebody_out_everywhere(house: House) -> None:
    theirs = [house.client("employee"), house.client("employee")]
    hr = house.client("hr")
    house.post(hr, path_of(house, "employee", "sign-out"))
    assert [c.get("/").status_code for c in theirs] == [303, 303]
    with house.database() as session:
        open_ones = select(SignIn).where(
            SignIn.person_id == house.world.person["employee"], SignIn.revoked_at.is_(None)
        )
        assert session.scalars(open_ones).all() == []
        verbs = session.scalars(select(AuditEntry.verb)).all()
    assert "person.sign-out" in verbs


def test_hr_cannot_touch_an_administrator(house: House) -> None:
    """Else HR would become administrator by giving themselves the administrator's code."""
    hr = house.client("hr")
    since = {"since": house.clock.moment.isoformat()}
    for act in ("suspend", "sign-out", "code", "link"):
        assert house.post(hr, path_of(house, "admin", act), since).status_code == 403, act
    fields = {"name": "X Y", "email": "hr2@demo.test", "staff_number": "", "department": ""}
    assert house.post(hr, path_of(house, "admin", "edit"), fields).status_code == 403
    page = text_of(hr.get(path_of(house, "admin")))
    assert "/code" not in page.split("<main", 1)[1]
    assert person_of(house, "admin").name == "Persoana Admin"


def test_only_an_administrator_makes_administrators(house: House) -> None:
    path = path_of(house, "employee", "administrator")
    for role in ("employee", "manager", "hr", "trainer"):
        assert house.post(house.client(role), path, {"to": "yes"}).status_code == 403
    admin = house.client("admin")
    assert house.post(admin, path, {"to": "maybe"}).status_code == 400
    assert house.post(admin, path, {"to": "yes"}).status_code == 303
    assert person_of(house, "employee").is_admin
    assert house.post(admin, path, {"to": "no"}).status_code == 303
    assert not person_of(house, "employee").is_admin


def test_the_last_administrator_stays(house: House) -> None:
    """A-020"""
    admin = house.client("admin")
    answers = [
        house.post(admin, path_of(house, "admin", "administrator"), {"to": "no"}),
        house.post(admin, path_of(house, "admin", "suspend")),
    ]
    assert [a.status_code for a in answers] == [409, 409]
    kept = person_of(house, "admin")
    assert kept.is_admin
    assert kept.suspended_at is None


def test_rights_are_read_anew_with_every_request(house: House) -> None:
    """A-006: HR who no longer leads the institution is out at once."""
    hr = house.client("hr")
    assert hr.get("/admin/people").status_code == 200
    with house.database() as session:
        root = person_of(house, "hr").department_id
        for head in session.scalars(
            select(DepartmentHead).where(DepartmentHead.department_id == root)
        ):
            session.delete(head)
        session.commit()
    assert hr.get("/admin/people").status_code == 403


def test_enrolling_one_person_and_ending_it(house: House) -> None:
    hr = house.client("hr")
    with house.database() as session:
        course = session.get_one(Course, house.world.course_id)
    data = {"into": f"course:{course.key}"}
    for _click in range(2):
        assert house.post(hr, path_of(house, "trainer", "enrol"), data).status_code == 303
    with house.database() as session:
        theirs = select(Enrolment).where(Enrolment.person_id == house.world.person["trainer"])
        made = session.scalars(theirs).one()
    end = path_of(house, "trainer", f"enrolment/{made.uuid}/end")
    assert house.post(hr, end).status_code == 303
    assert house.post(hr, end).status_code == 303
    with house.database() as session:
        assert session.scalars(theirs).one().ended_at is not None
    assert house.post(hr, path_of(house, "trainer", "enrol"), data).status_code == 303
    with house.database() as session:
        assert session.scalars(theirs).one().ended_at is None


def test_an_enrolment_is_ended_only_through_its_own_person(house: House) -> None:
    with house.database() as session:
        other = session.get_one(Enrolment, house.world.enrolment["other"])
    hr = house.client("hr")
    answers = [
        house.post(hr, path_of(house, "employee", f"enrolment/{uuid}/end"))
        for uuid in (other.uuid, MISSING, "\x00")
    ]
    assert [a.status_code for a in answers] == [404, 404, 404]
    with house.database() as session:
        assert session.get_one(Enrolment, other.id).ended_at is None


@pytest.mark.parametrize("into", ["", "course:", "course:nope", "cohort:x", "department:1", "\x00"])
def test_enrolling_into_nothing_is_no_page(house: House, into: str) -> None:
    answer = house.post(house.client("hr"), path_of(house, "trainer", "enrol"), {"into": into})
    assert answer.status_code == 404


def test_making_a_trainer_and_back(house: House) -> None:
    hr = house.client("hr")
    with house.database() as session:
        key = session.get_one(Course, house.world.course_id).key
    theirs = select(CourseTrainer).where(CourseTrainer.person_id == house.world.person["employee"])
    for _click in range(2):
        answer = house.post(hr, path_of(house, "employee", "trainer"), {"course": key})
        assert answer.status_code == 303
    with house.database() as session:
        assert len(session.scalars(theirs).all()) == 1
    assert house.client("employee").get("/teach", follow_redirects=True).status_code != 403
    house.post(hr, path_of(house, "employee", "trainer/end"), {"course": key})
    with house.database() as session:
        assert session.scalars(theirs).all() == []
    answer = house.post(hr, path_of(house, "employee", "trainer"), {"course": "nope"})
    assert answer.status_code == 404


@pytest.mark.parametrize("role", ["employee", "manager", "trainer"])
def test_others_do_not_enter(house: House, role: str) -> None:
    client = house.client(role)
    for path in ("/admin/people", path_of(house, "employee"), "/admin/import", "/admin/codes"):
        assert client.get(path).status_code == 403


def test_nobody_is_found_at_a_missing_address(house: House) -> None:
    client = house.client("hr")
    for uuid in (MISSING, "x", "%00", "1"):
        assert client.get(f"/admin/person/{uuid}").status_code == 404


def test_no_page_of_a_person_names_ethnicity_or_cnp_fields(house: House) -> None:
    client = house.client("admin")
    form = text_of(client.get("/admin/people/new"))
    assert 'name="cnp"' not in form
    assert "etni" not in form.lower()
