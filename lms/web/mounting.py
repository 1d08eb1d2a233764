"""What must be true of a host application before we move in, checked once, at its start."""

from __future__ import annotations

import re

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine
from sqlalchemy.pool import StaticPool

from lms.faults import Fault
from lms.models.engine import is_prepared, prepare

PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")
PROVIDER = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


class MountFault(Fault):
    """Parcurs cannot be mounted like this; the text says why and what to do."""


def check(
    app: Flask, db: SQLAlchemy, url_prefix: str, provider: str, bind_key: str | None
) -> Engine:
    """The engine our tables live on. Raises MountFault."""
    if "lms" in app.extensions:
        raise MountFault(
            "Parcurs is mounted in this application already. Its records are one institution's: "
            "a second address would show the same people and courses. Mount it once."
        )
    if not PREFIX.fullmatch(url_prefix or ""):
        raise MountFault(
            f"url_prefix must be a path such as '/formare', without a slash at its end, "
            f"not {url_prefix!r}."
        )
    if not PROVIDER.fullmatch(provider):
        raise MountFault(f"provider must be a short word of a-z, 0-9, '.', '_', '-': {provider!r}.")
    for kind, taken in (("blueprint", app.blueprints), ("command", app.cli.commands)):
        if "lms" in taken:
            raise MountFault(
                f"Your application has a {kind} named 'lms', which is ours: rename it."
            )
    _check_cookie(app, url_prefix)
    return _engine(app, db, bind_key)


def _check_cookie(app: Flask, url_prefix: str) -> None:
    path = app.config.get("SESSION_COOKIE_PATH")
    if path and not f"{url_prefix}/".startswith(f"{str(path).rstrip('/')}/"):
        root = str(app.config.get("APPLICATION_ROOT") or "/").rstrip("/")
        if not f"{root}{url_prefix}/".startswith(f"{str(path).rstrip('/')}/"):
            raise MountFault(
                f"SESSION_COOKIE_PATH is {path!r}: the browser would not send the session to "
                f"{url_prefix}, and nobody would ever be signed in there."
            )


def _engine(app: Flask, db: SQLAlchemy, bind_key: str | None) -> Engine:
    try:
        with app.app_context():
            engine = db.engines[bind_key]
    except RuntimeError:
        raise MountFault("Call db.init_app(app) before Parcurs is mounted.") from None
    except KeyError:
        raise MountFault(
            f"There is no database for bind_key {bind_key!r}: name one in SQLALCHEMY_BINDS."
            if bind_key
            else "SQLALCHEMY_DATABASE_URI is not set."
        ) from None
    if "AUTOCOMMIT" in (
        engine.get_execution_options().get("isolation_level"),
        engine.dialect._on_connect_isolation_level,  # noqa: SLF001  # public nowhere: connecting would tell, but mounting must not
    ):
        raise MountFault(
            "This database is set to AUTOCOMMIT (isolation_level): what is refused half way could "
            "not be taken back. Give Parcurs a bind of its own without it."
        )
    if bind_key is not None:
        prepare(engine)  # its connections are ours alone, whatever database they lead to
    elif engine.dialect.name == "sqlite":
        _check_sqlite(engine)
    return engine


def _check_sqlite(engine: Engine) -> None:
    if isinstance(engine.pool, StaticPool):
        raise MountFault(
            "A SQLite database in memory has one connection, which your session and ours cannot "
            "share. Give Parcurs one of its own: SQLALCHEMY_BINDS = {'lms': 'sqlite://'} and "
            "bind_key='lms'."
        )
    if not is_prepared(engine):
        raise MountFault(
            "Your SQLite database is not ready for answers that must not be lost: its "
            "transactions have to begin with BEGIN IMMEDIATE and be written through to the disk. "
            "Either give Parcurs a file of its own (SQLALCHEMY_BINDS and bind_key, the "
            "recommended way), or call lms.prepare(db.engine) before mounting."
        )
