"""The manager's table: own people only, the same figures as the learner's page."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from jinja2 import DictLoader
from markupsafe import escape
from sqlalchemy import select
from statements import statements
from world import House

from lms.models import CohortDue, Enrolment, ModuleCompletion, Person
from lms.services import reports
from lms.web.rendering import make_environment


def complete(house: House, role: str, number: int = 0) -> None:
    at = house.published()
    with house.database() as session:
        session.add(
            ModuleCompletion(
                enrolment_id=house.world.enrolment[role],
                module_id=at.manifest.modules[number].id,
                manifest_id=at.manifest_id,
                completed_at=house.clock.moment,
            )
        )
        session.commit()


def names_in(text: str) -> set[str]:
    return {n for n in ("Employee", "Colleague", "Other") if f"Persoana {n}" in text}


@pytest.mark.parametrize(
    ("role", "seen"),
    [("manager", {"Employee", "Colleague"}), ("hr", {"Employee", "Colleague", "Other"})],
)
def test_one_sees_the_own_department_and_those_below(
    house: House, role: str, seen: set[str]
) -> None:
    client = house.client(role)
    for path in ("/team", "/team/export.csv"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert names_in(answer.get_data(as_text=True)) == seen


@pytest.mark.parametrize("role", ["employee", "trainer", "admin"])
def test_others_are_kept_out(house: House, role: str) -> None:
    assert house.client(role).get("/team").status_code == 403


def test_another_department_looks_like_a_missing_one(house: House) -> None:
    client = house.client("manager")
    with house.database() as session:
        other = session.scalars(
            select(Person).where(Person.id == house.world.person["other"])
        ).one()
        department = other.department
        assert department is not None
        theirs = department.uuid
    missing = "00000000-0000-4000-8000-000000000000"
    for one, two in (
        (f"/team/person/{house.world.uuid['other']}", f"/team/person/{missing}"),
        (f"/team?department={theirs}", f"/team?department={missing}"),
    ):
        answers = [client.get(path) for path in (one, two)]
        assert [a.status_code for a in answers] == [404, 404]
        assert _without_token(answers[0]) == _without_token(answers[1])


def _without_token(answer: object) -> str:
    text = answer.get_data(as_text=True)  # type: ignore[attr-defined]
    text = re.sub(r'name="csrf_token" value="[^"]*"', "", text)
    return re.sub(r'name="next" value="[^"]*"', "", text)


def test_filters_narrow_the_rows_and_stand_in_the_links(house: House) -> None:
    complete(house, "employee")
    client = house.client("manager")
    first = house.published().manifest.modules[0]
    rest = client.get(f"/team?unfinished={first.key}").get_data(as_text=True)
    assert names_in(rest) == {"Colleague"}
    assert f"export.csv?unfinished={first.key}" in rest
    assert names_in(client.get("/team?q=colle").get_data(as_text=True)) == {"Colleague"}
    assert names_in(client.get("/team?state=not-started").get_data(as_text=True)) == {"Colleague"}
    house.clock.forward(days=30)
    client = house.client("manager")
    assert names_in(client.get("/team?state=overdue").get_data(as_text=True)) == {
        "Employee",
        "Colleague",
    }


def test_who_is_overdue_is_counted_person_by_person(house: House) -> None:
    """One who has finished must not hide another who has not."""
    complete(house, "employee", 0)
    complete(house, "employee", 1)
    complete(house, "other", 0)
    house.clock.forward(days=60)
    page = house.client("hr").get("/team?state=overdue").get_data(as_text=True)
    assert names_in(page) == {"Colleague", "Other"}
    figures = re.findall(r'lms-figure-value">(\d+)<', page)
    assert figures == ["3", "1", "2"]
    assert page.count("lms-cell-overdue") == 3


@pytest.mark.parametrize("query", ["page=-1", "page=1e9", "state=all", "q=%00", "page=٣"])
def test_a_senseless_address_is_refused(house: House, query: str) -> None:
    assert house.client("manager").get(f"/team?{query}").status_code == 400


def test_no_list_ends_in_the_middle(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong while people are read goes wrong before anything is sent."""
    several = reports.rows

    def some_rows(*arguments: Any) -> Iterator[reports.Row]:
        yield next(several(*arguments))
        raise RuntimeError("the database hung up")

    monkeypatch.setattr(reports, "rows", some_rows)
    with pytest.raises(RuntimeError, match="hung up"):
        house.client("hr").get("/team/export.csv", buffered=False)


