"""Putting the house together: mounted in a host (``LMS``) or stand-alone (``create_app``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Flask, Response
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from jinja2 import Environment
from sqlalchemy.orm import Session, configure_mappers
from werkzeug.exceptions import HTTPException, default_exceptions
from werkzeug.middleware.proxy_fix import ProxyFix

from lms.domain.errors import Refusal
from lms.interop.markdown import Renderer
from lms.models.engine import prepare
from lms.services.sign_in import SignedIn
from lms.settings import Settings, read_settings
from lms.web import (
    assets,
    blueprint,
    compression,
    errors,
    headers,
    host_commands,
    hosting,
    i18n,
    identity,
    mounting,
    navigation,
    rendering,
)
from lms.web.account import ROOM as ACCOUNT
from lms.web.account.arriving import arrival_page
from lms.web.account.views import sign_in_page
from lms.web.admin import ROOM as ADMIN
from lms.web.blueprint import LARGEST, MOST_PARTS, MOUNTED, STAND_ALONE
from lms.web.clock import system_clock
from lms.web.learn import ROOM as LEARN
from lms.web.manage import ROOM as MANAGE
from lms.web.public import ROOM as PUBLIC
from lms.web.sessions import Sessions
from lms.web.teach import ROOM as TEACH

ROOMS = (PUBLIC, ACCOUNT, LEARN, TEACH, MANAGE, ADMIN)


@dataclass
class State:
    """What one mounted Parcurs needs at run time; lives in ``app.extensions["lms"]``."""

    settings: Settings
    session: Callable[[], Session]
    identify: Callable[[Session], SignedIn | None]
    templates: Environment
    host: hosting.Host | None = None
    """The application we are mounted in; None when we stand alone."""
    blueprint_name: str = "lms"
    clock: Callable[[], datetime] = system_clock
    navigation: Callable[[SignedIn], list[tuple[str, str, str]]] = navigation.links
    door: Callable[..., Response] = sign_in_page
    """The sign-in page, for whoever finds a guard closed; other rooms may not know it."""
    arrival: Callable[..., Response] = arrival_page
    """The page whose one more click lets in who is signed in, or saves what they have answered."""
    renderer: Renderer = field(default_factory=Renderer)
    """The Markdown worker; it starts with its first use."""
    addresses: dict[tuple[Any, ...], str] = field(default_factory=dict)
    """Addresses of views that were built before (``rendering.url``)."""

    @property
    def mounted(self) -> bool:
        return self.host is not None


class LMS:
    """Parcurs as an extension of a Flask application (docs/mounting.md)::

    LMS(app, db=db, url_prefix="/formare", identify=lambda user: {"subject": user.id, …})
    """

    def __init__(self, app: Flask | None = None, **options: Any) -> None:
        self.app: Flask | None = None
        if app is not None:
            self.init_app(app, **options)

    def init_app(  # noqa: PLR0913 - one parameter for each thing a host decides
        self,
        app: Flask,
        *,
        db: SQLAlchemy,
        identify: Callable[[Any], Mapping[str, Any] | None],
        url_prefix: str,
        provider: str = "host",
        login_url: str | Callable[[], str] | None = None,
        link_by_email: bool = False,
        bind_key: str | None = None,
        home: tuple[str, str] | None = None,
        settings: Settings | None = None,
    ) -> None:
        """Mount under ``url_prefix``.

        ``identify`` turns the host's user into ``{"subject": …, "name": …, "email": …}`` and, as
        the host likes, ``department``, ``roles`` and ``language``; None: no courses for this user.
        ``provider`` names this host where several share a database. ``login_url`` is needed where
        Flask-Login does not know the way. ``link_by_email`` says that the host has verified its
        addresses. ``bind_key`` keeps our tables in a database of their own. ``home`` is a link back,
        its words and its address.

        Raises MountFault with a sentence when something does not fit.
        """
        engine = mounting.check(app, db, url_prefix, provider, bind_key)
        _install(
            app,
            State(
                settings=settings or read_settings(),
                session=Sessions(app, engine),
                identify=hosting.find,
                host=hosting.Host(identify, provider, login_url, link_by_email, home),
                templates=rendering.make_environment(app.jinja_loader, mounted=True),
                door=arrival_page,
            ),
            url_prefix,
        )
        app.cli.add_command(host_commands.lms)
        self.app = app

    def exempt(self, csrf: Any) -> None:
        """Take our routes out of Flask-WTF's ``CSRFProtect``: they check tokens of their own."""
        if self.app is None:
            raise mounting.MountFault("LMS.exempt comes after LMS(app, …) or init_app.")
        name = self.app.extensions["lms"].blueprint_name
        for endpoint, view in self.app.view_functions.items():
            if endpoint.startswith(f"{name}."):
                csrf.exempt(view)


