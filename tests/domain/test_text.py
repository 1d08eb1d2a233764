"""Folding and cleaning: every way of typing a Romanian word is one word."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.domain.text import MARKS_PER_LETTER, fold, is_clean, mixes_scripts, normalise

ANY_TEXT = st.text(alphabet=st.characters(), max_size=60)
CEDILLA = str.maketrans("șȘțȚ", "şŞţŢ")
UNMARKED = str.maketrans("ăâîșțĂÂÎȘȚ", "aaistAAIST")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Ştefan  cel\tMare", "Ștefan cel Mare"),
        ("t\u0326ara\u0306", "țară"),
        ("s\u0327coala", "școala"),
        ("\u202eIon\u202c Pop\u200bescu", "Ion Popescu"),
        ("a\u0007b\r\nc", "ab c"),
        ("  \u00a0Ana\u2028Maria ", "Ana Maria"),
        ("co\u00adoperare", "cooperare"),
        ("e" + "\u0301" * 5000, "é" + "\u0301" * (MARKS_PER_LETTER - 1)),
        ("", ""),
        ("\x00", ""),
    ],
)
def test_stored_spelling(typed: str, stored: str) -> None:
    assert normalise(typed) == stored


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Știința", "stiinta"),
        ("ŞTIINŢA", "știința"),
        ("Ｆｏｃșａｎｉ", "focsani"),
        ("İstanbul", "istanbul"),
        ("e\u2011mail", "E-mail"),
        ("într\u2019o", "intr'o"),
        ("Straße", "STRASSE"),
        ("  Ion ", "Ion"),
        ("ﬁnanțare", "finantare"),
    ],
)
def test_same_key(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_different_alphabets_keep_different_keys_and_are_noticed() -> None:
    assert fold("Аdmin") != fold("Admin")
    assert mixes_scripts("Аdmin")
    assert not mixes_scripts("Admin Ștefan-Ионеску".replace("-", " "))


@settings(deadline=None)
@given(ANY_TEXT)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert once == once.strip()
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") for c in once)


@settings(deadline=None)
@given(ANY_TEXT)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(normalise(text)) == fold(text)


@settings(deadline=None)
@given(st.text(alphabet="abcșțşţăâîȘȚ -", max_size=40))
def test_every_spelling_of_romanian_has_one_key(text: str) -> None:
    key = fold(text)
    assert fold(text.translate(CEDILLA)) == key
    assert fold(unicodedata.normalize("NFD", text)) == key
    assert fold(text.translate(UNMARKED)) == key.translate(CEDILLA)
    assert fold(text.upper()) == key


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x\udfffy"])
def test_unstorable_text_is_named(text: str) -> None:
    assert not is_clean(text)


def test_ordinary_text_is_clean() -> None:
    assert is_clean("Știință, 𝒳 și emoji 👩‍💻\n")


def test_every_romanian_sentence_found_has_one_key(fixtures_dir: Path) -> None:
    files = sorted((fixtures_dir / "ro").glob("ro_*.txt"))
    assert files, "the folder ro/ holds no sentences"
    for path in files:
        for line in path.read_text(encoding="utf-8").splitlines():
            key = fold(line)
            assert fold(line.translate(CEDILLA)) == key, line
            assert fold(unicodedata.normalize("NFD", line)) == key, line
            assert fold(line.translate(UNMARKED)) == key, line
            assert fold(line.upper()) == key, line
