"""The manager's figures: whose rows, what state, and totals that equal the rows."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

import pytest
from factories import courses as factory
from factories.people import make_department, make_head, make_person, viewer_of
from learners import Learner, cohort_of, enrol, publish
from sessions import NOW
from sqlalchemy.orm import Session
from statements import statements

from lms.domain.access import Viewer
from lms.domain.completion import ModuleState
from lms.domain.errors import NotFound, Refusal
from lms.models import Cohort, CohortDue, Department, Enrolment
from lms.services import report_scope, reports
from lms.services.curriculum import Published
from lms.services.paging import PAGE_SIZE
from lms.services.report_scope import Filters, StateFilter

TODAY = date(2026, 3, 2)


@dataclass
class Town:
    """A town hall of five departments, one of them deep, and a cohort with due dates."""

    session: Session
    published: Published
    departments: dict[str, Department]
    cohort: Cohort

    def viewer(self, *heads: str, role: str = "head") -> Viewer:
        person = make_person(self.session, "Șefa", department=self.departments["root"])
        for name in heads:
            make_head(self.session, self.departments[name], person, role)
        return viewer_of(self.session, person.id)

    def enrol(self, name: str, home: str | None, **more: object) -> Learner:
        department = self.departments[home] if home else None
        return enrol(
            self.session, self.published, name, cohort=self.cohort, department=department, **more
        )

    def scope(
        self, viewer: Viewer, filters: Filters | None = None, today: date = TODAY
    ) -> report_scope.Scope:
        return report_scope.scope(self.session, viewer, self.published, filters or Filters(), today)

    def names(self, viewer: Viewer, filters: Filters | None = None) -> list[str]:
        made = self.scope(viewer, filters)
        return [row.name for row in reports.rows(made)]


@pytest.fixture
def town(session: Session) -> Town:
    published = publish(session)
    root = make_department(session, "Primăria")
    one = make_department(session, "Direcția Unu", root)
    two = make_department(session, "Direcția Doi", root)
    homes = {
        "root": root,
        "one": one,
        "two": two,
        "below": make_department(session, "Serviciul", one),
    }
    homes["deep"] = make_department(session, "Biroul", homes["below"])
    cohort = cohort_of(session, published, ends_on=TODAY - timedelta(days=10))
    for module, days in zip(published.manifest.modules, (9, 10), strict=True):
        session.add(CohortDue(cohort_id=cohort.id, module_id=module.id, days_after=days))
    session.flush()
    return Town(session, published, homes, cohort)


def complete(town: Town, who: Learner, *numbers: int) -> None:
    enrolment = town.session.get_one(Enrolment, who.enrolled.enrolment_id)
    for number in numbers:
        module = town.published.manifest.modules[number - 1]
        factory.make_completion(town.session, enrolment, town.published, module.id)


def begin(town: Town, who: Learner, number: int = 1) -> None:
    enrolment = town.session.get_one(Enrolment, who.enrolled.enrolment_id)
    lesson = town.published.manifest.modules[number - 1].lessons[0]
    factory.make_reading(town.session, enrolment, lesson)


def everyone(town: Town) -> dict[str, Learner]:
    homes = {"Ana": "one", "Bogdan": "below", "Corina": "deep", "Dan": "two", "Eva": "root"}
    return {name: town.enrol(name, home) for name, home in homes.items()} | {
        "Fără loc": town.enrol("Fără loc", None)
    }


def test_whose_rows_one_sees(town: Town) -> None:
    everyone(town)
    assert town.names(town.viewer("one")) == ["Ana", "Bogdan", "Corina"]
    assert town.names(town.viewer("below", role="deputy")) == ["Bogdan", "Corina"]
    assert town.names(town.viewer("two", "deep")) == ["Corina", "Dan"]
    assert town.names(town.viewer("one", "deep")) == ["Ana", "Bogdan", "Corina"], "nobody twice"
    assert len(town.names(town.viewer("root"))) == 6, "human resources see also who is nowhere"
    assert town.names(town.viewer()) == []


def test_who_moves_is_seen_where_they_are_now(town: Town) -> None:
    ana = everyone(town)["Ana"]
    ana.person.department = town.departments["two"]
    town.session.flush()
    assert "Ana" not in town.names(town.viewer("one"))
    assert "Ana" in town.names(town.viewer("two"))


def test_who_has_left_or_is_suspended_is_not_counted(town: Town) -> None:
    people = everyone(town)
    people["Ana"].person.suspended_at = NOW
    town.session.get_one(Enrolment, people["Bogdan"].enrolled.enrolment_id).ended_at = NOW
    town.session.flush()
    made = town.scope(town.viewer("one"))
    assert reports.matrix(made, 1).totals.enrolled == 1
    for gone in ("Ana", "Bogdan"):
        with pytest.raises(NotFound):
            reports.one(made, people[gone].person.uuid)


def test_a_department_that_is_not_mine_looks_like_none(town: Town) -> None:
    viewer = town.viewer("one")
    for uuid in (town.departments["two"].uuid, town.departments["root"].uuid, "no-such"):
        with pytest.raises(NotFound):
            town.scope(viewer, Filters(department=uuid))
    with pytest.raises(NotFound):
        town.scope(viewer, Filters(cohort="no-such"))
    listed = town.scope(viewer).departments
    assert [(d.name, d.depth) for d in listed] == [
        ("Direcția Unu", 0),
        ("Serviciul", 1),
        ("Biroul", 2),
    ]


def test_a_cohort_in_which_nobody_is_mine_is_not_named(town: Town) -> None:
    town.enrol("Ana", "one")
    assert [c.name for c in town.scope(town.viewer("one")).cohorts] == [town.cohort.name]
    assert [c.name for c in town.scope(town.viewer("root")).cohorts] == [town.cohort.name]
    assert town.scope(town.viewer("two")).cohorts == []
    with pytest.raises(NotFound):
        town.scope(town.viewer("two"), Filters(cohort=town.cohort.uuid))
    gone = town.enrol("Barbu", "two")
    gone.person.suspended_at = NOW
    town.session.flush()
    assert town.scope(town.viewer("two")).cohorts == [], "nobody of mine is left in it"


@pytest.mark.parametrize(("shift", "late"), [(-2, 0), (-1, 0), (0, 1), (1, 2), (300, 2)])
def test_late_begins_the_day_after_in_rows_and_totals_alike(
    town: Town, shift: int, late: int
) -> None:
    """Due are yesterday and today."""
    town.enrol("Ana", "one")
    today = TODAY + timedelta(days=shift)
    made = town.scope(town.viewer("one"), today=today)
    table = reports.matrix(made, 1)
    assert len(table.rows[0].overdue) == late
    assert table.totals.overdue == min(late, 1)


def test_what_is_finished_or_never_due_is_not_late(town: Town) -> None:
    done, alone = town.enrol("Ana", "one"), enrol(town.session, town.published, "Fără grupă")
    alone.person.department = town.departments["one"]
    complete(town, done, 1, 2)
    made = town.scope(town.viewer("one"), today=TODAY + timedelta(days=99))
    table = reports.matrix(made, 1)
    assert (table.totals.overdue, table.totals.done, table.totals.not_started) == (0, 1, 1)
    assert table.rows[0].completed_at == NOW
    assert table.rows[1].completed_at is None


def test_totals_and_filters_equal_what_the_rows_say(town: Town) -> None:
    """Fifty people with random histories: every figure recomputed from the rows."""
    chance = random.Random(7)
    homes = [*town.departments, None]
    for number in range(50):
        who = town.enrol(f"Om {number:02d}", chance.choice(homes))
        if chance.random() < 0.6:
            begin(town, who, chance.choice((1, 2)))
        complete(town, who, *chance.choice(((), (), (1,), (2,), (1, 2))))
    for heads in (("root",), ("one",), ("two", "deep"), ()):
        viewer = town.viewer(*heads)
        rows = list(reports.rows(town.scope(viewer)))
        wanted = {
            StateFilter.ANY: rows,
            StateFilter.DONE: [r for r in rows if r.completed_at],
            StateFilter.OVERDUE: [r for r in rows if r.overdue],
            StateFilter.NOT_STARTED: [
                r for r in rows if {c.state for c in r.cells} == {ModuleState.NOT_STARTED}
            ],
        }
        wanted[StateFilter.IN_PROGRESS] = [
            r for r in rows if r not in wanted[StateFilter.DONE] + wanted[StateFilter.NOT_STARTED]
        ]
        for state, unfinished in product(StateFilter, ("", "m2")):
            filters = Filters(state=state, unfinished=unfinished)
            made = town.scope(viewer, filters)
            table = reports.matrix(made, 1)
            expected = [r for r in wanted[state] if not unfinished or not r.cells[1].completed_at]
            assert list(reports.rows(made)) == expected, (heads, state)
            assert list(table.rows) == expected[:PAGE_SIZE]
            assert table.found == len(expected)
            assert table.totals.enrolled == len(rows)
            assert table.totals.done == len(wanted[StateFilter.DONE])
            assert table.totals.overdue == len(wanted[StateFilter.OVERDUE])
            assert table.totals.not_started == len(wanted[StateFilter.NOT_STARTED])


def test_names_are_found_without_diacritics_and_signs_are_no_wildcards(town: Town) -> None:
    for name in ("Ștefan Țepeș", "Procent 100%", "Ion_Ion"):
        town.enrol(name, "one")
    viewer = town.viewer("one")
    assert town.names(viewer, Filters(search="stefan tepes")) == ["Ștefan Țepeș"]
    assert town.names(viewer, Filters(search="%")) == ["Procent 100%"]
    assert town.names(viewer, Filters(search="_")) == ["Ion_Ion"]
    assert len(town.names(viewer, Filters(search="   "))) == 3


def test_a_page_behind_the_last_gives_the_last(town: Town) -> None:
    for number in range(PAGE_SIZE + 3):
        town.enrol(f"Om {number:03d}", "one")
    made = town.scope(town.viewer("one"))
    for page, names in ((1, PAGE_SIZE), (2, 3), (3, 3), (1_000_000, 3)):
        table = reports.matrix(made, page)
        assert (len(table.rows), table.pages, table.found) == (names, 2, PAGE_SIZE + 3)
        assert table.page == min(page, 2)
    with pytest.raises(Refusal):
        reports.matrix(made, 0)


def test_an_empty_table_still_has_its_totals(town: Town) -> None:
    everyone(town)
    filters = Filters(search="nimeni")
    table = reports.matrix(town.scope(town.viewer("root"), filters), 1)
    assert (table.rows, table.found, table.page, table.pages) == ((), 0, 1, 1)
    assert table.totals.enrolled == 6


def test_an_export_in_pieces_is_the_same_list(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """People of one name stand on both sides of a border between two pieces."""
    for number in range(11):
        town.enrol("Ion Popescu" if number % 3 else f"Ana {number}", "one")
    made = town.scope(town.viewer("one"))
    whole = list(reports.rows(made))
    for size in (1, 2, 3, 5, 11, 12):
        monkeypatch.setattr(reports, "CHUNK", size)
        assert list(reports.rows(made)) == whole
    assert len({row.person_uuid for row in whole}) == 11


def test_a_page_costs_two_queries_whoever_stands_on_it(town: Town) -> None:
    for number in range(30):
        begin(town, town.enrol(f"Om {number}", "one"))
    town.session.flush()
    made = town.scope(town.viewer("one"))
    with statements(town.session) as counting:
        first = reports.matrix(made, 1)
    assert len(counting) == 3, counting
    with statements(town.session) as sent:
        assert reports.matrix(made, 1).totals == first.totals
    assert len(sent) == 2, sent


def test_an_export_costs_two_queries_for_a_thousand_people(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "CHUNK", 3)
    for number in range(6):
        begin(town, town.enrol(f"Om {number}", "one"))
    town.session.flush()
    made = town.scope(town.viewer("one"))
    with statements(town.session) as sent:
        assert len(list(reports.rows(made))) == 6
    assert len(sent) == 5, sent  # two for each three people, one that finds no more
