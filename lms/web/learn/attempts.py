"""Taking a test: its page, one question or all of them, saving each answer, sending."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, jsonify, request, session

from lms.domain.access import Action
from lms.domain.errors import Conflict, Refusal
from lms.services import learning, quizzes
from lms.services.curriculum import manifest_of
from lms.services.quizzes import Receipt
from lms.services.sittings import publication_of
from lms.services.versions import activity_content
from lms.web import i18n
from lms.web.blueprint import commit, db_session
from lms.web.clock import now
from lms.web.course_words import Words
from lms.web.i18n import gettext as _
from lms.web.identity import me, wants_json
from lms.web.learn.fields import fields_of, idempotency_key, new_key, sequence
from lms.web.learn.room import ROOM
from lms.web.learn.showing import Paper, Texts, number_words, with_error
from lms.web.rendering import notice, render, to
from lms.web.sentences import sentence

VIEW = "lms_test_view"
"""Cookie field: "all" for those who like all questions on one page."""


@ROOM.get("/course/<course>/quiz/<key>", Action.LEARN)
def quiz(course: str, key: str) -> Response:
    """What awaits one, what one needs to pass, and the attempts made so far."""
    database = db_session()
    enrolled = learning.get_enrolled(database, me().person_id, course)
    module, activity = learning.get_test(enrolled, key)
    standing = quizzes.standing(database, enrolled, key, now())
    intro = activity_content(database, activity.version_id)["rendered"]["intro_html"]
    return render(
        "lms/learn/quiz.html",
        course=enrolled.manifest,
        w=Words(enrolled.manifest),
        module=module,
        quiz=activity,
        place=enrolled.manifest.place_of(activity),
        standing=standing,
        intro=Texts(enrolled.manifest, module.key if module else "").item(intro),
        wait_seconds=_seconds_until(standing.start.wait_until),
        likes_all=session.get(VIEW) == "all",
    )


def _seconds_until(moment: datetime | None) -> int:
    """Whole seconds left by the server's clock, rounded up; 0 when there is nothing to wait for."""
    return max(0, -int((now() - moment).total_seconds() // 1)) if moment else 0


@ROOM.post("/course/<course>/quiz/<key>/start", Action.LEARN)
def start(course: str, key: str) -> Response:
    """From here on the attempt exists on the server. The pressed button chooses the view."""
    database = db_session()
    enrolled = learning.get_enrolled(database, me().person_id, course)
    attempt = quizzes.start(database, enrolled, key, i18n.language(), now())
    commit()
    if request.form.get("view") in ("one", "all"):
        session[VIEW] = request.form["view"]
    return to("learn.attempt", uuid=attempt.uuid)


@ROOM.get("/attempt/<uuid:uuid>", Action.LEARN)
def attempt(uuid: Any) -> Response:
    """Into the attempt where one stopped, in the view one likes."""
    if session.get(VIEW) == "all":
        return to("learn.questions", uuid=uuid)
    paper = _paper(str(uuid))
    return to("learn.question", uuid=uuid, position=paper.first_open())


def _paper(uuid: str) -> Paper:
    return Paper(quizzes.sitting(db_session(), me().person_id, uuid))


def _page(template: str, paper: Paper, status: int = 200, **context: Any) -> Response:
    return render(
        template,
        status,
        paper=paper,
        attempt=paper.sat.attempt,
        course=paper.course,
        w=paper.w,
        module=paper.module,
        quiz=paper.quiz,
        place=paper.place,
        seconds_left=_seconds_until(paper.sat.attempt.deadline_at),
        new_key=new_key,
        **context,
    )


@ROOM.get("/attempt/<uuid:uuid>/<int:position>", Action.LEARN)
def question(uuid: Any, position: int) -> Response:
    """One question of an open attempt."""
    paper = _paper(str(uuid))
    view = paper.view(position)
    if paper.sat.attempt.state != "open":
        return _already_sent(paper)
    return _page("lms/learn/question.html", paper, question=view, saved=None)


def _already_sent(paper: Paper) -> Response:
    return to("learn.result", uuid=paper.sat.attempt.uuid)


@ROOM.get("/attempt/<uuid:uuid>/all", Action.LEARN)
def questions(uuid: Any) -> Response:
    """All questions on one page."""
    paper = _paper(str(uuid))
    if paper.sat.attempt.state != "open":
        return _already_sent(paper)
    return _page("lms/learn/questions.html", paper, questions=paper.views())


@ROOM.post("/attempt/<uuid:uuid>/<int:position>", Action.LEARN)
def answer(uuid: Any, position: int) -> Response:
    """Save one answer, then go where the pressed button says (``go``: a number, or summary)."""
    if wants_json():
        receipt = _save(str(uuid), position, sequence(), idempotency_key())
        commit()
        return _receipt(receipt)
    return _answer_by_form(str(uuid), position)


def _save(
    uuid: str, position: int, seen: int, key: str, fields: dict[str, list[str]] | None = None
) -> Receipt:
    return quizzes.answer(
        db_session(),
        me().person_id,
        uuid,
        position,
        fields_of("q") if fields is None else fields,
        sequence=seen,
        key=key,
        now=now(),
    )


def _receipt(receipt: Receipt) -> Response:
    """The server's word that the answer is stored, for the page that sent it."""
    response: Response = jsonify(
        {
            "position": receipt.position,
            "sequence": receipt.sequence,
            "saved_at": i18n.show_time(receipt.saved_at),
            "complete": receipt.is_complete,
            "understood": number_words(receipt.understood, receipt.notation),
            "is_understood": receipt.is_understood,
        }
    )
    return response


def _answer_by_form(uuid: str, position: int) -> Response:
    """Without JavaScript: an answer that did not change is not stored again."""
    paper = _paper(uuid)
    view = paper.view(position)
    if paper.sat.attempt.state != "open":
        raise Conflict("attempt-closed")
    if request.form.get("flag") in ("0", "1"):
        quizzes.flag(db_session(), me().person_id, uuid, position, request.form["flag"] == "1")
    try:
        given = paper.with_given(view, fields_of("q"))
        if given.shown != view.shown and (given.answer() or sequence() == view.sequence):
            receipt = _save(uuid, position, sequence(), idempotency_key())
            if not receipt.is_understood:
                notice("warning", _("Your text is saved, but it could not be read as a number."))
                commit()
                return to("learn.question", uuid=uuid, position=position)
    except Conflict as conflict:
        if conflict.code != "newer-answer":
            raise
        db_session().rollback()
        return _page("lms/learn/question.html", paper, 409, question=given, saved=view)
    except Refusal as refusal:
        if refusal.status != 400:
            raise
        db_session().rollback()
        refused = with_error(view, request.form.get("q", ""), sentence(refusal))
        return _page("lms/learn/question.html", paper, 400, question=refused, saved=None)
    commit()
    return _go_on(uuid, position)


def _go_on(uuid: str, position: int) -> Response:
    go = request.form.get("go", "")
    if go in ("summary", "all"):
        return to("learn.summary" if go == "summary" else "learn.questions", uuid=uuid)
    following = int(go) if go.isascii() and go.isdigit() and len(go) < 4 else position
    return to("learn.question", uuid=uuid, position=following)


@ROOM.post("/attempt/<uuid:uuid>/all", Action.LEARN)
def answer_all(uuid: Any) -> Response:
    """The one-page view: each changed answer is saved; one that is refused holds up no other."""
    paper = _paper(str(uuid))
    if paper.sat.attempt.state != "open":
        raise Conflict("attempt-closed")
    views = paper.views()
    newer, refused, unread = [], False, []
    for place, view in enumerate(views):
        try:
            given = paper.with_given(view, fields_of(view.prefix))
            if given.shown == view.shown:
                continue
            if request.form.get(f"sequence{view.position}", "") != str(view.sequence):
                newer += [view.position] if given.answer() else []
                continue
            key = f"{idempotency_key()[:50]}-{view.position}"
            receipt = _save(str(uuid), view.position, view.sequence, key, fields_of(view.prefix))
            unread += [] if receipt.is_understood else [view.position]
        except Refusal as refusal:
            if refusal.code == "newer-answer":  # stored since this request looked (PostgreSQL)
                newer.append(view.position)
                continue
            if refusal.status != 400:
                raise
            refused = True
            sent = request.form.get(view.prefix, "")
            views[place] = with_error(view, sent, sentence(refusal))
    commit()
    if refused:
        fresh = _paper(str(uuid))
        shown = [v if v.error else n for v, n in zip(views, fresh.views(), strict=True)]
        return _page("lms/learn/questions.html", fresh, 400, questions=shown)
    return _after_all(str(uuid), newer, unread)


def _after_all(uuid: str, newer: list[int], unread: list[int]) -> Response:
    if newer:
        numbers = ", ".join(map(str, newer))
        notice("warning", _(
            "Question %(numbers)s: another window saved a newer answer; it was kept. "
            "Please check it.", numbers=numbers))  # fmt: skip
        return to("learn.questions", uuid=uuid)
    if request.form.get("go") == "summary":
        return to("learn.summary", uuid=uuid)
    if unread:
        notice("warning", _("Your text is saved, but it could not be read as a number."))
    go = request.form.get("go", "")
    if go.startswith("one-") and go[4:].isascii() and go[4:].isdigit() and len(go) < 8:
        return to("learn.question", uuid=uuid, position=int(go[4:]))
    return to("learn.questions", uuid=uuid)


@ROOM.post("/attempt/<uuid:uuid>/<int:position>/flag", Action.LEARN)
def flag(uuid: Any, position: int) -> Response:
    """Mark a question for later."""
    quizzes.flag(db_session(), me().person_id, str(uuid), position, request.form.get("on") == "1")
    commit()
    if wants_json():
        return Response(status=204)
    return to("learn.question", uuid=uuid, position=position)


@ROOM.get("/attempt/<uuid:uuid>/summary", Action.LEARN)
def summary(uuid: Any) -> Response:
    """Before sending: what is answered, what is not, what was marked, how numbers were read."""
    paper = _paper(str(uuid))
    if paper.sat.attempt.state != "open":
        return _already_sent(paper)
    return _page(
        "lms/learn/summary.html",
        paper,
        questions=paper.views(),
        likes_all=session.get(VIEW) == "all",
    )


@ROOM.post("/attempt/<uuid:uuid>/submit", Action.LEARN)
def submit(uuid: Any) -> Response:
    """Send the attempt: scored once, whatever is clicked twice."""
    database = db_session()
    began_with = publication_of(database, me().person_id, str(uuid))
    course = manifest_of(database, began_with).key
    enrolled = learning.get_enrolled(database, me().person_id, course)
    quizzes.submit(database, me().person_id, enrolled, str(uuid), now())
    commit()
    return to("learn.result", uuid=uuid)
