"""Where a learner stands: enrolment, what is met, what comes next.

Everything a learner's page needs comes in two queries whatever the size of the course: the
enrolment with its published pointer, and one ledger of all that happened in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Integer, String, bindparam, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from lms.domain import completion
from lms.domain.completion import ModuleProgress, ModuleState, NextStep, Place
from lms.domain.curriculum import Activity, Manifest, Module
from lms.domain.errors import NotFound
from lms.domain.text import is_clean
from lms.models import (
    Attempt,
    Cohort,
    CohortDue,
    Course,
    Credential,
    CriterionMet,
    Enrolment,
    ModuleCompletion,
    Reading,
    SelfAssessment,
    UtcDateTime,
)
from lms.services.curriculum import manifest_of


@dataclass(frozen=True, slots=True)
class Enrolled:
    """One person's place in one course, with what is published now."""

    enrolment_id: int
    person_id: int
    course_id: int
    course_key: str
    manifest_id: int
    manifest: Manifest
    cohort_id: int | None
    cohort: str
    ends_on: date | None
    """Last day of the cohort's workshop; due dates count from it."""
    enrolled_at: datetime


@dataclass(frozen=True, slots=True)
class AttemptLine:
    activity_id: int
    uuid: str
    is_open: bool
    percent: int | None
    """Rounded down, so that 69.9 is never shown as the 70 it missed."""
    at: datetime
    """Submitted, or while open, started."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that happened in one enrolment, by database id of what it happened to."""

    met: dict[str, datetime] = field(default_factory=dict)
    """Criterion key → when."""
    completed: dict[int, datetime] = field(default_factory=dict)
    """Module id → when."""
    days_after: dict[int, int] = field(default_factory=dict)
    """Module id → days after the workshop on which it is due."""
    places: dict[int, tuple[str, int, datetime]] = field(default_factory=dict)
    """Activity id → (anchor, per cent, when)."""
    attempts: tuple[AttemptLine, ...] = ()
    badges: dict[int, str] = field(default_factory=dict)
    """Module id → uuid of the credential; 0 for the course."""
    assessed: dict[int, datetime] = field(default_factory=dict)
    """Exercise id → when its sheet was last judged by the learner."""


@dataclass(frozen=True, slots=True)
class Overview:
    """The learner's route with its one next step."""

    enrolled: Enrolled
    ledger: Ledger
    modules: tuple[ModuleProgress, ...]
    next_step: NextStep | None
    is_complete: bool

    @property
    def offers(self) -> tuple[Activity, ...]:
        """Tests to be taken before the first module: until done, or until a module is begun.

        One that is under way stays in sight, so that nothing answered in it seems lost.
        """
        is_new = all(p.state is ModuleState.NOT_STARTED for p in self.modules)
        return tuple(
            test
            for test in self.enrolled.manifest.before
            if self.open_attempt(test) or (is_new and self.best_percent(test) is None)
        )

    @property
    def done(self) -> int:
        return sum(1 for m in self.modules if m.completed_at)

    def progress_of(self, module: Module) -> ModuleProgress:
        return next(p for p in self.modules if p.module.id == module.id)

    def is_met(self, activity: Activity) -> bool:
        return bool({f"read:{activity.key}", f"pass:{activity.key}"} & self.ledger.met.keys())

    def is_assessed(self, activity: Activity) -> bool:
        return activity.id in self.ledger.assessed

    def best_percent(self, activity: Activity) -> int | None:
        made = [a.percent for a in self.ledger.attempts if a.activity_id == activity.id]
        return max((p for p in made if p is not None), default=None)

    def last_result(self, activity: Activity) -> str | None:
        """uuid of the newest attempt that was sent."""
        sent = [
            a.uuid for a in self.ledger.attempts if not a.is_open and a.activity_id == activity.id
        ]
        return sent[-1] if sent else None

    def open_attempt(self, activity: Activity) -> str | None:
        """uuid of the attempt under way."""
        lines = self.ledger.attempts
        return next((a.uuid for a in lines if a.is_open and a.activity_id == activity.id), None)


def list_enrolled(session: Session, person_id: int, course_key: str = "") -> list[Enrolled]:
    """The person's enrolments in published courses, the most recent one first."""
    if not is_clean(course_key):
        return []
    rows = session.connection().execute(_ENROLMENTS, {"person": person_id}).all()
    return [
        Enrolled(
            enrolment_id=row.id,
            person_id=person_id,
            course_id=row.course_id,
            course_key=row.key,
            manifest_id=row.manifest_id,
            manifest=manifest_of(session, row.manifest_id),
            cohort_id=row.cohort_id,
            cohort=row.name or "",
            ends_on=row.ends_on,
            enrolled_at=row.enrolled_at,
        )
        for row in rows
        if course_key in ("", row.key)
    ]


_ENROLMENTS = (
    select(
        Enrolment.id,
        Enrolment.course_id,
        Enrolment.cohort_id,
        Enrolment.enrolled_at,
        Course.key,
        Course.manifest_id,
        Cohort.name,
        Cohort.ends_on,
    )
    .join(Course, Course.id == Enrolment.course_id)
    .outerjoin(Cohort, Cohort.id == Enrolment.cohort_id)
    .where(
        Enrolment.person_id == bindparam("person"),
        Enrolment.ended_at.is_(None),
        Course.manifest_id.is_not(None),
    )
    .order_by(Enrolment.enrolled_at.desc(), Enrolment.id.desc())
)
"""Asked by every page of a learner: composed once, and executed without the ORM."""


