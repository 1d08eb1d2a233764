"""Everything ``lms demo`` needs before it serves: database, courses, people, their histories.

Doing it again changes nothing but the password, when another one is asked for.
"""

from __future__ import annotations

import os
import random
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import URL, Engine, func, select
from sqlalchemy.orm import Session

from lms import content
from lms.demo.histories import OFFICE, Calendar, Learner
from lms.demo.people import (
    ACCOUNTS,
    COLLEAGUES,
    DEPARTMENTS,
    DOMAIN,
    INSTITUTION,
    ROLES,
    Colleague,
    History,
)
from lms.faults import Fault
from lms.interop.markdown import Renderer
from lms.models import Cohort, Course, Department, Person
from lms.models.engine import begin_write
from lms.paths import COURSES
from lms.services import (
    cohorts,
    curriculum,
    departments,
    help_requests,
    passwords,
    people,
    sign_in,
    trainers,
)
from lms.services.authoring import get_course
from lms.settings import Settings, read_settings
from lms.upgrade import open_engine, upgrade

COURSE = "por"
WORKSHOP_ENDED_DAYS_AGO = 28
DUE_DAYS = (14, 35, 56, 77)
"""After the workshop, for the modules in order; later ones every three weeks."""
EVERY_DAYS = 21
SEED = 2018


class DemoFault(Fault):
    """The demonstration cannot be shown; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Show:
    """A demonstration that is ready to be served."""

    settings: Settings
    password: str
    made_at: datetime

    def as_text(self) -> str:
        """The sign-ins and the address, for the terminal."""
        width = max(len(f"{c.email}") for c in ACCOUNTS)
        lines = [f"  {c.email!s:<{width}}  {self.password}  {ROLES[c.account]}" for c in ACCOUNTS]
        address = f"http://{self.settings.host}:{self.settings.port}"
        days = (datetime.now(UTC) - self.made_at).days
        age = (
            f"\n  These people's deadlines were set {days} days ago; delete the database named "
            "above\n  to have them made anew.\n"
            if days > 14
            else ""
        )
        return (
            f"\nParcurs, demonstration: {address}\n"
            f"Database: {self.settings.database_url}\n\n"
            + "\n".join(lines)
            + f"\n\n  All other fictional people have the same password.\n{age}"
        )


def prepare(
    folder: Path, *, password: str | None, port: int | None, database_url: str | None
) -> Show:
    """Make what is missing. Raises DemoFault, DatabaseFault, ContentFault."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = read_settings(
        {},
        database_url=database_url or _file_url(folder / "demo.db"),
        secret_key=_kept(folder / "demo-secret-key", secrets.token_urlsafe(48)),
        trusted_hosts=("127.0.0.1", "localhost"),
        port=port,
        secure_cookies=False,
        institution=INSTITUTION,
        contact=f"hr@{DOMAIN}",
        log_level="WARNING",
    )
    password = password or _kept(folder / "demo-password", _readable_password())
    now = datetime.now(UTC)
    upgrade(settings)
    engine = open_engine(settings)
    try:
        _check_is_ours(engine)
        with Renderer() as renderer:
            for course in content.course_folders([COURSES]):
                content.load(engine, content.read(course), renderer, publish=True, now=now)
        made_at = _find_made_at(engine)
        password_hash = _hash_unless_it_holds(engine, password)
        with Session(engine) as session:
            begin_write(session)
            if made_at is None:
                made_at = _populate(session, now)
            if password_hash is not None:
                _set_passwords(session, password_hash, now)
            session.commit()
    finally:
        engine.dispose()
    return Show(settings, password, made_at)


def _file_url(path: Path) -> str:
    return URL.create("sqlite", database=str(path.resolve())).render_as_string()


