"""The people of one workshop following a course: enrolling them, and when modules are due.

A person is enrolled once in a course, whatever cohorts it has. Enrolling is safe to repeat: it
says how many were new and leaves everybody else as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import delete, func, insert, or_, select
from sqlalchemy.orm import Session, joinedload

from lms.domain.errors import Conflict, NotFound, Refusal
from lms.domain.text import fold, is_clean
from lms.models import Cohort, CohortDue, Course, Department, Enrolment, Module, Person
from lms.services import audit, people
from lms.services.account_names import one_line
from lms.services.addressed import get_addressed
from lms.services.paging import Page, page_of
from lms.services.viewers import may_sign_in

NAME_LENGTH = 200
MOST_DAYS = 1000
MOST_NAMES = 5_000
"""Names of accounts in one pasted list."""


@dataclass(frozen=True, slots=True)
class EnrolReport:
    """What enrolling has done, in numbers of people."""

    new: int
    again: int
    """Had left the course and are back; what they had done is there."""
    joined: int
    """Were in the course without a cohort, and belong to this one now."""
    already: int
    elsewhere: int
    """Follow the course with another cohort and stay there, with its due dates."""
    suspended: int
    """Left out."""
    unknown: tuple[str, ...] = ()
    """Names of accounts nobody has, as they were typed."""


@dataclass(frozen=True, slots=True)
class CohortRow:
    cohort: Cohort
    active: int
    ended: int


def create(
    session: Session,
    course: Course,
    name: str,
    starts_on: date,
    ends_on: date,
    *,
    actor: Person | None,
    now: datetime,
) -> Cohort:
    """The cohort of a workshop.

    Raises ``cohort-name-missing``, ``dates-reversed``, ``Conflict("cohort-exists")``.
    """
    cohort = Cohort(course=course, created_at=now)
    _fill(session, cohort, name, starts_on, ends_on)
    session.add(cohort)
    session.flush()
    _record(session, "cohort.add", cohort, actor, now, name=cohort.name)
    return cohort


def change(
    session: Session,
    cohort: Cohort,
    name: str,
    starts_on: date,
    ends_on: date,
    *,
    actor: Person | None,
    now: datetime,
) -> None:
    """Another name or other days; every due date moves with the last day."""
    with session.no_autoflush:
        _fill(session, cohort, name, starts_on, ends_on)
    session.flush()
    days = f"{starts_on.isoformat()}/{ends_on.isoformat()}"
    _record(session, "cohort.change", cohort, actor, now, name=cohort.name, days=days)


def get(session: Session, uuid: str) -> Cohort:
    """A cohort with its course. Raises NotFound."""
    cohort = select(Cohort).where(Cohort.uuid == uuid).options(joinedload(Cohort.course))
    return get_addressed(session, uuid, cohort)


def list_rows(session: Session, course: Course | None = None) -> list[CohortRow]:
    """Cohorts with how many people they have, the latest workshop first; one query."""
    statement = (
        select(
            Cohort,
            func.count(Enrolment.id).filter(Enrolment.ended_at.is_(None)),
            func.count(Enrolment.ended_at),
        )
        .outerjoin(Enrolment, Enrolment.cohort_id == Cohort.id)
        .group_by(Cohort.id)
        .order_by(Cohort.ends_on.desc(), Cohort.id.desc())
    )
    if course is not None:
        statement = statement.where(Cohort.course_id == course.id)
    return [CohortRow(row[0], row[1], row[2]) for row in session.execute(statement)]


def set_due(
    session: Session,
    cohort: Cohort,
    days_after: Mapping[int, int | None],
    *,
    actor: Person | None,
    now: datetime,
) -> None:
    """By when each module is due: whole days after the workshop's last day, None for no date.

    ``days_after`` is keyed by module id; modules it does not name keep their date. Raises
    ``days-out-of-range`` and, for a module of another course, NotFound.
    """
    own = set(session.scalars(select(Module.id).where(Module.course_id == cohort.course_id)))
    if not own.issuperset(days_after):
        raise NotFound
    for days in days_after.values():
        if days is not None and not 0 <= days <= MOST_DAYS:
            raise Refusal("days-out-of-range", highest=MOST_DAYS)
    if list_due_days(session, cohort).items() >= dict(days_after).items():
        return
    session.execute(
        delete(CohortDue).where(
            CohortDue.cohort_id == cohort.id, CohortDue.module_id.in_(list(days_after))
        )
    )
    session.add_all(
        CohortDue(cohort_id=cohort.id, module_id=module_id, days_after=days)
        for module_id, days in days_after.items()
        if days is not None
    )
    shown = {str(module_id): days for module_id, days in days_after.items()}
    _record(session, "cohort.set-due", cohort, actor, now, days_after=shown)


def list_due_days(session: Session, cohort: Cohort) -> dict[int, int]:
    """Module id → days after the workshop, for the modules that have a date."""
    rows = session.execute(
        select(CohortDue.module_id, CohortDue.days_after).where(CohortDue.cohort_id == cohort.id)
    )
    return {row[0]: row[1] for row in rows}


def enrol(
    session: Session,
    cohort: Cohort,
    members: Iterable[Person],
    *,
    actor: Person | None,
    now: datetime,
) -> EnrolReport:
    """Enrol people into the cohort's course, in a fixed number of queries."""
    wanted = {person.id: person for person in members}
    allowed = [person for person in wanted.values() if may_sign_in(person)]
    there = {
        enrolment.person_id: enrolment
        for enrolment in session.scalars(
            select(Enrolment).where(Enrolment.course_id == cohort.course_id)
        )
    }
    counts = dict.fromkeys(("new", "again", "joined", "already", "elsewhere"), 0)
    new = []
    for person in allowed:
        enrolment = there.get(person.id)
        if enrolment is None:
            new.append({"person_id": person.id, "enrolled_at": now})
            counts["new"] += 1
        else:
            counts[_bring_in(cohort, enrolment)] += 1
    session.flush()
    if new:
        here = {"course_id": cohort.course_id, "cohort_id": cohort.id}
        session.execute(insert(Enrolment), [row | here for row in new])
    if counts["new"] or counts["again"] or counts["joined"]:
        _record(session, "cohort.enrol", cohort, actor, now, people=counts)
    return EnrolReport(
        new=counts["new"],
        again=counts["again"],
        joined=counts["joined"],
        already=counts["already"],
        elsewhere=counts["elsewhere"],
        suspended=len(wanted) - len(allowed),
    )


