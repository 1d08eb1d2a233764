"""Refusals and accidents as pages: what happened, that nothing was lost, what to do next."""

from __future__ import annotations

import logging
import secrets
from decimal import Decimal
from typing import Any

from flask import Response, current_app, g, jsonify, request
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError

from lms.domain.claims import ClaimError
from lms.domain.errors import Refusal, TooMany
from lms.domain.numbers import format_number
from lms.models.engine import is_gone, is_taken
from lms.web import i18n, identity
from lms.web.blueprint import LARGEST
from lms.web.rendering import render
from lms.web.safe_next import page_before
from lms.web.sentences import sentence

log = logging.getLogger("lms.web")


def _rollback() -> None:
    try:
        current_app.extensions["lms"].session().rollback()
    except SQLAlchemyError:  # the connection is gone, and with it what was not committed
        log.warning("nothing to roll back", exc_info=True)


def refused(error: Refusal) -> Response:
    """A rule said no: its sentence, its status."""
    _rollback()
    text = sentence(error)
    if identity.wants_json():
        body: Any = jsonify({"error": error.code, "message": text})
        response: Response = body
        response.status_code = error.status
    else:
        # A stale page leads to a fresh one, where a browser with scripts still has what was typed.
        response = _page(error.status, text, back=page_before() if error.code == "csrf" else "")
    if isinstance(error, TooMany) and "seconds" in error.params:
        response.headers["Retry-After"] = str(error.params["seconds"])
    return response


def http_error(error: HTTPException) -> Response:
    """Werkzeug's own refusals (404, 405, 413, …), in our words."""
    _rollback()
    if isinstance(error, SecurityError):
        # A host name that is not ours: no address can be built for it, so there is no page.
        return Response("400 Bad Request\n", 400, mimetype="text/plain")
    if error.code is None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]  # a redirect
    if identity.wants_json():
        body: Any = jsonify({"error": f"http-{error.code}"})
        body.status_code = error.code
        return body  # type: ignore[no-any-return]  # Flask's own response
    if request.url_rule is None or error.code == 413:
        _recognise()
    # What is too large is refused before anybody is known: who sent it goes back and sends less.
    response = _page(error.code, "", back=page_before() if error.code == 413 else "")
    if error.code == 405 and getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]  # a 405 has them
    return response


def _recognise() -> None:
    """An address that is no page has met no guard, and what is too large was read before any: who
    asks still reads their own language."""
    try:
        person = identity.load(current_app.extensions["lms"].session())
    except SQLAlchemyError:  # the page comes out all the same
        _rollback()
        return
    if person is not None:
        i18n.set_language(person.language)


def accident(error: Exception) -> Response:
    """Something we did not foresee. The reader gets a number to quote, the log the rest."""
    _rollback()
    number = secrets.token_hex(4)
    log.error("accident %s", number, exc_info=error)
    status = _status_of(error)
    if current_app.testing and status == 500:
        raise error
    if identity.wants_json():
        word = {409: "changed-meanwhile", 503: "busy"}.get(status, "accident")
        body: Any = jsonify({"error": word, "number": number})
        body.status_code = status
        response: Response = body
    else:
        # Only who develops the host can mend it, and the log tells them what; waiting does not help.
        text = i18n.gettext(MISDESCRIBED) if isinstance(error, ClaimError) else ""
        response = _page(status, text, number=number)
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response


def _status_of(error: Exception) -> int:
    """A database that is locked, full or away: later. Two people at one thing: reload."""
    if isinstance(error, OperationalError | NoConnection):
        return 503
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return 503
    if isinstance(error, IntegrityError) and (is_taken(error) or is_gone(error)):
        return 409
    if isinstance(error, ObjectDeletedError | StaleDataError):
        return 409
    return 500


def _page(status: int, text: str, number: str = "", back: str = "") -> Response:
    """The error page. It must come out whatever broke, so it asks the database for nothing."""
    g.setdefault("lms_me", None)
    if "lms_language" not in g and (code := identity.visitor_language()):
        i18n.set_language(code)
    if not text:
        text = i18n.gettext(TEXTS.get(status, TEXTS[400]), limit=_most())
    title = i18n.gettext(TITLES.get(status, TITLES[400]))
    # Whom a host has signed in and we have not let in gains nothing from its sign-in.
    is_at_door = bool(g.get("lms_claim") or g.get("lms_unwelcome"))
    return render(
        "lms/public/error.html",
        status,
        title=title,
        text=text,
        number=number,
        code=status,
        is_at_door=is_at_door,
        back=back,
    )


def _most() -> str:
    """What the page that was asked receives at once: ``1.5 MB``."""
    most = request.max_content_length or LARGEST
    unit, bytes_of_it = ("MB", 1_000_000) if most >= 1_000_000 else ("kB", 1_000)
    size = Decimal(most) / bytes_of_it
    return f"{format_number(size.normalize(), i18n.language())} {unit}"


N_ = i18n.N_
MISDESCRIBED = N_(
    "This application describes your account in a way that cannot be used here. Nothing was lost; "
    "please tell whoever looks after it."
)
TITLES = {
    400: N_("This request could not be understood"),
    401: N_("Please sign in"),
    403: N_("This page is not open to you"),
    404: N_("There is no such page"),
    405: N_("This page cannot be used that way"),
    409: N_("This has changed in the meantime"),
    413: N_("This is too large"),
    429: N_("Too many attempts"),
    500: N_("Something went wrong on our side"),
    503: N_("The service is busy"),
}
TEXTS = {
    400: N_("Nothing was changed. Please go back and try again."),
    401: N_("Nothing was lost. Sign in and continue where you were."),
    403: N_("Your account does not include this. Nothing was changed."),
    404: N_("The address may be mistyped, or the page is not yours to see. Nothing was lost."),
    405: N_("Nothing was changed. Please use the buttons and links of the pages."),
    409: N_("Nothing was lost. Please reload the page and look at the current state."),
    413: N_(
        "Nothing was stored: at most %(limit)s can be sent at once. Please go back and send a "
        "smaller file or a shorter text."
    ),
    429: N_("Nothing was lost. Please wait a little and try again."),
    500: N_("Everything confirmed as saved is safe. Please try again in a minute."),
    503: N_("Everything confirmed as saved is safe. Please try again in a few seconds."),
}
