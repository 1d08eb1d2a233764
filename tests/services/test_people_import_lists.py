"""Departments a list names, long lists, and whatever else a list may hold."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from factories.people import make_department, make_person
from hypothesis import given, settings
from hypothesis import strategies as st
from import_rows import Typed as Typed
from import_rows import codes, done, only, planned
from import_rows import root as root
from sessions import NOW
from sqlalchemy import Engine, create_engine, delete, func, select
from sqlalchemy.orm import Session
from statements import statements

from lms.domain.errors import Refusal
from lms.domain.text import fold
from lms.interop.tables_read import read_people
from lms.models import AccessCode, AuditEntry, Base, Department, Person
from lms.services import people_import
from lms.services.import_plan import RowState


def place_of(session: Session, *names: str) -> list[str] | str:
    """Where a row with these department cells ends, from the root down, or its problem."""
    plan = planned(session, Typed(2, "Nou Venit", "nou@demo.test", "", names))
    row = only(plan)
    if row.problems:
        return row.problems[0].code
    new = {d.id: d for d in plan.new_departments}
    found: list[str] = []
    current = row.department_id
    while current is not None:
        if current in new:
            found, current = [f"+{new[current].name}", *found], new[current].parent_id
        else:
            department = session.get_one(Department, current)
            found, current = [department.name, *found], department.parent_id
    return found


def test_which_department_a_list_means(session: Session, root: Department) -> None:
    economic, works = (make_department(session, n, root) for n in ("Economic", "Lucrări"))
    make_department(session, "Buget", economic)
    make_department(session, "Juridic", economic)
    make_department(session, "Juridic", works)
    session.commit()
    assert place_of(session) == []
    assert place_of(session, " ECONOMIC ") == ["Primăria", "Economic"]
    assert place_of(session, "buget") == ["Primăria", "Economic", "Buget"]
    assert place_of(session, "Lucrari", "juridic") == ["Primăria", "Lucrări", "Juridic"]
    assert place_of(session, "lucrari > juridic") == ["Primăria", "Lucrări", "Juridic"]
    assert place_of(session, "primaria", "buget") == ["Primăria", "Economic", "Buget"]
    assert place_of(session, "juridic") == "department-ambiguous"
    assert place_of(session, "primaria", "juridic") == "department-ambiguous"
    assert place_of(session, "Cabinet") == ["Primăria", "+Cabinet"]
    assert place_of(session, "Lucrări", "Buget") == ["Primăria", "Lucrări", "+Buget"]
    assert place_of(session, "Tehnic", "Drumuri") == ["Primăria", "+Tehnic", "+Drumuri"]
    make_department(session, "Juridic", root)
    assert place_of(session, "juridic") == ["Primăria", "Juridic"]


def test_a_row_says_the_whole_way_and_whether_its_department_is_made(
    session: Session, root: Department
) -> None:
    """A short name may stand anywhere in the tree: only the way says where somebody is put."""
    economic = make_department(session, "Economic", root)
    buget = make_department(session, "Buget", economic)
    make_person(session, "Ana Pop", email="ana@demo.test", department=buget)
    session.commit()
    rows = [
        Typed(2, "Ana Pop", "ana@demo.test", "", ("Tehnic", "Buget")),
        Typed(3, "Ion Radu", "ion@demo.test", "", ("economic > BUGET",)),
        Typed(4, "Eva Ene", "eva@demo.test", "", ("Primăria",)),
        Typed(5, "Dan Dan", "dan@demo.test"),
        Typed(6, "Rea Adresă", "rau@", "", ("tehnic", "alta")),
    ]
    plan = planned(session, *rows)
    assert [(row.department, row.makes_department) for row in plan.rows] == [
        ("Tehnic > Buget", True),
        ("Economic > Buget", False),
        ("Primăria", False),
        (None, False),
        ("tehnic > alta", False),
    ]
    (change,) = plan.rows[0].changes
    assert (change.old, change.new) == ("Economic > Buget", "Tehnic > Buget")
    made = [(d.name, d.parent_name) for d in plan.new_departments]
    assert made == [("Tehnic", "Primăria"), ("Buget", "Tehnic")]


def test_a_department_needs_a_root(session: Session) -> None:
    assert place_of(session, "Economic") == "root-missing"
    assert place_of(session) == []


def test_a_department_is_made_once_and_only_for_good_rows(
    session: Session, root: Department
) -> None:
    plan = planned(
        session,
        Typed(2, "Ana Pop", "ana@demo.test", "", ("Direcția Nouă",)),
        Typed(3, "Ion Radu", "ion@demo.test", "", ("directia  NOUA",)),
        Typed(4, "Eva Ene", "rau@", "", ("Numai pentru rânduri greșite",)),
        Typed(5, "Dan Dan", "dan@demo.test", "", ("Pentru gemeni",)),
        Typed(6, "Ilie Ilie", "dan@demo.test", "", ("Pentru gemeni",)),
    )
    assert [d.name for d in plan.new_departments] == ["Direcția Nouă"]


def test_what_a_later_row_makes_ambiguous_is_seen_at_once(
    session: Session, root: Department
) -> None:
    for name in ("A", "B"):
        make_department(session, name, root)
    rows = [
        Typed(2, "Ana Pop", "ana@demo.test", "", ("A", "X")),
        Typed(3, "Ion Radu", "ion@demo.test", "", ("X",)),
        Typed(4, "Eva Ene", "eva@demo.test", "", ("B", "X")),
    ]
    assert [codes(row) for row in planned(session, *rows).rows] == [
        [], ["department-ambiguous"], [],
    ]  # fmt: skip
    report = done(session, *rows)
    assert len(report.added) == 2
    assert [codes(row) for row in planned(session, *rows).rows][1] == ["department-ambiguous"]


def test_as_many_queries_for_a_thousand_as_for_ten(session: Session, root: Department) -> None:
    def count(rows: list[Typed]) -> tuple[int, int]:
        with statements(session) as planning:
            shown = people_import.plan(session, rows, actor=None)
        with statements(session) as applying:
            people_import.apply(session, rows, shown.fingerprint, actor=None, now=NOW)
        session.commit()
        return len(planning), sum(not s.startswith("INSERT") for s in applying)

    def some(start: int, many: int) -> list[Typed]:
        return [
            Typed(n, f"Persoana {n}", f"p{n}@demo.test", f"M{n}", (f"Direcția {start + n % 5}",))
            for n in range(start, start + many)
        ]

    assert count(some(0, 10)) == count(some(10_000, 1_000))
    # Inserts go in batches: some dozens of statements, not two thousand.
    with statements(session) as sent:
        done(session, *some(20_000, 1_000))
    assert len(sent) < 100


@pytest.mark.slow
def test_ten_thousand_people(session: Session, root: Department) -> None:
    rows = [
        Typed(n, f"Ștefan-Persoană {n} Ionescu", f"p{n}@demo.test", f"M{n}", (f"Dir {n % 40}",))
        for n in range(10_000)
    ]
    began = time.perf_counter()
    report = done(session, *rows)
    again = done(session, *rows)
    assert (len(report.added), len(again.present), len(again.added)) == (10_000, 10_000, 0)
    # A generous ceiling: it catches work that grows with the square of the list.
    assert time.perf_counter() - began < 60


def test_a_list_longer_than_any_town_hall(session: Session) -> None:
    rows = [Typed(1)] * (people_import.MOST_ROWS + 1)
    with pytest.raises(Refusal) as refused:
        people_import.plan(session, rows, actor=None)
    assert refused.value.code == "list-too-long"


def test_from_the_file_to_the_people(session: Session, root: Department) -> None:
    text = (
        "Nr.;Nume şi prenume;E-mail;Marca;Direcţia;Serviciul;CNP;Etnie\r\n"
        "1;Ştefan Ţăranu;stefan@demo.test;17;Direcţia Economică;Buget;1800101221144;română\r\n"
        "2;Ana Pop;ana@demo.test;18;Direcţia Economică;;2900101221140;romă\r\n"
        "3;Fără Cont;;;;;;\r\n"
    )
    table = read_people(text.encode("cp1250"))
    report = done(session, *table.rows)
    assert [(p.name, p.email, p.staff_number) for p in report.added] == [
        ("Ștefan Țăranu", "stefan@demo.test", "17"),
        ("Ana Pop", "ana@demo.test", "18"),
    ]
    assert [codes(row) for row in report.errors] == [["no-account"]]
    session.expire_all()
    assert [p.department.name for p in report.added if p.department] == [
        "Buget",
        "Direcția Economică",
    ]


NAMES = st.sampled_from(
    ["Ana Pop", "ANA POP", "Ana Popă", "Ion Radu", "Ana Radu", "Eva", "Аna Pop"]
)
EMAILS = st.sampled_from(["", "a@demo.test", "A@demo.test", "b@demo.test", "c@demo.test", "d@"])
STAFF = st.sampled_from(["", "1", "2", "3", "M 4", "m  4"])
PLACES = st.lists(st.sampled_from(["A", "B", "ă", "X", "Y", "Primăria", "A > Y"]), max_size=3)
ROWS = st.lists(
    st.tuples(NAMES, EMAILS, STAFF, PLACES.map(tuple)).map(lambda values: Typed(0, *values)),
    max_size=8,
)


@pytest.fixture(scope="module")
def scratch() -> Iterator[Engine]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@settings(max_examples=150, deadline=None)
@given(there=ROWS, given_rows=ROWS)
def test_whatever_is_brought_in_is_then_there(
    scratch: Engine, there: list[Typed], given_rows: list[Typed]
) -> None:
    """Good rows are all there afterwards, refused rows stay out, and the second run does nothing."""
    with Session(scratch) as session:
        for table in (AuditEntry, AccessCode, Person, Department):
            session.execute(delete(table))
        session.commit()
        make_department(session, "Y", make_department(session, "A", make_department(session)))
        rows = [replace(row, line=n) for n, row in enumerate(given_rows, 2)]
        done(session, *(replace(row, line=n) for n, row in enumerate(there, 2)))
        before = session.scalar(select(func.count()).select_from(Person)) or 0
        first = people_import.plan(session, rows, actor=None)
        report = done(session, *rows)
        after = session.scalar(select(func.count()).select_from(Person)) or 0
        assert after - before == len(report.added) == first.count(RowState.NEW)
        second = people_import.plan(session, rows, actor=None)
        good = [(a, b) for a, b in zip(first.rows, second.rows, strict=True) if not a.problems]
        assert [b.state for _, b in good] == [RowState.PRESENT] * len(good), good
        for person in session.scalars(select(Person)):
            assert (person.name_key, person.email_key or None) == (
                fold(person.name),
                fold(person.email) if person.email else None,
            )