def enrol_department(
    session: Session,
    cohort: Cohort,
    department: Department,
    *,
    actor: Person | None,
    now: datetime,
) -> EnrolReport:
    """Enrol everyone of a department and all below it."""
    members = people.list_all(session, department=department, status=people.Status.ALL)
    return enrol(session, cohort, members, actor=actor, now=now)


def enrol_named(
    session: Session,
    cohort: Cohort,
    accounts: Sequence[str],
    *,
    actor: Person | None,
    now: datetime,
) -> EnrolReport:
    """Enrol a pasted list of e-mail addresses and staff numbers; unknown ones are reported.

    Raises ``Refusal`` with ``accounts-missing`` or ``list-too-long``.
    """
    if not accounts:
        raise Refusal("accounts-missing")
    if len(accounts) > MOST_NAMES:
        raise Refusal("list-too-long", limit=MOST_NAMES)
    typed = {fold(a): a for a in accounts if is_clean(a) and fold(a)}
    found = {
        key: person
        for person in session.scalars(
            select(Person).where(or_(Person.email_key.in_(typed), Person.staff_key.in_(typed)))
        )
        for key in (person.email_key, person.staff_key)
        if key in typed
    }
    report = enrol(session, cohort, found.values(), actor=actor, now=now)
    unknown = [text for key, text in typed.items() if key not in found]
    unknown += [a.encode("utf-8", "replace").decode() for a in accounts if not is_clean(a)]
    return replace(report, unknown=tuple(unknown))


def end(session: Session, enrolment: Enrolment, *, actor: Person | None, now: datetime) -> None:
    """Somebody leaves the course; what they did stays. Twice is the same."""
    if enrolment.ended_at is None:
        enrolment.ended_at = now
        audit.record(
            session,
            actor=actor,
            verb="enrolment.end",
            subject=audit.subject_of(enrolment.person),
            now=now,
            course=enrolment.course.key,
        )
        session.flush()


def list_members(
    session: Session, cohort: Cohort, *, ended: bool = False, page: int = 1
) -> Page[Enrolment]:
    """Who follows (or has left) the course with this cohort, by name, with departments."""
    statement = (
        select(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.cohort_id == cohort.id)
        .where(Enrolment.ended_at.is_not(None) if ended else Enrolment.ended_at.is_(None))
        .options(joinedload(Enrolment.person).joinedload(Person.department))
        .order_by(Person.name_key, Person.id)
    )
    return page_of(session, statement, page)


def get_member(session: Session, cohort: Cohort, uuid: str) -> Enrolment:
    """One enrolment of this cohort, loaded through it. Raises NotFound."""
    member = (
        select(Enrolment)
        .where(Enrolment.uuid == uuid, Enrolment.cohort_id == cohort.id)
        .options(joinedload(Enrolment.person), joinedload(Enrolment.course))
    )
    return get_addressed(session, uuid, member)


def _bring_in(cohort: Cohort, enrolment: Enrolment) -> str:
    """What becomes of somebody who is, or was, in the course already."""
    if enrolment.ended_at is not None:
        enrolment.ended_at, enrolment.cohort = None, cohort
        return "again"
    if enrolment.cohort_id is None:
        enrolment.cohort = cohort
        return "joined"
    return "already" if enrolment.cohort_id == cohort.id else "elsewhere"


def _fill(session: Session, cohort: Cohort, name: str, starts_on: date, ends_on: date) -> None:
    stored = one_line(name, "name", NAME_LENGTH)
    if not stored.key:
        raise Refusal("cohort-name-missing", field="name")
    if ends_on < starts_on:
        raise Refusal("dates-reversed", field="ends_on")
    for other in session.scalars(select(Cohort).where(Cohort.course_id == cohort.course.id)):
        if other is not cohort and fold(other.name) == stored.key:
            raise Conflict("cohort-exists", field="name", name=other.name)
    cohort.name, cohort.starts_on, cohort.ends_on = stored.text, starts_on, ends_on


def _record(
    session: Session,
    verb: str,
    cohort: Cohort,
    actor: Person | None,
    now: datetime,
    **details: object,
) -> None:
    subject = f"cohort:{cohort.uuid}"
    audit.record(session, actor=actor, verb=verb, subject=subject, now=now, **details)
    session.flush()
