"""One check for every unsafe request: the token in the form field or in a header."""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import Any

from flask import current_app, g, request, session
from wtforms import Form
from wtforms.csrf.session import SessionCSRF

from lms.domain.errors import Refusal

FIELD = "csrf_token"
HEADER = "X-CSRF-Token"


class _Kept:
    """The session as WTForms sees it: its key ``csrf`` is our ``lms_csrf``, beside a host's own."""

    def __contains__(self, key: str) -> bool:
        return f"lms_{key}" in session

    def __getitem__(self, key: str) -> Any:
        return session[f"lms_{key}"]

    def __setitem__(self, key: str, value: Any) -> None:
        session[f"lms_{key}"] = value


class _Token(Form):
    """WTForms' session token without its 30 minutes: a slow test page must not be refused."""

    class Meta:
        csrf = True
        csrf_class = SessionCSRF
        csrf_field_name = FIELD
        csrf_time_limit = None

        csrf_secret = b""
        csrf_context: Any = None


def keys() -> list[bytes]:
    """The keys we sign with, the present one last: while a key is changed, the one before counts
    too, or every form that is open then would be refused."""
    former = current_app.config.get("SECRET_KEY_FALLBACKS") or ()
    every = [*former, current_app.secret_key or ""]
    return [key.encode() if isinstance(key, str) else bytes(key) for key in every]


def _form(key: bytes, given: str = "") -> Any:
    form: Any = _Token(meta={"csrf_secret": key, "csrf_context": _Kept()})
    form.csrf_token.data = given
    return form


def token() -> str:
    """The token of this response's forms: the browser's own under a mask that is never used twice,
    so that compressed pages of different lengths do not spell it out (``web/compression.py``)."""
    if "lms_csrf" not in g:
        kept = _Kept()
        if "csrf" not in kept:  # WTForms makes this browser's secret
            _form(keys()[-1])
        g.lms_csrf = _masked(_token_of(keys()[-1], kept["csrf"]))
    value: str = g.lms_csrf
    return value


MARK = "##"
"""WTForms writes ``<expiry>##<signature>``; ours never expire."""


def _masked(token: str) -> str:
    plain = bytes.fromhex(token.removeprefix(MARK))
    mask = secrets.token_bytes(len(plain))
    return mask.hex() + bytes(a ^ b for a, b in zip(plain, mask, strict=True)).hex()


def _unmasked(given: str) -> str:
    """Empty for what is no masked token."""
    try:
        both = bytes.fromhex(given)
    except ValueError:
        return ""
    mask, hidden = both[: len(both) // 2], both[len(both) // 2 :]
    if not mask or len(mask) != len(hidden):
        return ""
    return MARK + bytes(a ^ b for a, b in zip(mask, hidden, strict=True)).hex()


@lru_cache(maxsize=4_000)
def _token_of(key: bytes, secret: str) -> str:
    """A browser's token is the same on every page; a form to sign it costs more than a query."""
    meta = {"csrf_secret": key, "csrf_context": {"csrf": secret}}
    return str(_Token(meta=meta).csrf_token.current_token)


def check_site() -> None:
    """Raises Refusal("csrf") when the browser says that another site sends this request."""
    if request.headers.get("Sec-Fetch-Site") not in (None, "same-origin", "none"):
        raise Refusal("csrf")


def check() -> None:
    """Raises Refusal("csrf") unless this unsafe request came from one of our own pages.

    Two nets: the browser's own word where it gives one (Sec-Fetch-Site), and the token.
    """
    check_site()
    given = _unmasked(request.headers.get(HEADER) or request.form.get(FIELD, ""))
    if not any(_form(key, given).validate() for key in reversed(keys())):
        raise Refusal("csrf")
