"""A department that is new here, made by two requests at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from factories import courses as factory
from factories.people import make_enrolment
from flask import Flask
from sessions import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from host.mounting import PREFIX, arrive, change, engine_of, enter, leave, mount, token
from host.townhall import fill, make_app
from lms.models import Course, Department, Person
from lms.models.engine import begin_write
from lms.services import departments

NEW = "Compartimentul Nou"
COURSE = factory.a_course()
LESSON = COURSE.modules[0].activities[0]


@pytest.fixture
def town(empty_database: str, tmp_path: Path) -> Iterator[Flask]:
    """The intranet, whose own visits do not wait for our tables; Ana has come and is enrolled."""
    own = f"sqlite:///{tmp_path / 'intranet.db'}"
    app = make_app(own, SQLALCHEMY_BINDS={"formare": empty_database})
    mount(app, bind_key="formare")
    app.testing = True
    fill(app)
    arrive(enter(app, "ana"))
    with Session(engine_of(app)) as session:
        factory.make_published(session, COURSE)
        make_enrolment(
            session, session.scalars(select(Person)).one(), session.scalars(select(Course)).one()
        )
        session.commit()
    yield app
    leave(app)


def make(session: Session) -> None:
    root = departments.find_root(session)
    assert root is not None
    departments.add(session, root, NEW, actor=None, now=NOW)


def remove(session: Session) -> None:
    made = session.scalars(select(Department).where(Department.name == NEW)).one()
    departments.remove(session, made, actor=None, now=NOW)


def while_it_is_made(
    app: Flask, send: Callable[[], TestResponse], act: Callable[[Session], None] = make
) -> TestResponse:
    """The answer to a request that looks for the department before a colleague's has committed."""
    answers: list[TestResponse] = []
    with Session(engine_of(app)) as session:
        begin_write(session)
        act(session)
        thread = threading.Thread(target=lambda: answers.append(send()))
        thread.start()
        thread.join(1)
        assert thread.is_alive(), "it waits"
        session.commit()
    thread.join(30)
    return answers[0]


def test_a_post_under_way_finds_the_department_made(town: Flask) -> None:
    """What somebody has just done is not refused because a colleague came in meanwhile."""
    ana = enter(town, "ana")
    sent = {"csrf_token": token(ana.get(f"{PREFIX}/account")), "percent": "40"}
    change(town, "ana", office=NEW)
    address = f"{PREFIX}/course/{COURSE.key}/lesson/{LESSON.key}/place"
    answer = while_it_is_made(town, lambda: ana.post(address, data=sent))
    assert answer.status_code == 204
    assert works_at(town, "host:1") == [NEW]


def test_so_does_somebody_who_arrives(town: Flask) -> None:
    change(town, "barbu", office=NEW)
    barbu = enter(town, "barbu")
    sent = {"csrf_token": token(barbu.get(f"{PREFIX}/badges")), "next": f"{PREFIX}/badges"}
    answer = while_it_is_made(town, lambda: barbu.post(f"{PREFIX}/arrive", data=sent))
    assert answer.location == f"{PREFIX}/badges"
    assert works_at(town, "host:2") == [NEW]


def test_somebody_arrives_in_a_department_that_is_just_removed(town: Flask) -> None:
    """The host still has it: it is made anew."""
    with Session(engine_of(town)) as session:
        make(session)
        session.commit()
    change(town, "barbu", office=NEW)
    barbu = enter(town, "barbu")
    sent = {"csrf_token": token(barbu.get(f"{PREFIX}/badges")), "next": f"{PREFIX}/badges"}
    answer = while_it_is_made(town, lambda: barbu.post(f"{PREFIX}/arrive", data=sent), remove)
    assert answer.location == f"{PREFIX}/badges"
    assert works_at(town, "host:2") == [NEW]


def works_at(app: Flask, subject: str) -> list[str]:
    with Session(engine_of(app)) as session:
        works = select(Department.name).join(Person, Person.department_id == Department.id)
        return list(session.scalars(works.where(Person.subject == subject)))
