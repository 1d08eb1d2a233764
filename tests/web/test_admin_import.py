"""A list of people: the dry run, the confirmation, the report."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from admin_room import MISSING, everything, hidden, text_of
from factories.people import make_department
from itsdangerous.url_safe import URLSafeSerializer
from sqlalchemy import func, select
from world import House

from lms.models import AuditEntry, Cohort, Department, Enrolment, Person

CNP = "1800101221144"


def preview(house: House, client: Any, text: str = "", file: bytes | None = None) -> Any:
    data: dict[str, Any] = {"text": text}
    if file is not None:
        data["file"] = (BytesIO(file), "oameni.csv")
    answer = house.post(client, "/admin/import", data, content_type="multipart/form-data")
    # Werkzeug's client writes a large body into a temporary file and leaves it open.
    answer.request.environ["wsgi.input"].close()
    return answer


def confirm(house: House, client: Any, page: str, **more: str) -> Any:
    data = {
        "rows": hidden(page, "rows"),
        "fingerprint": hidden(page, "fingerprint"),
        "cohort": "",
        **more,
    }
    return house.post(client, "/admin/import/apply", data)


def people_count(house: House) -> int:
    with house.database() as session:
        return session.scalar(select(func.count()).select_from(Person)) or 0


def twenty_rows() -> str:
    """A header and twenty rows; the one on line 17 is broken."""
    letters = "ABCDEFGHIJKLMNOPQRST"
    rows = [f"Maria {c}escu;maria.{c.lower()}@primaria.ro;Serviciul Urbanism" for c in letters]
    rows[15] = "Maria Rupta;maria(at)primaria;Serviciul Urbanism"
    return "\n".join(["Nume;E-mail;Compartiment", *rows])


def test_the_dry_run_stores_nothing(house: House) -> None:
    client = house.client("hr")
    before = everything(house)
    page = text_of(preview(house, client, twenty_rows()))
    assert "Maria Aescu" in page
    assert "Serviciul Urbanism" in page
    assert everything(house) == before


def test_row_17_is_named_and_the_others_come_in(house: House) -> None:
    client, before = house.client("hr"), people_count(house)
    page = text_of(preview(house, client, twenty_rows()))
    broken = re.search(
        r'<tr class="is-error"><td class="lms-num">(\d+)</td>(.*?)</tr>', page, re.DOTALL
    )
    assert broken is not None
    assert broken[1] == "17"
    assert "lms-pill-red" in broken[2]
    answer = confirm(house, client, page)
    assert answer.status_code == 303
    assert people_count(house) == before + 19
    report = text_of(client.get(answer.headers["Location"]))
    assert re.search(r'<th scope="row" class="lms-num">17</th>', report)
    assert "Maria Aescu" in report
    assert "maria(at)primaria" not in report


def test_giving_it_again_changes_nothing(house: House) -> None:
    client = house.client("hr")
    confirm(house, client, text_of(preview(house, client, twenty_rows())))
    with house.database() as session:
        before = session.scalars(select(Person).order_by(Person.id)).all()
    page = text_of(preview(house, client, twenty_rows()))
    assert page.count('<tr class="is-same">') == 19
    assert page.count('<tr class="is-new">') == 0
    with house.database() as session:
        after = session.scalars(select(Person).order_by(Person.id)).all()
    assert [p.name for p in before] == [p.name for p in after]


def test_a_second_click_stores_nothing_twice(house: House) -> None:
    client = house.client("hr")
    page = text_of(preview(house, client, twenty_rows()))
    confirm(house, client, page)
    count = people_count(house)
    again = confirm(house, client, page)
    assert again.status_code == 409
    assert 'name="rows"' in text_of(again) or "is-same" in text_of(again)
    assert people_count(house) == count


def test_when_somebody_changed_meanwhile_one_looks_again(house: House) -> None:
    client = house.client("hr")
    page = text_of(preview(house, client, "Nume;E-mail\nAna Pop;ana@primaria.ro"))
    add = {"name": "Ana Popa", "email": "ana@primaria.ro", "staff_number": "", "department": ""}
    house.post(client, "/admin/people/new", add)
    answer = confirm(house, client, page)
    assert answer.status_code == 409
    shown = text_of(answer)
    assert "lms-errors" in shown
    with house.database() as session:
        kept = session.scalars(select(Person).where(Person.email == "ana@primaria.ro")).one()
    assert kept.name == "Ana Popa"


def test_changes_are_shown_old_and_new(house: House) -> None:
    client = house.client("hr")
    page = text_of(
        preview(
            house, client, "Nume;E-mail;Direcție\nPersoana Nouă;employee@demo.test;Direcția Doi"
        )
    )
    assert re.search(r"<del>Persoana Employee</del>", page)
    assert re.search(r"<del>Direcția Unu > Serviciul Proiecte</del>", page)
    answer = confirm(house, client, page)
    report = text_of(client.get(answer.headers["Location"]))
    assert "<del>Persoana Employee</del>" in report
    with house.database() as session:
        changed = session.get_one(Person, house.world.person["employee"])
        assert changed.name == "Persoana Nouă"
        assert changed.password_hash is not None


def test_the_preview_says_where_each_person_is_put(house: House) -> None:
    with house.database() as session:
        home = session.scalars(select(Department).where(Department.name == "Direcția Doi")).one()
        make_department(session, "Biroul Unic", home)
        for name in ("Direcția Unu", "Direcția Doi"):
            above = session.scalars(select(Department).where(Department.name == name)).one()
            make_department(session, "Biroul Dublu", above)
        session.commit()
    text = (
        "Nume;E-mail;Birou\nAna Pop;ana@primaria.ro;biroul unic\n"
        "Ion Radu;ion@primaria.ro;Biroul Dublu\nEva Ene;eva@primaria.ro;Biroul Nou"
    )
    page = text_of(preview(house, house.client("hr"), text))
    rows = dict(re.findall(r'<td class="lms-num">(\d+)</td>(.*?)</tr>', page, re.DOTALL))
    assert "Direcția Doi > Biroul Unic" in rows["2"]
    assert "compartiment nou" not in rows["2"]
    assert "Există mai multe compartimente „Biroul Dublu”" in rows["3"]
    assert "compartiment nou" in rows["4"]


def test_sensitive_columns_go_nowhere(house: House) -> None:
    """A-058: not stored, not carried in the page, only their titles are named."""
    client = house.client("hr")
    text = f"Nume;E-mail;CNP;Etnie\nAna Pop;ana@primaria.ro;{CNP};romă-secret"
    page = text_of(preview(house, client, text))
    assert "CNP" in page
    assert "Etnie" in page
    assert CNP not in page
    assert "romă-secret" not in page
    carried = URLSafeSerializer("x").loads_unsafe(hidden(page, "rows"))[1]
    assert CNP not in repr(carried)
    assert "secret" not in repr(carried)
    answer = confirm(house, client, page)
    assert answer.status_code == 303
    for table, stored in everything(house).items():
        assert CNP not in stored, table
        assert "romă-secret" not in stored, table


def test_a_file_of_an_old_excel_is_read(house: House) -> None:
    client = house.client("hr")
    text = "Nume şi prenume\tE-mail\tCompartiment\nIonuţ Brânză\tionut@primaria.ro\tDirecţia Doi\n"
    page = text_of(preview(house, client, file=text.encode("cp1250")))
    assert "Ionuț Brânză" in page
    assert "cp1250" in page
    assert confirm(house, client, page).status_code == 303
    with house.database() as session:
        made = session.scalars(select(Person).where(Person.email == "ionut@primaria.ro")).one()
        home = session.scalars(select(Department).where(Department.name == "Direcția Doi")).one()
    assert made.name == "Ionuț Brânză"
    assert made.department_id == home.id


def test_a_name_that_looks_like_a_formula_is_only_text(house: House) -> None:
    client = house.client("hr")
    text = 'Nume;E-mail\n=HYPERLINK("http://evil.test") Pop;f@primaria.ro\n<script>x</script> Pop;s@primaria.ro'
    answer = preview(house, client, text)
    assert answer.status_code == 200
    assert "<script>x" not in answer.get_data(as_text=True)


def test_a_role_column_gives_nothing(house: House) -> None:
    client = house.client("hr")
    text = "Nume;E-mail;role;is_admin\nAna Pop;ana@primaria.ro;admin;1"
    page = text_of(preview(house, client, text))
    confirm(house, client, page, is_admin="1", role="admin")
    with house.database() as session:
        made = session.scalars(select(Person).where(Person.email == "ana@primaria.ro")).one()
    assert not made.is_admin


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("", None),
        ("   \n\n", None),
        ("", b""),
        ("", b"PK\x03\x04 workbook"),
        ("", b"%PDF-1.4"),
        ("", b"\x00" * 500),
        ("", b"x" * 1_000_001),
        ("a" * 1_000_001, None),
        ("nothing here is a list of people", None),
        ("", ("Nume;E-mail\n" + "A B;a@b.ro\n" * 10_200).encode()),
    ],
)
def test_what_is_no_list_is_refused_in_words(house: House, text: str, file: bytes | None) -> None:
    client = house.client("hr")
    before = everything(house)
    answer = preview(house, client, text, file)
    assert answer.status_code in {400, 413} or "is-error" in text_of(answer)
    assert everything(house) == before


def test_nul_and_quotes_make_one_row_fail_not_the_list(house: House) -> None:
    client = house.client("hr")
    text = 'Nume;E-mail\nAna\x00 Pop;a@primaria.ro\nIon "Pop;i@primaria.ro\nMaria Pop;m@primaria.ro'
    page = text_of(preview(house, client, text))
    assert page.count('<tr class="is-new">') >= 1
    assert "is-error" in page


def test_a_changed_or_foreign_list_is_not_taken(house: House) -> None:
    """What travels in the form is signed, and belongs to who made it."""
    hr, admin = house.client("hr"), house.client("admin")
    page = text_of(preview(house, hr, twenty_rows()))
    before = people_count(house)
    rows, mark = hidden(page, "rows"), hidden(page, "fingerprint")
    for client, value in ((hr, rows[:-3] + "abc"), (hr, ""), (hr, "x" * 1000), (admin, rows)):
        data = {"rows": value, "fingerprint": mark, "cohort": ""}
        answer = house.post(client, "/admin/import/apply", data)
        assert answer.status_code == 400
    assert people_count(house) == before


def test_an_old_preview_is_not_taken(house: House) -> None:
    client = house.client("hr")
    page = text_of(preview(house, client, twenty_rows()))
    assert confirm(house, client, page, fingerprint="0" * 64).status_code == 409
    assert confirm(house, client, page, cohort="nope").status_code == 400
    with house.database() as session:
        assert (
            session.scalars(select(AuditEntry).where(AuditEntry.verb == "people.import")).all()
            == []
        )


def test_everybody_of_the_list_can_be_enrolled_with_it(house: House) -> None:
    client = house.client("hr")
    with house.database() as session:
        cohort = session.scalars(select(Cohort)).one()
    text = "Nume;E-mail\nAna Pop;ana@primaria.ro\nPersoana Trainer;trainer@demo.test"
    page = text_of(preview(house, client, text))
    answer = confirm(house, client, page, cohort=cohort.uuid)
    assert answer.status_code == 303
    with house.database() as session:
        enrolled = session.scalars(
            select(Person.email)
            .join(Enrolment, Enrolment.person_id == Person.id)
            .where(Enrolment.cohort_id == cohort.id)
        ).all()
    assert {"ana@primaria.ro", "trainer@demo.test", "employee@demo.test"} <= set(enrolled)


def test_the_new_people_get_their_codes_from_the_report(house: House) -> None:
    client = house.client("hr")
    answer = confirm(house, client, text_of(preview(house, client, twenty_rows())))
    report = text_of(client.get(answer.headers["Location"]))
    link = re.search(r'href="(/admin/codes\?source=import[^"]*)"', report)
    assert link is not None
    page = text_of(client.get(link[1]))
    assert page.count('name="person"') == 19


def test_a_report_that_is_not_there(house: House) -> None:
    client = house.client("hr")
    for uuid in (MISSING, "%00", "x" * 500):
        assert client.get(f"/admin/import/{uuid}").status_code == 404
