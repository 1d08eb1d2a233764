"""Text as people type it, made comparable: one spelling to store, one key to match.

Romanian is written with ș and ț (comma below), but a third of what people paste has ş and ţ
(cedilla), because old keyboards and cp1250 know nothing else. Unicode's own normal forms keep the
two apart, so both are brought together here, once, for names, answers and search alike.

Standard library only; every function is pure.
"""

import re
import unicodedata
from itertools import groupby

MARKS_PER_LETTER = 4
"""Combining marks kept on one letter. No living spelling needs more; stacks of thousands are an
attack on the line height and on the sorting inside the normal forms, which is quadratic."""

_FIRST_MARK = "\u0300"  # below it every letter is composed already
_LATIN_MARKS = re.compile("[\u0300-\u036f]")
_COMMA_BELOW = str.maketrans({"ş": "ș", "Ş": "Ș", "ţ": "ț", "Ţ": "Ț"})
_SAME_WHEN_MATCHING = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u2032\u00b4`", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"')
)
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC")


def is_clean(text: str) -> bool:
    """Whether databases and encoders can hold the text at all: no NUL, no lone surrogate.

    PostgreSQL refuses NUL, SQLite stores it but measures the text wrongly, and a lone surrogate
    cannot be encoded as UTF-8; such text is refused at the door, never repaired.
    """
    return "\x00" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def normalise(text: str) -> str:
    """One line of text in its stored spelling.

    Canonical composition (NFC), comma below instead of cedilla, no control or invisible format
    characters (which takes away bidirectional overrides and zero-width joiners), every run of
    white space one space, none at the ends, at most `MARKS_PER_LETTER` marks stacked on a letter.
    Applying it twice changes nothing more.
    """
    if text.isprintable() and max(text, default="") < _FIRST_MARK:
        return " ".join(text.translate(_COMMA_BELOW).split())  # nearly all text people type
    shown = "".join(_visible(c) for c in text)
    composed = unicodedata.normalize("NFC", _few_marks(shown)).translate(_COMMA_BELOW)
    return " ".join(unicodedata.normalize("NFC", composed).split())


def fold(text: str) -> str:
    """The key under which two spellings are the same: for matching, uniqueness and search.

    On top of `normalise`: compatibility forms (full-width letters, ligatures), case and diacritics
    are ignored, and typographic hyphens and quotation marks equal the plain ones. Letters of
    different alphabets stay different: see `mixes_scripts`.
    """
    folded = normalise(text)
    if not folded.isascii():
        folded = _bare(_bare(folded).casefold())
        folded = " ".join(folded.translate(_SAME_WHEN_MATCHING).split())
    return folded.translate(_SAME_WHEN_MATCHING).casefold()


def mixes_scripts(text: str) -> bool:
    """Whether one word mixes look-alike alphabets, as in «Аdmin» with a Cyrillic А.

    Such a name is not refused, it is shown to a person: whole words in one alphabet are fine.
    """
    return any(len(_scripts(word)) > 1 for word in text.split())


def _visible(char: str) -> str:
    if char.isspace():
        return " "
    return "" if unicodedata.category(char) in ("Cc", "Cf") else char


def _is_mark(char: str) -> bool:
    return unicodedata.combining(char) != 0 or unicodedata.category(char) in ("Mn", "Me")


def _few_marks(text: str) -> str:
    """The text with long stacks of combining marks cut: linear, before anything sorts them."""
    kept: list[str] = []
    for marks, run in groupby(text, _is_mark):
        chars = "".join(run)
        kept.append(chars[:MARKS_PER_LETTER] if marks else chars)
    return "".join(kept)


def _bare(text: str) -> str:
    """Compatibility-decomposed, without diacritics and other non-spacing modifiers."""
    if max(text, default="") < _FIRST_MARK:
        return _LATIN_MARKS.sub("", unicodedata.normalize("NFKD", text))
    plain = "".join(c for c in text if not _drops_out(c))
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if not _drops_out(c))


def _drops_out(char: str) -> bool:
    # Marks of class 0 (vowel signs of Indic scripts) carry meaning and stay; the variation
    # selectors and the invisible joiner of the same class do not.
    if "\ufe00" <= char <= "\ufe0f" or char == "\u034f":
        return True
    return unicodedata.combining(char) != 0


def _scripts(word: str) -> set[str]:
    names = {unicodedata.name(c, "").split(" ", 1)[0] for c in word if c.isalpha()}
    return names & set(_SCRIPTS)
