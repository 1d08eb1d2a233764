"""Who is asking. One place answers, stand-alone and mounted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, current_app, g, request, session
from flask_login import UserMixin
from sqlalchemy.orm import Session

from lms.services import sign_in
from lms.services.sign_in import SignedIn
from lms.web.clock import now

SEEN = "lms_seen"
"""Cookie field: when this browser last did something (idle time needs no write on a GET)."""


class CookieUser(UserMixin):
    """What Flask-Login keeps: the token of a revocable sign-in, not an account's id."""

    def __init__(self, token: str) -> None:
        self.token = token

    def get_id(self) -> str:
        return self.token


def me() -> SignedIn:
    """The person behind a guarded request."""
    person: SignedIn = g.lms_me
    return person


def load(database: Session) -> SignedIn | None:
    """The signed-in person of this request, or None; looked up once."""
    if "lms_me" not in g:
        g.lms_me = current_app.extensions["lms"].identify(database)
    person: SignedIn | None = g.lms_me
    return person


def find_by_cookie(database: Session) -> SignedIn | None:
    """Stand-alone: the sign-in named by Flask-Login's cookie, unless it went idle."""
    token = session.get("_user_id")
    if not isinstance(token, str):
        return None
    person = sign_in.find_session(database, token, now=now())
    if person is None or (person.is_shared and _idle()):
        return None
    return person


def _idle() -> bool:
    seen = session.get(SEEN)
    limit = timedelta(minutes=current_app.extensions["lms"].settings.idle_minutes)
    return not isinstance(seen, float) or now().timestamp() - seen > limit.total_seconds()


def touch(response: Response) -> Response:
    """After every request on a shared computer: activity moves the idle time on.

    Elsewhere the cookie stays as it is: of two answers on their way at once, the later one would
    bring back what the other has just changed in it.
    """
    person: SignedIn | None = g.get("lms_me")
    if person is not None and person.is_shared and not current_app.extensions["lms"].mounted:
        session[SEEN] = now().timestamp()
    return response


def visitor_language() -> str | None:
    """The language of somebody we do not know (yet): the host's word, else what they chose."""
    claim = g.get("lms_claim")
    code: Any = claim.language if claim is not None else None
    code = code or session.get("lms_language")
    return code if isinstance(code, str) else None


def wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def refuse_stranger() -> Response:
    """Nobody is signed in where somebody must be: to the door, and nothing typed is lost."""
    from lms.web import carry, hosting
    from lms.web.rendering import here, to, url

    if current_app.extensions["lms"].mounted:
        return hosting.refuse()
    if wants_json():
        return Response('{"error": "signed-out"}', 401, mimetype="application/json")
    if request.method == "POST":
        return carry.offer_sign_in()
    back = here()
    return to("account.sign_in_form", **({"next": back} if back != url("learn.home") else {}))
