"""Somebody enrolled in a published course, sitting its tests through the services."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from attempts import right_fields
from factories import courses as factory
from factories.people import make_cohort, make_person
from sessions import NOW
from sqlalchemy.orm import Session

from lms.domain.authoring import AuthoredCourse
from lms.models import Attempt, Cohort, Course, Enrolment, Person
from lms.services import learning, quizzes
from lms.services.curriculum import Published
from lms.services.learning import Enrolled
from lms.services.quizzes import Receipt, Submitted


@dataclass
class Learner:
    """A person in a course; ``session`` is the one everything happens in."""

    session: Session
    person: Person
    published: Published

    @property
    def enrolled(self) -> Enrolled:
        return learning.get_enrolled(self.session, self.person.id, self.published.manifest.key)

    def start(self, key: str = "m1-test", now: datetime = NOW) -> Attempt:
        return quizzes.start(self.session, self.enrolled, key, "ro", now)

    def answer(
        self,
        attempt: Attempt,
        position: int,
        *,
        right: bool = True,
        key: str = "",
        sequence: int | None = None,
        now: datetime = NOW,
    ) -> Receipt:
        slot = quizzes.sitting(self.session, self.person.id, attempt.uuid).slot(position)
        fields = right_fields(slot.item, slot.row.layout)
        if not right:
            fields = {"": [str(1 - int(fields[""][0]))]}
        return quizzes.answer(
            self.session,
            self.person.id,
            attempt.uuid,
            position,
            fields,
            sequence=slot.sequence if sequence is None else sequence,
            key=key or f"{position}-{slot.sequence}-{right}",
            now=now,
        )

    def submit(self, attempt: Attempt, now: datetime = NOW) -> Submitted:
        return quizzes.submit(self.session, self.person.id, self.enrolled, attempt.uuid, now)

    def sit(self, key: str = "m1-test", *, right: bool = True, now: datetime = NOW) -> Submitted:
        """The whole test, all right or all wrong."""
        attempt = self.start(key, now)
        for position in range(1, attempt.max_points + 1):
            self.answer(attempt, position, right=right, now=now)
        return self.submit(attempt, now)


def publish(session: Session, course: AuthoredCourse | None = None) -> Published:
    return factory.make_published(session, course)


def enrol(
    session: Session,
    published: Published,
    name: str = "Ana Popescu",
    *,
    cohort: Cohort | None = None,
    **person: object,
) -> Learner:
    """A learner of their own; with a department among ``person`` when it matters."""
    made = make_person(session, name, **person)  # type: ignore[arg-type]  # columns of the person
    enrolment = Enrolment(
        person_id=made.id,
        course_id=published.course_id,
        cohort_id=cohort.id if cohort else None,
        enrolled_at=NOW,
    )
    session.add(enrolment)
    session.flush()
    return Learner(session, made, published)


def cohort_of(session: Session, published: Published, **more: object) -> Cohort:
    course = session.get_one(Course, published.course_id)
    return make_cohort(session, course, **more)  # type: ignore[arg-type]  # columns of the cohort


def with_limit(minutes: int, **settings: object) -> AuthoredCourse:
    """The course, with a time limit on the test of its first module."""
    course = factory.a_course()
    quiz = factory.a_quiz("m1-test", time_limit_minutes=minutes, **settings)
    return factory.with_module(course, 1, activities=_replaced(course.modules[0].activities, quiz))


def _replaced(activities: Iterable[object], quiz: object) -> tuple[object, ...]:
    return (*tuple(activities)[:-1], quiz)
