"""Two servers on one database with a few people of every role, asked directly, without a proxy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from factories import courses as factory
from factories.people import make_department, make_head, make_person
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from drills.serving import Cookies, Server
from drills.visitor import Visitor
from lms.models import CourseTrainer, Enrolment, Person
from lms.services import passwords, sign_in
from lms.settings import Settings
from lms.upgrade import open_engine, upgrade

PASSWORD = "o parolă destul de lungă"
SMALL = {"LMS_WORKERS": "2", "LMS_THREADS": "2", "LMS_PROXY_HOPS": "1"}


@dataclass
class Pair:
    """Both servers, their database, and who lives there."""

    engine: Engine
    servers: tuple[Server, Server]
    cookies: Cookies
    people: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Role → id and uuid."""
    course_id: int = 0
    lines: list[Visitor] = field(default_factory=list)
    """Browsers that may still hold a line open."""

    def hang_up(self) -> None:
        for visitor in self.lines:
            visitor.close()
        self.lines.clear()

    def sign_in(self, role: str) -> str:
        """A cookie of a new sign-in."""
        with Session(self.engine) as session:
            person = session.get_one(Person, self.people[role][0])
            token = sign_in.open(session, person, is_shared=False, now=datetime.now(UTC))
            session.commit()
        return self.cookies.of(token, lms_language="en")

    def at(self, server: int, cookie: str = "", role: str = "") -> Visitor:
        """A browser at one of the two servers; signed in anew as ``role``, or with a cookie."""
        if role:
            cookie = self.sign_in(role)
        visitor = Visitor(self.servers[server].port, cookie, role or "somebody", 0)
        self.lines.append(visitor)
        page = visitor.ask("GET", "/account" if cookie else "/sign-in")[2]
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        visitor.token = found[1] if found else ""
        return visitor

    def both(self, role: str) -> tuple[Visitor, Visitor]:
        """One browser's two lines, to one server each."""
        cookie = self.sign_in(role)
        first = self.at(0, cookie)
        return first, self.at(1, first.cookie)


@contextmanager
def pair(url: str) -> Iterator[Pair]:
    """Two real ``lms serve`` on one database."""
    settings = Settings(database_url=url)
    upgrade(settings)
    engine = open_engine(settings)
    found = Pair(engine, (Server(url, settings=SMALL), Server(url, settings=SMALL)), Cookies())
    _settle(found)
    try:
        for server in found.servers:
            server.start()
        yield found
    finally:
        for server in found.servers:
            server.stop()
        engine.dispose()


def _settle(found: Pair) -> None:
    now = datetime.now(UTC)
    with Session(found.engine) as session:
        at = factory.make_published(session)
        found.course_id = at.course_id
        root = make_department(session)
        digest = passwords.make_hash(PASSWORD)
        for role in ("employee", "leaver", "trainer", "hr"):
            person = make_person(
                session,
                f"Persoana {role}",
                email=f"{role}@demo.test",
                department=root,
                password_hash=digest,
                language="en",
            )
            found.people[role] = (person.id, person.uuid)
            session.add(Enrolment(person_id=person.id, course_id=at.course_id, enrolled_at=now))
            if role == "hr":
                make_head(session, root, person)
            if role == "trainer":
                session.add(CourseTrainer(course_id=at.course_id, person_id=person.id))
        session.commit()
