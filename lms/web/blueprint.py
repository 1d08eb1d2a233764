"""Rooms, their guards, and the one way through a request.

A request passes here in a fixed order: body, writing transaction, who is it, token, may they. A
route without a declared guard cannot be added.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy.orm import Session

from lms.domain.access import Action, may
from lms.domain.errors import Forbidden, Refusal
from lms.models.engine import begin_write
from lms.services.sign_in import SignedIn
from lms.web import carry, csrf, hosting, i18n, identity

SAFE = {"GET", "HEAD", "OPTIONS"}
LARGEST = 1_500_000
"""Bytes of a request; a list of 10,000 people fits. In a host the same, whatever its own limit."""
LARGEST_WITH_PICTURE = 12_000_000
"""Bytes where a picture is chosen beside a text: a photograph straight from a telephone is more
than a lesson takes, and what is refused before the view reads it takes the text along."""
LARGEST_FROM_STRANGERS = 64_000
"""Bytes: a name, a password and the answer that waits to be saved behind them."""
MOST_PARTS = 1_000
"""Fields of a form."""


class Door(Enum):
    """Guards that ask for no right."""

    PUBLIC = "public"
    OWN_CHOICE = "own choice"
    """Public, and what a stranger changes is in their own browser only: they need no token, so
    that pages which nobody signs in to read give no visitor a cookie."""
    SIGNED_IN = "signed-in"
    ASSET = "asset"
    """Static files: the same for everyone, so nobody is looked up."""


PUBLIC, OWN_CHOICE = Door.PUBLIC, Door.OWN_CHOICE
SIGNED_IN, ASSET = Door.SIGNED_IN, Door.ASSET
FOR_ANYBODY = {PUBLIC, OWN_CHOICE}


class Where(Enum):
    """Which installations have a route."""

    STAND_ALONE = "stand-alone"
    """Passwords, one-time codes, signing in and out: in a host, its own business."""
    MOUNTED = "mounted"


STAND_ALONE, MOUNTED = Where.STAND_ALONE, Where.MOUNTED
Guard = Door | Action
View = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Route:
    rule: str
    view: View
    method: str
    only: Where | None


class Room:
    """One room of the entrance: its routes, each with its declared guard."""

    def __init__(self, name: str, prefix: str = "") -> None:
        self.name = name
        self.prefix = prefix
        self.routes: list[Route] = []

    def get(self, rule: str, guard: Guard, *, only: Where | None = None) -> Callable[[View], View]:
        return self._route(rule, guard, "GET", opens_transaction=True, only=only)

    def post(
        self,
        rule: str,
        guard: Guard,
        *,
        opens_transaction: bool = True,
        only: Where | None = None,
        takes_picture: bool = False,
    ) -> Callable[[View], View]:
        """``opens_transaction=False``: the view begins its own (it hashes a password between).

        ``takes_picture``: the view itself says that a picture is too large, and keeps the text.
        """
        declare = self._route(rule, guard, "POST", opens_transaction, only)

        def declare_picture(view: View) -> View:
            WITH_PICTURE.add(f"{self.name}.{view.__name__}")
            return declare(view)

        return declare_picture if takes_picture else declare

    def _route(
        self, rule: str, guard: Guard, method: str, opens_transaction: bool, only: Where | None
    ) -> Callable[[View], View]:
        def declare(view: View) -> View:
            self.routes.append(Route(rule, view, method, only))
            declared = GUARDS.setdefault(f"{self.name}.{view.__name__}", (guard, opens_transaction))
            if declared != (guard, opens_transaction):
                raise ValueError(f"{self.name}.{view.__name__} declares two guards")
            return view

        return declare

    def blueprint(self, where: Where) -> Blueprint:
        """The room as one application gets it: without the routes of the other kind."""
        made = Blueprint(self.name, __name__, url_prefix=self.prefix or None)
        for route in self.routes:
            if route.only in (None, where):
                name = route.view.__name__
                made.add_url_rule(route.rule, name, route.view, methods=[route.method])
        return made


GUARDS: dict[str, tuple[Guard, bool]] = {"lms.static": (ASSET, False)}
"""``<room>.<view>`` → its guard; filled when the rooms are imported, the same for every app."""
WITH_PICTURE: set[str] = set()
"""``<room>.<view>`` of the forms a picture comes with."""


def guard_of(endpoint: str) -> tuple[Guard, bool] | None:
    """The guard of one of our endpoints, whatever name we are mounted under."""
    return GUARDS.get(_own_name(endpoint))


def _own_name(endpoint: str) -> str:
    return ".".join(endpoint.split(".")[-2:])


def _declared() -> tuple[Guard, bool]:
    """What the route of this request has declared."""
    declared = guard_of(request.endpoint or "")
    if declared is None:
        abort(500)
    if any("\0" in str(part) for part in (request.view_args or {}).values()):
        abort(404)  # no name holds one, and PostgreSQL would not even look
    return declared


def enter() -> Response | None:
    """Before every view of ours."""
    guard, opens_transaction = _declared()
    if guard is ASSET:
        return None
    unsafe = request.method not in SAFE
    if unsafe:
        _receive(guard)
    hosting.meet()
    if unsafe and opens_transaction:
        begin_write(db_session())
    person = _recognise()
    if person is None and guard not in FOR_ANYBODY:
        return identity.refuse_stranger()
    needs_token = person is not None or guard is not OWN_CHOICE
    if unsafe and (refusal := _check_sender(needs_token)):
        return refusal
    if person is None or guard in FOR_ANYBODY:
        return None
    if hosting.has_news():
        if not unsafe:
            return hosting.let_in()
        if opens_transaction:
            person = hosting.catch_up(db_session())
    if isinstance(guard, Action) and not may(person.viewer, guard):
        raise Forbidden("not-allowed")
    return None


def _recognise() -> SignedIn | None:
    """Who it is; from here on the page speaks their language."""
    person = identity.load(db_session())
    if person is not None:
        i18n.set_language(person.language)
    elif code := identity.visitor_language():
        i18n.set_language(code)
    return person


def _check_sender(needs_token: bool) -> Response | None:
    """The token of our own pages. Raises Refusal("csrf"), but lets who arrives ask once more, and
    whose answer would be lost."""
    try:
        (csrf.check if needs_token else csrf.check_site)()
    except Refusal:
        if hosting.is_arriving():
            return hosting.ask_again()
        if page := carry.ask_for_answer():
            return page
        raise
    return None


def _receive(guard: Guard) -> None:
    """Read the whole body: a slow line must not hold the database's one writing transaction."""
    largest = LARGEST_FROM_STRANGERS if guard in FOR_ANYBODY else LARGEST
    if _own_name(request.endpoint or "") in WITH_PICTURE:
        largest = LARGEST_WITH_PICTURE
    request.max_content_length = largest
    request.max_form_memory_size = LARGEST
    request.max_form_parts = MOST_PARTS
    _ = request.form


def db_session() -> Session:
    """The request's database session, ours or the host's."""
    session: Session = current_app.extensions["lms"].session()
    return session


def commit() -> None:
    """The one commit of a request, by its view, after the services have flushed."""
    db_session().commit()