def find_enrolled(session: Session, person_id: int, course_key: str = "") -> Enrolled | None:
    """The person's enrolment in a published course; without a key the most recent one."""
    enrolments = list_enrolled(session, person_id, course_key)
    return enrolments[0] if enrolments else None


def get_enrolled(session: Session, person_id: int, course_key: str) -> Enrolled:
    enrolled = find_enrolled(session, person_id, course_key)
    if enrolled is None:
        raise NotFound()
    return enrolled


def lock(session: Session, enrolled: Enrolled) -> None:
    """Serialise what one learner does, on databases where writers run side by side."""
    if session.get_bind().dialect.name != "sqlite":
        session.execute(
            select(Enrolment.id).where(Enrolment.id == enrolled.enrolment_id).with_for_update()
        )


def get_activity(enrolled: Enrolled, key: str, kind: str) -> tuple[Module, Activity]:
    """A published activity of the learner's course. Raises NotFound."""
    found = enrolled.manifest.by_activity.get(key)
    if found is None or found[1].kind != kind:
        raise NotFound()
    return found


def get_test(enrolled: Enrolled, key: str) -> tuple[Module | None, Activity]:
    """A published test, also one of the whole course (without a module). Raises NotFound."""
    found = enrolled.manifest.tests.get(key)
    if found is None:
        raise NotFound()
    return found


def read_ledger(session: Session, enrolled: Enrolled) -> Ledger:
    """Everything of one enrolment in one query."""
    ledger = Ledger()
    attempts = []
    given = {"enrolment": enrolled.enrolment_id, "cohort": enrolled.cohort_id}
    for kind, ref, word, number, at in session.connection().execute(_LEDGER, given):
        match kind:
            case "met":
                ledger.met[word] = at
            case "done":
                ledger.completed[ref] = at
            case "due":
                ledger.days_after[ref] = number
            case "place":
                ledger.places[ref] = (word, number, at)
            case "badge":
                ledger.badges[ref or 0] = word
            case "assessed":
                ledger.assessed[ref] = at
            case "open" | "submitted":
                attempts.append(AttemptLine(ref, word, kind == "open", number, at))
    return Ledger(
        ledger.met,
        ledger.completed,
        ledger.days_after,
        ledger.places,
        tuple(sorted(attempts, key=lambda a: a.at)),
        ledger.badges,
        ledger.assessed,
    )


def _ledger_query() -> Any:
    mine: Any = bindparam("enrolment")
    no_word, no_number = cast(null(), String), cast(null(), Integer)
    no_moment = cast(null(), UtcDateTime)
    branches = [
        select(literal("met"), cast(null(), Integer), CriterionMet.criterion, no_number,
               CriterionMet.met_at).where(CriterionMet.enrolment_id == mine),
        select(literal("done"), ModuleCompletion.module_id, no_word, no_number,
               ModuleCompletion.completed_at).where(ModuleCompletion.enrolment_id == mine),
        select(literal("due"), CohortDue.module_id, no_word, CohortDue.days_after, no_moment)
        .where(CohortDue.cohort_id == bindparam("cohort")),
        select(literal("place"), Reading.activity_id, Reading.anchor, Reading.percent,
               Reading.updated_at).where(Reading.enrolment_id == mine),
        select(literal("badge"), Credential.module_id, Credential.uuid, no_number,
               Credential.issued_at).where(Credential.enrolment_id == mine,
                                           Credential.revoked_at.is_(None)),
        select(literal("assessed"), SelfAssessment.activity_id, no_word, no_number,
               func.max(SelfAssessment.assessed_at)).where(SelfAssessment.enrolment_id == mine)
        .group_by(SelfAssessment.activity_id),
        select(literal("open"), Attempt.activity_id, Attempt.uuid, no_number, Attempt.started_at)
        .where(Attempt.enrolment_id == mine, Attempt.state == "open"),
        select(literal("submitted"), Attempt.activity_id, Attempt.uuid, Attempt.percent,
               Attempt.submitted_at)
        .where(Attempt.enrolment_id == mine, Attempt.state == "submitted"),
    ]  # fmt: skip
    return union_all(*branches)


_LEDGER = _ledger_query()
"""Composed once; composing it costs more than the database does."""


def overview(enrolled: Enrolled, ledger: Ledger, today: date) -> Overview:
    """The route as the learner sees it, from what is published and what happened."""
    manifest = enrolled.manifest
    started = set(ledger.places) | {a.activity_id for a in ledger.attempts}
    modules = tuple(
        completion.module_progress(
            module,
            met=ledger.met.keys(),
            started=any(a.id in started for a in module.activities),
            completed_at=ledger.completed.get(module.id),
            due=_due(enrolled, ledger, module),
            today=today,
        )
        for module in manifest.modules
    )
    keys = {a.id: a.key for _, a in manifest.route()}
    step = completion.next_step(
        manifest,
        met=ledger.met.keys(),
        completed=ledger.completed.keys(),
        places=[Place(keys[i], *p) for i, p in ledger.places.items() if i in keys],
        open_attempts={
            keys[a.activity_id]: a.at
            for a in ledger.attempts
            if a.is_open and a.activity_id in keys
        },
    )
    done = completion.is_course_complete(manifest, ledger.completed.keys())
    return Overview(enrolled, ledger, modules, step, done)


def _due(enrolled: Enrolled, ledger: Ledger, module: Module) -> date | None:
    days = ledger.days_after.get(module.id)
    if days is None or enrolled.ends_on is None:
        return None
    return completion.due_on(enrolled.ends_on, days)
