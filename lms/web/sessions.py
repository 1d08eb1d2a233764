"""The database session of a request: our own, on the application's engine.

A host's ``db.session`` is left alone: its options, its open transaction and its pending changes
are the host's, and what we roll back or commit is only ours.
"""

from __future__ import annotations

from flask import Flask, g
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session


class Sessions:
    """One session for each application context, closed with it."""

    def __init__(self, app: Flask, engine: Engine) -> None:
        self.engine = engine
        app.teardown_appcontext(self._close)

    def __call__(self) -> Session:
        if "lms_session" not in g:
            g.lms_session = Session(self.engine)
        session: Session = g.lms_session
        return session

    @staticmethod
    def _close(error: BaseException | None) -> None:
        session: Session | None = g.pop("lms_session", None)
        if session is None:
            return
        try:
            session.close()
        except DBAPIError:
            # The database hung up after the last statement: what was not committed is gone
            # anyway, and the answer that is ready is none the worse for it.
            session.invalidate()
