"""The request's time: read once, the same for everything one request writes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import current_app, g

ZONE = ZoneInfo("Europe/Bucharest")
"""Dates and times are shown and due dates end in the institution's zone."""


def now() -> datetime:
    """The moment this request began, in UTC; tests set ``app.extensions["lms"].clock``."""
    if "lms_now" not in g:
        g.lms_now = current_app.extensions["lms"].clock()
    moment: datetime = g.lms_now
    return moment


def today() -> date:
    return now().astimezone(ZONE).date()


def system_clock() -> datetime:
    return datetime.now(UTC)
