"""Reading a question's form fields: ``q``, ``q-0``, ``q-1``, … become suffix → values."""

from __future__ import annotations

import secrets

from flask import request

from lms.domain.errors import Refusal
from lms.domain.text import is_clean

MAX_FIELDS = 60
MAX_KEY = 64


def fields_of(prefix: str) -> dict[str, list[str]]:
    """The values of one question. Raises Refusal("text-unclean" | "response-unknown")."""
    found: dict[str, list[str]] = {}
    for name in request.form:
        if name == prefix:
            suffix = ""
        elif name.startswith(f"{prefix}-"):
            suffix = name[len(prefix) + 1 :]
        else:
            continue
        values = request.form.getlist(name)
        if len(values) > MAX_FIELDS or len(found) > MAX_FIELDS:
            raise Refusal("response-unknown")
        if not all(is_clean(value) for value in values):
            raise Refusal("text-unclean")
        found[suffix] = values
    return found


def idempotency_key() -> str:
    """The key the page chose for this answer, so that sending it twice stores it once."""
    key = request.form.get("key", "")
    if not key:
        return secrets.token_hex(16)
    if len(key) > MAX_KEY or not key.isascii() or not is_clean(key):
        raise Refusal("response-unknown")
    return key


def sequence() -> int:
    """The number of the answer the page last saw. Raises Refusal("response-unknown")."""
    value = request.form.get("sequence", "0")
    if not (value.isascii() and value.isdigit() and len(value) <= 6):
        raise Refusal("response-unknown")
    return int(value)


def new_key() -> str:
    """A key for the form of one answer."""
    return secrets.token_hex(16)
