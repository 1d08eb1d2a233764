"""Publishing: what would change for whom, the publication, its history and its undoing."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request

from lms.domain import publishing as rules
from lms.domain.access import Action
from lms.domain.curriculum import Manifest
from lms.domain.errors import Refusal
from lms.domain.publishing import Difference, Move, Part, Problem
from lms.models import Course
from lms.services import completion, publishing
from lms.services.curriculum import manifest_of
from lms.services.publishing import Delta, HistoryLine
from lms.web import i18n
from lms.web.blueprint import commit, db_session
from lms.web.clock import now
from lms.web.rendering import notice, render, to, url
from lms.web.sentences import sentence
from lms.web.teach.forms import PublishForm, Told
from lms.web.teach.loading import author, let_go, taught
from lms.web.teach.room import ROOM
from lms.web.teach.sentences import problem_sentence


@dataclass(frozen=True, slots=True)
class UndoPreview:
    """What pressing undo would show again."""

    back_to: HistoryLine
    difference: Difference
    shown: int
    """Manifest id the reader sees as published: pressing twice undoes once."""


@ROOM.get("/<course>/publish", Action.TEACH)
def publish_preview(course: str) -> Response:
    return _page(taught(course), PublishForm())


@ROOM.post("/<course>/publish", Action.TEACH)
def publish(course: str) -> Response:
    """Show the drafts to everyone from now on, exactly as they were previewed."""
    home = taught(course)
    form = PublishForm(request.form)
    told = Told()
    told.add_form(form)
    if told.fields:
        return _page(home, form, told=told, status=400)
    state = request.form.get("state", "")
    try:
        published = publishing.publish(
            db_session(), home, author(), form.note.data or "", now(), expected=state or "unseen"
        )
    except Refusal as refusal:
        let_go()
        if refusal.code == "text-too-long":
            told.add_to(form.note, sentence(refusal))
        return _page(taught(course), form, told=told, refusal=refusal, status=refusal.status)
    completion.settle(db_session(), published, now())
    commit()
    notice("success", i18n.gettext("Published. Everyone sees the course as it is now."))
    return to("teach.course", course=course)


@ROOM.post("/<course>/undo", Action.TEACH)
def undo(course: str) -> Response:
    """Show again what was published before; the drafts stay as they are."""
    home = taught(course)
    seen = request.form.get("shown", "")
    expected = int(seen) if seen.isascii() and seen.isdigit() and len(seen) <= 18 else -1
    try:
        published = publishing.undo(db_session(), home, author(), now(), expected=expected)
    except Refusal as refusal:
        let_go()
        return _page(taught(course), PublishForm(), refusal=refusal, status=refusal.status)
    completion.settle(db_session(), published, now())
    commit()
    notice("success", i18n.gettext("Undone: everyone sees what was published before."))
    return to("teach.publish_preview", course=course)


def _undo_preview(course: Course, history: list[HistoryLine]) -> UndoPreview | None:
    """None where there is nothing to go back to."""
    try:
        target = rules.undo_target(Move(h.kind, h.manifest_id) for h in reversed(history))
    except Refusal:
        return None
    if course.manifest_id is None:
        return None
    live, before = _manifest(course.manifest_id), _manifest(target)
    line = next(h for h in history if h.manifest_id == target)
    return UndoPreview(line, rules.compare(live, before), course.manifest_id)


def _mended_at(course: Course, problem: Problem) -> str:
    """The page on which it is mended; empty while the course has nothing yet."""
    part, key = problem.part, problem.key
    match part:
        case Part.COURSE:
            return ""
        case Part.MODULE:
            return url("teach.module", course=course.key, module=key)
        case Part.ITEM | Part.CHECK:
            return url("teach.item", course=course.key, key=key)
    page = str(part) if problem.module else "course_test"
    return url(f"teach.{page}", course=course.key, key=key)


def _manifest(manifest_id: int) -> Manifest:
    return manifest_of(db_session(), manifest_id)


def _page(
    course: Course,
    form: PublishForm,
    *,
    told: Told | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    session = db_session()
    delta: Delta = publishing.preview(session, course)
    history = publishing.history(session, course)
    titles = {a.key: a.title for c in delta.difference.criteria for a in c.module.activities}
    if course.manifest_id:
        live = _manifest(course.manifest_id)
        titles = {a.key: a.title for _module, a in live.activities()} | titles
    return render(
        "lms/teach/publish.html",
        status,
        course=course,
        form=form,
        delta=delta,
        problems=[(problem_sentence(p), _mended_at(course, p)) for p in delta.problems],
        titles=titles,
        history=history,
        undo=_undo_preview(course, history),
        told=told or Told(),
        refusal=sentence(refusal) if refusal and not (told and told.fields) else "",
    )
