"""Cohorts: who follows a course with which workshop, and by when."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from factories.people import (
    make_cohort,
    make_course,
    make_department,
    make_enrolment,
    make_person,
)
from sessions import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from statements import statements

from lms.domain.errors import Conflict, NotFound, Refusal
from lms.models import AuditEntry, Cohort, Course, Enrolment, Module
from lms.services import cohorts

JUNE, LAST = date(2018, 6, 12), date(2018, 6, 14)


@pytest.fixture
def course(session: Session) -> Course:
    course = make_course(session, modules=3)
    session.commit()
    return course


def module_ids(session: Session, course: Course) -> list[int]:
    found = select(Module.id).where(Module.course_id == course.id).order_by(Module.position)
    return list(session.scalars(found))


def counts(report: cohorts.EnrolReport) -> tuple[int, ...]:
    return (
        report.new,
        report.again,
        report.joined,
        report.already,
        report.elsewhere,
        report.suspended,
    )


def test_a_cohort_is_a_workshop_of_a_course(session: Session, course: Course) -> None:
    cohort = cohorts.create(session, course, " Atelier  iunie ", JUNE, LAST, actor=None, now=NOW)
    session.commit()
    assert cohorts.get(session, cohort.uuid) is cohort
    assert (cohort.name, cohort.starts_on, cohort.ends_on) == ("Atelier iunie", JUNE, LAST)


@pytest.mark.parametrize(
    ("name", "ends_on", "code"),
    [
        (" ", LAST, "cohort-name-missing"),
        ("x" * 201, LAST, "text-too-long"),
        ("a\x00", LAST, "text-unclean"),
        ("Atelier", JUNE - timedelta(days=1), "dates-reversed"),
        ("ATELIER  existent", LAST, "cohort-exists"),
    ],
)
def test_what_no_cohort_can_be(
    session: Session, course: Course, name: str, ends_on: date, code: str
) -> None:
    make_cohort(session, course, "Atelier existent")
    other = make_cohort(session, course, "Celălalt")
    session.commit()
    for act in (
        lambda: cohorts.create(session, course, name, JUNE, ends_on, actor=None, now=NOW),
        lambda: cohorts.change(session, other, name, JUNE, ends_on, actor=None, now=NOW),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == code
    session.commit()
    session.expire_all()
    assert sorted(session.scalars(select(Cohort.name))) == ["Atelier existent", "Celălalt"]


def test_the_same_name_in_another_course(session: Session, course: Course) -> None:
    make_cohort(session, course, "Atelier")
    other = make_course(session, "achizitii")
    cohorts.create(session, other, "Atelier", JUNE, LAST, actor=None, now=NOW)


def test_due_days_are_set_module_by_module(session: Session, course: Course) -> None:
    cohort = make_cohort(session, course)
    first, second, third = module_ids(session, course)
    cohorts.set_due(session, cohort, {first: 14, second: 0}, actor=None, now=NOW)
    assert cohorts.list_due_days(session, cohort) == {first: 14, second: 0}
    cohorts.set_due(session, cohort, {second: None, third: 30}, actor=None, now=NOW)
    assert cohorts.list_due_days(session, cohort) == {first: 14, third: 30}


@pytest.mark.parametrize("days", [-1, 1001, 10**30])
def test_days_out_of_range(session: Session, course: Course, days: int) -> None:
    cohort = make_cohort(session, course)
    (first, *_) = module_ids(session, course)
    with pytest.raises(Refusal) as refused:
        cohorts.set_due(session, cohort, {first: days}, actor=None, now=NOW)
    assert refused.value.code == "days-out-of-range"


def test_a_module_of_another_course_has_no_date_here(session: Session, course: Course) -> None:
    cohort = make_cohort(session, course)
    (own, *_), (foreign,) = (
        module_ids(session, course),
        module_ids(session, make_course(session, "alt", modules=1)),
    )
    for missing in (foreign, 99999):
        with pytest.raises(NotFound):
            cohorts.set_due(session, cohort, {own: 3, missing: 3}, actor=None, now=NOW)
    assert cohorts.list_due_days(session, cohort) == {}


def test_enrolling_is_safe_to_repeat(session: Session, course: Course) -> None:
    cohort = make_cohort(session, course)
    members = [make_person(session) for _ in range(3)]
    first = cohorts.enrol(session, cohort, members, actor=None, now=NOW)
    again = cohorts.enrol(session, cohort, members, actor=None, now=NOW + timedelta(days=1))
    session.commit()
    assert counts(first) == (3, 0, 0, 0, 0, 0)
    assert counts(again) == (0, 0, 0, 3, 0, 0)
    rows = session.scalars(select(Enrolment)).all()
    assert {(e.person_id, e.cohort_id, e.enrolled_at) for e in rows} == {
        (p.id, cohort.id, NOW) for p in members
    }


def test_everybody_is_counted_once_whatever_they_were(session: Session, course: Course) -> None:
    cohort, other = make_cohort(session, course), make_cohort(session, course, "Altul")
    new, left, alone, elsewhere, gone = (make_person(session) for _ in range(5))
    ended = make_enrolment(session, left, course, other, ended_at=NOW)
    without = make_enrolment(session, alone, course)
    theirs = make_enrolment(session, elsewhere, course, other)
    gone.suspended_at = NOW
    members = [new, new, left, alone, elsewhere, gone]
    report = cohorts.enrol(session, cohort, members, actor=None, now=NOW)
    session.commit()
    session.expire_all()
    assert counts(report) == (1, 1, 1, 0, 1, 1)
    assert (ended.ended_at, ended.cohort) == (None, cohort)
    assert without.cohort is cohort
    assert theirs.cohort is other
    assert len(session.scalars(select(Enrolment)).all()) == 4


def test_a_whole_department_with_all_below(session: Session, course: Course) -> None:
    root = make_department(session)
    works = make_department(session, "Lucrări", root)
    roads = make_department(session, "Drumuri", works)
    inside = [make_person(session, department=d) for d in (works, roads, roads)]
    make_person(session, department=root)
    make_person(session, department=roads, suspended_at=NOW)
    cohort = make_cohort(session, course)
    report = cohorts.enrol_department(session, cohort, works, actor=None, now=NOW)
    assert counts(report) == (3, 0, 0, 0, 0, 1)
    assert {e.person_id for e in session.scalars(select(Enrolment))} == {p.id for p in inside}


def test_a_pasted_list_of_accounts(session: Session, course: Course) -> None:
    ana = make_person(session, email="ana@demo.test", staff_number="17")
    ion = make_person(session, email="ion@demo.test")
    cohort = make_cohort(session, course)
    typed = [" ANA@demo.test", "17", "ion@demo.test ", "", "nimeni@demo.test", "\ud800"]
    report = cohorts.enrol_named(session, cohort, typed, actor=None, now=NOW)
    assert counts(report) == (2, 0, 0, 0, 0, 0)
    assert report.unknown == ("nimeni@demo.test", "?")
    assert {e.person_id for e in session.scalars(select(Enrolment))} == {ana.id, ion.id}
    with pytest.raises(Refusal):
        cohorts.enrol_named(session, cohort, ["x"] * 5_001, actor=None, now=NOW)


def test_enrolling_many_takes_as_many_queries_as_enrolling_few(
    session: Session, course: Course
) -> None:
    cohort = make_cohort(session, course)
    few, many = ([make_person(session) for _ in range(n)] for n in (5, 200))
    session.commit()
    lengths = []
    for members in (few, many):
        for person in members:
            assert person.suspended_at is None  # loaded, as on a page that lists them
        assert cohort.course is course
        with statements(session) as sent:
            cohorts.enrol(session, cohort, members, actor=None, now=NOW)
        lengths.append(len(sent))
        session.commit()
    assert lengths[0] == lengths[1]


def test_leaving_keeps_what_was_done(session: Session, course: Course) -> None:
    cohort = make_cohort(session, course)
    enrolment = make_enrolment(session, make_person(session), course, cohort)
    for days in (0, 1):
        cohorts.end(session, enrolment, actor=None, now=NOW + timedelta(days=days))
    session.commit()
    session.expire_all()
    assert enrolment.ended_at == NOW
    assert cohorts.list_members(session, cohort).items == ()
    assert cohorts.list_members(session, cohort, ended=True).items == (enrolment,)


def test_cohorts_are_listed_with_their_numbers_in_one_query(
    session: Session, course: Course
) -> None:
    old = make_cohort(session, course, "Vechi", date(2017, 1, 1), date(2017, 1, 2))
    new = make_cohort(session, course, "Nou")
    foreign = make_cohort(session, make_course(session, "alt"), "Străin", ends_on=date(2019, 1, 1))
    for cohort, ended in ((old, NOW), (old, None), (old, None)):
        make_enrolment(session, make_person(session), course, cohort, ended_at=ended)
    session.commit()
    session.refresh(course)
    with statements(session) as sent:
        rows = cohorts.list_rows(session, course)
    assert len(sent) == 1
    assert [(r.cohort.name, r.active, r.ended) for r in rows] == [("Nou", 0, 0), ("Vechi", 2, 1)]
    assert [r.cohort for r in cohorts.list_rows(session)] == [foreign, new, old]


def test_members_come_by_name_with_departments(session: Session, course: Course) -> None:
    cohort, department = make_cohort(session, course), make_department(session)
    for name in ("Ștefan", "Ana", "Țugui"):
        make_enrolment(session, make_person(session, name, department=department), course, cohort)
    session.commit()
    session.expunge_all()
    (cohort,) = session.scalars(select(Cohort))
    with statements(session) as sent:
        page = cohorts.list_members(session, cohort)
        shown = [
            (e.person.name, e.person.department.name) for e in page.items if e.person.department
        ]
    assert len(sent) == 2
    assert shown == [("Ana", "Primăria"), ("Ștefan", "Primăria"), ("Țugui", "Primăria")]


def test_a_member_is_found_only_through_the_own_cohort(session: Session, course: Course) -> None:
    cohort, other = make_cohort(session, course), make_cohort(session, course, "Altul")
    mine = make_enrolment(session, make_person(session), course, cohort)
    theirs = make_enrolment(session, make_person(session), course, other)
    assert cohorts.get_member(session, cohort, mine.uuid) is mine
    for uuid in (theirs.uuid, "", "x\x00", "00000000-0000-4000-8000-000000000000"):
        with pytest.raises(NotFound):
            cohorts.get_member(session, cohort, uuid)
    for uuid in ("", "x\x00", mine.uuid):
        with pytest.raises(NotFound):
            cohorts.get(session, uuid)


def test_every_change_leaves_its_record(session: Session, course: Course) -> None:
    actor, person = make_person(session), make_person(session)
    cohort = cohorts.create(session, course, "A", JUNE, LAST, actor=actor, now=NOW)
    cohorts.change(session, cohort, "B", JUNE, LAST, actor=actor, now=NOW)
    (first, *_) = module_ids(session, course)
    for _ in range(2):
        cohorts.set_due(session, cohort, {first: 7}, actor=actor, now=NOW)
    for _ in range(2):
        cohorts.enrol(session, cohort, [person], actor=actor, now=NOW)
    (enrolment,) = session.scalars(select(Enrolment))
    cohorts.end(session, enrolment, actor=actor, now=NOW)
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [e.verb for e in entries] == [
        "cohort.add",
        "cohort.change",
        "cohort.set-due",
        "cohort.enrol",
        "enrolment.end",
    ]
    assert {e.actor_id for e in entries} == {actor.id}


def test_two_cohorts_of_one_name_never_exist(session: Session, course: Course) -> None:
    cohorts.create(session, course, "Atelier", JUNE, LAST, actor=None, now=NOW)
    with pytest.raises(Conflict) as refused:
        cohorts.create(session, course, "atelier", JUNE, LAST, actor=None, now=NOW)
    assert refused.value.status == 409
