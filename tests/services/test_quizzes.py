"""Taking a test: what is drawn stays, what is acknowledged counts, what is sent is scored once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from attempts import right_fields
from factories import courses as factory
from learners import Learner, enrol, publish, with_limit
from sessions import NOW
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from lms.domain.errors import Conflict, NotFound, Refusal
from lms.models import Attempt, AttemptItem, Credential, ModuleCompletion, Person, Response
from lms.models.engine import begin_write
from lms.services import quizzes, reading


@pytest.fixture
def ana(session: Session) -> Learner:
    return enrol(session, publish(session))


def count(session: Session, table: Any) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_an_attempt_is_there_from_the_start_and_given_back(ana: Learner) -> None:
    first = ana.start()
    assert (first.state, first.number, first.max_points) == ("open", 1, 2)
    assert ana.start().id == first.id
    assert count(ana.session, Attempt) == 1


def test_a_case_brings_all_its_questions_in_its_own_order(session: Session) -> None:
    course = factory.a_course()
    bank = factory.all_kinds()
    items = (*course.modules[0].items, *bank)
    quiz = factory.a_quiz("m1-test", count=4, items=("k-case",))
    activities = (*course.modules[0].activities[:-1], quiz)
    ana = enrol(
        session,
        publish(session, factory.with_module(course, 1, items=items, activities=activities)),
    )
    sat = quizzes.sitting(session, ana.person.id, ana.start().uuid)
    assert len(sat.slots) == 6
    places = [slot.row.position for slot in sat.slots if slot.case]
    assert places == [places[0], places[0] + 1]
    assert [slot.item.key for slot in sat.slots if slot.case] == ["k-case-1", "k-case-2"]


def test_open_attempts_keep_their_questions_whatever_is_published(ana: Learner) -> None:
    attempt = ana.start()
    before = [s.item for s in quizzes.sitting(ana.session, ana.person.id, attempt.uuid).slots]
    course = factory.a_course()
    changed = tuple(factory.an_item(f"m1-i{n}", explanation="Altă explicație") for n in range(1, 5))
    items = (*changed, course.modules[0].items[-1])
    factory.make_published(ana.session, factory.with_module(course, 1, items=items))
    after = [s.item for s in quizzes.sitting(ana.session, ana.person.id, attempt.uuid).slots]
    assert after == before
    ana.answer(attempt, 1)
    ana.answer(attempt, 2)
    assert ana.submit(attempt).attempt.is_passed


def test_the_same_answer_sent_again_gets_the_same_receipt(ana: Learner) -> None:
    attempt = ana.start()
    first = ana.answer(attempt, 1, key="k")
    again = ana.answer(attempt, 1, key="k", sequence=0, now=NOW + timedelta(minutes=3))
    assert again == first
    assert count(ana.session, Response) == 1


def test_a_key_used_for_another_answer_acknowledges_nothing(ana: Learner) -> None:
    """A receipt for an answer that is not stored would be a lie."""
    attempt = ana.start()
    ana.answer(attempt, 1, key="k")
    with pytest.raises(Conflict) as refused:
        ana.answer(attempt, 1, key="k", right=False, sequence=0)
    assert refused.value.code == "newer-answer"
    with pytest.raises(Conflict):
        ana.answer(attempt, 2, key="k")
    assert count(ana.session, Response) == 1


def test_an_answer_given_unseen_of_a_newer_one_is_refused(ana: Learner) -> None:
    attempt = ana.start()
    ana.answer(attempt, 1)
    with pytest.raises(Conflict) as refused:
        ana.answer(attempt, 1, right=False, sequence=0, key="other tab")
    assert (refused.value.code, refused.value.params) == ("newer-answer", {"position": 1})


@pytest.mark.parametrize("position", [0, -1, 3, 10**9, 10**30])
def test_there_is_no_such_question(ana: Learner, position: int) -> None:
    attempt = ana.start()
    for act in (
        lambda: quizzes.answer(
            ana.session, ana.person.id, attempt.uuid, position, {}, sequence=0, key="k", now=NOW
        ),
        lambda: quizzes.flag(ana.session, ana.person.id, attempt.uuid, position, True),
        lambda: quizzes.sitting(ana.session, ana.person.id, attempt.uuid).slot(position),
    ):
        with pytest.raises(NotFound):
            act()


def test_an_attempt_of_somebody_else_does_not_exist(ana: Learner) -> None:
    attempt = ana.start()
    dan = enrol(ana.session, ana.published, "Dan")
    for act in (
        lambda: quizzes.sitting(dan.session, dan.person.id, attempt.uuid),
        lambda: dan.answer(attempt, 1),
        lambda: dan.submit(attempt),
        lambda: quizzes.flag(dan.session, dan.person.id, attempt.uuid, 1, True),
    ):
        with pytest.raises(NotFound):
            act()


def test_nothing_changes_in_an_attempt_once_it_is_sent(ana: Learner) -> None:
    sent = ana.sit(right=False).attempt
    for act in (
        lambda: ana.answer(sent, 1),
        lambda: quizzes.flag(ana.session, ana.person.id, sent.uuid, 1, True),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "attempt-closed"
    again = ana.submit(sent, NOW + timedelta(hours=1))
    assert again.is_repeat
    assert (again.attempt.submitted_at, again.attempt.points) == (NOW, 0.0)


def test_what_was_answered_last_is_what_counts(ana: Learner) -> None:
    attempt = ana.start()
    for right in (True, False, True):
        ana.answer(attempt, 1, right=right)
    ana.answer(attempt, 2, right=False)
    assert ana.submit(attempt).attempt.points == 1.0
    assert [row.points for row in attempt.items] == [1.0, 0.0]


def test_waiting_and_the_last_attempt(session: Session) -> None:
    course = factory.a_course()
    quiz = factory.a_quiz("m1-test", attempts=2, wait_minutes=10)
    activities = (*course.modules[0].activities[:-1], quiz)
    ana = enrol(session, publish(session, factory.with_module(course, 1, activities=activities)))
    ana.sit(right=False)
    with pytest.raises(Conflict) as waiting:
        ana.start(now=NOW + timedelta(minutes=9, seconds=59))
    assert waiting.value.code == "quiz-wait"
    ana.sit(right=False, now=NOW + timedelta(minutes=10))
    with pytest.raises(Conflict) as over:
        ana.start(now=NOW + timedelta(days=1))
    assert over.value.code == "quiz-no-more"


def test_after_the_time_is_over_what_was_saved_counts(session: Session) -> None:
    ana = enrol(session, publish(session, with_limit(30, wait_minutes=10)))
    attempt = ana.start()
    ends = NOW + timedelta(minutes=30)
    assert attempt.deadline_at == ends
    ana.answer(attempt, 1, now=ends - timedelta(seconds=1))
    ana.answer(attempt, 2, now=ends + timedelta(seconds=10))
    with pytest.raises(Conflict) as late:
        ana.answer(attempt, 2, right=False, now=ends + timedelta(seconds=11))
    assert late.value.code == "time-over"
    sent = ana.submit(attempt, ends + timedelta(hours=2))
    assert sent.attempt.is_passed
    assert sent.attempt.submitted_at == ends, "it ended when its time did"


def test_an_answer_already_stored_is_acknowledged_also_after_the_time(session: Session) -> None:
    ana = enrol(session, publish(session, with_limit(30)))
    attempt = ana.start()
    first = ana.answer(attempt, 1, key="k")
    assert ana.answer(attempt, 1, key="k", sequence=0, now=NOW + timedelta(hours=1)) == first


def test_an_attempt_left_lying_is_scored_by_the_next_start(session: Session) -> None:
    ana = enrol(session, publish(session, with_limit(30, wait_minutes=10)))
    left = ana.start()
    ana.answer(left, 1)
    later = NOW + timedelta(days=3)
    closed = ana.start(now=later)
    assert (closed.id, closed.state, closed.points) == (left.id, "submitted", 1.0)
    assert closed.submitted_at == NOW + timedelta(minutes=30)
    assert ana.start(now=later).number == 2, "the wait was over long ago"


def test_an_unsent_attempt_has_no_result(ana: Learner) -> None:
    """Its sitting says so; the page for it asks there."""
    attempt = ana.start()
    sat = quizzes.sitting(ana.session, ana.person.id, attempt.uuid)
    assert (sat.attempt.state, sat.attempt.points, sat.answered) == ("open", None, 0)


def together(engine: Engine, act: Callable[[Session], Any], many: int) -> list[Any]:
    """The same done by so many at once, each with a session of its own."""
    ready = threading.Barrier(many)
    found: list[Any] = []

    def one() -> None:
        with Session(engine) as session:
            begin_write(session)
            session.rollback()
            ready.wait()
            begin_write(session)
            try:
                found.append(act(session))
                session.commit()
            except Refusal as refusal:
                session.rollback()
                found.append(refusal.code)

    threads = [threading.Thread(target=one) for _ in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def again(session: Session, learner: Learner) -> Learner:
    person = session.get_one(Person, learner.person.id)
    return Learner(session, person, learner.published)


@pytest.fixture
def dana(engine: Engine) -> Learner:
    """Somebody whose rows are committed, for those who come at once."""
    with Session(engine, expire_on_commit=False) as session:
        begin_write(session)
        learner = enrol(session, publish(session), "Dana")
        for lesson in learner.published.manifest.modules[0].lessons:
            reading.mark_read(session, learner.enrolled, lesson.key, NOW)
        session.commit()
        return learner


def test_twenty_starts_at_once_make_one_attempt(engine: Engine, dana: Learner) -> None:
    found = together(engine, lambda session: again(session, dana).start().uuid, 8)
    assert len(set(found)) == 1
    with Session(engine) as session:
        assert count(session, Attempt) == 1


def test_one_answer_sent_eight_times_at_once_is_stored_once(engine: Engine, dana: Learner) -> None:
    attempt = _started(engine, dana)
    found = together(
        engine, lambda s: again(s, dana).answer(attempt, 1, key="k", sequence=0).sequence, 8
    )
    assert found == [1] * 8, "each gets the receipt: it is the same answer"
    with Session(engine) as session:
        assert count(session, Response) == 1


def test_eight_answers_at_once_leave_one_and_say_so(engine: Engine, dana: Learner) -> None:
    attempt = _started(engine, dana)
    keys = iter("abcdefgh")
    found = together(
        engine, lambda s: again(s, dana).answer(attempt, 1, key=next(keys), sequence=0).sequence, 8
    )
    assert sorted(map(str, found)) == ["1", *["newer-answer"] * 7]


def test_a_test_sent_eight_times_at_once_is_scored_once(engine: Engine, dana: Learner) -> None:
    attempt = _started(engine, dana, answers=2)
    moments = iter(NOW + timedelta(seconds=n) for n in range(8))

    def send(session: Session) -> tuple[bool, bool]:
        learner = again(session, dana)
        # The page looks before it sends: what it saw must not be what is believed later.
        seen = quizzes.sitting(session, learner.person.id, attempt.uuid).attempt
        sent = learner.submit(seen, next(moments))
        return sent.is_repeat, sent.gained.module_completed is not None

    found = together(engine, send, 8)
    assert sorted(found) == [(False, True), *[(True, False)] * 7]
    with Session(engine) as session:
        assert count(session, ModuleCompletion) == 1
        assert count(session, Credential) == 1


def test_no_answer_is_acknowledged_that_the_score_does_not_know(
    engine: Engine, dana: Learner
) -> None:
    """Eight rounds of one answering while the other sends."""
    for round_ in range(8):
        attempt = _started(engine, dana, now=NOW + timedelta(hours=round_))
        roles = iter(("answer", "submit"))

        def act(session: Session, attempt: Attempt = attempt, roles: Any = roles) -> str:
            learner = again(session, dana)
            if next(roles) == "submit":
                learner.submit(attempt, attempt.started_at)
                return "sent"
            learner.answer(attempt, 1, now=attempt.started_at)
            return "stored"

        found = together(engine, act, 2)
        with Session(engine) as session:
            points = session.scalar(select(Attempt.points).where(Attempt.id == attempt.id))
        assert points == (1.0 if "stored" in found else 0.0), found


def _started(engine: Engine, learner: Learner, answers: int = 0, now: Any = NOW) -> Attempt:
    with Session(engine, expire_on_commit=False) as session:
        begin_write(session)
        one = again(session, learner)
        attempt = one.start(now=now)
        for position in range(1, answers + 1):
            one.answer(attempt, position, now=now)
        session.commit()
        return attempt


def test_the_factory_of_right_answers_is_right(ana: Learner) -> None:
    """Or the tests above would pass for nothing."""
    attempt = ana.start()
    row = ana.session.scalars(select(AttemptItem).where(AttemptItem.attempt_id == attempt.id)).all()
    slot = quizzes.sitting(ana.session, ana.person.id, attempt.uuid).slots[0]
    response = slot.body.read(right_fields(slot.item, slot.row.layout), slot.row.layout, "ro")
    assert len(row) == 2
    assert slot.body.score(response) == 1
