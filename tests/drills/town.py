"""The people and the test of a drill, in a database of any kind, and what is found there afterwards."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from databases import own_server
from factories import courses as factory
from factories.people import make_department, make_person
from sqlalchemy import Connection, Engine, inspect, select, text
from sqlalchemy.orm import Session

from drills.serving import Cookies
from drills.visitor import Journal
from lms.models import (
    Attempt,
    AttemptItem,
    Credential,
    Enrolment,
    ModuleCompletion,
    Response,
)
from lms.models.engine import begin_write
from lms.services import sign_in, versions
from lms.services.sittings import body_of
from lms.settings import Settings
from lms.upgrade import open_engine, upgrade

QUESTIONS = 15
LESSONS = ("m1-a", "m1-b")
TEST = "m1-test"


def settle(url: str, people: int) -> list[str]:
    """Tables, a course of one module with a test of 15 questions, its learners; their cookies."""
    settings = Settings(database_url=url)
    upgrade(settings)
    engine = open_engine(settings)
    cookies, made = [], Cookies()
    now = datetime.now(UTC)
    with Session(engine) as session:
        begin_write(session)
        course = factory.a_course(modules=1)
        module = course.modules[0]
        # Whoever has one right answer passes: every attempt that is sent must give a badge.
        test = factory.a_quiz(
            TEST, QUESTIONS, pass_percent=1, wait_minutes=0, time_limit_minutes=30
        )
        items = tuple(factory.an_item(f"i{n}") for n in range(QUESTIONS))
        course = factory.with_module(
            course,
            1,
            activities=(*module.activities[:-1], test),
            items=(*items, *(item for item in module.items if item.key == "m1-c1")),
        )
        at = factory.make_published(session, course)
        home = make_department(session)
        for number in range(people):
            person = make_person(session, f"Om {number}", department=home)
            session.add(Enrolment(person_id=person.id, course_id=at.course_id, enrolled_at=now))
            cookies.append(made.of(sign_in.open(session, person, is_shared=False, now=now)))
        session.commit()
    engine.dispose()
    return cookies


def set_deadline(url: str, moment: datetime) -> None:
    """All open attempts end at the same instant."""
    engine = open_engine(Settings(database_url=url))
    with Session(engine) as session:
        begin_write(session)
        session.execute(
            text("UPDATE lms_attempt SET deadline_at = :at"), {"at": _stored(session, moment)}
        )
        session.commit()
    engine.dispose()


def _stored(session: Session, moment: datetime) -> object:
    sqlite = session.get_bind().dialect.name == "sqlite"
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f") if sqlite else moment


def forget_uniqueness(url: str) -> None:
    """For a server that issues badges twice: without the constraint that would stop it."""
    engine = open_engine(Settings(database_url=url))
    with engine.begin() as connection:
        named = inspect(connection).get_unique_constraints("lms_credential")
        name = next(c["name"] for c in named if "enrolment_id" in c["column_names"])
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"ALTER TABLE lms_credential DROP CONSTRAINT {name}"))
        else:
            _forget_in_sqlite(connection, str(name))
    engine.dispose()


def _forget_in_sqlite(connection: Connection, name: str) -> None:
    made = connection.execute(
        text("SELECT sql FROM sqlite_master WHERE name = 'lms_credential'")
    ).scalar_one()
    loose = re.sub(rf",?\s*CONSTRAINT {name} UNIQUE \([^)]*\)", "", made)
    assert loose != made
    connection.execute(text("DROP TABLE lms_credential"))
    connection.execute(text(loose))


@dataclass
class Figures:
    """What a drill found. ``lost``, ``doubled``, ``ghosts`` and ``unexpected`` must be empty."""

    people: int = 0
    sent: int = 0
    acknowledged: int = 0
    submitted: int = 0
    badges: int = 0
    retried: int = 0
    lost: int = 0
    """Acknowledged and not there, there otherwise, or not counted in the score."""
    doubled: int = 0
    ghosts: int = 0
    """There without ever having been sent."""
    unexpected: list[str] = field(default_factory=list)
    server_cpu_seconds: float = 0.0
    """Of the storm alone; the load generator and PostgreSQL are not in it."""
    milliseconds: dict[str, dict[str, int]] = field(default_factory=dict)
    """``save`` and ``submit``: p50, p95, p99 and the longest, from when each was due."""

    @property
    def is_green(self) -> bool:
        return (
            self.acknowledged > 0
            and self.submitted > 0
            and not (self.lost or self.doubled or self.ghosts or self.unexpected)
        )


def reckon(url: str, journals: Iterable[Journal]) -> Figures:
    """Compare what people were told with what the database holds."""
    known = list(journals)
    found = Figures(people=len(known))
    engine = open_engine(Settings(database_url=url))
    with Session(engine) as session:
        _check_answers(session, known, found)
        _check_scores(session, known, found)
        _check_badges(session, found)
        _check_health(engine, found)
    engine.dispose()
    for journal in known:
        found.sent += len(journal.sent)
        found.acknowledged += len(journal.acknowledged)
        found.submitted += len(set(journal.finished))
        found.retried += journal.retried
        found.unexpected += [f"{journal.name}: {text}" for text in journal.unexpected[:3]]
    found.milliseconds = {
        "save": percentiles([s for j in known for s in j.saves]),
        "submit": percentiles([s for j in known for s in j.submits]),
    }
    return found


def _check_answers(session: Session, journals: list[Journal], found: Figures) -> None:
    rows = session.execute(select(Response.idempotency_key, Response.sequence)).all()
    kept = {row.idempotency_key: row.sequence for row in rows}
    found.doubled += len(rows) - len(kept)
    found.ghosts += len(kept.keys() - set().union(*(j.sent for j in journals)))
    for journal in journals:
        found.lost += sum(kept.get(k) != s for k, s in journal.acknowledged.items())


def _check_scores(session: Session, journals: list[Journal], found: Figures) -> None:
    """An attempt's points are those of the answers that were acknowledged last, no other's."""
    rows = list(session.scalars(select(Attempt)))
    attempts = {attempt.uuid: attempt for attempt in rows}
    numbered = {(attempt.enrolment_id, attempt.number) for attempt in rows}
    found.doubled += len(rows) - len(numbered)
    unsent = [a.enrolment_id for a in rows if a.state == "open"]
    found.doubled += len(unsent) - len(set(unsent))
    for journal in journals:
        for uuid in set(journal.finished):
            attempt = attempts.get(uuid)
            is_sent = attempt is not None and attempt.state == "submitted"
            found.lost += not (is_sent and attempt.points == _points(session, attempt, journal))


def _points(session: Session, attempt: Attempt, journal: Journal) -> float:
    total = 0.0
    items = session.scalars(select(AttemptItem).where(AttemptItem.attempt_id == attempt.id)).all()
    contents = versions.item_contents(session, [item.item_version_id for item in items])
    for item in items:
        key = journal.last.get((attempt.uuid, item.position))
        response = session.scalar(
            select(Response).where(
                Response.attempt_item_id == item.id, Response.idempotency_key == key
            )
        )
        body = body_of(contents[item.item_version_id].questions[item.child])
        total += float(body.score(response.value if response else None))
    return total


def _check_badges(session: Session, found: Figures) -> None:
    badges = session.execute(select(Credential.enrolment_id, Credential.achievement)).all()
    completed = session.execute(
        select(ModuleCompletion.enrolment_id, ModuleCompletion.module_id)
    ).all()
    found.badges = len(badges)
    found.doubled += len(badges) - len(set(badges)) + len(completed) - len(set(completed))
    passed = session.scalars(select(Attempt.enrolment_id).where(Attempt.is_passed)).all()
    earned = {(enrolment, achievement) for enrolment, achievement in badges}
    for enrolment in set(passed):
        # One module: whoever passes its test has both badges, the module's and the course's.
        found.lost += 2 - len({a for e, a in earned if e == enrolment})


def _check_health(engine: Engine, found: Figures) -> None:
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            if connection.execute(text("PRAGMA integrity_check")).scalar() != "ok":
                found.unexpected.append("integrity_check")


def percentiles(seconds: list[float]) -> dict[str, int]:
    """p50, p95, p99 and the longest, in milliseconds."""
    ordered = sorted(seconds) or [0.0]

    def at(share: float) -> int:
        return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))])

    return {"p50": at(0.50), "p95": at(0.95), "p99": at(0.99), "longest": round(1000 * ordered[-1])}


@contextmanager
def database(kind: str) -> Iterator[str]:
    """An empty database on the real disk; PostgreSQL as it is installed, not as tests want it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        if kind == "sqlite":
            yield f"sqlite:///{folder}/drill.db"
        elif kind == "postgresql":
            with own_server(Path(folder), {}) as url:
                yield url
        else:
            yield kind
