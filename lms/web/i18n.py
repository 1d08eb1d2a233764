"""Words in the reader's language.

English is written in the code, Romanian stands in the catalogue. ``babel.support`` reads it;
nothing is installed app-wide, so a host's own translations are untouched.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from babel import dates, numbers
from babel.support import LazyProxy, NullTranslations, Translations
from flask import g, has_request_context, request
from markupsafe import Markup

from lms.paths import TRANSLATIONS
from lms.web.clock import ZONE

LANGUAGES = {"ro": "Română", "en": "English"}
DEFAULT = "ro"


@cache
def catalogue(language: str) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    return Translations.load(TRANSLATIONS, [language])


def language() -> str:
    """The language of this request: the person's, else the cookie's, else the browser's."""
    try:
        chosen: str = g.lms_language  # asked a hundred times for a page
    except (AttributeError, RuntimeError):
        if not has_request_context():
            return DEFAULT
        chosen = request.accept_languages.best_match(list(LANGUAGES)) or DEFAULT
        g.lms_language = chosen
    return chosen


def set_language(code: str) -> None:
    g.lms_language = code if code in LANGUAGES else DEFAULT


def gettext(message: str, **params: Any) -> str:
    text = catalogue(language()).ugettext(message)
    return _filled(text, params) if params else text


def ngettext(singular: str, plural: str, n: int, **params: Any) -> str:
    """Plural forms: two in English, three in Romanian (1 modul, 2 module, 20 de module)."""
    text = catalogue(language()).ungettext(singular, plural, n)
    return _filled(text, {"n": n, "num": n, **params})


def _filled(text: str, params: dict[str, Any]) -> str:
    """What is safe for a page stays so: a title marked as Romanian within an English sentence."""
    if any(isinstance(value, Markup) for value in params.values()):
        return Markup(text) % params  # noqa: S704 - our own sentence; the parameters are escaped
    return text % params


def pgettext(context: str, message: str) -> str:
    """For one English word that Romanian says differently by what it stands for (new: nou, noi)."""
    return catalogue(language()).upgettext(context, message)


def lazy(message: str) -> Any:
    """A text looked up when it is shown: for labels defined once for all readers."""
    return LazyProxy(gettext, message, enable_cache=False)


def N_(message: str) -> str:
    """Marks a text for the catalogue where it is looked up later."""
    return message


def show_date(value: date | datetime | None) -> str:
    """12 iunie 2018"""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(ZONE).date()
    return format_date(value, "d MMMM y", language())


@lru_cache(maxsize=4_000)
def format_date(value: date, pattern: str, language: str) -> str:
    """Babel reads the pattern and the locale anew each time; a page may show a hundred dates."""
    return dates.format_date(value, pattern, locale=language)


def show_short_date(value: date | datetime | None) -> str:
    """12.06.2018 in Romanian, 12 Jun 2018 in English: for tables."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(ZONE).date()
    pattern = "dd.MM.y" if language() == "ro" else "d MMM y"
    return format_date(value, pattern, language())


def show_time(value: datetime | None) -> str:
    """10:42:03"""
    return value.astimezone(ZONE).strftime("%H:%M:%S") if value else ""


def show_datetime(value: datetime | None) -> str:
    """12 iunie 2018, 10:42"""
    return f"{show_date(value)}, {value.astimezone(ZONE):%H:%M}" if value else ""


def show_number(value: float | int | Decimal) -> str:
    """4.000.000,50 in Romanian"""
    return _format_number(value, language())


@lru_cache(maxsize=2_000)
def _format_number(value: float | int | Decimal, language: str) -> str:
    return str(numbers.format_decimal(value, locale=language, group_separator=True))
