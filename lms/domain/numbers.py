"""Numbers as people write them in Romanian and in English, read exactly and shown back.

`float("1_000")`, `float("٣")` and `float("1e999")` all succeed in Python; none is an answer
somebody meant. Here only ASCII digits count, and the result is an exact `Decimal`.
"""

import re
from decimal import Decimal
from functools import cache
from typing import Final, Literal

Reason = Literal[
    "empty", "too-long", "foreign-digits", "exponent", "not-finite", "letters", "separators"
]

LONGEST: Final = 40
"""Characters accepted, surrounding spaces excluded: the largest sum in a budget needs half."""

_MARKS: Final[dict[str, tuple[str, str]]] = {"ro": (",", "."), "en": (".", ",")}
"""Language → (decimal mark, thousands mark)."""

_SPACES: Final = " \u00a0\u2009\u202f"
_ALLOWED: Final = re.compile(rf"[0-9.,+\-{_SPACES}]*", re.ASCII)


class NotANumber(ValueError):
    """The text is no number in either notation; `reason` says why, for the message."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


def read_number(text: str, language: str) -> Decimal:
    """The number somebody typed, in the notation of `language` ('ro' or 'en').

    The rule, which the page states: the text is read in the notation of the language; only where
    it cannot be read so, in the other notation. In Romanian 1.234 is one thousand two hundred and
    thirty-four and 3,14 is three and a bit; 3.14 cannot be thousands (a group has three digits),
    so it is read as 3,14. In English 1,234 is the thousand, and 3,14 is read as 3.14. The page
    shows the value understood before the answer is sent, so a wrong guess is seen.

    Thousands may also be separated by spaces (also no-break and narrow ones), always in whole
    groups of three, and never after a leading zero: 0.500 is a half in both languages. A sign, a
    final % and surrounding spaces are accepted; 45% is 45. Refused: more than 40 characters,
    digits of other scripts, exponents, infinities, hexadecimals, underscores.

    Raises `NotANumber` with a reason, `KeyError` for an unknown language.
    """
    own = _MARKS[language]
    other = _MARKS["en" if language == "ro" else "ro"]
    body = _body(text)
    for decimal_mark, group_mark in (own, other):
        found = _pattern(decimal_mark, group_mark).fullmatch(body)
        if found:
            return _value(found)
    raise NotANumber("separators")


def format_number(value: Decimal | int | float, language: str) -> str:
    """The number in the notation of `language`, digits as given: 4.000.000,50 in Romanian.

    `read_number` of the result gives the same value back. Raises `ValueError` for NaN and
    infinities, `KeyError` for an unknown language.
    """
    decimal_mark, group_mark = _MARKS[language]
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        raise ValueError("only finite numbers have a notation")
    whole, _, fraction = format(abs(exact), "f").partition(".")
    grouped = f"{int(whole):,}".replace(",", group_mark)
    sign = "-" if exact < 0 else ""
    return f"{sign}{grouped}{decimal_mark}{fraction}" if fraction else f"{sign}{grouped}"


def _body(text: str) -> str:
    """The text trimmed of what carries no value; raises with the most telling reason."""
    if len(text) > 4 * LONGEST:
        raise NotANumber("too-long")
    body = text.strip().removesuffix("%").strip().replace("\u2212", "-")
    if not body:
        raise NotANumber("empty")
    if len(body) > LONGEST:
        raise NotANumber("too-long")
    if not _ALLOWED.fullmatch(body):
        raise NotANumber(_why_refused(body))
    return body


def _why_refused(body: str) -> Reason:
    if any(c.isnumeric() and not c.isascii() for c in body):
        return "foreign-digits"
    if body.lstrip("+-").lower() in ("nan", "snan", "inf", "infinity", "∞"):
        return "not-finite"
    if re.fullmatch(r"[+-]?[0-9.,]+[eE][+-]?[0-9]+", body):
        return "exponent"
    return "letters"


@cache
def _pattern(decimal_mark: str, group_mark: str) -> re.Pattern[str]:
    groups = "|".join(
        rf"[1-9][0-9]{{0,2}}(?:{re.escape(mark)}[0-9]{{3}})+" for mark in (group_mark, *_SPACES)
    )
    point = re.escape(decimal_mark)
    return re.compile(
        rf"(?P<sign>[+-]?)[{_SPACES}]*"
        rf"(?:(?P<whole>{groups}|[0-9]+)(?:{point}(?P<fraction>[0-9]+))?|{point}(?P<only>[0-9]+))"
    )


def _value(found: re.Match[str]) -> Decimal:
    whole = re.sub(r"[^0-9]", "", found["whole"] or "0")
    fraction = found["fraction"] or found["only"]
    value = Decimal(f"{whole}.{fraction}" if fraction else whole)
    # Minus zero is zero: it would print as "-0" and serve nobody.
    return -value if found["sign"] == "-" and value else value
