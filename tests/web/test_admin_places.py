"""Departments with their heads, and cohorts with their people and due dates."""

from __future__ import annotations

import re
from typing import Any

import pytest
from admin_room import MISSING, text_of
from factories.people import make_department, make_person
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from world import House

from lms.models import Cohort, CohortDue, Department, DepartmentHead, Enrolment, Person
from lms.services import departments


def department_of(house: House, name: str) -> Department:
    with house.database() as session:
        return session.scalars(select(Department).where(Department.name == name)).one()


def cohort_of(house: House) -> Cohort:
    with house.database() as session:
        return session.scalars(select(Cohort).order_by(Cohort.id).limit(1)).one()


def post(house: House, role: str, path: str, **data: Any) -> Any:
    return house.post(house.client(role), path, data)


def new_cohort(house: House, **fields: str) -> Any:
    data = {
        "course": house.published().manifest.key,
        "name": "Atelierul din iunie",
        "starts_on": "2018-06-12",
        "ends_on": "2018-06-14",
        **fields,
    }
    return post(house, "hr", "/admin/cohorts/new", **data)


def test_the_tree_is_drawn_as_nested_lists(house: House) -> None:
    page = text_of(house.client("hr").get("/admin/departments"))
    tree = page.split('<ul class="lms-tree">', 1)[1].split("</section>", 1)[0]
    assert tree.count("<li>") == tree.count("</li>") == 4
    assert tree.count("<ul>") + 1 == tree.count("</ul>") == 3
    places = [
        tree.index(n) for n in ("Primăria Lunca", "Direcția Doi", "Direcția Unu", "Serviciul Pro")
    ]
    assert places == sorted(places)
    assert "Persoana Manager" in tree


def test_adding_below_renaming_moving_and_removing(house: House) -> None:
    one, two = department_of(house, "Direcția Unu"), department_of(house, "Direcția Doi")
    added = post(house, "hr", f"/admin/department/{two.uuid}/add", **{"new-name": "Biroul Nou"})
    assert added.status_code == 303
    made = department_of(house, "Biroul Nou")
    assert made.parent_id == two.id
    again = post(house, "hr", f"/admin/department/{two.uuid}/add", **{"new-name": "BIROUL nou"})
    assert again.status_code == 409
    assert "lms-error" in text_of(again)
    path = f"/admin/department/{made.uuid}"
    assert post(house, "hr", f"{path}/rename", name="Biroul Vechi").status_code == 303
    assert post(house, "hr", f"{path}/move", parent=one.uuid).status_code == 303
    moved = department_of(house, "Biroul Vechi")
    assert moved.path == f"{one.path}{made.id}/"
    assert post(house, "hr", f"{path}/remove").status_code == 303
    assert post(house, "hr", f"{path}/remove").status_code == 404
    with house.database() as session:
        assert session.get(Department, made.id) is None


def test_what_cannot_be_done_to_the_tree(house: House) -> None:
    root, one = department_of(house, "Primăria Lunca Nouă"), department_of(house, "Direcția Unu")
    below = department_of(house, "Serviciul Proiecte")
    before = [d.path for d in (root, one, below)]
    tries = {
        f"/admin/department/{one.uuid}/remove": ({}, 409),
        f"/admin/department/{root.uuid}/remove": ({}, 409),
        f"/admin/department/{one.uuid}/move": ({"parent": below.uuid}, 400),
        f"/admin/department/{below.uuid}/move": ({"parent": MISSING}, 400),
        f"/admin/department/{root.uuid}/move": ({"parent": one.uuid}, 400),
        f"/admin/department/{below.uuid}/rename": ({"name": ""}, 400),
        f"/admin/department/{one.uuid}/rename": ({"name": "x" * 201}, 400),
        f"/admin/department/{MISSING}/rename": ({"name": "x"}, 404),
        "/admin/departments": ({"name": "A doua primărie"}, 409),
    }
    for path, (data, status) in tries.items():
        assert post(house, "hr", path, **data).status_code == status, path
    names = ("Primăria Lunca Nouă", "Direcția Unu", "Serviciul Proiecte")
    assert [department_of(house, name).path for name in names] == before


