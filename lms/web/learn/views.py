"""The route: home, a module, its evidence, the glossary."""

from __future__ import annotations

from flask import Response

from lms.domain.access import Action, may
from lms.domain.completion import NextStep
from lms.domain.curriculum import Activity, Module
from lms.domain.errors import NotFound
from lms.interop.markdown_links import element_id
from lms.services import evidence, learning
from lms.services.learning import Enrolled, Overview
from lms.web.blueprint import db_session
from lms.web.clock import today
from lms.web.course_words import Words, duration, step_name
from lms.web.identity import me
from lms.web.learn import attempts as attempts
from lms.web.learn import badges as badges
from lms.web.learn import exercises as exercises
from lms.web.learn import lessons as lessons
from lms.web.learn import results as results
from lms.web.learn.room import ROOM
from lms.web.rendering import render, url


def overview_of(enrolled: Enrolled) -> Overview:
    """The reader's own route in one course."""
    return learning.overview(enrolled, learning.read_ledger(db_session(), enrolled), today())


def _overview(course: str) -> Overview:
    return overview_of(learning.get_enrolled(db_session(), me().person_id, course))


@ROOM.get("/", Action.LEARN)
def home() -> Response:
    """Where one was, and the one next step. Without an enrolment the page says so."""
    enrolments = learning.list_enrolled(db_session(), me().person_id)
    if not enrolments:
        return render("lms/learn/not_enrolled.html")
    return _route_page(enrolments[0], enrolments)


@ROOM.get("/course/<course>", Action.LEARN)
def course(course: str) -> Response:
    """The same for one of several courses."""
    enrolments = learning.list_enrolled(db_session(), me().person_id)
    chosen = [e for e in enrolments if e.course_key == course]
    if not chosen:
        raise NotFound()
    return _route_page(chosen[0], enrolments)


def _route_page(enrolled: Enrolled, enrolments: list[Enrolled]) -> Response:
    route = overview_of(enrolled)
    step = route.next_step
    return render(
        "lms/learn/home.html",
        route=route,
        course=enrolled.manifest,
        w=Words(enrolled.manifest),
        step=step,
        step_href=step_address(route, step) if step else "",
        step_name=step_name(step.module, step.activity) if step else "",
        minutes_left=_minutes_left(route, step.module) if step else 0,
        others=[(e, Words(e.manifest)) for e in enrolments if e is not enrolled],
        leads=may(me().viewer, Action.SEE_TEAM),
    )


def step_address(route: Overview, step: NextStep) -> str:
    """Where "continue" leads: into the open attempt, or to the very heading in the lesson."""
    if step.activity.kind == "quiz":
        uuid = route.open_attempt(step.activity)
        if uuid:
            return url("learn.attempt", uuid=uuid)
        return url("learn.quiz", course=route.enrolled.course_key, key=step.activity.key)
    extra = {"_anchor": element_id(step.anchor)} if step.anchor else {}
    return url("learn.lesson", course=route.enrolled.course_key, key=step.activity.key, **extra)


def _minutes_left(route: Overview, module: Module) -> int:
    waiting = (a for a in module.activities if not (route.is_met(a) or route.is_assessed(a)))
    return sum(a.minutes for a in waiting)


@ROOM.get("/course/<course>/module/<key>", Action.LEARN)
def module(course: str, key: str) -> Response:
    """One module: outcomes, lessons, test, what completes it."""
    route = _overview(course)
    found = _module_of(route, key)
    waiting = [a for a in found.activities if a.kind != "exercise" and not route.is_met(a)]
    first = waiting[0] if waiting else None
    return render(
        "lms/learn/module.html",
        route=route,
        course=route.enrolled.manifest,
        w=Words(route.enrolled.manifest),
        module=found,
        progress=route.progress_of(found),
        first=first,
        first_href=step_address(route, _as_step(route, found, first)) if first else "",
        duration=duration,
    )


def _as_step(route: Overview, module: Module, activity: Activity) -> NextStep:
    place = route.ledger.places.get(activity.id)
    return NextStep(module, activity, anchor=place[0] if place else "")


def _module_of(route: Overview, key: str) -> Module:
    found = route.enrolled.manifest.by_module.get(key)
    if found is None:
        raise NotFound()
    return found


@ROOM.get("/course/<course>/module/<key>/why", Action.LEARN)
def why(course: str, key: str) -> Response:
    """The evidence behind each tick: which criterion, which reading or attempt, when."""
    route = _overview(course)
    found = _module_of(route, key)
    return render(
        "lms/learn/why.html",
        course=route.enrolled.manifest,
        w=Words(route.enrolled.manifest),
        module=found,
        progress=route.progress_of(found),
        badge_uuid=route.ledger.badges.get(found.id, ""),
        lines=evidence.of_module(db_session(), route.enrolled.enrolment_id, found),
    )


@ROOM.get("/glossary", Action.LEARN)
def glossary() -> Response:
    """All terms and sources of the course one follows, terms in alphabetical order."""
    enrolled = learning.find_enrolled(db_session(), me().person_id)
    return render(
        "lms/learn/glossary.html",
        course=enrolled.manifest if enrolled else None,
        w=Words(enrolled.manifest) if enrolled else None,
        terms=evidence.sorted_terms(enrolled.manifest) if enrolled else [],
    )
