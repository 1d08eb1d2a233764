"""Sessions kept on the server, as Flask-Session and its kin do: the cookie is only a number."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from werkzeug.datastructures import CallbackDict


class Kept(CallbackDict[str, Any], SessionMixin):
    def __init__(self, key: str, content: dict[str, Any]) -> None:
        super().__init__(content)
        self.key = key


class DictSessions(SessionInterface):
    def __init__(self) -> None:
        self.store: dict[str, dict[str, Any]] = {}

    def open_session(self, app: Flask, request: Request) -> Kept:
        key = request.cookies.get("sid") or str(uuid4())
        return Kept(key, self.store.get(key, {}))

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        self.store[session.key] = dict(session)
        response.set_cookie("sid", session.key, httponly=True)