def test_csv_opens_in_a_romanian_excel(house: House) -> None:
    complete(house, "employee")
    with house.database() as session:
        session.get_one(Person, house.world.person["colleague"]).name = "=1+1;Ionuț"
        session.commit()
    body = house.client("manager").get("/team/export.csv").data
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 3
    assert {len(row) for row in rows} == {len(rows[0])}
    assert any(row[0] == "'=1+1;Ionuț" for row in rows)


def test_xlsx_has_typed_cells_and_no_formula(house: House) -> None:
    complete(house, "employee")
    with house.database() as session:
        session.get_one(Person, house.world.person["colleague"]).name = "=1+1"
        session.commit()
    body = house.client("manager").get("/team/export.xlsx").data
    sheet = openpyxl.load_workbook(io.BytesIO(body)).active
    rows = list(sheet.iter_rows(min_row=2))
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "d", "inlineStr"}
    done = next(row for row in rows if "Employee" in str(row[0].value))
    assert done[4].is_date
    assert done[-3].value == 1


def test_the_table_costs_the_same_for_two_people_and_for_sixty(house: House) -> None:
    counts = []
    for _ in range(2):
        client = house.client("hr")
        client.get("/team")
        with house.database() as session, statements(session) as sent:
            assert client.get("/team").status_code == 200
        counts.append(len(sent))
        _more_people(house, 60)
    assert counts[0] == counts[1] <= 6


def _more_people(house: House, many: int) -> None:
    with house.database() as session:
        like = session.get_one(Enrolment, house.world.enrolment["employee"])
        for number in range(many):
            person = Person(
                name=f"Om {number}", name_key=f"om {number}", created_at=house.clock.moment
            )
            session.add(person)
            session.flush()
            session.add(
                Enrolment(
                    person_id=person.id,
                    course_id=like.course_id,
                    cohort_id=like.cohort_id,
                    enrolled_at=like.enrolled_at,
                )
            )
        session.commit()


def test_a_due_date_ends_with_its_day(house: House) -> None:
    with house.database() as session:
        due = session.scalars(select(CohortDue).order_by(CohortDue.days_after)).first()
        assert due is not None
        days = due.days_after
    client = house.client("manager")
    house.clock.moment += timedelta(days=days - 10)
    assert names_in(client.get("/team?state=overdue").get_data(as_text=True)) == set()
    house.clock.forward(days=1)
    assert names_in(client.get("/team?state=overdue").get_data(as_text=True)) == {
        "Employee",
        "Colleague",
    }


OWN_ROW = """
{% macro cell_of(kind, day, is_begun, label) %}<td>{{ kind }}</td>{% endmacro %}
{% macro row_of(href, name, department, cells, done, modules) %}
<tr class="{ours}" title="{{ name }}"><td>{{ done }} of {{ modules }}</td>{{ cells }}
<th><a href="{{ href }}">{{ name }}</a> {{ name }}</th></tr>
{% endmacro %}
"""


def test_a_hosts_own_row_says_things_in_another_order_twice_or_not_at_all(house: House) -> None:
    complete(house, "colleague")
    name = 'Ana {name} "{0}" <b>\N{OBJECT REPLACEMENT CHARACTER}2</b>'
    with house.database() as session:
        session.get_one(Person, house.world.person["colleague"]).name = name
        session.commit()
    templates = make_environment(DictLoader({"lms/manage/_row.html": OWN_ROW}))
    house.app.extensions["lms"].templates = templates
    page = house.client("manager").get("/team").get_data(as_text=True)
    row = next(part for part in page.split("<tr ") if "Ana" in part).partition("</tr>")[0]
    uuid = house.world.uuid["colleague"]
    assert row == (
        f'class="{{ours}}" title="{escape(name)}"><td>1 of 2</td><td>done</td><td>none</td>\n'
        f'<th><a href="/team/person/{uuid}">{escape(name)}</a> {escape(name)}</th>'
    )
