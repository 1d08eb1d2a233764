"""People: adding, changing, finding, suspending."""

from __future__ import annotations

import threading

import pytest
from factories.people import make_department, make_person, make_sign_in
from sessions import NOW
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from statements import statements

from lms.domain.errors import Conflict, Forbidden, NotFound, Refusal
from lms.models import AccessCode, AuditEntry, Person, SignIn
from lms.models.engine import begin_write
from lms.services import access_codes, passwords, people
from lms.services.people import Details, Status


@pytest.fixture
def admin(session: Session) -> Person:
    person = make_person(session, "Admin", is_admin=True)
    session.commit()
    return person


def test_a_new_person(session: Session, admin: Person) -> None:
    department = make_department(session)
    person = people.add(
        session,
        Details(" Ştefan  Pop ", "Stefan@Demo.test", "M 1", department),
        language="en",
        actor=admin,
        now=NOW,
    )
    session.commit()
    session.expire_all()
    assert (person.name, person.name_key) == ("Ștefan Pop", "stefan pop")
    assert (person.email, person.email_key) == ("Stefan@Demo.test", "stefan@demo.test")
    assert (person.staff_number, person.staff_key) == ("M 1", "m 1")
    assert person.department is department
    assert (person.language, person.is_admin, person.password_hash) == ("en", False, None)
    assert person.created_at == NOW


