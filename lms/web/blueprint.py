"""Rooms, their guards, and the one way through a request.

A request passes here in a fixed order: body, writing transaction, who is it, token, may they. A
route without a declared guard cannot be added.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy.orm import Session

from lms.domain.access import Action, may
from lms.domain.errors import Forbidden
from lms.models.engine import begin_write
from lms.web import csrf, i18n, identity

SAFE = {"GET", "HEAD", "OPTIONS"}
LARGEST_FROM_STRANGERS = 64_000
"""Bytes: a name, a password and the answer that waits to be saved behind them."""


class Door(Enum):
    """Guards that ask for no right."""

    PUBLIC = "public"
    SIGNED_IN = "signed-in"
    ASSET = "asset"
    """Static files: the same for everyone, so nobody is looked up."""


PUBLIC, SIGNED_IN, ASSET = Door.PUBLIC, Door.SIGNED_IN, Door.ASSET
Guard = Door | Action
View = Callable[..., Any]


class Room:
    """One room of the entrance: a blueprint whose routes must declare their guard."""

    def __init__(self, name: str, prefix: str = "") -> None:
        self.name = name
        self.blueprint = Blueprint(name, __name__, url_prefix=prefix or None)

    def get(self, rule: str, guard: Guard) -> Callable[[View], View]:
        return self._route(rule, guard, "GET", opens_transaction=True)

    def post(
        self, rule: str, guard: Guard, *, opens_transaction: bool = True
    ) -> Callable[[View], View]:
        """``opens_transaction=False``: the view begins its own (it hashes a password between)."""
        return self._route(rule, guard, "POST", opens_transaction)

    def _route(
        self, rule: str, guard: Guard, method: str, opens_transaction: bool
    ) -> Callable[[View], View]:
        def declare(view: View) -> View:
            self.blueprint.add_url_rule(rule, view.__name__, view, methods=[method])
            declared = GUARDS.setdefault(f"{self.name}.{view.__name__}", (guard, opens_transaction))
            if declared != (guard, opens_transaction):
                raise ValueError(f"{self.name}.{view.__name__} declares two guards")
            return view

        return declare


GUARDS: dict[str, tuple[Guard, bool]] = {"lms.static": (ASSET, False)}
"""``<room>.<view>`` → its guard; filled when the rooms are imported, the same for every app."""


def guard_of(endpoint: str) -> tuple[Guard, bool] | None:
    """The guard of one of our endpoints, whatever name we are mounted under."""
    return GUARDS.get(".".join(endpoint.split(".")[-2:]))


def enter() -> Response | None:
    """Before every view of ours."""
    declared = guard_of(request.endpoint or "")
    if declared is None:
        abort(500)
    guard, opens_transaction = declared
    if guard is ASSET:
        return None
    unsafe = request.method not in SAFE
    if unsafe:
        _receive(guard)
    if unsafe and opens_transaction:
        begin_write(db_session())
    person = identity.load(db_session())
    if person is not None:
        i18n.set_language(person.language)
    elif code := identity.visitor_language():
        i18n.set_language(code)
    if unsafe:
        if guard is not PUBLIC and person is None:
            return identity.refuse_stranger()
        csrf.check()
    if guard is PUBLIC:
        return None
    if person is None:
        return identity.refuse_stranger()
    if isinstance(guard, Action) and not may(person.viewer, guard):
        raise Forbidden("not-allowed")
    return None


def _receive(guard: Guard) -> None:
    """Read the whole body: a slow line must not hold the database's one writing transaction."""
    if guard is PUBLIC:
        request.max_content_length = LARGEST_FROM_STRANGERS
    _ = request.form


def db_session() -> Session:
    """The request's database session, ours or the host's."""
    session: Session = current_app.extensions["lms"].session()
    return session


def commit() -> None:
    """The one commit of a request, by its view, after the services have flushed."""
    db_session().commit()
