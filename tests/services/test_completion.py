"""Completion written down: once, with its evidence, and standing whatever is published later."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from factories import courses as factory
from learners import Learner, enrol, publish
from sessions import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.domain.authoring import AuthoredCourse, CriterionRule
from lms.models import Credential, CriterionMet, Enrolment, ModuleCompletion
from lms.services import completion, credentials, evidence, learning, reading
from lms.services.completion import Gained


@pytest.fixture
def ana(session: Session) -> Learner:
    return enrol(session, publish(session))


def read(ana: Learner, *keys: str) -> Gained:
    gained = Gained()
    for key in keys:
        gained = reading.mark_read(ana.session, ana.enrolled, key, NOW)
    return gained


def finish(ana: Learner, number: int = 1) -> Gained:
    read(ana, f"m{number}-a", f"m{number}-b")
    return ana.sit(f"m{number}-test").gained


def badges(ana: Learner) -> list[str]:
    return list(
        ana.session.scalars(
            select(Credential.achievement).join(Enrolment).where(
                Enrolment.person_id == ana.person.id
            ).order_by(Credential.id)
        )
    )  # fmt: skip


def republish(ana: Learner, course: AuthoredCourse) -> int:
    """A publication as the entrance makes it; how many completions it brought."""
    ana.published = factory.make_published(ana.session, course)
    return completion.settle(ana.session, ana.published, NOW + timedelta(days=1))


def done(ana: Learner) -> list[str]:
    by_id = {m.id: m.key for m in factory_modules(ana)}
    rows = ana.session.scalars(
        select(ModuleCompletion.module_id).where(
            ModuleCompletion.enrolment_id == ana.enrolled.enrolment_id
        )
    )
    return sorted(by_id[row] for row in rows)


def factory_modules(ana: Learner):  # type: ignore[no-untyped-def]  # for tests
    return ana.enrolled.manifest.modules


def test_a_module_is_completed_by_its_last_criterion_whichever_it_is(ana: Learner) -> None:
    assert ana.sit().gained == Gained()
    assert read(ana, "m1-a") == Gained()
    gained = read(ana, "m1-b")
    assert gained.module_completed is not None
    assert (gained.module_completed.key, gained.course_completed) == ("m1", False)
    assert badges(ana) == ["module:m1"]


def test_the_course_is_completed_with_its_last_module(ana: Learner) -> None:
    finish(ana, 2)
    assert finish(ana, 1).course_completed
    assert badges(ana) == ["module:m2", "module:m1", "course:por"]


def test_a_failed_test_meets_nothing_and_a_later_pass_does(ana: Learner) -> None:
    read(ana, "m1-a", "m1-b")
    failed = ana.sit(right=False)
    assert failed.gained == Gained()
    passed = ana.sit(now=NOW + timedelta(hours=1))
    assert passed.gained.module_completed is not None
    met = ana.session.scalars(select(CriterionMet).where(CriterionMet.attempt_id.is_not(None)))
    assert [m.attempt_id for m in met] == [passed.attempt.id]


def test_passing_again_changes_neither_evidence_nor_badge(ana: Learner) -> None:
    finish(ana)
    before = [
        (m.criterion, m.attempt_id, m.met_at) for m in ana.session.scalars(select(CriterionMet))
    ]
    ana.sit(now=NOW + timedelta(days=1))
    ana.sit(right=False, now=NOW + timedelta(days=2))
    rows = ana.session.scalars(select(CriterionMet))
    assert [(m.criterion, m.attempt_id, m.met_at) for m in rows] == before
    assert badges(ana) == ["module:m1"]


def test_every_tick_has_its_evidence(ana: Learner) -> None:
    finish(ana)
    lines = evidence.of_module(ana.session, ana.enrolled.enrolment_id, factory_modules(ana)[0])
    assert [line.criterion.key for line in lines] == ["read:m1-a", "read:m1-b", "pass:m1-test"]
    assert all(line.met_at == NOW and line.version == 1 for line in lines)
    assert lines[0].opened_at == NOW
    assert (lines[2].attempt_number, lines[2].percent) == (1, 100)
    other = evidence.of_module(ana.session, ana.enrolled.enrolment_id, factory_modules(ana)[1])
    assert all(line.met_at is None for line in other)


def moved(course: AuthoredCourse) -> AuthoredCourse:
    """The lesson ``m1-b`` now stands in the second module, whose criteria ask for it."""
    one, two = course.modules
    lesson = one.activities[1]
    one = replace(one, activities=(one.activities[0], one.activities[2]))
    return replace(course, modules=(one, replace(two, activities=(lesson, *two.activities))))


def test_evidence_follows_a_lesson_that_moved_to_another_module(ana: Learner) -> None:
    read(ana, "m1-b")
    republish(ana, moved(factory.a_course()))
    module = factory_modules(ana)[1]
    assert "read:m1-b" in [c.key for c in module.criteria]
    route = learning.overview(
        ana.enrolled, learning.read_ledger(ana.session, ana.enrolled), NOW.date()
    )
    assert route.progress_of(module).met == 1, "the tick is there"
    lines = evidence.of_module(ana.session, ana.enrolled.enrolment_id, module)
    assert [line.met_at for line in lines if line.criterion.key == "read:m1-b"] == [NOW]
    read(ana, "m2-a", "m2-b")
    assert ana.sit("m2-test").gained.module_completed is not None
    badge = credentials.list_own(ana.session, ana.person.id)[0].credential
    page = credentials.get_own(ana.session, ana.person.id, badge.uuid)
    assert "read:m1-b" in [criterion for criterion, _ in page.evidence]


def without_test(course: AuthoredCourse) -> AuthoredCourse:
    rules = (CriterionRule("read", "lessons"),)
    return factory.with_module(course, 1, criteria=rules)


def test_a_criterion_that_is_dropped_completes_who_met_the_rest(ana: Learner) -> None:
    read(ana, "m1-a", "m1-b")
    dan = enrol(ana.session, ana.published, "Dan")
    read(dan, "m1-a")
    left = enrol(ana.session, ana.published, "A plecat")
    read(left, "m1-a", "m1-b")
    ana.session.get_one(Enrolment, left.enrolled.enrolment_id).ended_at = NOW
    ana.session.flush()
    assert republish(ana, without_test(factory.a_course())) == 1
    assert done(ana) == ["m1"]
    assert done(dan) == []
    assert badges(ana) == ["module:m1"]
    assert completion.settle(ana.session, ana.published, NOW) == 0, "settling twice is the same"


def test_a_module_that_is_dropped_leaves_the_course_complete_with_its_badge(ana: Learner) -> None:
    finish(ana, 1)
    dan = enrol(ana.session, ana.published, "Dan")
    course = factory.a_course()
    assert republish(ana, replace(course, modules=course.modules[:1])) == 0
    route = learning.overview(
        ana.enrolled, learning.read_ledger(ana.session, ana.enrolled), NOW.date()
    )
    assert route.is_complete
    assert badges(ana) == ["module:m1", "course:por"]
    assert badges(dan) == []


def test_a_new_criterion_takes_nothing_away_and_is_shown(ana: Learner) -> None:
    finish(ana)
    course = factory.a_course()
    activities = list(course.modules[0].activities)
    activities.insert(1, factory.a_lesson("m1-noua", body="Text nou."))
    republish(ana, factory.with_module(course, 1, activities=tuple(activities)))
    route = learning.overview(
        ana.enrolled, learning.read_ledger(ana.session, ana.enrolled), NOW.date()
    )
    line = route.modules[0]
    assert (line.percent, [c.key for c in line.delta]) == (100, ["read:m1-noua"])
    assert badges(ana) == ["module:m1"]


def test_an_attempt_of_a_test_that_has_left_the_course_is_scored_all_the_same(
    ana: Learner,
) -> None:
    attempt = ana.start()
    for position in (1, 2):
        ana.answer(attempt, position)
    course = factory.a_course()
    without = factory.with_module(
        without_test(course), 1, activities=course.modules[0].activities[:-1]
    )
    republish(ana, without)
    sent = ana.submit(attempt)
    assert (sent.attempt.is_passed, sent.gained) == (True, Gained())


def test_a_badge_says_the_name_of_the_day_and_is_public_only_when_shared(ana: Learner) -> None:
    finish(ana)
    ana.person.name = "Ana Ionescu"
    ana.session.flush()
    page = credentials.list_own(ana.session, ana.person.id)[0]
    assert page.credential.recipient_name == "Ana Popescu"
    uuid = page.credential.uuid
    slug = credentials.share(ana.session, ana.person.id, uuid, NOW)
    assert credentials.share(ana.session, ana.person.id, uuid, NOW) == slug != uuid
    assert credentials.get_shared(ana.session, slug).uuid == uuid
    credentials.unshare(ana.session, ana.person.id, uuid)
    again = credentials.share(ana.session, ana.person.id, uuid, NOW)
    assert again != slug, "an address once withdrawn stays dead"
