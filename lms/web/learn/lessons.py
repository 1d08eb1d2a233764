"""Lessons: reading, the place reached, self-checks, pictures and downloads."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from lms.domain.access import Action
from lms.domain.curriculum import Activity, Module
from lms.domain.errors import NotFound, Refusal
from lms.interop.markdown_links import resolve
from lms.services import curriculum, learning, reading
from lms.services.curriculum import Published
from lms.services.versions import activity_content
from lms.web import i18n
from lms.web.blueprint import commit, db_session
from lms.web.clock import now, today
from lms.web.identity import me, wants_json
from lms.web.learn.fields import fields_of, idempotency_key
from lms.web.learn.room import ROOM
from lms.web.rendering import attachment, notice, render, render_text, to, url

N_ = i18n.N_
CALLOUT_TITLES = {
    "example": N_("Worked example"),
    "mistake": N_("Frequent mistake"),
    "law": N_("Legal reference"),
    "attention": N_("Attention"),
    "then": N_("Then (2014–2020)"),
    "now": N_("Now (2021–2027)"),
    "table": N_("Table"),
}


@ROOM.get("/course/<course>/lesson/<key>", Action.LEARN)
def lesson(course: str, key: str) -> Response:
    """A lesson as it is published, with what its reader answered so far."""
    session = db_session()
    enrolled = learning.get_enrolled(session, me().person_id, course)
    module, activity = learning.get_activity(enrolled, key, "lesson")
    route = learning.overview(enrolled, learning.read_ledger(session, enrolled), today())
    rendered = activity_content(session, activity.version_id)["rendered"]
    checks = reading.self_checks(session, enrolled, rendered["checks"], i18n.language())
    place = route.ledger.places.get(activity.id)
    return render(
        "lms/learn/lesson.html",
        route=route,
        course=enrolled.manifest,
        module=module,
        lesson=activity,
        number=module.lessons.index(activity) + 1,
        segments=_segments(rendered, course, module),
        checks=checks,
        terms=[enrolled.manifest.terms[t] for t in rendered["terms"] if t in enrolled.manifest.terms],
        sources=[s for s in enrolled.manifest.sources if s.code in set(rendered["sources"])],
        before=_neighbour(module, activity, -1),
        after=_neighbour(module, activity, 1),
        place=place,
    )


def _neighbour(module: Module, activity: Activity, step: int) -> Activity | None:
    place = module.activities.index(activity) + step
    return module.activities[place] if 0 <= place < len(module.activities) else None


def _segments(rendered: dict[str, Any], course: str, module: Module) -> list[tuple[str, str]]:
    """Stored HTML with this mount's addresses and this reader's words put in."""
    titles = {kind: i18n.gettext(text) for kind, text in CALLOUT_TITLES.items()}
    return [
        (kind, value if kind == "check" else _resolve(value, course, module.key, titles))
        for kind, value in rendered["segments"]
    ]


def _resolve(html: str, course: str, module: str, titles: dict[str, str]) -> str:
    return resolve(
        html,
        lesson=lambda key: url("learn.lesson", course=course, key=key),
        file=lambda name: url("learn.file", course=course, path=f"files/{name}"),
        image=lambda path: url("learn.file", course=course, path=f"{module}/img/{path}"),
        titles=titles,
    )


@ROOM.post("/course/<course>/lesson/<key>/place", Action.LEARN)
def place(course: str, key: str) -> Response:
    """The reader's page says where it is; no page answers."""
    session = db_session()
    enrolled = learning.get_enrolled(session, me().person_id, course)
    percent = request.form.get("percent", "")
    if not (percent.isascii() and percent.isdigit() and len(percent) <= 3):
        raise Refusal("bad-place")
    anchor = request.form.get("anchor", "")
    reading.note_place(session, enrolled, key, anchor, int(percent), now())
    commit()
    return Response(status=204)


@ROOM.post("/course/<course>/lesson/<key>/read", Action.LEARN)
def mark_read(course: str, key: str) -> Response:
    """ "I have read this", and on to what follows."""
    session = db_session()
    enrolled = learning.get_enrolled(session, me().person_id, course)
    gained = reading.mark_read(session, enrolled, key, now())
    commit()
    module, activity = learning.get_activity(enrolled, key, "lesson")
    if gained.module_completed:
        notice("success", i18n.gettext("Module completed: the badge is yours."))
    following = _neighbour(module, activity, 1)
    if following is None:
        return to("learn.module", course=course, key=module.key)
    view = "learn.lesson" if following.kind == "lesson" else "learn.quiz"
    return to(view, course=course, key=following.key)


@ROOM.post("/course/<course>/lesson/<key>/check/<item>", Action.LEARN)
def check(course: str, key: str, item: str) -> Response:
    """An answer to a self-check; with JavaScript only its panel comes back."""
    session = db_session()
    enrolled = learning.get_enrolled(session, me().person_id, course)
    _, activity = learning.get_activity(enrolled, key, "lesson")
    rendered = activity_content(session, activity.version_id)["rendered"]
    if item not in rendered["checks"]:
        raise NotFound()
    answered = reading.answer_check(
        session, enrolled, item, fields_of("q"), idempotency_key(), i18n.language(), now()
    )
    commit()
    if wants_json():
        panel = render_text(
            "lms/learn/_check.html", check=answered, course=enrolled.manifest, lesson=activity
        )
        response: Response = jsonify({"html": panel})
        return response
    return to("learn.lesson", course=course, key=key, _anchor=f"check-{item}")


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
        response.headers["Content-Disposition"] = attachment(asset.name)
    return response