def _kept(path: Path, fresh: str) -> str:
    """What the private file says; the first time it is written there."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept = path.read_text("utf-8").strip()
        if not kept:
            raise DemoFault(f"{path} is empty: delete it, a new one will be written.") from None
        return kept
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(fresh + "\n")
    return fresh


def _readable_password() -> str:
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))


def _check_is_ours(engine: Engine) -> None:
    """Fictional people never come among real ones."""
    with Session(engine) as session:
        root = departments.find_root(session)
        if root is not None and root.name != INSTITUTION:
            raise DemoFault(
                f"The database belongs to {root.name!r}: a demonstration needs one of its own."
            )
        if root is None and session.scalar(select(func.count(Person.id))):
            raise DemoFault("The database holds people already: a demonstration needs its own.")


def _find_made_at(engine: Engine) -> datetime | None:
    with Session(engine) as session:
        admin = sign_in.find_person(session, f"admin@{DOMAIN}")
        return admin.created_at if admin else None


def _hash_unless_it_holds(engine: Engine, password: str) -> str | None:
    """A new hash when the accounts have another password; one for all, since hashing is slow."""
    with Session(engine) as session:
        admin = sign_in.find_person(session, f"admin@{DOMAIN}")
        stored = admin.password_hash if admin else None
    if stored is not None and passwords.verify(stored, password):
        return None
    return passwords.make_hash(password)


def _set_passwords(session: Session, password_hash: str, now: datetime) -> None:
    everyone = [*ACCOUNTS, *COLLEAGUES]
    for colleague in everyone:
        person = sign_in.find_person(session, colleague.staff_number or colleague.email or "")
        if person is not None:
            people.set_password(
                session, person, password_hash, keep_sign_in_id=None, now=now, is_own=False
            )


# -- the town hall ------------------------------------------------------------------------------


def _populate(session: Session, now: datetime) -> datetime:
    today = now.astimezone(OFFICE).date()
    ended = _friday(today - timedelta(days=WORKSHOP_ENDED_DAYS_AGO))
    before = datetime.combine(ended - timedelta(days=10), time(9, 5), OFFICE).astimezone(UTC)
    places = _make_departments(session, before)
    persons = {c: _make_person(session, c, places, now, before) for c in [*ACCOUNTS, *COLLEAGUES]}
    course = get_course(session, COURSE)
    for colleague, person in persons.items():
        if colleague.is_trainer:
            trainers.appoint(session, course, person, actor=None, now=before)
    hr = persons[next(c for c in ACCOUNTS if c.account == "hr")]
    first = _make_cohort(session, course, "Sesiunea de pregătire, grupa 1", ended, hr, before)
    enrolled_at = now - timedelta(hours=20)
    lately = _friday(today - timedelta(days=1))
    second = _make_cohort(
        session, course, "Sesiunea de pregătire, grupa 2", lately, hr, enrolled_at
    )
    for cohort, moment, wanted in ((first, before, False), (second, enrolled_at, True)):
        members = [
            person
            for colleague, person in persons.items()
            if colleague.history is not History.NOT_IN_COURSE
            and (colleague.history is History.JUST_ENROLLED) is wanted
        ]
        cohorts.enrol(session, cohort, members, actor=hr, now=moment)
    rng = random.Random(SEED)
    start = datetime.combine(ended, time(13, 0), OFFICE)
    for colleague, person in persons.items():
        if colleague.history not in {History.NOT_IN_COURSE, History.JUST_ENROLLED}:
            calendar = Calendar(start, now, rng)
            Learner(session, person.id, COURSE, calendar, rng).live(colleague.history)
    _aftermath(session, persons, hr, now)
    return now


def _friday(day: date) -> date:
    """The last Friday up to a day: workshops end before the weekend."""
    return day - timedelta(days=(day.weekday() - 4) % 7)


def _make_departments(session: Session, at: datetime) -> dict[str, Department]:
    places = {"": departments.add_root(session, INSTITUTION, actor=None, now=at)}
    for key, (above, name) in DEPARTMENTS.items():
        places[key] = departments.add(session, places[above], name, actor=None, now=at)
    return places


def _make_person(
    session: Session, who: Colleague, places: dict[str, Department], now: datetime, at: datetime
) -> Person:
    # The administrator's own date says when the demonstration was made.
    person = people.add(
        session,
        people.Details(who.name, who.email, who.staff_number, places[who.department]),
        language=who.language,
        is_admin=who.is_admin,
        actor=None,
        now=now if who.is_admin else at,
    )
    if who.heads is not None:
        departments.appoint(
            session, places[who.heads], person, departments.HEAD, actor=None, now=at
        )
    return person


def _make_cohort(
    session: Session, course: Course, name: str, ended: date, hr: Person, at: datetime
) -> Cohort:
    cohort = cohorts.create(
        session, course, name, ended - timedelta(days=2), ended, actor=hr, now=at
    )
    modules = curriculum.published(session, course.key).manifest.modules
    days = {
        module.id: DUE_DAYS[n] if n < len(DUE_DAYS) else DUE_DAYS[-1] + EVERY_DAYS * n
        for n, module in enumerate(modules)
    }
    cohorts.set_due(session, cohort, days, actor=hr, now=at)
    return cohort


def _aftermath(
    session: Session, persons: dict[Colleague, Person], hr: Person, now: datetime
) -> None:
    """What waits for HR, and who has left."""
    for colleague, person in persons.items():
        if colleague.is_suspended:
            people.suspend(session, person, actor=hr, now=now - timedelta(days=6))
    forgetful = next(p for c, p in persons.items() if c.name == "Nadia Scenariu")
    help_requests.ask(session, forgetful, "password", "127.0.0.1", now - timedelta(hours=3))
