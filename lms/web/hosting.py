"""Mounted in a host application: whose request this is, in the host's words.

The host signs people in and out; we ask it in every request. Who comes for the first time, and
who is described otherwise than before, is let in by a POST, so that reading writes nothing.
Stand-alone, every function here finds nothing to do.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from flask import Response, abort, current_app, g, request, session
from flask_login import current_user
from sqlalchemy.orm import Session

from lms.domain.claims import Claim, read_claim
from lms.domain.errors import Conflict, Forbidden
from lms.models.engine import begin_write
from lms.services import host_people
from lms.services.sign_in import SignedIn
from lms.web import carry, csrf, i18n, identity
from lms.web.clock import now
from lms.web.rendering import here, to

log = logging.getLogger("lms.host")
FOR = "lms_for"
"""Session key: whom our other keys in the host's session belong to."""
ARRIVE = "account.arrive"
"""The endpoint whose POST lets somebody in."""
CROSSED = {"account-name-taken", "department-exists", "department-gone", "root-exists"}
"""The same person arrived twice at once, or two colleagues of a department that is new here, or
HR removed theirs: the other request has just made or removed what this one was about to use."""
MOST_TRIES = 10
MOST_WARNINGS = 100
"""Unknown roles that are remembered and logged: a host may have one for everybody."""


@dataclass(frozen=True)
class Host:
    """What a host application told us when it mounted us."""

    identify: Callable[[Any], Mapping[str, Any] | None]
    provider: str
    login_url: str | Callable[[], str] | None
    link_by_email: bool
    home: tuple[str, str] | None = None
    """Words and address of the link back, shown in the header."""
    warned: set[str] = field(default_factory=set)
    """Unknown roles that the log has named already."""


def host() -> Host | None:
    """The host of this application; None when we stand alone."""
    mounted: Host | None = current_app.extensions["lms"].host
    return mounted


def meet() -> None:
    """Ask the host who this is, before a transaction of ours begins: it may ask its database."""
    mounted = host()
    if mounted is None or "lms_claim" in g:
        return
    g.lms_claim = None
    user = _current_user()
    given = None
    if user is not None or not hasattr(current_app, "login_manager"):
        given = mounted.identify(user)
    if given is not None:
        g.lms_claim = read_claim(given, i18n.LANGUAGES)
        _warn(mounted, g.lms_claim)
    g.lms_unwelcome = user is not None and given is None
    _belong_to(g.lms_claim)


def _current_user() -> Any:
    """Flask-Login's user when somebody is signed in there, else None."""
    if not hasattr(current_app, "login_manager") or not current_user.is_authenticated:
        return None
    # The object itself: a proxy would hide the class of the host's user from identify.
    return current_user._get_current_object()  # noqa: SLF001 - werkzeug documents this name


def _belong_to(claim: Claim | None) -> None:
    """Whoever signs in next in this browser finds nothing of who was here before."""
    subject = claim.subject if claim else None
    if session.get(FOR) == subject:
        return
    for key in [key for key in session if key.startswith("lms_")]:
        del session[key]
    if subject is not None:
        session[FOR] = subject


def _warn(mounted: Host, claim: Claim) -> None:
    if len(mounted.warned) >= MOST_WARNINGS:
        return
    for role in sorted(claim.unknown_roles - mounted.warned)[:MOST_WARNINGS]:
        mounted.warned.add(role)
        log.warning("identify gave the role %r, which gives no right here", role)


def find(database: Session) -> SignedIn | None:
    """The person of this request, when they have been let in before and are not suspended."""
    meet()
    mounted, claim = host(), g.lms_claim
    if mounted is None or claim is None:
        return None
    g.lms_arrival = host_people.find(database, mounted.provider, claim, now())
    person: SignedIn | None = g.lms_arrival.person
    return person


def has_news() -> bool:
    """Whether the host describes this person otherwise than we have copied."""
    arrival = g.get("lms_arrival")
    return arrival is not None and arrival.person is not None and not arrival.is_current


def catch_up(database: Session) -> SignedIn:
    """Copy what the host says now, within the request's transaction; its view commits.

    It has to come before anything else is written, since a try for which somebody was faster is
    rolled back. There are several: a whole town hall may come for the first time at once, and then
    institution, each level of departments and person are made by one of them. A lost try has found
    one more of these made. Raises what :func:`lms.services.host_people.admit` does.
    """
    for tries_left in reversed(range(MOST_TRIES)):
        try:
            _copy(database)
            break
        except Conflict as refusal:
            if refusal.code not in CROSSED or not tries_left:
                raise
            database.rollback()
            begin_write(database)
    g.lms_me = find(database)
    return identity.me()


def _copy(database: Session) -> None:
    mounted, claim = host(), g.get("lms_claim")
    if mounted is None or claim is None:
        raise Forbidden("not-invited")
    host_people.admit(
        database,
        mounted.provider,
        claim,
        link_by_email=mounted.link_by_email,
        institution=current_app.extensions["lms"].settings.institution,
        language=i18n.language(),
        now=now(),
    )


def note_second(database: Session) -> None:
    """Record whom ``address-joined`` keeps out; the caller commits."""
    mounted, claim = host(), g.get("lms_claim")
    if mounted is not None and claim is not None:
        host_people.note_second(database, mounted.provider, claim, now())


def is_arriving() -> bool:
    """Whether this request asks to be let in."""
    return host() is not None and (request.endpoint or "").endswith(f".{ARRIVE}")


def ask_again() -> Response:
    """A token from before the sign-in, which the host has renewed since: one more click.

    By the reader, never by the page itself: what it would send may come from another site, and in
    a browser that keeps no cookies it would go on for ever. Raises Refusal("csrf").
    """
    csrf.check_site()
    form = request.form
    return let_in(form.get("next", ""), form.get("carried", ""), sends_itself=False)


def let_in(back: str = "", carried: str = "", *, sends_itself: bool = True) -> Response:
    """The page that asks for the POST; it may send itself where scripts run."""
    page: Response = current_app.extensions["lms"].arrival(
        back=back or here(), carried=carried, sends_itself=sends_itself
    )
    return page


def refuse() -> Response:
    """Nobody of ours where somebody must be. Raises Forbidden for who may not come in."""
    arrival, claim = g.get("lms_arrival"), g.get("lms_claim")
    if arrival is not None and arrival.is_suspended:
        raise Forbidden("account-suspended")
    if g.get("lms_unwelcome"):
        raise Forbidden("not-invited")
    if identity.wants_json():
        return Response('{"error": "signed-out"}', 401, mimetype="application/json")
    if request.method == "POST":
        return to("learn.home") if claim is not None else carry.offer_sign_in()
    return let_in() if claim is not None else ask_to_sign_in()


def ask_to_sign_in() -> Response:
    """To the host's own sign-in, which brings people back to this address."""
    mounted = host()
    if mounted is not None and mounted.login_url:
        given = mounted.login_url
        address = given() if callable(given) else given
        mark = "&" if "?" in address else "?"
        return Response(
            status=302, headers={"Location": f"{address}{mark}next={quote(here(), safe='')}"}
        )
    manager = getattr(current_app, "login_manager", None)
    if manager is None:
        abort(401)
    return current_app.make_response(manager.unauthorized())