@pytest.mark.parametrize(
    ("details", "code"),
    [
        (Details("", "a@demo.test"), "name-missing"),
        (Details("Ana"), "account-name-missing"),
        (Details("Ana", " ", ""), "account-name-missing"),
        (Details("Ana", "ana"), "email-invalid"),
        (Details("Ana", None, "a@b"), "staff-number-invalid"),
        (Details("Ana", None, "1800101221144"), "contains-cnp"),
        (Details("Ana\x00", "a@demo.test"), "text-unclean"),
        (Details("Ana \ud800", "a@demo.test"), "text-unclean"),
        (Details("A" * 1_000_000, "a@demo.test"), "text-too-long"),
    ],
)
def test_details_that_cannot_be(session: Session, details: Details, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        people.add(session, details, actor=None, now=NOW)
    assert refused.value.code == code
    session.commit()
    assert session.scalars(select(Person)).all() == []


@pytest.mark.parametrize(
    ("details", "code"),
    [
        (Details("Alta", " ANA@demo.test"), "email-taken"),
        (Details("Alta", "alta@demo.test", "m‑17"), "staff-number-taken"),
        (Details("Alta", "ana@demo.test", "M-18"), "email-taken"),
    ],
)
def test_no_twin_by_case_space_or_look_alike(session: Session, details: Details, code: str) -> None:
    make_person(session, email="ana@demo.test", staff_number="M-17")
    other = make_person(session, "Alta")
    with pytest.raises(Conflict) as refused:
        people.add(session, details, actor=None, now=NOW)
    assert refused.value.code == code
    with pytest.raises(Conflict):
        people.change(session, other, details, actor=None, now=NOW)
    session.commit()
    session.expire_all()
    assert other.name == "Alta"
    assert len(session.scalars(select(Person)).all()) == 2


def test_two_people_may_have_one_name(session: Session) -> None:
    for email in ("a@demo.test", "b@demo.test"):
        people.add(session, Details("Ion Popescu", email), actor=None, now=NOW)
    assert people.list_people(session, query="ion popescu").total == 2


def test_changing_what_is_kept(session: Session, admin: Person) -> None:
    department = make_department(session, "Economic")
    person = make_person(session, "Ana Pop", email="ana@demo.test", staff_number="7")
    people.change(
        session,
        person,
        Details("Ana Ionescu", "ana@demo.test", None, department),
        actor=admin,
        now=NOW,
    )
    session.commit()
    session.expire_all()
    assert (person.name, person.staff_number, person.staff_key) == ("Ana Ionescu", None, None)
    (entry,) = session.scalars(select(AuditEntry))
    assert entry.actor_id == admin.id
    assert entry.details["changes"] == {
        "name": {"old": "Ana Pop", "new": "Ana Ionescu"},
        "staff_number": {"old": "7", "new": None},
        "department": {"old": None, "new": "Economic"},
    }


def test_changing_nothing_records_nothing(session: Session, admin: Person) -> None:
    person = make_person(session, email="ana@demo.test")
    people.change(session, person, Details(person.name, person.email), actor=admin, now=NOW)
    assert session.scalars(select(AuditEntry)).all() == []


@pytest.mark.parametrize(
    ("details", "still_open"),
    [
        (Details("Alt Nume", "ana@demo.test", "7"), True),
        (Details("Ana Popescu", "alta@demo.test", "7"), False),
        (Details("Ana Popescu", "ana@demo.test", "8"), False),
    ],
)
def test_another_address_withdraws_what_is_on_its_way_to_the_old_one(
    session: Session, details: Details, still_open: bool
) -> None:
    person = make_person(session, email="ana@demo.test", staff_number="7")
    link = access_codes.issue_link(session, person, None, NOW)
    people.change(session, person, details, actor=None, now=NOW)
    code = access_codes.find(session, link)
    assert code is not None
    state = access_codes.state_of(code, NOW)
    assert (state is access_codes.CodeState.OPEN) is still_open


def test_suspending_closes_every_door(session: Session, admin: Person) -> None:
    person, other = make_person(session), make_person(session)
    for one in (person, person, other):
        make_sign_in(session, one)
    access_codes.issue_codes(session, [person], None, NOW)
    people.suspend(session, person, actor=admin, now=NOW)
    session.commit()
    session.expire_all()
    assert person.suspended_at == NOW
    ended = {s.person_id for s in session.scalars(select(SignIn)) if s.revoked_at}
    open_ones = {s.person_id for s in session.scalars(select(SignIn)) if not s.revoked_at}
    assert (ended, open_ones) == ({person.id}, {other.id})
    assert all(code.withdrawn_at for code in session.scalars(select(AccessCode)))


def test_suspending_twice_and_reinstating(session: Session, admin: Person) -> None:
    person = make_person(session, password_hash="kept")
    for _ in range(2):
        people.suspend(session, person, actor=admin, now=NOW)
    for _ in range(2):
        people.reinstate(session, person, actor=admin, now=NOW)
    assert (person.suspended_at, person.password_hash) == (None, "kept")
    verbs = [e.verb for e in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert verbs == ["person.suspend", "person.reinstate"]


def test_an_administrator_always_remains(session: Session, admin: Person) -> None:
    make_person(session, is_admin=True, suspended_at=NOW)
    for act in (
        lambda: people.suspend(session, admin, actor=admin, now=NOW),
        lambda: people.set_admin(session, admin, False, actor=admin, now=NOW),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert (refused.value.status, refused.value.code) == (409, "last-administrator")
    session.commit()
    session.expire_all()
    assert (admin.is_admin, admin.suspended_at) == (True, None)


def test_with_two_administrators_one_may_go(session: Session, admin: Person) -> None:
    second = make_person(session)
    people.set_admin(session, second, True, actor=admin, now=NOW)
    people.set_admin(session, admin, False, actor=admin, now=NOW)
    with pytest.raises(Conflict):
        people.suspend(session, second, actor=None, now=NOW)
    assert (admin.is_admin, second.is_admin) == (False, True)


def test_a_suspended_former_administrator_is_in_nobodys_way(
    session: Session, admin: Person
) -> None:
    gone = make_person(session, is_admin=True, suspended_at=NOW)
    people.set_admin(session, gone, False, actor=admin, now=NOW)
    assert not gone.is_admin
    with pytest.raises(Conflict):
        people.set_admin(session, gone, True, actor=admin, now=NOW)


def test_two_administrators_stepping_down_together(session: Session, engine: Engine) -> None:
    ids = [make_person(session, is_admin=True).id for _ in range(2)]
    session.commit()
    session.close()
    start, refused = threading.Barrier(2), []

    def step_down(person_id: int) -> None:
        start.wait()
        with Session(engine) as mine:
            begin_write(mine)
            try:
                person = mine.get_one(Person, person_id)
                people.set_admin(mine, person, False, actor=person, now=NOW)
                mine.commit()
            except Conflict as conflict:
                refused.append(conflict.code)

    threads = [threading.Thread(target=step_down, args=(person_id,)) for person_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["last-administrator"]
    assert len(session.scalars(select(Person).where(Person.is_admin)).all()) == 1


def test_hr_is_no_way_to_administration(session: Session, admin: Person) -> None:
    hr, colleague = make_person(session, "HR"), make_person(session)
    make_person(session, is_admin=True)
    acts = [
        lambda: people.add(session, Details("X", "x@demo.test"), is_admin=True, actor=hr, now=NOW),
        lambda: people.set_admin(session, hr, True, actor=hr, now=NOW),
        lambda: people.set_admin(session, admin, False, actor=hr, now=NOW),
        lambda: people.change(session, admin, Details("X", "hr2@demo.test"), actor=hr, now=NOW),
        lambda: people.suspend(session, admin, actor=hr, now=NOW),
        lambda: people.reinstate(session, admin, actor=hr, now=NOW),
    ]
    for act in acts:
        with pytest.raises(Forbidden) as refused:
            act()
        assert refused.value.code == "administrator-only"
    people.suspend(session, colleague, actor=hr, now=NOW)
    assert colleague.suspended_at == NOW


def test_the_own_language(session: Session) -> None:
    person = make_person(session)
    people.set_language(session, person, "en")
    assert person.language == "en"
    for unknown in ("de", "", "RO", "en\x00"):
        with pytest.raises(Refusal):
            people.set_language(session, person, unknown)


def test_a_new_password_ends_the_other_sign_ins(session: Session) -> None:
    person = make_person(session)
    mine, elsewhere = make_sign_in(session, person), make_sign_in(session, person)
    link = access_codes.issue_link(session, person, None, NOW)
    made = passwords.make_hash("o parolă destul de lungă")
    people.set_password(session, person, made, keep_sign_in_id=mine.id, now=NOW)
    session.commit()
    session.expire_all()
    assert passwords.verify(person.password_hash, "o parolă destul de lungă")
    assert (mine.revoked_at, elsewhere.revoked_at) == (None, NOW)
    with pytest.raises(Refusal):
        access_codes.redeem(session, link, NOW)
    (entry,) = session.scalars(
        select(AuditEntry).where(AuditEntry.verb == "person.set-own-password")
    )
    assert (entry.actor_id, entry.details) == (person.id, {})


def test_a_password_set_for_somebody_is_not_on_record_as_their_own_act(session: Session) -> None:
    person = make_person(session)
    made = passwords.make_hash("o parolă destul de lungă")
    people.set_password(session, person, made, keep_sign_in_id=None, now=NOW, is_own=False)
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.verb, entry.actor_id) == ("person.set-password", None)
    assert entry.subject == f"person:{person.uuid}"


def test_a_password_is_never_stored_as_typed(session: Session) -> None:
    person = make_person(session)
    with pytest.raises(ValueError, match="hash"):
        people.set_password(session, person, "o parolă lungă", keep_sign_in_id=None, now=NOW)


def test_the_own_name_is_no_password(session: Session) -> None:
    person = make_person(session, "Ana Popescu", staff_number="M-1717")
    with pytest.raises(Refusal) as refused:
        people.check_password(person, "popescu-ana-2026")
    assert refused.value.code == "password-own-name"


@pytest.fixture
def town(session: Session) -> list[Person]:
    root = make_department(session)
    economic = make_department(session, "Economic", root)
    budget = make_department(session, "Buget", economic)
    made = [
        make_person(session, "Ștefan Țăranu", email="stefan@demo.test", department=budget),
        make_person(session, "Ana 100% Pop", email="a_b@demo.test", department=economic),
        make_person(session, "Ana Maria Pop", staff_number="M-17", department=root),
        make_person(session, "Ion Plecatu", suspended_at=NOW, department=budget),
    ]
    session.commit()
    return made


def names(session: Session, query: str = "", **more: object) -> list[str]:
    page = people.list_people(session, query=query, **more)  # type: ignore[arg-type]  # a shorthand
    return [person.name for person in page.items]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Ana 100% Pop", "Ana Maria Pop", "Ștefan Țăranu"]),
        ("STEFAN", ["Ștefan Țăranu"]),
        ("ştefan", ["Ștefan Țăranu"]),
        ("taranu  stef", ["Ștefan Țăranu"]),
        ("pop ana", ["Ana 100% Pop", "Ana Maria Pop"]),
        ("m-17", ["Ana Maria Pop"]),
        ("stefan@", ["Ștefan Țăranu"]),
        ("%", ["Ana 100% Pop"]),
        ("_", ["Ana 100% Pop"]),
        ("\\", []),
        ("' OR 1=1 --", []),
        ("plecatu", []),
        ("nimeni", []),
    ],
)
def test_finding_people(session: Session, town: list[Person], query: str, found: list[str]) -> None:
    assert names(session, query) == found


def test_finding_by_department_and_status(session: Session, town: list[Person]) -> None:
    economic = town[1].department
    assert names(session, department=economic) == ["Ana 100% Pop", "Ștefan Țăranu"]
    assert names(session, status=Status.SUSPENDED) == ["Ion Plecatu"]
    assert len(names(session, status=Status.ALL)) == 4
    everyone = people.list_all(session, department=economic, status=Status.ALL)
    assert [person.name for person in everyone] == ["Ana 100% Pop", "Ion Plecatu", "Ștefan Țăranu"]


def test_a_list_takes_two_queries_with_its_departments(
    session: Session, town: list[Person]
) -> None:
    session.expunge_all()
    with statements(session) as sent:
        page = people.list_people(session)
        shown = [person.department.name for person in page.items if person.department]
    assert shown == ["Economic", "Primăria", "Buget"]
    assert len(sent) == 2


@pytest.mark.parametrize(
    ("query", "code"),
    [("x" * 101, "query-too-long"), ("a\x00b", "query-unclean"), ("\ud800", "query-unclean")],
)
def test_a_search_that_is_none(session: Session, query: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        people.list_people(session, query=query)
    assert refused.value.code == code


def test_getting_one(session: Session, town: list[Person]) -> None:
    assert people.get(session, town[0].uuid) is town[0]
    for uuid in ("", "x\x00", "\ud800", "00000000-0000-4000-8000-000000000000"):
        with pytest.raises(NotFound):
            people.get(session, uuid)
