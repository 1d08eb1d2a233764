"""Totals are kept while nothing happens, and never a moment longer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from factories import courses as factory
from factories.people import make_department, make_head, make_person, viewer_of
from learners import Learner, cohort_of, enrol, publish
from sessions import NOW
from sqlalchemy.orm import Session

from lms.domain.access import Viewer
from lms.models import CohortDue, Enrolment, Person
from lms.services import departments, people, report_scope, reports, totals
from lms.services.report_scope import Filters
from lms.services.totals import Totals

TODAY = date(2026, 3, 2)


class Hall:
    """Three learners of one department, and its head."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.published = publish(session)
        self.root = make_department(session)
        self.home = make_department(session, "Direcția", self.root)
        self.away = make_department(session, "Alta", self.root)
        self.cohort = cohort_of(session, self.published, ends_on=TODAY - timedelta(days=3))
        self.people = [
            enrol(session, self.published, name, cohort=self.cohort, department=self.home)
            for name in ("Ana", "Bogdan", "Corina")
        ]
        self.admin = make_person(session, "Admin", is_admin=True)
        head = make_person(session, "Șefa", department=self.home)
        make_head(session, self.home, head)
        self.viewer: Viewer = viewer_of(session, head.id)

    def totals(self) -> Totals:
        scope = report_scope.scope(self.session, self.viewer, self.published, Filters(), TODAY)
        return reports.matrix(scope, 1).totals

    def enrolment(self, learner: Learner) -> Enrolment:
        return self.session.get_one(Enrolment, learner.enrolled.enrolment_id)


@pytest.fixture
def hall(session: Session) -> Hall:
    return Hall(session)


def finish(hall: Hall) -> None:
    for module in hall.published.manifest.modules:
        factory.make_completion(
            hall.session, hall.enrolment(hall.people[0]), hall.published, module.id
        )


def open_a_lesson(hall: Hall) -> None:
    lesson = hall.published.manifest.modules[0].lessons[0]
    factory.make_reading(hall.session, hall.enrolment(hall.people[0]), lesson)


def suspend(hall: Hall) -> None:
    people.suspend(hall.session, hall.people[0].person, actor=hall.admin, now=NOW)


def move_away(hall: Hall) -> None:
    departments.move(hall.session, hall.home, hall.away, actor=hall.admin, now=NOW)


def set_a_due_date(hall: Hall) -> None:
    module = hall.published.manifest.modules[0].id
    hall.session.add(CohortDue(cohort_id=hall.cohort.id, module_id=module, days_after=0))
    hall.session.flush()


CHANGES: dict[str, tuple[Callable[[Hall], None], Totals]] = {
    "a course finished": (finish, Totals(3, 1, 0, 2)),
    "a lesson opened": (open_a_lesson, Totals(3, 0, 0, 2)),
    "somebody suspended": (suspend, Totals(2, 0, 0, 2)),
    "a department elsewhere": (move_away, Totals(3, 0, 0, 3)),
    "a due date": (set_a_due_date, Totals(3, 0, 3, 3)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_happens_is_counted_at_once(hall: Hall, change: str) -> None:
    assert hall.totals() == Totals(3, 0, 0, 3)
    act, after = CHANGES[change]
    act(hall)
    hall.session.flush()
    hall.viewer = viewer_of(hall.session, hall.viewer.person_id)
    assert hall.totals() == after


def test_nothing_is_counted_twice_while_nothing_happens(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = hall.totals()
    monkeypatch.setattr(totals, "_count", None)
    assert hall.totals() == first
    monkeypatch.setattr(totals, "SECONDS", 0.0)
    with pytest.raises(TypeError):
        hall.totals()


def test_what_one_head_sees_is_not_another_heads(hall: Hall) -> None:
    head: Person = make_person(hall.session, "Alt șef", department=hall.away)
    make_head(hall.session, hall.away, head)
    assert hall.totals().enrolled == 3
    hall.viewer = viewer_of(hall.session, head.id)
    assert hall.totals().enrolled == 0


def test_cohorts_and_filters_are_views_of_their_own(hall: Hall) -> None:
    for filters, found in ((Filters(), 3), (Filters(search="ana"), 1)):
        scope = report_scope.scope(hall.session, hall.viewer, hall.published, filters, TODAY)
        assert reports.matrix(scope, 1).found == found
