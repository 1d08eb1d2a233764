"""Completion written down: every criterion once, with its evidence; every module and badge once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, bindparam, func, insert, select
from sqlalchemy.orm import Session

from lms.domain import completion as rules
from lms.domain.curriculum import Activity, ActivityKind, Module
from lms.models import Attempt, Credential, CriterionMet, Enrolment, ModuleCompletion, Reading
from lms.services import credentials
from lms.services.curriculum import Published
from lms.services.learning import Enrolled, lock


@dataclass(frozen=True, slots=True)
class Gained:
    """What an event brought: shown to the learner at once."""

    module_completed: Module | None = None
    course_completed: bool = False


def record(
    session: Session,
    enrolled: Enrolled,
    module: Module,
    activity: Activity,
    evidence: Attempt | Reading,
    *,
    version_id: int,
    now: datetime,
) -> Gained:
    """A lesson was read or a test passed: write the criterion, and what it completes.

    Safe to call again for the same thing; the first evidence stands.
    """
    lock(session, enrolled)
    session.flush()
    connection, mine = session.connection(), {"enrolment": enrolled.enrolment_id}
    met = set(connection.scalars(_MET, mine))
    kind = "read" if activity.kind is ActivityKind.LESSON else "pass"
    criterion = f"{kind}:{activity.key}"
    if criterion not in met:
        met.add(criterion)
        written = {
            "enrolment_id": enrolled.enrolment_id,
            "module_id": module.id,
            "criterion": criterion,
            "attempt_id": evidence.id if isinstance(evidence, Attempt) else None,
            "reading_id": evidence.id if isinstance(evidence, Reading) else None,
            "version_id": version_id,
            "met_at": now,
        }
        connection.execute(_MEET, written)
    return _complete(session, enrolled, module, met, now)


def _complete(
    session: Session, enrolled: Enrolled, module: Module, met: set[str], now: datetime
) -> Gained:
    if not rules.is_complete(module, met):
        return Gained()
    mine = {"enrolment": enrolled.enrolment_id}
    completed = set(session.connection().scalars(_COMPLETED, mine))
    if module.id in completed:
        return Gained()
    session.add(
        ModuleCompletion(
            enrolment_id=enrolled.enrolment_id,
            module_id=module.id,
            manifest_id=enrolled.manifest_id,
            completed_at=now,
        )
    )
    credentials.issue(session, enrolled, module, now)
    completed.add(module.id)
    course_completed = rules.is_course_complete(enrolled.manifest, completed)
    if course_completed:
        credentials.issue(session, enrolled, None, now)
    session.flush()
    return Gained(module, course_completed)


_MINE: BindParameter[int] = bindparam("enrolment")
_MET = select(CriterionMet.criterion).where(CriterionMet.enrolment_id == _MINE)
_MEET = insert(CriterionMet)
_COMPLETED = select(ModuleCompletion.module_id).where(ModuleCompletion.enrolment_id == _MINE)
"""Asked whenever a lesson is read or a test sent: composed once."""


def settle(session: Session, published: Published, now: datetime) -> int:
    """After a publication: complete what its criteria already find complete.

    A publication that drops a criterion, or a module, must not leave people one tick short of
    nothing. Returns how many completions of modules were written.
    """
    written = 0
    for module in published.manifest.modules:
        keys = [c.key for c in module.criteria]
        if not keys:
            continue
        done = select(ModuleCompletion.enrolment_id).where(ModuleCompletion.module_id == module.id)
        ready = session.scalars(
            select(CriterionMet.enrolment_id)
            .join(Enrolment, Enrolment.id == CriterionMet.enrolment_id)
            .where(
                Enrolment.course_id == published.course_id,
                Enrolment.ended_at.is_(None),
                CriterionMet.criterion.in_(keys),
                CriterionMet.enrolment_id.not_in(done),
            )
            .group_by(CriterionMet.enrolment_id)
            .having(func.count() == len(keys))
        ).all()
        for enrolment_id in ready:
            enrolled = _as_enrolled(session.get_one(Enrolment, enrolment_id), published)
            lock(session, enrolled)
            gained = _complete(session, enrolled, module, set(keys), now)
            written += gained.module_completed is not None
    _settle_course(session, published, now)
    return written


def _settle_course(session: Session, published: Published, now: datetime) -> None:
    """The course's badge for those who now have every module that is left."""
    modules = [module.id for module in published.manifest.modules]
    has_badge = select(Credential.enrolment_id).where(
        Credential.achievement == credentials.achievement_of(published.manifest.key)
    )
    ready = session.scalars(
        select(ModuleCompletion.enrolment_id)
        .join(Enrolment, Enrolment.id == ModuleCompletion.enrolment_id)
        .where(
            Enrolment.course_id == published.course_id,
            Enrolment.ended_at.is_(None),
            ModuleCompletion.module_id.in_(modules),
            ModuleCompletion.enrolment_id.not_in(has_badge),
        )
        .group_by(ModuleCompletion.enrolment_id)
        .having(func.count() == len(modules))
    ).all()
    for enrolment_id in ready:
        enrolled = _as_enrolled(session.get_one(Enrolment, enrolment_id), published)
        lock(session, enrolled)
        credentials.issue(session, enrolled, None, now)


def _as_enrolled(enrolment: Enrolment, published: Published) -> Enrolled:
    return Enrolled(
        enrolment_id=enrolment.id,
        person_id=enrolment.person_id,
        course_id=published.course_id,
        course_key=published.manifest.key,
        manifest_id=published.manifest_id,
        manifest=published.manifest,
        cohort_id=enrolment.cohort_id,
        cohort="",
        ends_on=None,
        enrolled_at=enrolment.enrolled_at,
    )
