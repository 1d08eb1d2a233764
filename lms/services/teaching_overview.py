"""Where the people of a course are: counts for its trainer, never anybody's answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import case, exists, func, select, union
from sqlalchemy.orm import Session

from lms.domain.curriculum import Activity, ActivityKind, Manifest, Module
from lms.domain.errors import NotFound
from lms.models import Activity as ActivityRow
from lms.models import (
    Attempt,
    AttemptItem,
    Course,
    CriterionMet,
    Enrolment,
    Item,
    ItemVersion,
    ModuleCompletion,
    Reading,
)
from lms.services.curriculum import manifest_of

FEWEST: Final = 5
"""People below which no count of right answers is shown: a smaller group points at somebody."""


@dataclass(frozen=True, slots=True)
class LessonCounts:
    activity: Activity
    opened: int
    read: int


@dataclass(frozen=True, slots=True)
class QuizCounts:
    """People, not attempts: each counts once."""

    activity: Activity
    tried: int
    """Have begun at least one attempt."""
    passed: int
    failed: int
    """Have submitted at least once and never passed."""
    open: int
    """Have an attempt under way."""


@dataclass(frozen=True, slots=True)
class ModuleCounts:
    """``not_started + in_progress + done`` are all who are enrolled."""

    module: Module
    not_started: int
    in_progress: int
    done: int
    activities: tuple[LessonCounts | QuizCounts, ...]


@dataclass(frozen=True, slots=True)
class WherePeopleAre:
    enrolled: int
    modules: tuple[ModuleCounts, ...]


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """How one question fares over all its versions, in submitted attempts."""

    key: str
    people: int
    """How many were asked; at least :data:`FEWEST`."""
    right_percent: int
    """Share of full points, rounded down."""


def where_people_are(session: Session, course_id: int) -> WherePeopleAre:
    """Counts per module and activity of what is published. Six queries, whatever the numbers.

    Raises NotFound for a course that is not published.
    """
    manifest_id = session.scalar(select(Course.manifest_id).where(Course.id == course_id))
    if manifest_id is None:
        raise NotFound()
    manifest = manifest_of(session, manifest_id)
    enrolled = session.scalar(
        select(func.count()).select_from(Enrolment).where(*_following(course_id))
    )
    states = _module_states(session, course_id, manifest)
    lessons = _lesson_counts(session, course_id)
    quizzes = _quiz_counts(session, course_id)
    modules = tuple(
        _module_counts(module, enrolled or 0, states, lessons, quizzes)
        for module in manifest.modules
    )
    return WherePeopleAre(enrolled or 0, modules)


def item_counts(session: Session, course_id: int) -> dict[str, ItemCounts]:
    """By item key, questions that at least :data:`FEWEST` people were asked. One query.

    Only tests of modules count: what somebody answered before the course says how new it was to
    them, not how good the question is, and is nobody else's business.
    """
    people = func.count(func.distinct(Attempt.enrolment_id))
    full = func.sum(case((AttemptItem.points >= 1, 1), else_=0))
    rows = session.execute(
        select(Item.key, people, full, func.count())
        .join(ItemVersion, ItemVersion.item_id == Item.id)
        .join(AttemptItem, AttemptItem.item_version_id == ItemVersion.id)
        .join(Attempt, Attempt.id == AttemptItem.attempt_id)
        .join(ActivityRow, ActivityRow.id == Attempt.activity_id)
        .where(
            Item.course_id == course_id,
            Attempt.state == "submitted",
            ActivityRow.module_id.is_not(None),
        )
        .group_by(Item.key)
        .having(people >= FEWEST)
    )
    return {
        key: ItemCounts(key, asked, int(right) * 100 // answers)
        for key, asked, right, answers in rows
    }


def _following(course_id: int) -> tuple[Any, ...]:
    return Enrolment.course_id == course_id, Enrolment.ended_at.is_(None)


def _module_states(
    session: Session, course_id: int, manifest: Manifest
) -> dict[int, tuple[int, int]]:
    """Module id → (begun and not completed, completed); nobody's rows leave the database."""
    completed = _numbers(
        session,
        select(ModuleCompletion.module_id, func.count())
        .join(Enrolment, Enrolment.id == ModuleCompletion.enrolment_id)
        .where(*_following(course_id))
        .group_by(ModuleCompletion.module_id),
    )
    # By the published module, not the draft's: an activity may be on its way to another one.
    homes = {a.id: m.id for m, a in manifest.route()}
    criteria = {c.key: m.id for m in manifest.modules for c in m.criteria}
    signs: list[tuple[Any, Any, dict[Any, int]]] = [
        (Reading.activity_id, Reading.enrolment_id, homes),
        (Attempt.activity_id, Attempt.enrolment_id, homes),
        (CriterionMet.criterion, CriterionMet.enrolment_id, criteria),
    ]
    begun = union(
        *(
            select(case(known, value=column).label("module_id"), person.label("enrolment_id"))
            .join(Enrolment, Enrolment.id == person)
            .where(*_following(course_id), column.in_(known))
            for column, person, known in signs
            if known
        )
    ).subquery()
    is_done = exists().where(
        ModuleCompletion.module_id == begun.c.module_id,
        ModuleCompletion.enrolment_id == begun.c.enrolment_id,
    )
    under_way = _numbers(
        session,
        select(begun.c.module_id, func.count()).where(~is_done).group_by(begun.c.module_id),
    )
    return {m.id: (under_way.get(m.id, 0), completed.get(m.id, 0)) for m in manifest.modules}


