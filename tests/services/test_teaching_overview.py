"""Counts for the trainer agree with what each learner sees, in a constant number of queries."""

from __future__ import annotations

import random

import pytest
from factories.courses import (
    InlineRenderer,
    a_course,
    make_attempt,
    make_completion,
    make_criterion,
    make_published,
    make_reading,
    with_course_tests,
)
from factories.people import make_enrolment, make_person
from sessions import NOW
from sqlalchemy.orm import Session
from statements import statements

from lms.domain.completion import ModuleState
from lms.domain.errors import NotFound
from lms.models import Enrolment
from lms.services import authoring, learning
from lms.services.course_store import store_course
from lms.services.curriculum import Published
from lms.services.teaching_overview import (
    LessonCounts,
    QuizCounts,
    item_counts,
    where_people_are,
)


def _enrol(session: Session, number: int, **more: object) -> list[Enrolment]:
    course = authoring.get_course(session, "por")
    return [
        make_enrolment(session, make_person(session), course, **more)  # type: ignore[arg-type]
        for _ in range(number)
    ]


def _live(session: Session) -> Published:
    return make_published(session)


def test_an_empty_course(session: Session) -> None:
    live = _live(session)
    where = where_people_are(session, live.course_id)
    assert where.enrolled == 0
    assert [(m.not_started, m.in_progress, m.done) for m in where.modules] == [(0, 0, 0)] * 2


def test_an_unpublished_course_has_no_people_anywhere(session: Session) -> None:
    store_course(session, a_course(), InlineRenderer(), NOW)
    with pytest.raises(NotFound):
        where_people_are(session, authoring.get_course(session, "por").id)


def test_people_are_counted_once_and_in_one_place(session: Session) -> None:
    live = _live(session)
    lesson, quiz = (live.manifest.by_activity[key][1] for key in ("m1-a", "m1-test"))
    reads, fails, passes, sits, idle = _enrol(session, 5)
    (left,) = _enrol(session, 1, ended_at=NOW)
    make_reading(session, reads, lesson)
    make_reading(session, passes, lesson, read=True)
    make_reading(session, left, lesson, read=True)
    make_attempt(session, fails, live, quiz, points=(0, 1))
    make_attempt(session, fails, live, quiz, number=2, points=(0, 0))
    make_attempt(session, passes, live, quiz, points=(0, 0))
    make_attempt(session, passes, live, quiz, number=2, points=(1, 1))
    make_attempt(session, sits, live, quiz)
    make_completion(session, passes, live, live.manifest.modules[0].id)
    where = where_people_are(session, live.course_id)
    one, two = where.modules
    assert (where.enrolled, one.not_started, one.in_progress, one.done) == (5, 1, 3, 1)
    assert (two.not_started, two.in_progress, two.done) == (5, 0, 0)
    first, _, last = one.activities
    assert isinstance(first, LessonCounts) and (first.opened, first.read) == (2, 1)
    assert isinstance(last, QuizCounts)
    assert (last.tried, last.passed, last.failed, last.open) == (3, 1, 1, 1)
    assert idle.id


@pytest.mark.parametrize("seed", range(5))
def test_the_counts_equal_what_each_learner_sees(session: Session, seed: int) -> None:
    live, rng = _live(session), random.Random(seed)
    enrolments = _enrol(session, 12)
    for enrolment in enrolments:
        for module in live.manifest.modules:
            for lesson in module.lessons:
                if rng.random() < 0.3:
                    reading = make_reading(session, enrolment, lesson, read=True)
                    make_criterion(session, enrolment, module.id, reading, lesson)
            if rng.random() < 0.3:
                points = rng.choice([None, (0, 0), (1, 1)])
                make_attempt(session, enrolment, live, module.quizzes[0], points=points)
            if rng.random() < 0.2:
                make_completion(session, enrolment, live, module.id)
    seen = {module.id: dict.fromkeys(ModuleState, 0) for module in live.manifest.modules}
    for enrolment in enrolments:
        enrolled = learning.get_enrolled(session, enrolment.person_id, "por")
        ledger = learning.read_ledger(session, enrolled)
        for progress in learning.overview(enrolled, ledger, NOW.date()).modules:
            seen[progress.module.id][progress.state] += 1
    for counts in where_people_are(session, live.course_id).modules:
        assert seen[counts.module.id] == {
            ModuleState.NOT_STARTED: counts.not_started,
            ModuleState.IN_PROGRESS: counts.in_progress,
            ModuleState.DONE: counts.done,
        }


def test_the_number_of_queries_is_constant(session: Session) -> None:
    live = make_published(session, a_course(modules=6))
    counts = []
    for number in (0, 20):
        for enrolment in _enrol(session, number):
            make_reading(session, enrolment, live.manifest.modules[0].activities[0])
        session.commit()
        with statements(session) as sent:
            where_people_are(session, live.course_id)
        counts.append(len(sent))
    # The first look also reads the manifest, which the process then keeps.
    assert counts[1] <= counts[0] and counts[1] <= 7


def test_questions_are_counted_only_from_five_people_on(session: Session) -> None:
    live = _live(session)
    quiz = live.manifest.by_activity["m1-test"][1]
    people = _enrol(session, 5)
    for number, enrolment in enumerate(people[:4]):
        make_attempt(session, enrolment, live, quiz, points=(number % 2, 0.5))
        make_attempt(session, enrolment, live, quiz, number=2, points=(0, 0))
    assert item_counts(session, live.course_id) == {}
    make_attempt(session, people[4], live, quiz)
    assert item_counts(session, live.course_id) == {}
    make_attempt(session, *_enrol(session, 1), live, quiz, points=(1, 1))
    counts = item_counts(session, live.course_id)
    drawn = [item.key for item in live.manifest.pool[:2]]
    assert counts.keys() == set(drawn)
    assert [(counts[k].people, counts[k].right_percent) for k in drawn] == [(5, 33), (5, 11)]


def test_tests_of_the_whole_course_say_nothing_of_its_questions(session: Session) -> None:
    """Nobody but the learner sees what was known before the course, not even in a sum."""
    live = make_published(session, with_course_tests(a_course()))
    module_test = live.manifest.by_activity["m1-test"][1]
    people = _enrol(session, 6)
    for enrolment in people:
        for test in (*live.manifest.before, *live.manifest.after):
            make_attempt(session, enrolment, live, test, points=(0,) * test.questions)
    assert item_counts(session, live.course_id) == {}
    for enrolment in people:
        make_attempt(session, enrolment, live, module_test, points=(1,) * module_test.questions)
    counts = item_counts(session, live.course_id).values()
    assert {(c.people, c.right_percent) for c in counts} == {(6, 100)}