@pytest.mark.parametrize(
    ("act", "fields", "status"),
    [
        ("add", {"new-name": "Nou"}, 404),
        ("rename", {"name": "Altul"}, 404),
        ("move", {"parent": "Direcția Unu"}, 404),
        ("remove", {}, 404),
        ("heads", {"person": "Persoana Manager", "role": "head"}, 404),
        ("heads/end", {"person": "Persoana Manager"}, 404),
        ("into", {"parent": "Biroul"}, 409),
    ],
)
def test_what_is_removed_in_the_middle_is_not_found(
    house: House, monkeypatch: pytest.MonkeyPatch, act: str, fields: dict[str, str], status: int
) -> None:
    """As when somebody else's removal is committed between our reading and our writing."""
    with house.database() as session:
        top = session.scalars(select(Department).where(Department.is_root.is_(True))).one()
        gone = make_department(session, "Biroul", top).uuid
        stays = session.scalars(select(Department).where(Department.name == "Direcția Unu")).one()
        uuids = {"Biroul": gone, "Direcția Unu": stays.uuid}
        manager = session.scalars(select(Person).where(Person.name == "Persoana Manager")).one()
        uuids["Persoana Manager"] = manager.uuid
        session.commit()
    addressed, act = (uuids["Direcția Unu"], "move") if act == "into" else (gone, act)
    hold = departments.hold

    def removed_first(session: Session) -> None:
        hold(session)
        session.execute(delete(Department).where(Department.uuid == gone))

    monkeypatch.setattr(departments, "hold", removed_first)
    data = {name: uuids.get(value, value) for name, value in fields.items()}
    answer = house.post(house.client("hr"), f"/admin/department/{addressed}/{act}", data)
    assert answer.status_code == status
    if status == 409:
        assert "fost eliminat" in text_of(answer)
    assert department_of(house, "Biroul").uuid == gone, "everything is rolled back"


def test_a_head_is_searched_named_and_sees_the_team_at_once(house: House) -> None:
    two = department_of(house, "Direcția Doi")
    hr, theirs = house.client("hr"), house.client("trainer")
    assert theirs.get("/team").status_code == 403
    found = text_of(hr.get(f"/admin/department/{two.uuid}?q=trainer"))
    assert f'value="{house.world.uuid["trainer"]}"' in found
    data = {"person": house.world.uuid["trainer"], "role": "head"}
    for _click in range(2):
        assert house.post(hr, f"/admin/department/{two.uuid}/heads", data).status_code == 303
    assert theirs.get("/team").status_code == 200
    with house.database() as session:
        heads = select(DepartmentHead).where(DepartmentHead.department_id == two.id)
        assert len(session.scalars(heads).all()) == 1
    house.post(hr, f"/admin/department/{two.uuid}/heads/end", data)
    assert theirs.get("/team").status_code == 403


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"person": MISSING, "role": "head"}, 404),
        ({"person": "", "role": "head"}, 404),
        ({"person": "employee", "role": "king"}, 400),
        ({"person": "employee"}, 400),
    ],
)
def test_nobody_or_nothing_is_named(house: House, data: dict[str, str], status: int) -> None:
    two = department_of(house, "Direcția Doi")
    person = house.world.uuid.get(data["person"], data["person"])
    path = f"/admin/department/{two.uuid}/heads"
    answer = house.post(house.client("hr"), path, {**data, "person": person})
    assert answer.status_code == status