def _numbers(session: Session, query: Any) -> dict[int, int]:
    rows = session.execute(query).all()
    return {row[0]: row[1] for row in rows}


def _lesson_counts(session: Session, course_id: int) -> dict[int, tuple[int, int]]:
    rows = session.execute(
        select(Reading.activity_id, func.count(), func.count(Reading.read_at))
        .join(Enrolment, Enrolment.id == Reading.enrolment_id)
        .where(*_following(course_id))
        .group_by(Reading.activity_id)
    )
    return {activity_id: (opened, read) for activity_id, opened, read in rows}


def _quiz_counts(session: Session, course_id: int) -> dict[int, tuple[int, int, int, int]]:
    """Activity id → (tried, passed, failed, open), each person once."""
    person = (
        select(
            Attempt.activity_id.label("activity_id"),
            func.max(case((Attempt.is_passed.is_(True), 1), else_=0)).label("passed"),
            func.max(case((Attempt.state == "submitted", 1), else_=0)).label("submitted"),
            func.max(case((Attempt.state == "open", 1), else_=0)).label("open"),
        )
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .where(*_following(course_id))
        .group_by(Attempt.activity_id, Attempt.enrolment_id)
        .subquery()
    )
    failed = case((person.c.submitted > person.c.passed, 1), else_=0)
    rows = session.execute(
        select(
            person.c.activity_id,
            func.count(),
            func.sum(person.c.passed),
            func.sum(failed),
            func.sum(person.c.open),
        ).group_by(person.c.activity_id)
    )
    return {
        activity_id: (tried, int(passed), int(lost), int(under_way))
        for activity_id, tried, passed, lost, under_way in rows
    }


def _module_counts(
    module: Module,
    enrolled: int,
    states: dict[int, tuple[int, int]],
    lessons: dict[int, tuple[int, int]],
    quizzes: dict[int, tuple[int, int, int, int]],
) -> ModuleCounts:
    in_progress, done = states[module.id]
    activities = tuple(
        LessonCounts(activity, *lessons.get(activity.id, (0, 0)))
        if activity.kind is ActivityKind.LESSON
        else QuizCounts(activity, *quizzes.get(activity.id, (0, 0, 0, 0)))
        for activity in (*module.lessons, *module.quizzes)  # exercises are nobody else's business
    )
    return ModuleCounts(module, enrolled - in_progress - done, in_progress, done, activities)
