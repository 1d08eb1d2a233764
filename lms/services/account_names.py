"""What a person is called and what they sign in with: cleaned once, for forms and lists alike.

Each function returns the text as it is stored with its key, and raises a ``Refusal`` that names
what is wrong. What is looked up is what is unique: keys are folded, so case, spaces, diacritics and
look-alike full-width letters make no second account.

A personal numeric code (CNP) is refused wherever it turns up: the platform must not hold it
(Law 190/2018 art. 4), and "staff number" columns sometimes contain it.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from lms.domain.errors import Refusal
from lms.domain.text import fold, is_clean, normalise

NAME_LENGTH = 200
EMAIL_LENGTH = 254
"""RFC 5321 section 4.5.3.1: a path of 256 characters less its angle brackets."""
STAFF_LENGTH = 40

_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?"
)
_STAFF = re.compile(r"[a-z0-9]([a-z0-9 ./_-]*[a-z0-9])?")
_THIRTEEN = re.compile(r"(?<![0-9])[0-9]{13}(?![0-9])")
_CNP_WEIGHTS = (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)
_CENTURY = {"1": 1900, "2": 1900, "3": 1800, "4": 1800, "5": 2000, "6": 2000}


class Cleaned(NamedTuple):
    """A text as it is stored, and the folded key under which it is found and unique."""

    text: str
    key: str


def one_line(text: str, field: str, limit: int) -> Cleaned:
    """A text of one line, at most ``limit`` characters, also its key.

    Raises ``text-unclean`` (NUL, lone surrogate), ``text-too-long`` or ``contains-cnp``; ``field``
    goes into the refusal so that the form can mark the place.
    """
    if not is_clean(text):
        raise Refusal("text-unclean", field=field)
    if len(text) > 4 * limit:
        raise Refusal("text-too-long", field=field, limit=limit)
    stored = normalise(text)
    cleaned = Cleaned(stored, fold(stored))
    if max(map(len, cleaned)) > limit:
        raise Refusal("text-too-long", field=field, limit=limit)
    if contains_cnp(stored):
        raise Refusal("contains-cnp", field=field)
    return cleaned


def clean_name(text: str) -> Cleaned:
    """A person's name. Raises ``name-missing`` when no letter is in it."""
    name = one_line(text, "name", NAME_LENGTH)
    if not any(char.isalpha() for char in name.text) or not name.key:
        raise Refusal("name-missing", field="name")
    return name


def clean_email(text: str | None) -> Cleaned | None:
    """An e-mail address, None for an empty text. Raises ``email-invalid``.

    Only ASCII addresses: a diacritic in one is nearly always a slip of the keyboard, and letters
    of other alphabets would allow twins that nobody can tell apart.
    """
    email = one_line(text or "", "email", EMAIL_LENGTH)
    if not email.text:
        return None
    if not email.text.isascii() or not _EMAIL.fullmatch(email.key):
        raise Refusal("email-invalid", field="email")
    return email


def clean_staff_number(text: str | None) -> Cleaned | None:
    """A staff number (marcă), None for an empty text. Raises ``staff-number-invalid``.

    It cannot contain an @, so it is never mistaken for somebody's e-mail address.
    """
    number = one_line(text or "", "staff_number", STAFF_LENGTH)
    if not number.text:
        return None
    if not _STAFF.fullmatch(number.key):
        raise Refusal("staff-number-invalid", field="staff_number")
    return number


def key_of(text: str | None) -> str | None:
    """The folded key of an optional text; None for none, never an empty key."""
    return (fold(text) or None) if text else None


def contains_cnp(text: str) -> bool:
    """Whether a valid personal numeric code stands in the text, also one written with gaps."""
    if any(is_cnp(found) for found in _THIRTEEN.findall(text)):
        return True
    squeezed = re.sub(r"[ .\-]", "", text)
    return len(squeezed) == 13 and is_cnp(squeezed)


def is_cnp(digits: str) -> bool:
    """Whether thirteen digits are a CNP: sex and century, a real date, the control digit.

    The control digit is the weighted sum modulo 11, ten counting as one (HG 1375/2006 norms).
    """
    if not re.fullmatch(r"[1-9][0-9]{12}", digits):
        return False
    total = sum(int(d) * w for d, w in zip(digits, _CNP_WEIGHTS, strict=False))
    if (1 if total % 11 == 10 else total % 11) != int(digits[12]):
        return False
    centuries = (_CENTURY[digits[0]],) if digits[0] in _CENTURY else (1900, 2000)
    return any(_is_date(c + int(digits[1:3]), digits[3:5], digits[5:7]) for c in centuries)


def _is_date(year: int, month: str, day: str) -> bool:
    try:
        date(year, int(month), int(day))
    except ValueError:
        return False
    return True
