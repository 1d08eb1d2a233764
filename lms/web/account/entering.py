"""What every door does once it has let somebody in."""

from __future__ import annotations

from typing import Any

from flask import Response, g, session
from flask_login import login_user

from lms.domain.errors import NotFound, Refusal
from lms.domain.text import is_clean
from lms.models.engine import begin_write
from lms.services import exercises, learning, quizzes, sign_in
from lms.services.quizzes import Sitting, Slot
from lms.web import i18n, identity
from lms.web.assessments import read_form
from lms.web.blueprint import db_session
from lms.web.clock import now
from lms.web.rendering import notice, to
from lms.web.sentences import sentence


def let_in(token: str, *, shared: bool) -> None:
    """Commit a sign-in and give it to this browser. The one it had ends, and nothing of the old
    session is kept: whoever asks who is here (:func:`lms.web.identity.load`) is told anew."""
    former = g.pop("lms_me", None)
    if former is not None:
        sign_in.leave(db_session(), former, now=now())
    db_session().commit()
    session.clear()
    login_user(identity.CookieUser(token))
    session[identity.SEEN] = now().timestamp()
    session.permanent = not shared


def begin_anew(*, fleeting: bool = False) -> None:
    """Leave the request's read of the cookie behind and begin a writing transaction."""
    db_session().rollback()
    begin_write(db_session(), fleeting=fleeting)


def save_carried(carried: dict[str, Any]) -> Response:
    """Save what came through the door, one question or a page of them, and go back there."""
    person = identity.load(db_session())
    if person is None:
        return to("learn.home")
    i18n.set_language(person.language)
    if "uuid" not in carried["args"]:
        return _save_assessment(carried)
    uuid, asked = str(carried["args"]["uuid"]), carried["args"].get("position")
    position = None if asked is None else int(asked)
    form: dict[str, list[str]] = carried["form"]
    begin_anew()
    try:
        sat = quizzes.sitting(db_session(), identity.me().person_id, uuid)
    except NotFound:  # somebody else has signed in: the answer is not theirs to save
        db_session().rollback()
        return to("learn.home")
    meant = [slot for slot in sat.slots if position in (None, slot.row.position)]
    if not meant:  # no such question: nothing to save, and nothing to say about it
        db_session().rollback()
        return to("learn.attempt", uuid=uuid)
    refusals: list[Refusal] = []
    is_saved = False
    for slot in meant:
        number = slot.row.position if position is None else ""
        try:
            is_saved |= _save_one(sat, slot, form, f"q{number}", f"sequence{number}")
        except Refusal as refusal:  # raised before anything of this answer was written
            refusals.append(refusal)
    db_session().commit()
    _say(refusals, is_saved=is_saved)
    if position is None:
        return to("learn.questions", uuid=uuid)
    return to("learn.question", uuid=uuid, position=position)


def _save_assessment(carried: dict[str, Any]) -> Response:
    """A self-assessment, if it was its writer who came in; to anybody else nothing is said."""
    course, key = str(carried["args"]["course"]), str(carried["args"]["key"])
    given = read_form(carried["form"])
    me = identity.me()
    if given.person != me.person_uuid:
        return to("learn.home")
    begin_anew()
    database = db_session()
    try:
        exercises.assess(
            database, learning.get_enrolled(database, me.person_id, course), key,
            given.levels, given.note, given.team,
            idempotency_key=given.key or f"carried-{key}", now=now(),
        )  # fmt: skip
    except NotFound:  # the course or the sheet has gone since
        database.rollback()
        return to("learn.home")
    except Refusal as refusal:  # raised before anything was written
        database.rollback()
        notice("warning", sentence(refusal))
    else:
        database.commit()
        notice("success", i18n.gettext("What you wrote was kept and is now saved."))
    return to("learn.exercise", course=course, key=key, _anchor="assessment")


def _say(refusals: list[Refusal], *, is_saved: bool) -> None:
    """What became of it; nothing, when there was nothing new to save."""
    if is_saved and not refusals:
        notice("success", i18n.gettext("Your answer was kept and is now saved."))
    for refusal in refusals[:1]:
        if refusal.code == "newer-answer":
            text = i18n.gettext("A newer answer had been saved meanwhile; it was kept.")
            notice("warning", text)
        else:
            notice("warning", sentence(refusal))


def _save_one(
    sat: Sitting, slot: Slot, form: dict[str, list[str]], prefix: str, sequence: str
) -> bool:
    """Save one question's answer; False when it is the one that is saved already, or none."""
    start = len(prefix) + 1
    fields = {name[start:]: v for name, v in form.items() if name.startswith(f"{prefix}-")}
    fields[""] = form.get(prefix, [])
    if not all(is_clean(value) for values in fields.values() for value in values):
        raise Refusal("text-unclean")
    if slot.body.read(fields, slot.row.layout, sat.attempt.language) == slot.response:
        return False
    number, uuid = slot.row.position, sat.attempt.uuid
    quizzes.answer(
        db_session(),
        identity.me().person_id,
        uuid,
        number,
        fields,
        sequence=_whole(form.get(sequence, ["0"])[0]),
        key=_key(form, sat.attempt.uuid, number, alone=prefix == "q"),
        now=now(),
    )
    return True


def _key(form: dict[str, list[str]], uuid: str, number: int, *, alone: bool) -> str:
    """The key under which the page sent it, should the first sending have arrived after all."""
    key = form.get("key", [""])[0]
    if not key or len(key) > 64 or not key.isascii() or not is_clean(key):
        return f"carried-{uuid}-{number}"
    return key if alone else f"{key[:50]}-{number}"


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0
