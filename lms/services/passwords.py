"""Passwords: hashed with argon2id, checked in equal time, chosen without composition rules.

Hashing costs some 20 ms and 19 MiB, so it happens outside any transaction and only as many at a
time as there are processors: a flood of sign-ins must not starve the people who are learning.
"""

from __future__ import annotations

import os
import re
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from lms.domain.errors import Refusal, TooMany
from lms.domain.text import fold, is_clean

SHORTEST = 10
LONGEST = 128

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
"""OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, t = 2, p = 1."""

DUMMY = (
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA"
    "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)
"""No password has this hash; checking against it costs what checking a real one costs."""

_AT_ONCE = threading.BoundedSemaphore(max(1, os.cpu_count() or 1))
_PATIENCE_SECONDS = 10.0

_CEDILLA = str.maketrans({"ş": "ș", "Ş": "Ș", "ţ": "ț", "Ţ": "Ț"})
_LOOKS_LIKE = str.maketrans("@4013$57", "aaoiesst")

_COMMON_TEXT = (
    "abc abcd abcdef abcdefgh abcdefghij acasa admin adminadmin administratie administrator "
    "alexandra alexandru ana andreea andrei angajat asdf asdfgh asdfghjkl asdfghjklzxcvbnm "
    "baseball bine bucuresti bunaziua bunvenit changeme cluj constanta contabil contabilitate "
    "corina craciun cristina demo dinamo director dragon dragoste dumnezeu economic elena "
    "facebook familia familiamea florin football formare formator gabriel george google guest "
    "hellohello iloveyou initial institutia institutie internet invatare ionescu ionut "
    "itsmeagain iubire iubirea iubitul letmein login manager maria marian microsoft mihaela "
    "mihai minunat monkey municipiu municipiul nicoleta noiembrie octombrie oras orasul "
    "parcurs parola parolamea parolanoua parole pass passw passwd password passwordpassword "
    "pisica popescu primar primaria primarie princess qazwsx qazwsxedc qwe qwer qwert qwerty "
    "qwertyuiop qwertyuiopasdfghjkl qwertz qwertzuiop resurseumane romania romanian root "
    "salut salutare schimba secret secretar secretariat septembrie server serviciu shadow "
    "soare sport start steaua steauabucuresti student sunshine superman superuser temp "
    "temporar test teste tester testtest timisoara trainer trustno user utilizator vacanta "
    "viata vreau welcome welcometo windows zxcvbn zxcvbnm "
)
COMMON = frozenset(_COMMON_TEXT.split())
"""Words too common to be a password, also with digits and signs around them or repeated."""

MOST_COMMON_WORDS = 2
"""Three or more common words in a row make a passphrase, and that is welcome."""

_AROUND = "0123456789!?.,:;*#+-_=() "
_RUNS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


def verify(password_hash: str | None, password: str) -> bool:
    """Whether the password is the right one; None (no such account, no password yet) costs alike.

    Raises ``TooMany("server-busy")`` when too many are waiting to be checked.
    """
    typed = _canonical(password)
    with _turn():
        try:
            _HASHER.verify(password_hash or DUMMY, typed if typed is not None else "")
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None and typed is not None


def renewed(password_hash: str | None, password: str) -> str | None:
    """A new hash of a password just found right, when the old one was made with other parameters."""
    if password_hash is None or not _HASHER.check_needs_rehash(password_hash):
        return None
    return make_hash(password)


def make_hash(password: str) -> str:
    """The hash to be stored. Raises ``password-unclean`` or ``password-too-long``."""
    with _turn():
        return _HASHER.hash(_clean(password))


def check_new(password: str, *, about: Sequence[str | None] = ()) -> None:
    """Whether a password may be chosen.

    At least ten and at most 128 characters; not a common word, a keyboard run or a repetition,
    also with digits around it; not made of ``about`` (the person's own name, e-mail address and
    staff number). No rules about capitals or signs: length is what helps (NIST SP 800-63B-4
    section 3.1.1.2). Raises ``password-too-short``, ``-too-long``, ``-unclean``, ``-common`` or
    ``-own-name``.
    """
    clean = _clean(password)
    if len(clean) < SHORTEST:
        raise Refusal("password-too-short", shortest=SHORTEST)
    folded = fold(clean)
    own = _own_words(about)
    shapes = _shapes(folded)
    if any(_is_own(shape, own) for shape in shapes):
        raise Refusal("password-own-name")
    if _is_pattern(folded) or any(_is_common(shape, own) for shape in shapes):
        raise Refusal("password-common")


def _clean(password: str) -> str:
    if len(password) > LONGEST:
        raise Refusal("password-too-long", longest=LONGEST)
    typed = _canonical(password)
    if typed is None:
        raise Refusal("password-unclean")
    return typed


def _canonical(password: str) -> str | None:
    """The password as it is hashed, None when it can be nobody's.

    NFKC and comma below, so that the same word typed on another keyboard is the same password.
    """
    if len(password) > LONGEST or not is_clean(password):
        return None
    return unicodedata.normalize("NFKC", password).translate(_CEDILLA)


@contextmanager
def _turn() -> Iterator[None]:
    if not _AT_ONCE.acquire(timeout=_PATIENCE_SECONDS):
        raise TooMany("server-busy", seconds=5)
    try:
        yield
    finally:
        _AT_ONCE.release()


def _shapes(folded: str) -> tuple[str, ...]:
    """The password as it is, and with the digits and signs that stand for letters read as such."""
    inner = (folded, folded.strip(_AROUND), folded.rstrip(_AROUND))
    return (folded, *(shape.translate(_LOOKS_LIKE) for shape in inner))


def _own_words(about: Sequence[str | None]) -> frozenset[str]:
    texts = [fold(text) for text in about if text]
    words = {word for text in texts for word in re.split(r"[^a-z0-9]+", text) if len(word) > 1}
    return frozenset(words | {re.sub(r"[^a-z0-9]", "", text) for text in texts} - {""})


def _is_own(text: str, own: frozenset[str]) -> bool:
    """Nothing but the person's own words, with digits and signs around; or just their number."""
    return _words_in(text, own) is not None or re.sub(r"[^0-9a-z]", "", text) in own


def _is_common(text: str, own: frozenset[str]) -> bool:
    words = _words_in(text, COMMON | own)
    return words is not None and words <= MOST_COMMON_WORDS


def _is_pattern(text: str) -> bool:
    """A run along the keyboard or the alphabet, three letters, one piece again and again."""
    squeezed = re.sub(r"[^a-z0-9]", "", text)
    in_a_row = bool(squeezed) and any(squeezed in run or squeezed in run[::-1] for run in _RUNS)
    return in_a_row or len(set(text)) < 4 or _repeats(text) or _repeats(squeezed)


def _repeats(text: str) -> bool:
    """The whole is one short piece again and again."""
    return any(
        text == (text[:size] * len(text))[: len(text)] for size in range(1, len(text) // 3 + 1)
    )


def _words_in(text: str, words: frozenset[str]) -> int | None:
    """How few of the words its letters can be made of, in a row; None when they cannot."""
    letters = re.sub(r"[^a-z]", "", text)
    fewest = {0: 0}
    for end in range(1, len(letters) + 1):
        ways = [n for start, n in fewest.items() if letters[start:end] in words]
        if ways:
            fewest[end] = min(ways) + 1
    return fewest.get(len(letters)) if letters else None
