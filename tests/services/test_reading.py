"""Reading: the place reached, "I have read this", self-checks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import courses as factory
from learners import Learner, enrol, publish
from sessions import NOW
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.domain.errors import NotFound, Refusal
from lms.models import CheckAnswer, CriterionMet, Reading
from lms.services import learning, reading


@pytest.fixture
def ana(session: Session) -> Learner:
    return enrol(session, publish(session))


def self_checks(of: Learner, keys: list[str]) -> dict[str, reading.SelfCheck]:
    module = of.enrolled.manifest.modules[0]
    return reading.beside(of.session, of.enrolled, module, keys).checks


def one_row(ana: Learner) -> Reading:
    return ana.session.scalars(select(Reading)).one()


def test_the_place_is_kept_and_is_no_reading(ana: Learner) -> None:
    reading.note_place(ana.session, ana.enrolled, "m1-b", "un-titlu", 40, NOW)
    later = NOW + timedelta(minutes=3)
    reading.note_place(ana.session, ana.enrolled, "m1-b", "", 10, later)
    row = one_row(ana)
    assert (row.anchor, row.percent, row.updated_at, row.read_at) == ("", 10, later, None)
    assert row.opened_at == NOW
    assert ana.session.scalars(select(CriterionMet)).all() == []


@pytest.mark.parametrize(
    ("anchor", "percent"),
    [("no-such-heading", 5), ("x" * 121, 5), ("", -1), ("", 101), ("\x00", 5), ("un-titlu#", 5)],
)
def test_a_place_that_is_not_in_the_lesson_is_refused(
    ana: Learner, anchor: str, percent: int
) -> None:
    with pytest.raises(Refusal) as refused:
        reading.note_place(ana.session, ana.enrolled, "m1-b", anchor, percent, NOW)
    assert refused.value.code == "bad-place"
    assert ana.session.scalars(select(Reading)).all() == []


@pytest.mark.parametrize("key", ["m1-test", "no-such", "", "\x00"])
def test_only_lessons_are_read(ana: Learner, key: str) -> None:
    with pytest.raises(NotFound):
        reading.mark_read(ana.session, ana.enrolled, key, NOW)


def test_reading_counts_once_with_the_version_that_was_read(ana: Learner) -> None:
    first = ana.enrolled.manifest.modules[0].lessons[0]
    reading.mark_read(ana.session, ana.enrolled, "m1-a", NOW)
    course = factory.a_course()
    body = f"Alt text.\n\n::: check m1-c1\n\n![Alt](img/{course.modules[0].key}.svg)"
    lessons = (factory.a_lesson("m1-a", body=body), *course.modules[0].activities[1:])
    factory.make_published(ana.session, factory.with_module(course, 1, activities=lessons))
    assert ana.enrolled.manifest.modules[0].lessons[0].version_id != first.version_id
    reading.mark_read(ana.session, ana.enrolled, "m1-a", NOW + timedelta(days=1))
    met = ana.session.scalars(select(CriterionMet)).one()
    assert (met.criterion, met.met_at, met.version_id) == ("read:m1-a", NOW, first.version_id)
    assert one_row(ana).read_at == NOW


def test_who_looked_in_before_reads_the_version_of_the_day_they_read(ana: Learner) -> None:
    reading.note_place(ana.session, ana.enrolled, "m1-b", "", 10, NOW)
    course = factory.a_course()
    activities = list(course.modules[0].activities)
    activities[1] = factory.a_lesson("m1-b", body="Alt text.")
    changed = factory.with_module(course, 1, activities=tuple(activities))
    factory.make_published(ana.session, changed)
    reading.mark_read(ana.session, ana.enrolled, "m1-b", NOW)
    newest = ana.enrolled.manifest.modules[0].lessons[1].version_id
    assert ana.session.scalars(select(CriterionMet.version_id)).one() == newest


def check(ana: Learner, *, right: bool = True, key: str = "k", item: str = "m1-c1"):  # type: ignore[no-untyped-def]  # for tests
    shown = self_checks(ana, [item])[item]
    wanted = "Da" if right else "Nu"
    place = next(i for i, text in enumerate(shown.question.choices) if text.startswith(wanted))
    return reading.answer_check(ana.session, ana.enrolled, item, {"": [str(place)]}, key, "ro", NOW)


def test_a_self_check_shows_its_key_only_once_answered(ana: Learner) -> None:
    before = self_checks(ana, ["m1-c1"])["m1-c1"]
    assert (before.review, before.is_right, before.explanation) == (None, None, "")
    wrong = check(ana, right=False)
    assert wrong.is_right is False
    assert wrong.review is not None
    assert "POR" in wrong.explanation
    after = self_checks(ana, ["m1-c1"])["m1-c1"]
    assert after == wrong


def test_a_self_check_may_be_answered_again_and_every_answer_stays(ana: Learner) -> None:
    check(ana, right=False, key="a")
    assert check(ana, right=True, key="b").is_right
    assert ana.session.scalar(select(func.count(CheckAnswer.id))) == 2


def test_a_self_check_pressed_twice_is_stored_once(ana: Learner) -> None:
    assert check(ana) == check(ana)
    assert ana.session.scalar(select(func.count(CheckAnswer.id))) == 1


def test_the_key_of_one_self_check_is_none_of_another(session: Session) -> None:
    """Two kinds: the stored answer of the one is no answer the other could even read."""
    course = factory.a_course()
    short = factory.all_kinds()[5]
    kinds = factory.a_check("m1-c2", body=short.body)
    items = (*course.modules[0].items, kinds)
    body = "Text.\n\n::: check m1-c1\n\n::: check m1-c2\n\n![Alt](img/m1.svg)"
    activities = (factory.a_lesson("m1-a", body=body), *course.modules[0].activities[1:])
    made = publish(session, factory.with_module(course, 1, items=items, activities=activities))
    ana = enrol(session, made)
    check(ana, key="k")
    with pytest.raises(Refusal) as refused:
        reading.answer_check(session, ana.enrolled, "m1-c2", {"": ["sidu"]}, "k", "ro", NOW)
    assert refused.value.code == "response-unknown"


@pytest.mark.parametrize(
    ("fields", "code"),
    [({}, "check-unanswered"), ({"": [""]}, "check-unanswered"), ({"": ["9"]}, "response-unknown")],
)
def test_what_answers_nothing_is_told_so(
    ana: Learner, fields: dict[str, list[str]], code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        reading.answer_check(ana.session, ana.enrolled, "m1-c1", fields, "k", "ro", NOW)
    assert refused.value.code == code


def test_questions_of_tests_are_no_self_checks(ana: Learner) -> None:
    with pytest.raises(NotFound):
        reading.answer_check(ana.session, ana.enrolled, "m1-i1", {"": ["0"]}, "k", "ro", NOW)
    assert self_checks(ana, ["m1-i1"]) == {}


def test_what_one_reads_is_nobody_elses(ana: Learner) -> None:
    dan = enrol(ana.session, ana.published, "Dan")
    reading.mark_read(ana.session, ana.enrolled, "m1-a", NOW)
    check(ana)
    assert learning.read_ledger(dan.session, dan.enrolled).met == {}
    shown = self_checks(dan, ["m1-c1"])["m1-c1"]
    assert shown.is_right is None


def test_what_stands_beside_a_lesson_is_of_its_own_module_and_reader(ana: Learner) -> None:
    dan = enrol(ana.session, ana.published, "Dan Radu")
    reading.mark_read(ana.session, ana.enrolled, "m1-a", NOW)
    reading.mark_read(ana.session, ana.enrolled, "m2-a", NOW)
    first, second = ana.enrolled.manifest.modules
    mine = reading.beside(ana.session, ana.enrolled, first, [])
    assert [mine.is_met(a) for a in first.lessons] == [True, False]
    assert mine.met == {"read:m1-a"}
    assert reading.beside(ana.session, ana.enrolled, second, []).met == {"read:m2-a"}
    assert reading.beside(dan.session, dan.enrolled, first, []).met == frozenset()
