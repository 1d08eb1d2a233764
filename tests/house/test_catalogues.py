"""Every text of the pages is in Romanian too, and what is compiled is what was written."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "lms" / "translations" / "ro" / "LC_MESSAGES"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "lazy": None}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%%|%[^ ]")
TAG = re.compile(r"</?[a-z]+")


@cache
def catalogue() -> Catalog:
    with (FOLDER / "messages.po").open("rb") as stream:
        return read_po(stream, locale="ro")


@cache
def written() -> dict[str | tuple[str, ...], str]:
    """Every text in the code and the templates → where it stands."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as stream:
        methods, options = parse_mapping_cfg(stream)
    methods = [(pattern, method) for pattern, method in methods if method != "ignore"]
    found: dict[str | tuple[str, ...], str] = {}
    for folder in ("lms", "templates"):
        here = [(pattern.removeprefix(f"{folder}/"), method) for pattern, method in methods]
        renamed = {pattern.removeprefix(f"{folder}/"): o for pattern, o in options.items()}
        for name, line, text, _, _ in extract_from_dir(ROOT / folder, here, renamed, KEYWORDS):
            found.setdefault(text, f"{folder}/{name}:{line}")
    return found


def messages() -> Iterator[Message]:
    return (message for message in catalogue() if message.id)


def strings(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def sources(message: Message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple) else (message.id,)


def test_the_extraction_finds_the_pages() -> None:
    places = " ".join(written().values())
    assert len(written()) > 100
    for part in ("templates/lms/_base.html", "lms/web/errors.py", "lms/web/account/"):
        assert part in places, part


def test_every_text_has_its_romanian() -> None:
    known = {message.id: message for message in messages()}
    missing = {
        where: text
        for text, where in written().items()
        if text not in known or not all(strings(known[text]))
    }
    assert missing == {}, "run make messages and translate"


def test_nothing_is_translated_that_nobody_says() -> None:
    assert [m.id for m in messages() if m.id not in written()] == [], "run make messages"
    assert not catalogue().obsolete


def test_nothing_is_uncertain() -> None:
    assert [m.id for m in messages() if m.fuzzy] == []


def test_romanian_has_three_plurals() -> None:
    assert catalogue().num_plurals == 3
    rule = eval_plural(catalogue().plural_expr)
    assert [rule(n) for n in (1, 0, 2, 19, 20, 100, 101, 119, 120)] == [0, 1, 1, 1, 2, 2, 1, 1, 2]
    for message in messages():
        assert len(strings(message)) == (3 if message.pluralizable else 1), message.id


def eval_plural(expression: str):
    """gettext's C expression as a function of n."""
    from gettext import c2py

    return c2py(expression)


def test_from_twenty_on_romanian_says_de() -> None:
    """1 modul, 2 module, 20 de module. What is a noun is learnt from the catalogue itself, since
    a verb or an adjective takes no "de": 20 retrase, 20 au început."""
    last_forms = [strings(message)[2] for message in messages() if message.pluralizable]
    number = r"%\((?:num|n)\)d(?:</\w+>)? "
    nouns = {noun for text in last_forms for noun in re.findall(number + r"de (\w+)", text)}
    assert len(nouns) > 5
    wrong = [t for t in last_forms for noun in re.findall(number + r"(\w+)", t) if noun in nouns]
    assert wrong == []


def test_placeholders_are_the_same() -> None:
    wrong = []
    for message in messages():
        allowed = {frozenset(PLACEHOLDER.findall(text)) for text in sources(message)}
        most = frozenset().union(*allowed)
        for text in strings(message):
            named = frozenset(PLACEHOLDER.findall(text))
            # A singular may leave the number out: "one module".
            if named not in allowed and not (message.pluralizable and named <= most):
                wrong.append((message.id, text))
    assert wrong == []


def test_markup_within_texts_is_the_same() -> None:
    wrong = [
        (message.id, text)
        for message in messages()
        for text in strings(message)
        if sorted(TAG.findall(text)) != sorted(TAG.findall(sources(message)[-1]))
    ]
    assert wrong == []


def test_romanian_is_polite_and_written_properly() -> None:
    """Never "tu", commas below, „ ” quotation marks."""
    familiar = re.compile(r"\b(?:tu|tău|tăi|tale|ție|pe tine|ai tău)\b", re.IGNORECASE)
    wrong = [
        text
        for message in messages()
        for text in strings(message)
        if familiar.search(text) or re.search('[\u015e\u015f\u0162\u0163“]|(?<![=\\w])"', text)
    ]
    assert wrong == []


@pytest.mark.parametrize("language", ["ro"])
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    stream = io.BytesIO()
    write_mo(stream, catalogue())
    compiled = (FOLDER / "messages.mo").read_bytes()
    assert compiled == stream.getvalue(), "run make messages"
    assert (ROOT / "lms" / "translations" / language).is_dir()