def test_a_new_cohort_is_made_once(house: House) -> None:
    answer = new_cohort(house)
    assert answer.status_code == 303
    assert new_cohort(house, name="ATELIERUL din iunie").status_code == 409
    with house.database() as session:
        made = session.scalars(select(Cohort).where(Cohort.name == "Atelierul din iunie")).one()
    assert answer.headers["Location"].endswith(made.uuid)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "x" * 201},
        {"name": "a\x00b"},
        {"starts_on": "2018-06-15"},
        {"starts_on": "31.02.2018"},
        {"starts_on": "0001-01-01"},
        {"ends_on": "9999-12-31"},
        {"ends_on": ""},
        {"course": "no-such-course"},
        {"course": ""},
    ],
)
def test_a_cohort_that_cannot_be(house: House, fields: dict[str, str]) -> None:
    answer = new_cohort(house, **fields)
    assert answer.status_code in {400, 409}
    assert "lms-error" in text_of(answer)
    with house.database() as session:
        session.scalars(select(Cohort)).one()  # still the only one


def test_days_are_also_read_as_people_write_them(house: House) -> None:
    assert new_cohort(house, starts_on="12.06.2018", ends_on="14.06.2018").status_code == 303


def test_due_dates_move_with_the_workshop(house: House) -> None:
    cohort, modules = cohort_of(house), house.published().manifest.modules
    path = f"/admin/cohort/{cohort.uuid}"
    days = {f"days-{modules[0].key}": "10", f"days-{modules[1].key}": ""}
    assert post(house, "hr", f"{path}/due", **days).status_code == 303
    with house.database() as session:
        rows = session.scalars(select(CohortDue).where(CohortDue.cohort_id == cohort.id)).all()
    assert [(r.module_id, r.days_after) for r in rows] == [(modules[0].id, 10)]
    change = {"name": cohort.name, "starts_on": "2018-06-12", "ends_on": "2018-06-14"}
    assert post(house, "hr", f"{path}/change", **change).status_code == 303
    client = house.client("hr")
    with client.session_transaction() as cookie:
        cookie["lms_language"] = "en"
    page = text_of(client.get(path))
    assert "24 iunie 2018" in page or "24 June 2018" in page


@pytest.mark.parametrize("value", ["-1", "1001", "1e3", "NaN", "9" * 5000, "3,5", "\x00"])
def test_days_that_are_none(house: House, value: str) -> None:
    cohort, modules = cohort_of(house), house.published().manifest.modules
    with house.database() as session:
        before = session.scalars(select(CohortDue.days_after)).all()
    data = {f"days-{modules[0].key}": value}
    answer = post(house, "hr", f"/admin/cohort/{cohort.uuid}/due", **data)
    assert answer.status_code == 400
    assert "lms-error" in text_of(answer)
    with house.database() as session:
        assert session.scalars(select(CohortDue.days_after)).all() == before


def members(house: House) -> set[str]:
    with house.database() as session:
        found = session.scalars(
            select(Person.name)
            .join(Enrolment, Enrolment.person_id == Person.id)
            .where(Enrolment.cohort_id == cohort_of(house).id, Enrolment.ended_at.is_(None))
        )
        return set(found)


def test_a_whole_department_is_enrolled_with_those_below(house: House) -> None:
    with house.database() as session:
        one = session.scalars(select(Department).where(Department.name == "Direcția Unu")).one()
        deep = make_department(session, "Biroul de jos", one)
        make_person(session, "Adâncă Ana", department=deep)
        make_person(session, "Plecată Ana", department=deep, suspended_at=house.clock.moment)
        session.commit()
        uuid = one.uuid
    path = f"/admin/cohort/{cohort_of(house).uuid}/enrol-department"
    for _click in range(2):
        assert post(house, "hr", path, department=uuid).status_code == 303
    now_there = members(house)
    assert {"Persoana Manager", "Adâncă Ana", "Persoana Employee"} <= now_there
    assert "Plecată Ana" not in now_there
    assert post(house, "hr", path, department=MISSING).status_code == 404
    assert post(house, "hr", path).status_code == 404


