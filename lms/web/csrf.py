"""One check for every unsafe request: the token in the form field or in a header."""

from __future__ import annotations

from typing import Any

from flask import current_app, g, request, session
from wtforms import Form
from wtforms.csrf.session import SessionCSRF

from lms.domain.errors import Refusal

FIELD = "csrf_token"
HEADER = "X-CSRF-Token"


class _Token(Form):
    """WTForms' session token without its 30 minutes: a slow test page must not be refused."""

    class Meta:
        csrf = True
        csrf_class = SessionCSRF
        csrf_field_name = FIELD
        csrf_time_limit = None

        @property
        def csrf_secret(self) -> bytes:
            key = current_app.secret_key
            return key.encode() if isinstance(key, str) else bytes(key or b"")

        @property
        def csrf_context(self) -> Any:
            return session


def token() -> str:
    if "lms_csrf" not in g:
        g.lms_csrf = _Token().csrf_token.current_token
    value: str = g.lms_csrf
    return value


def check() -> None:
    """Raises Refusal("csrf") unless this unsafe request came from one of our own pages.

    Two nets: the browser's own word where it gives one (Sec-Fetch-Site), and the token.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site not in (None, "same-origin", "none"):
        raise Refusal("csrf")
    given = request.headers.get(HEADER) or request.form.get(FIELD, "")
    form = _Token(data={FIELD: given})
    form.csrf_token.data = given
    if not form.validate():
        raise Refusal("csrf")
