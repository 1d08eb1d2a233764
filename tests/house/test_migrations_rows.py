"""Steps between releases keep the rows: tables are rebuilt, nothing in them is lost unseen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from factories import courses as factory
from factories.people import make_person
from sessions import NOW
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.models import (
    Activity,
    ActivityVersion,
    Attempt,
    Course,
    Enrolment,
    Module,
    Response,
    SelfAssessment,
)
from lms.settings import Settings
from lms.upgrade import downgrade, open_engine, upgrade

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(empty_database: str) -> Settings:
    return Settings(database_url=empty_database)


def _some_activity(session: Session) -> None:
    course = Course(key="por", draft={}, created_at=NOW)
    session.add(course)
    session.flush()
    module = Module(course_id=course.id, key="m", position=1, draft={})
    session.add(module)
    session.flush()
    lesson = Activity(course_id=course.id, module_id=module.id, key="l", kind="lesson", position=1)
    session.add(lesson)
    session.flush()
    session.add(
        ActivityVersion(
            activity_id=lesson.id,
            number=1,
            content_hash="x",
            source={},
            rendered={},
            created_at=NOW,
        )
    )
    session.commit()


def test_activities_of_the_first_release_stay_when_exercises_come(settings: Settings) -> None:
    upgrade(settings, "0001")
    engine = open_engine(settings)
    with Session(engine) as session:
        _some_activity(session)
    engine.dispose()
    upgrade(settings)
    engine = open_engine(settings)
    with Session(engine) as session:
        lesson = session.scalars(select(Activity)).one()
        assert (lesson.key, lesson.kind) == ("l", "lesson")
        assert [version.number for version in lesson.versions] == [1]
    engine.dispose()


def test_a_step_back_drops_what_the_older_release_cannot_hold_and_no_more(
    settings: Settings,
) -> None:
    upgrade(settings)
    engine = open_engine(settings)
    with Session(engine) as session:
        course = factory.with_course_tests(factory.a_course())
        sheet = factory.an_exercise("m1-fisa")
        first = course.modules[0]
        course = factory.with_module(course, 1, activities=(*first.activities, sheet))
        at = factory.make_published(session, replace(course))
        enrolment = Enrolment(
            person_id=make_person(session, "Ana Pop").id, course_id=at.course_id, enrolled_at=NOW
        )
        session.add(enrolment)
        session.flush()
        for test in (at.manifest.after[0], at.manifest.modules[0].quizzes[0]):
            attempt = factory.make_attempt(session, enrolment, at, test, points=None)
            session.add(
                Response(
                    attempt_id=attempt.id, attempt_item_id=attempt.items[0].id, sequence=1,
                    idempotency_key=f"k{test.id}", value=None, received_at=NOW,
                )
            )  # fmt: skip
        exercise = at.manifest.by_activity["m1-fisa"][1]
        session.add(
            SelfAssessment(
                enrolment_id=enrolment.id, activity_id=exercise.id,
                version_id=exercise.version_id, idempotency_key="k", levels={"c1": 1},
                note="", team="", assessed_at=NOW,
            )
        )  # fmt: skip
        session.commit()
    engine.dispose()
    downgrade(settings, "0001")
    upgrade(settings)
    engine = open_engine(settings)
    with Session(engine) as session:
        kinds = set(session.scalars(select(Activity.kind)))
        assert kinds == {"lesson", "quiz"}
        assert session.scalar(select(func.count(Attempt.id))) == 1
        assert session.scalar(select(func.count(Response.id))) == 1
        assert session.scalar(select(func.count(SelfAssessment.id))) == 0
        assert session.scalar(select(func.count()).where(Activity.module_id.is_(None))) == 0
    engine.dispose()
