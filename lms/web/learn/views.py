"""The route: home, a module, its evidence, the glossary."""

from __future__ import annotations

from flask import Response

from lms.domain.access import Action
from lms.domain.errors import NotFound
from lms.services import evidence, learning
from lms.web.blueprint import db_session
from lms.web.clock import today
from lms.web.identity import me
from lms.web.learn import attempts as attempts
from lms.web.learn import badges as badges
from lms.web.learn import lessons as lessons
from lms.web.learn.room import ROOM
from lms.web.rendering import render


def overview(course: str) -> learning.Overview:
    """The reader's own route in one course; an empty key means the most recent one."""
    session = db_session()
    enrolled = learning.find_enrolled(session, me().person_id, course)
    if enrolled is None:
        raise NotFound()
    return learning.overview(enrolled, learning.read_ledger(session, enrolled), today())


@ROOM.get("/", Action.LEARN)
def home() -> Response:
    """Where one was, and the one next step. Without an enrolment the page says so."""
    session = db_session()
    enrolled = learning.find_enrolled(session, me().person_id)
    if enrolled is None:
        return render("lms/learn/not_enrolled.html")
    route = learning.overview(enrolled, learning.read_ledger(session, enrolled), today())
    return render("lms/learn/home.html", route=route, course=enrolled.manifest)


@ROOM.get("/course/<course>/module/<key>", Action.LEARN)
def module(course: str, key: str) -> Response:
    """One module: outcomes, lessons, test, what completes it."""
    route = overview(course)
    found = route.enrolled.manifest.by_module.get(key)
    if found is None:
        raise NotFound()
    return render(
        "lms/learn/module.html",
        route=route,
        course=route.enrolled.manifest,
        module=found,
        progress=route.progress_of(found),
    )


@ROOM.get("/course/<course>/module/<key>/why", Action.LEARN)
def why(course: str, key: str) -> Response:
    """The evidence behind each tick: which criterion, which reading or attempt, when."""
    route = overview(course)
    found = route.enrolled.manifest.by_module.get(key)
    if found is None:
        raise NotFound()
    return render(
        "lms/learn/why.html",
        course=route.enrolled.manifest,
        module=found,
        progress=route.progress_of(found),
        lines=evidence.of_module(db_session(), route.enrolled.enrolment_id, found),
    )


@ROOM.get("/glossary", Action.LEARN)
def glossary() -> Response:
    """All terms of the course one follows, in alphabetical order."""
    enrolled = learning.find_enrolled(db_session(), me().person_id)
    return render(
        "lms/learn/glossary.html",
        course=enrolled.manifest if enrolled else None,
        terms=evidence.sorted_terms(enrolled.manifest) if enrolled else [],
    )
