"""The result of an attempt: the score, what to read again, the key once it may be seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import Response
from markupsafe import Markup

from lms.domain.access import Action
from lms.domain.curriculum import Activity, CoursePlace, Manifest, Module, Outcome
from lms.domain.errors import NotFound
from lms.domain.items import ReviewLine
from lms.services import course_results, learning, quizzes
from lms.services.curriculum import manifest_of
from lms.services.learning import Enrolled
from lms.services.quizzes import Sitting, Standing
from lms.services.versions import activity_content
from lms.web.blueprint import db_session
from lms.web.clock import now, today
from lms.web.course_words import Words
from lms.web.identity import me
from lms.web.learn.room import ROOM
from lms.web.learn.showing import Paper, QuestionView, lesson_address, review_lines
from lms.web.rendering import render, to, url


@dataclass(frozen=True, slots=True)
class Revisit:
    """A place worth reading again, and for how many of the questions that were not all right."""

    href: str
    title: str
    section: str
    """Heading in the lesson; empty for the whole of it."""
    questions: int


@dataclass(frozen=True, slots=True)
class OutcomeScore:
    """What was reached of one outcome: a sum, which tells of no single question."""

    outcome: Outcome
    points: float
    questions: int


@dataclass(frozen=True, slots=True)
class ReviewedQuestion:
    """One question with its key and explanations; made only where the key may be seen."""

    view: QuestionView
    points: float
    lines: tuple[ReviewLine, ...]
    expected: str
    explanation: Markup
    href: str
    """Where to read about it; empty when the lesson is not published."""


@ROOM.get("/attempt/<uuid:uuid>/result", Action.LEARN)
def result(uuid: Any) -> Response:
    """The score, what to read again, and the key once the test is passed.

    Before that the next attempt draws from the same bank: a key shown now would be copied, not
    learned, so nothing is said about any single question.
    """
    database = db_session()
    sat = quizzes.sitting(database, me().person_id, str(uuid))
    if sat.attempt.state == "open":
        return to("learn.summary", uuid=uuid)
    key = manifest_of(database, sat.attempt.manifest_id).key
    enrolled = learning.get_enrolled(database, me().person_id, key)
    paper = Paper(sat)
    route = learning.overview(enrolled, learning.read_ledger(database, enrolled), today())
    standing = _standing(paper, enrolled)
    shown: dict[str, Any] = {
        "paper": paper,
        "attempt": sat.attempt,
        "course": enrolled.manifest,
        "w": Words(enrolled.manifest),
        "quiz": paper.quiz,
        "pass_percent": quizzes.settings_of(database, sat.attempt).pass_percent,
        "standing": standing,
        "route": route,
    }
    may_see_key = bool(sat.attempt.is_passed or (standing and standing.is_passed))
    if paper.module is None:
        return _of_course(paper, enrolled, shown, may_see_key=may_see_key)
    module = enrolled.manifest.by_module_id.get(paper.module.id)
    return render(
        "lms/learn/result.html",
        **shown,
        module=module or paper.module,
        progress=route.progress_of(module) if module else None,
        badge_uuid=route.ledger.badges.get(paper.module.id, ""),
        revisit=_revisit(sat, enrolled.manifest, paper.w),
        outcomes=_outcomes(sat, paper.module, at_least=1 if may_see_key else 2),
        reviewed=_reviewed(paper, enrolled.manifest) if may_see_key else [],
    )


def _of_course(
    paper: Paper, enrolled: Enrolled, shown: dict[str, Any], *, may_see_key: bool
) -> Response:
    """A test of the whole course: module by module.

    The key of the one before is never shown, since its questions are asked again; the one after
    follows the rules of every other test, and shows what has come since the one before.
    """
    database, attempt = db_session(), paper.sat.attempt
    is_before = paper.place is CoursePlace.BEFORE
    earlier = None if is_before else course_results.of_first(database, enrolled)
    may_see_key = may_see_key and not is_before
    return render(
        "lms/learn/result_course.html",
        **shown,
        is_before=is_before,
        scores=course_results.by_module(
            enrolled.manifest, course_results.of_attempt(database, attempt), earlier
        ),
        compares=earlier is not None,
        revisit=[] if is_before else _along_the_route(paper, enrolled.manifest),
        reviewed=_reviewed(paper, enrolled.manifest) if may_see_key else [],
    )


def _standing(paper: Paper, enrolled: Enrolled) -> Standing | None:
    """None when the test has left the course since."""
    try:
        return quizzes.standing(db_session(), enrolled, paper.quiz.key, now())
    except NotFound:
        return None


def _revisit(sat: Sitting, course: Manifest, words: Words) -> list[Revisit]:
    """Lessons behind what was not all right, most needed first."""
    found: dict[str, Revisit] = {}
    for slot in sat.slots:
        place = lesson_address(course, slot.item.lesson)
        if place is None or (slot.row.points or 0) >= 1:
            continue
        href, lesson = place
        section = _section(lesson, slot.item.lesson.partition("#")[2])
        known = found.get(href, Revisit(href, words.activity(lesson), section, 0))
        found[href] = replace(known, questions=known.questions + 1)
    return sorted(found.values(), key=lambda entry: -entry.questions)


def _along_the_route(paper: Paper, course: Manifest) -> list[Revisit]:
    """As :func:`_revisit`, for a test of the whole course: where one finds it, not how often."""
    places = {url("learn.lesson", course=course.key, key=a.key): n
              for n, (_, a) in enumerate(course.route())}  # fmt: skip
    found = _revisit(paper.sat, course, paper.w)
    return sorted(found, key=lambda entry: places.get(entry.href.partition("#")[0], 0))


def _section(lesson: Activity, anchor: str) -> str:
    """The words of a heading in the published lesson."""
    headings = activity_content(db_session(), lesson.version_id)["rendered"]["headings"]
    return next((text for _, text, known in headings if known == anchor), "")


def _outcomes(sat: Sitting, module: Module, at_least: int) -> list[OutcomeScore]:
    """What was reached of each outcome that ``at_least`` so many questions were about."""
    scores = []
    for outcome in module.outcomes:
        slots = [s for s in sat.slots if (s.case or s.item).outcome == outcome.key]
        if len(slots) >= at_least:
            points = sum(slot.row.points or 0 for slot in slots)
            scores.append(OutcomeScore(outcome, points, len(slots)))
    return scores


def _reviewed(paper: Paper, course: Manifest) -> list[ReviewedQuestion]:
    reviewed = []
    for slot in paper.sat.slots:
        review = slot.body.review(slot.response, slot.row.layout)
        place = lesson_address(course, slot.item.lesson)
        view = paper.view(slot.row.position)
        texts = paper.texts_of(slot)
        reviewed.append(
            ReviewedQuestion(
                view=view,
                points=slot.row.points or 0,
                lines=review_lines(review.lines, view.kind, texts, view.notation),
                expected=review.expected,
                explanation=texts.item(slot.item.explanation),
                href=place[0] if place else "",
            )
        )
    return reviewed
