"""Putting the house together: mounted in a host (``LMS``) or stand-alone (``create_app``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Flask, Response
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from jinja2 import Environment
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from lms.domain.errors import Refusal
from lms.interop.markdown import Renderer
from lms.models.engine import prepare
from lms.services.sign_in import SignedIn
from lms.settings import Settings, read_settings
from lms.web import assets, blueprint, errors, headers, identity, navigation, rendering
from lms.web.account import ROOM as ACCOUNT
from lms.web.account.views import sign_in_page
from lms.web.admin import ROOM as ADMIN
from lms.web.clock import system_clock
from lms.web.learn import ROOM as LEARN
from lms.web.manage import ROOM as MANAGE
from lms.web.public import ROOM as PUBLIC
from lms.web.teach import ROOM as TEACH

ROOMS = (PUBLIC, ACCOUNT, LEARN, TEACH, MANAGE, ADMIN)
MAX_REQUEST = 1_500_000
"""Bytes; a list of 10,000 people fits."""


@dataclass
class State:
    """What one mounted Parcurs needs at run time; lives in ``app.extensions["lms"]``."""

    settings: Settings
    session: Callable[[], Session]
    identify: Callable[[Session], SignedIn | None]
    mounted: bool
    templates: Environment
    blueprint_name: str = "lms"
    clock: Callable[[], datetime] = system_clock
    navigation: Callable[[SignedIn], list[tuple[str, str, str]]] = navigation.links
    door: Callable[..., Response] = sign_in_page
    """The sign-in page, for whoever finds a guard closed; other rooms may not know it."""
    renderer: Renderer = field(default_factory=Renderer)
    """The Markdown worker; it starts with its first use."""
    addresses: dict[tuple[Any, ...], str] = field(default_factory=dict)
    """Addresses of views that were built before (``rendering.url``)."""


class LMS:
    """Parcurs as an extension of a Flask application.

    ``db`` is the application's only Flask-SQLAlchemy; we borrow its session.
    """

    def __init__(self, app: Flask | None = None, **options: Any) -> None:
        if app is not None:
            self.init_app(app, **options)

    def init_app(
        self,
        app: Flask,
        *,
        db: SQLAlchemy,
        url_prefix: str | None = None,
        settings: Settings | None = None,
        identify: Callable[[Session], SignedIn | None] | None = None,
    ) -> None:
        app.extensions["lms"] = State(
            settings=settings or read_settings(),
            session=db.session,
            identify=identify or identity.find_by_cookie,
            mounted=identify is not None,
            templates=rendering.make_environment(app.jinja_loader),
        )
        app.register_blueprint(_entrance(), url_prefix=url_prefix)


def _entrance() -> Blueprint:
    """All rooms under one blueprint: one order of checks, one set of headers and error pages."""
    parent = Blueprint("lms", __name__)
    parent.before_request(blueprint.enter)
    parent.after_request(identity.touch)
    parent.after_request(headers.dress)
    parent.register_error_handler(Refusal, errors.refused)
    parent.register_error_handler(HTTPException, errors.http_error)
    parent.register_error_handler(Exception, errors.accident)
    parent.add_url_rule("/static/<version>/<path:name>", "static", assets.send, methods=["GET"])
    for room in ROOMS:
        parent.register_blueprint(room.blueprint)
    return parent


def create_app(settings: Settings | None = None) -> Flask:
    """Parcurs by itself: its own database session, sign-in and error pages."""
    settings = settings or read_settings()
    app = Flask("lms", static_folder=None, template_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_pre_ping": not settings.database_url.startswith("sqlite"),
            "hide_parameters": True,  # a logged error never carries names, answers or hashes
        },
        SESSION_COOKIE_NAME="__Host-parcurs" if settings.secure_cookies else "parcurs",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        MAX_CONTENT_LENGTH=MAX_REQUEST,
        MAX_FORM_MEMORY_SIZE=MAX_REQUEST,
        MAX_FORM_PARTS=1_000,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        DEBUG=settings.debug,
    )
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask documents this place
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    db = SQLAlchemy(app)
    with app.app_context():
        prepare(db.engine)
    _sign_in_by_cookie(app)
    LMS(app, db=db, settings=settings)
    _answer_everything(app)
    return app


def _sign_in_by_cookie(app: Flask) -> None:
    manager = LoginManager(app)
    manager.session_protection = None  # a town hall's line changes its address; rows are revocable

    @manager.user_loader  # type: ignore[untyped-decorator]  # Flask-Login ships no types
    def load(token: str) -> identity.CookieUser | None:
        person = identity.load(app.extensions["lms"].session())
        return identity.CookieUser(token, person) if person else None


def _answer_everything(app: Flask) -> None:
    """Stand-alone, addresses outside our rooms get our pages and headers too."""
    app.after_request(headers.dress)
    app.register_error_handler(HTTPException, errors.http_error)
    app.register_error_handler(Exception, errors.accident)
