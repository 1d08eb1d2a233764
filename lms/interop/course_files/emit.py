"""Plain values as YAML that people like to edit: blocks for long texts, no quotes without need."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from decimal import Decimal

import yaml

from lms.interop.course_files.strict_yaml import Scalar

WIDTH = 100
"""Longer texts go on lines of their own."""

Value = str | bool | int | Decimal | Sequence["Value"] | Mapping[str, "Value"]

_PLAIN = re.compile(r"[^\W_][^\x00-\x1f\x7f]*|„[^\x00-\x1f\x7f]*")
_IN_FLOW = re.compile(r"[A-Za-z0-9][\w.+-]*")
_ODD = re.compile(
    r"[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""What YAML cannot hold unescaped, or would take for the end of a line."""


class Raw(str):
    """A number exactly as its author wrote it: never in quotation marks."""

    __slots__ = ()


class OneLine(dict[str, "Value"]):
    """A mapping that stands on one line although it holds a text."""


def scalar(text: str, indent: int = 0) -> str:
    """A text after ``key: ``; ``indent`` is the column of the key."""
    margin = " " * (indent + 2)
    if "\n" in text and _fits_block(text):
        lines = [margin + line if line else "" for line in text.split("\n")]
        return "|-\n" + "\n".join(lines)
    if len(text) + indent > WIDTH and _fits_folded(text):
        lines = textwrap.wrap(text, WIDTH - indent, break_long_words=False, break_on_hyphens=False)
        return ">-\n" + "\n".join(margin + line for line in lines)
    return text if _is_plain(text) else quoted(text)


def _fits_block(text: str) -> bool:
    """No white space that a block would lose or read as its indentation."""
    return text == text.strip() and not _ODD.search(text)


def _fits_folded(text: str) -> bool:
    return (
        _fits_block(text)
        and " " in text
        and "\n" not in text
        and re.search(r"\s\s|[^\S ]", text) is None
    )


def _is_plain(text: str) -> bool:
    return (
        _PLAIN.fullmatch(text) is not None
        and text == text.strip()
        and ": " not in text
        and " #" not in text
        and not text.endswith(":")
        and not _ODD.search(text)
        and Scalar(text, plain=True, first=1, last=1).guess == "text"
    )


def quoted(text: str) -> str:
    """In straight quotation marks, on one line."""
    written: str = yaml.dump(text, default_style='"', allow_unicode=True, width=10**9)
    return written.strip()


def document(value: Value) -> str:
    """A whole file, ending with a line end."""
    return "\n".join(_lines(value, 0)) + "\n"


def _lines(value: Value, indent: int) -> list[str]:
    margin = " " * indent
    lines: list[str] = []
    if isinstance(value, Mapping):
        for key, inner in value.items():
            lines += _entry(f"{margin}{_key(key)}:", inner, indent)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            if isinstance(inner, Mapping) and inner and not _is_short(inner):
                nested = _lines(inner, indent + 2)
                lines += [f"{margin}- {nested[0][indent + 2 :]}", *nested[1:]]
            else:
                lines += _entry(f"{margin}-", inner, indent)
    return lines


def _key(key: str) -> str:
    # "true" and "false" are keys of a true-false item; the reader takes keys as they are written.
    return key if _IN_FLOW.fullmatch(key) else quoted(key)


def _entry(head: str, value: Value, indent: int) -> list[str]:
    if isinstance(value, (Mapping, list, tuple)):
        if not value or _is_short(value):
            return [f"{head} {_flow(value)}"]
        return [head, *_lines(value, indent + 2)]
    return f"{head} {_atom(value, indent)}".split("\n")


def _atom(value: Value, indent: int) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Raw) or not isinstance(value, str):
        return str(value)
    return scalar(value, indent)


def _is_short(value: Value) -> bool:
    """Codes and numbers stand on one line, texts on lines of their own."""
    if isinstance(value, (list, tuple)):
        return all(_is_code(inner) for inner in value)
    return isinstance(value, OneLine)


def _is_code(value: Value) -> bool:
    if isinstance(value, str) and not isinstance(value, Raw):
        return len(value) <= 40 and _IN_FLOW.fullmatch(value) is not None
    return not isinstance(value, (Mapping, list, tuple))


def _flow(value: Value) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(k)}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_flow(v) for v in value) + "]"
    if isinstance(value, str) and not isinstance(value, Raw):
        return value if _IN_FLOW.fullmatch(value) and _is_plain(value) else quoted(value)
    return _atom(value, 0)
