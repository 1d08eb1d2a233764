"""The gates for text from outside: one line (names, titles) and one authored field."""

from lms.domain.text import normalise
from lms.interop.errors import BadText, TooLarge

LONGEST_LINE = 200
"""Characters of a name or title, unless the field says otherwise."""

LARGEST_FIELD = 64 * 1024
"""Bytes of UTF-8 in one authored field (a lesson, a stem, an explanation)."""


def refuse_unstorable(text: str) -> None:
    """Raise `BadText` where the text holds a NUL or a lone surrogate, and say which."""
    if "\x00" in text:
        raise BadText("text-nul", position=text.index("\x00"))
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadText("text-surrogate", position=error.start) from None


def refuse_unauthored(text: str) -> None:
    """Raise where no authored field may hold the text: `BadText`, `TooLarge` (in bytes)."""
    if len(text) <= LARGEST_FIELD:
        refuse_unstorable(text)
    size = len(text.encode("utf-8", "replace"))
    if size > LARGEST_FIELD:
        raise TooLarge("text-too-large", limit=LARGEST_FIELD, size=size)


def plain(text: str, *, limit: int = LONGEST_LINE) -> str:
    """The text as one clean line (see `lms.domain.text.normalise`), ready to be stored.

    Raises `BadText` for NUL and lone surrogates, `TooLarge` (code `text-too-long`, in characters)
    for text longer than `limit`: nothing is cut silently.
    """
    if len(text) > limit * 20:  # refused before any work is spent on it
        raise TooLarge("text-too-long", limit=limit, size=len(text))
    refuse_unstorable(text)
    line = normalise(text)
    if len(line) > limit:
        raise TooLarge("text-too-long", limit=limit, size=len(line))
    return line