def test_people_are_searched_and_ticked(house: House) -> None:
    cohort, hr = cohort_of(house), house.client("hr")
    page = text_of(hr.get(f"/admin/cohort/{cohort.uuid}?q=persoana"))
    offered = re.findall(r'name="person" value="([^"]*)"', page)
    assert set(offered) == set(house.world.uuid.values())
    path = f"/admin/cohort/{cohort.uuid}/enrol-people"
    chosen = [house.world.uuid["manager"], house.world.uuid["trainer"]]
    assert house.post(hr, path, {"person": chosen}).status_code == 303
    assert {"Persoana Manager", "Persoana Trainer"} <= members(house)
    assert house.post(hr, path).status_code == 400
    assert house.post(hr, path, {"person": [chosen[0], MISSING]}).status_code == 404


def test_a_pasted_list_names_who_is_unknown(house: House) -> None:
    cohort, hr = cohort_of(house), house.client("hr")
    text = (
        'MANAGER@demo.test, "Trainer, Persoana" <trainer@demo.test>;\r\n nimeni@demo.test '
        "\r\n<script>alert(1)</script>"
    )
    answer = house.post(hr, f"/admin/cohort/{cohort.uuid}/enrol-listed", {"accounts": text})
    assert answer.status_code == 303
    page = hr.get(answer.headers["Location"]).get_data(as_text=True)
    assert "nimeni@demo.test" in page
    assert "<script>alert" not in page
    assert {"Persoana Manager", "Persoana Trainer"} <= members(house)


def test_a_personal_numeric_code_among_the_accounts_is_not_repeated(house: House) -> None:
    path, hr = f"/admin/cohort/{cohort_of(house).uuid}/enrol-listed", house.client("hr")
    answer = house.post(hr, path, {"accounts": "1800101221144, nimeni@demo.test"})
    with hr.session_transaction() as cookie:
        assert "1800101221144" not in repr(dict(cookie))
    assert "(CNP), nimeni@demo.test" in text_of(hr.get(answer.headers["Location"]))


def test_a_list_of_nothing_but_commas_is_asked_for_again(house: House) -> None:
    path = f"/admin/cohort/{cohort_of(house).uuid}/enrol-listed"
    answer = post(house, "hr", path, accounts=", ;")
    assert answer.status_code == 400
    assert 'id="accounts-error"' in text_of(answer)


@pytest.mark.parametrize("text", ["", "a\x00b", "x@y.ro\n" * 40_000, "1 2\n" * 6_000])
def test_a_pasted_list_that_is_none(house: House, text: str) -> None:
    before = members(house)
    path = f"/admin/cohort/{cohort_of(house).uuid}/enrol-listed"
    answer = post(house, "hr", path, accounts=text)
    assert answer.status_code in {400, 303}
    assert answer.status_code == 303 or "lms-error" in text_of(answer)
    assert members(house) == before


def test_a_member_leaves_only_through_their_own_cohort(house: House) -> None:
    cohort = cohort_of(house)
    with house.database() as session:
        enrolment = session.get_one(Enrolment, house.world.enrolment["employee"])
    new_cohort(house)
    with house.database() as session:
        other = session.scalars(select(Cohort).where(Cohort.id != cohort.id)).one()
    path = f"/member/{enrolment.uuid}/end"
    assert post(house, "hr", f"/admin/cohort/{other.uuid}{path}").status_code == 404
    assert "Persoana Employee" in members(house)
    assert post(house, "hr", f"/admin/cohort/{cohort.uuid}{path}").status_code == 303
    assert "Persoana Employee" not in members(house)
    left = text_of(house.client("hr").get(f"/admin/cohort/{cohort.uuid}?show=ended"))
    assert "Persoana Employee" in left


def test_the_pages_of_a_cohort(house: House) -> None:
    client, path = house.client("hr"), f"/admin/cohort/{cohort_of(house).uuid}"
    assert client.get(f"{path}?page=2").status_code == 200
    assert client.get(f"{path}?page=-1").status_code == 400
    assert client.get(f"{path}?q=%00").status_code == 400
    assert client.get(f"/admin/cohort/{MISSING}").status_code == 404
