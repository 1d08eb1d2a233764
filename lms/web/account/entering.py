"""What every door does once it has let somebody in."""

from __future__ import annotations

from typing import Any

from flask import Response, g, session
from flask_login import login_user

from lms.domain.errors import Conflict, NotFound, Refusal
from lms.models.engine import begin_write
from lms.services import quizzes, sign_in
from lms.web import i18n, identity
from lms.web.blueprint import db_session
from lms.web.clock import now
from lms.web.rendering import notice, to


def let_in(token: str, *, shared: bool) -> None:
    """Give this browser its new sign-in; nothing of the old session is kept."""
    session.clear()
    g.pop("lms_csrf", None)
    person = sign_in.find_session(db_session(), token, now=now())
    if person is None:
        raise Refusal("sign-in-failed")
    g.lms_me = person
    i18n.set_language(person.language)
    login_user(identity.CookieUser(token, person))
    session[identity.SEEN] = now().timestamp()
    session.permanent = not shared


def begin_anew() -> None:
    """Leave the request's read of the cookie behind and begin a writing transaction."""
    db_session().rollback()
    begin_write(db_session())


def save_carried(carried: dict[str, Any]) -> Response:
    """Save the answer that came through the door, and go back to its question."""
    form: dict[str, list[str]] = carried["form"]
    uuid, position = str(carried["args"]["uuid"]), int(carried["args"]["position"])
    fields = {name[2:]: values for name, values in form.items() if name.startswith("q-")}
    fields[""] = form.get("q", [])
    begin_anew()
    try:
        quizzes.answer(
            db_session(),
            identity.me().person_id,
            uuid,
            position,
            fields,
            sequence=_whole(form.get("sequence", ["0"])[0]),
            key=form.get("key", [""])[0][:64] or f"carried-{uuid}-{position}",
            now=now(),
        )
        db_session().commit()
        notice("success", i18n.gettext("Your answer was kept and is now saved."))
    except NotFound:  # somebody else has signed in: the answer is not theirs to save
        db_session().rollback()
        return to("learn.home")
    except Conflict:
        db_session().rollback()
        notice("warning", i18n.gettext("A newer answer had been saved meanwhile; it was kept."))
    return to("learn.question", uuid=uuid, position=position)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0
