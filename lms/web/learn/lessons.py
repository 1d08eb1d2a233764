"""Lessons: reading, the place reached, self-checks, pictures and downloads."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, jsonify, request

from lms.domain.access import Action
from lms.domain.curriculum import Activity
from lms.domain.errors import NotFound, Refusal
from lms.services import curriculum, learning, reading
from lms.services.curriculum import Published
from lms.services.learning import Enrolled
from lms.services.versions import activity_content
from lms.web import i18n
from lms.web.blueprint import commit, db_session
from lms.web.clock import now
from lms.web.course_words import Words
from lms.web.identity import me, wants_json
from lms.web.learn.fields import fields_of, idempotency_key, new_key
from lms.web.learn.room import ROOM
from lms.web.learn.showing import Texts, neighbour, outline, quiz_behind
from lms.web.questions import check_view
from lms.web.rendering import attachment, draw, notice, render, to
from lms.web.sentences import sentence


@ROOM.get("/course/<course>/lesson/<key>", Action.LEARN)
def lesson(course: str, key: str) -> Response:
    """A lesson as it is published, with what its reader answered so far."""
    enrolled = learning.get_enrolled(db_session(), me().person_id, course)
    return _lesson_page(enrolled, key)


def _lesson_page(enrolled: Enrolled, key: str, error: str = "", item: str = "") -> Response:
    """``error`` is what was wrong with the answer to the self-check ``item``."""
    session, manifest = db_session(), enrolled.manifest
    module, activity = learning.get_activity(enrolled, key, "lesson")
    rendered = activity_content(session, activity.version_id)["rendered"]
    texts = Texts(manifest, module.key)
    beside = reading.beside(session, enrolled, module, rendered["checks"])
    views = {
        name: check_view(check, texts, error if name == item else "")
        for name, check in beside.checks.items()
    }
    cited = set(rendered["sources"])
    return render(
        "lms/learn/lesson.html",
        400 if error else 200,
        is_read=beside.is_met(activity),
        beside=outline(manifest, module, activity, beside),
        course=manifest,
        w=Words(manifest),
        module=module,
        lesson=activity,
        number=module.lessons.index(activity) + 1,
        as_of=date.fromisoformat(activity.as_of) if activity.as_of else None,
        segments=[
            (kind, views.get(value) if kind == "check" else texts.lesson(value))
            for kind, value in rendered["segments"]
        ],
        terms=tuple(manifest.terms[t] for t in rendered["terms"] if t in manifest.terms),
        sources=tuple(s for s in manifest.sources if s.code in cited),
        before=neighbour(module, activity, -1),
        after=neighbour(module, activity, 1),
        test=quiz_behind(module, activity),
        new_key=new_key,
    )


@ROOM.post("/course/<course>/lesson/<key>/place", Action.LEARN)
def place(course: str, key: str) -> Response:
    """The reader's page says where it is; no page answers."""
    session = db_session()
    enrolled = learning.get_enrolled(session, me().person_id, course)
    percent = request.form.get("percent", "")
    if not (percent.isascii() and percent.isdigit() and len(percent) <= 3):
        raise Refusal("bad-place")
    anchor = _anchor_of_element(request.form.get("anchor", ""))
    reading.note_place(session, enrolled, key, anchor, int(percent), now())
    commit()
    return Response(status=204)


def _anchor_of_element(part: str) -> str:
    """A heading's anchor from its id in the page less ``lms-`` (``markdown_links.element_id``)."""
    steps_aside = part.startswith(("section-term-", "section-source-"))
    return part.removeprefix("section-") if steps_aside else part


@ROOM.post("/course/<course>/lesson/<key>/read", Action.LEARN)
def mark_read(course: str, key: str) -> Response:
    """ "I have read this", and on to what follows; ``go=test`` passes by a workbook exercise."""
    session = db_session()
    enrolled = learning.get_enrolled(session, me().person_id, course)
    gained = reading.mark_read(session, enrolled, key, now())
    commit()
    module, activity = learning.get_activity(enrolled, key, "lesson")
    if gained.module_completed:
        notice("success", i18n.gettext("Module completed: the badge is yours."))
        return to("learn.module", course=course, key=module.key)
    following = neighbour(module, activity, 1)
    if request.form.get("go") == "test":
        following = quiz_behind(module, activity) or following
    if following is None:
        return to("learn.module", course=course, key=module.key)
    return to(f"learn.{following.kind}", course=course, key=following.key)


@ROOM.post("/course/<course>/lesson/<key>/check/<item>", Action.LEARN)
def check(course: str, key: str, item: str) -> Response:
    """An answer to a self-check; with JavaScript only its panel comes back."""
    session = db_session()
    enrolled = learning.get_enrolled(session, me().person_id, course)
    module, activity = learning.get_activity(enrolled, key, "lesson")
    if item not in activity_content(session, activity.version_id)["rendered"]["checks"]:
        raise NotFound()
    try:
        answered = reading.answer_check(
            session, enrolled, item, fields_of("q"), idempotency_key(), i18n.language(), now()
        )
    except Refusal as refusal:
        if refusal.status != 400 or wants_json():
            raise
        session.rollback()
        return _lesson_page(enrolled, key, sentence(refusal), item)
    commit()
    if wants_json():
        return _panel(
            enrolled, check_view(answered, Texts(enrolled.manifest, module.key)), activity
        )
    return to("learn.lesson", course=course, key=key, _anchor=f"check-{item}")


def _panel(enrolled: Enrolled, view: Any, activity: Activity) -> Response:
    panel = draw(
        "lms/learn/_check.html",
        check=view,
        course=enrolled.manifest,
        w=Words(enrolled.manifest),
        lesson=activity,
        new_key=new_key,
    )
    response: Response = jsonify({"html": panel})
    return response


@ROOM.get("/course/<course>/file/<path:path>", Action.LEARN)
def file(course: str, path: str) -> Response:
    """A picture or download of the course, allowed exactly as its lessons are."""
    session = db_session()
    enrolled = learning.get_enrolled(session, me().person_id, course)
    at = Published(enrolled.course_id, enrolled.manifest_id, enrolled.manifest)
    asset = curriculum.get_asset(session, at, path)
    response = Response(asset.data, content_type=asset.media_type)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if not asset.media_type.startswith("image/"):
        response.headers["Content-Disposition"] = attachment(path.rpartition("/")[2])
    return response
