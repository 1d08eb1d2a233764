"""Taking a test: its page, one question or all, the summary before sending, the result."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, jsonify, request

from lms.domain.access import Action
from lms.domain.errors import Conflict, NotFound
from lms.domain.items.kinds import Review
from lms.services import learning, quizzes
from lms.services.quizzes import Receipt, Sitting
from lms.web import i18n
from lms.web.blueprint import commit, db_session
from lms.web.clock import now
from lms.web.identity import me, wants_json
from lms.web.learn.fields import fields_of, idempotency_key, sequence
from lms.web.learn.room import ROOM
from lms.web.rendering import notice, render, to


@ROOM.get("/course/<course>/quiz/<key>", Action.LEARN)
def quiz(course: str, key: str) -> Response:
    """What awaits one, what one needs to pass, and the attempts made so far."""
    session = db_session()
    enrolled = learning.get_enrolled(session, me().person_id, course)
    module, activity = learning.get_activity(enrolled, key, "quiz")
    return render(
        "lms/learn/quiz.html",
        course=enrolled.manifest,
        module=module,
        quiz=activity,
        standing=quizzes.standing(session, enrolled, key, now()),
    )


@ROOM.post("/course/<course>/quiz/<key>/start", Action.LEARN)
def start(course: str, key: str) -> Response:
    """From here on the attempt exists on the server."""
    session = db_session()
    enrolled = learning.get_enrolled(session, me().person_id, course)
    attempt = quizzes.start(session, enrolled, key, i18n.language(), now())
    commit()
    return to("learn.question", uuid=attempt.uuid, position=1)


def _page(template: str, sat: Sitting, **context: Any) -> Response:
    session = db_session()
    return render(
        template,
        sitting=sat,
        title=quizzes.quiz_title(session, sat.attempt),
        new_key=lambda: secrets.token_hex(16),
        **context,
    )


@ROOM.get("/attempt/<uuid:uuid>/<int:position>", Action.LEARN)
def question(uuid: Any, position: int) -> Response:
    """One question of an open attempt."""
    sat = quizzes.sitting(db_session(), me().person_id, str(uuid))
    if sat.attempt.state != "open":
        return to("learn.result", uuid=uuid)
    return _page("lms/learn/question.html", sat, slot=sat.slot(position), given=None)


@ROOM.get("/attempt/<uuid:uuid>/all", Action.LEARN)
def questions(uuid: Any) -> Response:
    """All questions on one page."""
    sat = quizzes.sitting(db_session(), me().person_id, str(uuid))
    if sat.attempt.state != "open":
        return to("learn.result", uuid=uuid)
    return _page("lms/learn/questions.html", sat)


@ROOM.post("/attempt/<uuid:uuid>/<int:position>", Action.LEARN)
def answer(uuid: Any, position: int) -> Response:
    """Save one answer, then go where the pressed button says (``go``: a number, or summary)."""
    try:
        receipt = _save(str(uuid), position, "q", sequence(), idempotency_key())
    except Conflict as conflict:
        if conflict.code != "newer-answer" or wants_json():
            raise
        return _newer_answer(str(uuid), position)
    commit()
    if wants_json():
        return _receipt(receipt)
    if not receipt.is_understood:
        notice("warning", i18n.gettext("Your text is saved, but it could not be read as a number."))
        return to("learn.question", uuid=uuid, position=position)
    go = request.form.get("go", "")
    if go == "summary":
        return to("learn.summary", uuid=uuid)
    following = int(go) if go.isascii() and go.isdigit() and len(go) < 4 else position
    return to("learn.question", uuid=uuid, position=following)


def _save(uuid: str, position: int, prefix: str, seen: int, key: str) -> Receipt:
    return quizzes.answer(
        db_session(),
        me().person_id,
        uuid,
        position,
        fields_of(prefix),
        sequence=seen,
        key=key,
        now=now(),
    )


def _receipt(receipt: Receipt) -> Response:
    response: Response = jsonify(
        {
            "position": receipt.position,
            "sequence": receipt.sequence,
            "saved_at": i18n.show_time(receipt.saved_at),
            "complete": receipt.is_complete,
            "understood": _understood(receipt.understood),
            "is_understood": receipt.is_understood,
        }
    )
    return response


def _understood(number: str) -> str:
    from decimal import Decimal

    return i18n.show_number(Decimal(number)) if number else ""


def _newer_answer(uuid: str, position: int) -> Response:
    """Another window saved a newer answer: show both, let the reader choose."""
    session = db_session()
    session.rollback()
    sat = quizzes.sitting(session, me().person_id, uuid)
    slot = sat.slot(position)
    given = slot.body.read(fields_of("q"), slot.row.layout, sat.attempt.language)
    page = _page("lms/learn/question.html", sat, slot=slot, given=given)
    page.status_code = 409
    return page


@ROOM.post("/attempt/<uuid:uuid>/all", Action.LEARN)
def answer_all(uuid: Any) -> Response:
    """All answers of the one-page view: each changed one is saved, in one transaction."""
    session = db_session()
    sat = quizzes.sitting(session, me().person_id, str(uuid))
    newer = []
    for slot in sat.slots:
        prefix = f"q{slot.row.position}"
        given = slot.body.read(fields_of(prefix), slot.row.layout, sat.attempt.language)
        if given == slot.response:
            continue
        seen = request.form.get(f"sequence{slot.row.position}", "")
        if seen != str(slot.sequence):
            newer.append(slot.row.position)
            continue
        key = f"{idempotency_key()[:50]}-{slot.row.position}"
        _save(str(uuid), slot.row.position, prefix, slot.sequence, key)
    commit()
    if newer:
        numbers = ", ".join(map(str, newer))
        notice("warning", i18n.gettext(
            "Question %(numbers)s: another window saved a newer answer; it was kept. "
            "Please check it.", numbers=numbers))  # fmt: skip
        return to("learn.questions", uuid=uuid)
    if request.form.get("go") == "summary":
        return to("learn.summary", uuid=uuid)
    return to("learn.questions", uuid=uuid)


@ROOM.post("/attempt/<uuid:uuid>/<int:position>/flag", Action.LEARN)
def flag(uuid: Any, position: int) -> Response:
    """Mark a question for later."""
    quizzes.flag(
        db_session(), me().person_id, str(uuid), position, request.form.get("on") == "1"
    )
    commit()
    if wants_json():
        return Response(status=204)
    return to("learn.question", uuid=uuid, position=position)


@ROOM.get("/attempt/<uuid:uuid>/summary", Action.LEARN)
def summary(uuid: Any) -> Response:
    """Before sending: what is answered, what is not, what was marked."""
    sat = quizzes.sitting(db_session(), me().person_id, str(uuid))
    if sat.attempt.state != "open":
        return to("learn.result", uuid=uuid)
    return _page("lms/learn/summary.html", sat)


@ROOM.post("/attempt/<uuid:uuid>/submit", Action.LEARN)
def submit(uuid: Any) -> Response:
    """Send the attempt: scored once, whatever is clicked twice."""
    session = db_session()
    sat = quizzes.sitting(session, me().person_id, str(uuid))
    enrolled = learning.get_enrolled(session, me().person_id, _course_key(sat))
    quizzes.submit(session, me().person_id, enrolled, str(uuid), now())
    commit()
    return to("learn.result", uuid=uuid)


def _course_key(sat: Sitting) -> str:
    return sat.enrolment.course.key


@ROOM.get("/attempt/<uuid:uuid>/result", Action.LEARN)
def result(uuid: Any) -> Response:
    """The score, what to read again, and as much of the key as may be seen now."""
    session = db_session()
    sat = quizzes.sitting(session, me().person_id, str(uuid))
    if sat.attempt.state == "open":
        return to("learn.summary", uuid=uuid)
    sat, settings = quizzes.get_submitted(session, me().person_id, str(uuid))
    enrolled = learning.get_enrolled(session, me().person_id, _course_key(sat))
    found = [(m, a) for m, a in enrolled.manifest.route() if a.id == sat.attempt.activity_id]
    if not found:
        raise NotFound()
    module, activity = found[0]
    standing = quizzes.standing(session, enrolled, activity.key, now())
    ledger = learning.read_ledger(session, enrolled)
    return _page(
        "lms/learn/result.html",
        sat,
        settings=settings,
        course=enrolled.manifest,
        module=module,
        quiz=activity,
        standing=standing,
        ledger=ledger,
        reviews=[_review(sat, place) for place in range(len(sat.slots))],
    )


def _review(sat: Sitting, place: int) -> Review:
    """All explanations after a passed attempt; after a failed one only those of what was given.

    The next attempt draws from the same bank: a key shown now would be copied, not learned.
    """
    slot = sat.slots[place]
    review = slot.body.review(slot.response, slot.row.layout)
    return review if sat.attempt.is_passed else review.without_key()
