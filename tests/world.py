"""A small town hall with one person of every role, made once and copied for each test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from databases import Databases
from factories import courses as factory
from factories.people import make_department, make_head, make_person
from flask import Flask
from flask.testing import FlaskClient
from sessions import NOW
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from lms.app import create_app
from lms.models import Base, Cohort, CohortDue, Course, CourseTrainer, Enrolment
from lms.models.engine import prepare
from lms.services import passwords, sign_in
from lms.services.curriculum import Published
from lms.settings import Settings

PASSWORD = "o parola destul de lunga"
ROLES = ("employee", "colleague", "other", "manager", "hr", "trainer", "admin")


@dataclass
class World:
    """Ids of what was made; ``person["employee"]`` is a person's id."""

    person: dict[str, int] = field(default_factory=dict)
    uuid: dict[str, str] = field(default_factory=dict)
    enrolment: dict[str, int] = field(default_factory=dict)
    course_id: int = 0


def build(url: str) -> World:
    """Fill an empty database. The course has two modules with all kinds of questions."""
    engine = create_engine(url)
    prepare(engine)
    Base.metadata.create_all(engine)
    world = World()
    with Session(engine) as session:
        _people(session, world)
        course = factory.a_course()
        course = factory.with_module(
            course, 1, items=(*course.modules[0].items, *factory.all_kinds())
        )
        published = factory.make_published(session, course)
        world.course_id = published.course_id
        _learning(session, world, published)
        session.commit()
    engine.dispose()
    return world


def _people(session: Session, world: World) -> None:
    root = make_department(session, "Primăria Lunca Nouă")
    one = make_department(session, "Direcția Unu", root)
    below = make_department(session, "Serviciul Proiecte", one)
    two = make_department(session, "Direcția Doi", root)
    homes = {
        "employee": below,
        "colleague": below,
        "other": two,
        "manager": one,
        "hr": root,
        "trainer": two,
        "admin": root,
    }
    digest = passwords.make_hash(PASSWORD)
    for role in ROLES:
        person = make_person(
            session,
            f"Persoana {role.title()}",
            email=f"{role}@demo.test",
            department=homes[role],
            is_admin=role == "admin",
            password_hash=digest,
        )
        world.person[role], world.uuid[role] = person.id, person.uuid
        if role == "manager":
            make_head(session, one, person)
        if role == "hr":
            make_head(session, root, person)


def _learning(session: Session, world: World, published: Published) -> None:
    session.add(CourseTrainer(course_id=published.course_id, person_id=world.person["trainer"]))
    cohort = Cohort(
        course_id=published.course_id,
        name="Grupa de probă",
        starts_on=(NOW - timedelta(days=12)).date(),
        ends_on=(NOW - timedelta(days=10)).date(),
        created_at=NOW,
    )
    session.add(cohort)
    session.flush()
    for place, module in enumerate(published.manifest.modules):
        session.add(CohortDue(cohort_id=cohort.id, module_id=module.id, days_after=7 + place * 14))
    for role in ("employee", "colleague", "other"):
        enrolment = Enrolment(
            person_id=world.person[role],
            course_id=published.course_id,
            cohort_id=cohort.id,
            enrolled_at=NOW,
        )
        session.add(enrolment)
        session.flush()
        world.enrolment[role] = enrolment.id


class Clock:
    """The application's time in a test; it stands still until it is moved."""

    def __init__(self) -> None:
        self.moment: datetime = NOW

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **span: float) -> None:
        self.moment += timedelta(**span)


@dataclass
class House:
    """The application over a copy of the world, with what tests do to it."""

    app: Flask
    world: World
    clock: Clock

    def database(self) -> Session:
        """A session of the test's own; the caller closes it."""
        with self.app.app_context():
            engine = self.app.extensions["sqlalchemy"].engine
        return Session(engine, expire_on_commit=False)

    def client(self, role: str | None = None) -> FlaskClient:
        """A browser; signed in as ``role`` by a real sign-in row, without the price of a hash."""
        client = self.app.test_client()
        if role is not None:
            with self.database() as session:
                from lms.models import Person

                person = session.get_one(Person, self.world.person[role])
                token = sign_in.open(session, person, is_shared=False, now=self.clock.moment)
                session.commit()
            with client.session_transaction() as cookie:
                cookie["_user_id"] = token
                cookie["lms_seen"] = self.clock.moment.timestamp()
        return client

    def token(self, client: FlaskClient) -> str:
        """The CSRF token of this browser, read from a page as a browser would."""
        page = client.get("/account", follow_redirects=True).get_data(as_text=True)
        marker = 'name="csrf_token" value="'
        return page.split(marker, 1)[1].split('"', 1)[0]

    def post(self, client: FlaskClient, path: str, data: Any = None, **more: Any) -> Any:
        """A POST with the browser's token."""
        return client.post(path, data={"csrf_token": self.token(client), **(data or {})}, **more)

    def published(self) -> Published:
        from lms.services import curriculum

        with self.database() as session:
            course = session.get_one(Course, self.world.course_id)
            return curriculum.published(session, course.key)


@dataclass
class Houses:
    """Applications over databases of their own, made once and used again.

    Reading all routes takes longer than most tests; an application whose database, settings and
    clock are put back is as good as a new one.
    """

    databases: Databases
    _made: list[Flask] = field(default_factory=list)
    _free: list[Flask] = field(default_factory=list)

    @contextmanager
    def open(self, built: str, world: World) -> Iterator[House]:
        """An application over a fresh copy of the database ``built``."""
        app = self._free.pop() if self._free else self._make()
        state, config = app.extensions["lms"], dict(app.config)
        before = dict(vars(state))
        clock = Clock()
        app.testing, state.clock = True, clock
        self.databases.copy(built, app.config["SQLALCHEMY_DATABASE_URI"])
        yield House(app, world, clock)
        self._dispose(app)
        app.config.clear()
        app.config.update(config)
        vars(state).update(before)
        self._free.append(app)

    def _make(self) -> Flask:
        app = create_app(
            Settings(
                database_url=self.databases.new(),
                secret_key="for tests only, for tests only, for tests",
                secure_cookies=False,
                institution="Primăria Municipiului Lunca Nouă",
            )
        )
        self._made.append(app)
        return app

    def _dispose(self, app: Flask) -> None:
        with app.app_context():
            # With its pool goes everything that services keep for a database.
            app.extensions["sqlalchemy"].engine.dispose()

    def close(self) -> None:
        for app in self._made:
            app.extensions["lms"].renderer.close()
            self._dispose(app)
