"""A list of people brought in: shown first, then done, then nothing left to do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from factories.people import make_person
from import_rows import Typed as Typed
from import_rows import codes, done, only, planned
from import_rows import root as root
from sessions import NOW
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from statements import statements

from lms.domain.claims import ADMINISTERS
from lms.domain.errors import Conflict, Refusal
from lms.models import AuditEntry, Department, Person
from lms.services import access_codes, people_import
from lms.services.import_plan import RowState


def test_a_plan_says_what_would_be_and_writes_nothing(session: Session, root: Department) -> None:
    make_person(session, "Ana Pop", email="ana@demo.test", staff_number="1", department=root)
    make_person(session, "Ion Radu", email="ion@demo.test", staff_number="2")
    session.commit()
    with statements(session) as sent:
        plan = planned(
            session,
            Typed(2, "Ana Pop", "ANA@demo.test", "1", ("primaria",)),
            Typed(3, "Ion Radu", "ion@demo.test", "22", ("Direcția Nouă",)),
            Typed(4, "Eva Ene", "eva@demo.test", "", ("Direcția Nouă",)),
            Typed(5, "Nimeni"),
        )
    assert [row.state for row in plan.rows] == [
        RowState.PRESENT, RowState.CHANGED, RowState.NEW, RowState.ERROR,
    ]  # fmt: skip
    assert [(c.field, c.old, c.new) for c in plan.rows[1].changes] == [
        ("staff_number", "2", "22"),
        ("department", None, "Direcția Nouă"),
    ]
    assert codes(plan.rows[3]) == ["no-account"]
    assert [(d.name, d.parent_name) for d in plan.new_departments] == [
        ("Direcția Nouă", "Primăria")
    ]
    assert all(statement.startswith("SELECT") for statement in sent)
    assert not (session.new or session.dirty or session.deleted)
    assert session.scalar(select(func.count()).select_from(Person)) == 2


def test_applying_does_what_was_shown(session: Session, root: Department) -> None:
    hr = make_person(session, "HR")
    ion = make_person(session, "Ion Radu", email="ion@demo.test")
    session.commit()
    report = done(
        session,
        Typed(2, "Ion Radu", "ion@demo.test", "22", ("Economic", "Buget")),
        Typed(3, "Eva Ene", "Eva@demo.test", "", ("Buget",)),
        Typed(4, "", "rau@", problems=("no-name", "bad-email")),
        actor=hr,
    )
    session.expire_all()
    (eva,) = report.added
    assert (eva.name, eva.email, eva.email_key) == ("Eva Ene", "Eva@demo.test", "eva@demo.test")
    assert (eva.language, eva.is_admin, eva.password_hash) == ("ro", False, None)
    assert report.changed == (ion,)
    assert (ion.staff_number, ion.staff_key) == ("22", "22")
    assert ion.department is eva.department
    assert eva.department is not None
    economic = eva.department.parent
    assert economic is not None
    assert [d.name for d in (root, economic, eva.department)] == ["Primăria", "Economic", "Buget"]
    assert eva.department.path == f"/{root.id}/{economic.id}/{eva.department_id}/"
    assert [row.line for row in report.errors] == [4]
    verbs = [e.verb for e in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert verbs == ["department.add"] * 2 + ["person.add", "person.change", "people.import"]
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert {e.actor_id for e in entries} == {hr.id}
    assert entries[-1].details["rows"] == {"new": 1, "already-there": 0, "changed": 1, "error": 1}


def test_row_17_is_broken_and_the_others_come_in(session: Session, root: Department) -> None:
    rows = [Typed(n, f"Persoana {n}", f"p{n}@demo.test") for n in range(2, 40)]
    rows[15] = Typed(17, "Persoana 17", "p17@", problems=("bad-email",))
    report = done(session, *rows)
    assert len(report.added) == 37
    assert [(row.line, codes(row), row.email) for row in report.errors] == [
        (17, ["bad-email"], "p17@")
    ]
    mended = replace(rows[15], email="p17@demo.test", problems=())
    report = done(session, *rows[:15], mended, *rows[16:])
    assert [person.name for person in report.added] == ["Persoana 17"]
    assert len(report.present) == 37


def test_a_second_run_changes_nothing(session: Session, root: Department) -> None:
    rows = [
        Typed(n, f"Persoana {n}", f"p{n}@demo.test", f"M{n}", (f"Direcția {n % 3}",))
        for n in range(60)
    ]
    done(session, *rows)
    before = session.scalars(select(AuditEntry.id)).all()
    report = done(session, *rows)
    assert (report.added, report.changed, report.new_departments) == ((), (), ())
    assert len(report.present) == 60
    assert len(session.scalars(select(AuditEntry.id)).all()) == len(before) + 1


def test_a_changed_plan_is_not_applied(session: Session, root: Department) -> None:
    rows = [Typed(2, "Ana Pop", "ana@demo.test"), Typed(3, "Ion Radu", "ion@demo.test")]
    shown = planned(session, *rows)
    make_person(session, "Ana Pop", email="ana@demo.test")
    session.commit()
    with pytest.raises(Conflict) as refused:
        people_import.apply(session, rows, shown.fingerprint, actor=None, now=NOW)
    assert (refused.value.status, refused.value.code) == (409, "plan-changed")
    session.commit()
    assert session.scalars(select(Person.name)).all() == ["Ana Pop"]


def test_another_list_is_not_what_was_shown(session: Session, root: Department) -> None:
    shown = planned(session, Typed(2, "Ana Pop", "ana@demo.test"))
    for other in (Typed(2, "Ana Pop", "alta@demo.test"), Typed(2, "Ana Pap", "ana@demo.test")):
        with pytest.raises(Conflict):
            people_import.apply(session, [other], shown.fingerprint, actor=None, now=NOW)


def test_it_is_all_or_nothing(session: Session, root: Department) -> None:
    rows = [Typed(2, "Ana Pop", "ana@demo.test", "", ("Nou",)), Typed(3, "Ion R", "ion@demo.test")]
    shown = planned(session, *rows)
    people_import.apply(session, rows, shown.fingerprint, actor=None, now=NOW)
    session.rollback()
    assert session.scalars(select(Person)).all() == []
    assert session.scalars(select(Department.name)).all() == ["Primăria"]


def test_the_same_row_twice_is_brought_in_once(session: Session, root: Department) -> None:
    row = Typed(2, "Ana Pop", "ana@demo.test", "1", ("Economic",))
    plan = planned(session, row, replace(row, line=9, name="ANA POP", email="Ana@demo.test"))
    assert [r.state for r in plan.rows] == [RowState.NEW, RowState.ERROR]
    assert (codes(plan.rows[1]), plan.rows[1].problems[0].params) == (["row-twice"], {"line": 2})


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        (Typed(2, "Ana Pop", "x@demo.test"), Typed(3, "Ion R", "X@demo.test"), "email-twice"),
        (
            Typed(2, "Ana Pop", "x@demo.test", "1"),
            Typed(3, "Ana Pop", "x@demo.test", "2", problems=("duplicate-email",)),
            "email-twice",
        ),
        (Typed(2, "Ana", "a@demo.test", "M 1"), Typed(3, "Ion", "b@demo.test", "m  1"),
         "staff-number-twice"),
        (Typed(2, "Maria Pop", "maria@demo.test"), Typed(3, "Maria Pop", "", "7"), "person-twice"),
    ],
)  # fmt: skip
def test_rows_that_contradict_each_other_are_both_refused(
    session: Session, root: Department, first: Typed, second: Typed, code: str
) -> None:
    make_person(session, "Maria Pop", email="maria@demo.test", staff_number="7")
    plan = planned(session, first, second, Typed(4, "Eva Ene", "eva@demo.test"))
    assert [codes(row) for row in plan.rows] == [[code], [code], []]
    assert plan.rows[0].problems[0].params == {"lines": [3]}


def test_a_row_that_claims_two_people(session: Session) -> None:
    make_person(session, "Ana Pop", email="ana@demo.test", staff_number="1")
    make_person(session, "Ion Radu", email="ion@demo.test", staff_number="2")
    row = only(planned(session, Typed(2, "Ana Pop", "ana@demo.test", "2")))
    assert codes(row) == ["row-claims-two"]
    assert row.problems[0].params == {"first": "Ana Pop", "second": "Ion Radu"}


@pytest.mark.parametrize(("email", "staff"), [("ana@demo.test", "99"), ("nou@demo.test", "1")])
def test_a_mailbox_handed_on_does_not_hand_on_the_badges(
    session: Session, email: str, staff: str
) -> None:
    make_person(session, "Ana Pop", email="ana@demo.test", staff_number="1")
    row = only(planned(session, Typed(2, "Vasile Ene", email, staff)))
    assert codes(row) == ["name-of-another"]
    assert only(planned(session, Typed(2, "Ana Ene", email, staff))).state is RowState.CHANGED
    both = only(planned(session, Typed(2, "Vasile Ene", "ana@demo.test", "1")))
    assert both.state is RowState.CHANGED


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("Ștefan Țăranu", "STEFAN TARANU", False),
        ("Ștefan Țăranu", "Stefan Taranu", False),
        ("Stefan Taranu", "Ştefan Ţăranu", True),
        ("STEFAN POP", "Stefan Pop", True),
        ("Stefan Pop", "STEFAN POP", False),
        ("Stefan Pop", "Stefan Pop-Ene", True),
        ("Stefan Pop", "Stefan  Pop", False),
    ],
)
def test_a_poorer_spelling_is_no_change(
    session: Session, old: str, new: str, changes: bool
) -> None:
    make_person(session, old, email="x@demo.test", staff_number="1")
    row = only(planned(session, Typed(2, new, "x@demo.test", "1")))
    assert (row.state is RowState.CHANGED) is changes


def test_empty_cells_take_nothing_away(session: Session, root: Department) -> None:
    person = make_person(
        session, "Ana Pop", email="ana@demo.test", staff_number="1", department=root
    )
    report = done(session, Typed(2, "Ana Pop", "", "1"), Typed(3, "Ion", "ion@demo.test"))
    assert report.present == (person.id,)
    assert (person.email, person.department) == ("ana@demo.test", root)


def test_without_a_name_only_known_people_pass(session: Session, root: Department) -> None:
    make_person(session, "Ana Pop", email="ana@demo.test", staff_number="1")

    def state(*values: str, departments: tuple[str, ...] = ()) -> object:
        row = Typed(2, *values, departments=departments, problems=("no-name",))
        planned_row = only(planned(session, row))
        return codes(planned_row) or planned_row.state

    assert state("", "ana@demo.test") == RowState.PRESENT
    assert state("", "ana@demo.test", "1", departments=("Primăria",)) == RowState.CHANGED
    assert state("", "ana@demo.test", "2") == ["no-name"]
    assert state("", "nou@demo.test") == ["no-name"]
    assert state("ana@demo.test", "ana@demo.test") == RowState.PRESENT


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (Typed(2, "Ana\x00", "a@demo.test"), "text-unclean"),
        (Typed(2, "Ana \ud800", "a@demo.test"), "text-unclean"),
        (Typed(2, "A" * 300, "a@demo.test"), "text-too-long"),
        (Typed(2, "Ana", "ana@"), "email-invalid"),
        (Typed(2, "Ana", "", "a@b"), "staff-number-invalid"),
        (Typed(2, "Ana", "", "1800101221144"), "contains-cnp"),
        (Typed(2, "12", "a@demo.test"), "name-missing"),
        (Typed(2, "Ana", "a@demo.test", "", ("x" * 201,)), "text-too-long"),
        (Typed(2, "Ana", "a@demo.test", "", ("1800101221144",)), "contains-cnp"),
        (Typed(2, "Ana", "a@demo.test", problems=("damaged-text",)), "damaged-text"),
    ],
)
def test_rows_that_cannot_be(session: Session, root: Department, row: Typed, code: str) -> None:
    plan = planned(session, row)
    assert codes(only(plan)) == [code]
    assert plan.new_departments == ()


def test_what_wants_a_look_is_noted(session: Session) -> None:
    make_person(session, "Ana Pop", email="ana@demo.test")
    make_person(session, "Ion Radu", email="ion@demo.test", suspended_at=NOW)
    plan = planned(
        session,
        Typed(2, "ANA POP", "alta@demo.test"),
        Typed(3, "Ion Radu", "ion@demo.test"),
        Typed(4, "Аdmin Pop", "admin@demo.test"),  # Cyrillic А
        Typed(5, "Eva Ene", "eva@demo.test", notices=("personal-code-removed",)),
    )
    assert [row.notes for row in plan.rows] == [
        ("same-name",), ("suspended",), ("mixed-scripts",), ("personal-code-removed",),
    ]  # fmt: skip
    assert [row.state for row in plan.rows] == [
        RowState.NEW, RowState.PRESENT, RowState.NEW, RowState.NEW,
    ]  # fmt: skip


def test_hr_cannot_move_an_administrators_address(session: Session) -> None:
    hr = make_person(session, "HR")
    admin = make_person(session, "Ana Pop", email="ana@demo.test", staff_number="1", is_admin=True)
    row = Typed(2, "Ana Pop", "hr2@demo.test", "1")
    assert codes(only(planned(session, row, actor=hr))) == ["administrator-only"]
    assert only(planned(session, row, actor=admin)).state is RowState.CHANGED
    admin.is_admin, admin.claim_hash = False, f"{ADMINISTERS}{'0' * 50}"
    session.flush()
    assert codes(only(planned(session, row, actor=hr))) == ["administrator-only"], (
        "by a host's word"
    )
    same = Typed(2, "Ana Pop", "ana@demo.test", "1")
    assert only(planned(session, same, actor=hr)).state is RowState.PRESENT


def test_another_address_withdraws_the_link_to_the_old_one(session: Session) -> None:
    person = make_person(session, "Ana Pop", email="ana@demo.test", staff_number="1")
    link = access_codes.issue_link(session, person, None, NOW)
    done(session, Typed(2, "Ana Pop", "noua@demo.test", "1"))
    with pytest.raises(Refusal) as refused:
        access_codes.redeem(session, link, NOW)
    assert refused.value.code == "code-withdrawn"