def _install(app: Flask, state: State, url_prefix: str | None) -> None:
    """All rooms under one blueprint: one order of checks, one set of headers and error pages."""
    app.extensions["lms"] = state
    where = MOUNTED if state.mounted else STAND_ALONE
    parent = Blueprint(state.blueprint_name, __name__)
    parent.before_request(blueprint.enter)
    parent.after_request(compression.shrink)  # the first named is the last to act
    parent.after_request(identity.touch)
    parent.after_request(headers.dress)
    parent.register_error_handler(Refusal, errors.refused)
    for code in default_exceptions:  # by number too, or a host's own page for it would come first
        parent.register_error_handler(code, errors.http_error)
    parent.register_error_handler(HTTPException, errors.http_error)
    parent.register_error_handler(Exception, errors.accident)
    parent.add_url_rule("/static/<version>/<path:name>", "static", assets.send, methods=["GET"])
    for room in ROOMS:
        parent.register_blueprint(room.blueprint(where))
    app.register_blueprint(parent, url_prefix=url_prefix)


def create_app(settings: Settings | None = None) -> Flask:
    """Parcurs by itself: its own database session, sign-in and error pages."""
    settings = settings or read_settings()
    app = Flask("lms", static_folder=None, template_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "hide_parameters": True,  # a logged error never carries names, answers or hashes
        },
        SESSION_COOKIE_NAME="__Host-parcurs" if settings.secure_cookies else "parcurs",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        MAX_CONTENT_LENGTH=LARGEST,
        MAX_FORM_MEMORY_SIZE=LARGEST,
        MAX_FORM_PARTS=MOST_PARTS,
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
        engine = db.engine
    prepare(engine)
    _sign_in_by_cookie(app)
    _install(
        app,
        State(
            settings=settings,
            session=Sessions(app, engine),
            identify=identity.find_by_cookie,
            templates=rendering.make_environment(),
        ),
        None,
    )
    _answer_everything(app)
    return app


def _sign_in_by_cookie(app: Flask) -> None:
    manager = LoginManager(app)
    manager.session_protection = None  # a town hall's line changes its address; rows are revocable

    @manager.user_loader  # type: ignore[untyped-decorator]  # Flask-Login ships no types
    def load(token: str) -> identity.CookieUser | None:
        person = identity.load(app.extensions["lms"].session())
        return identity.CookieUser(token) if person else None


def _answer_everything(app: Flask) -> None:
    """Stand-alone, addresses outside our rooms get our pages and headers too."""
    app.after_request(headers.dress)
    app.register_error_handler(HTTPException, errors.http_error)
    app.register_error_handler(Exception, errors.accident)


def warm() -> None:
    """Read what every worker will need, before they are forked from this process and share it:
    tables, words, calendars, the pages that everybody opens."""
    configure_mappers()
    for language in i18n.LANGUAGES:
        i18n.catalogue(language)
        i18n.format_date(date(2018, 5, 15), "d MMMM y", language)
    pages = rendering.make_environment()
    for name in ("learn/home", "learn/module", "learn/lesson", "learn/question", "learn/questions"):
        pages.get_template(f"lms/{name}.html")
