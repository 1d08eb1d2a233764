"""Reading a mapping key by key: every value typed, every fault collected, nothing guessed."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from lms.domain.text import is_clean
from lms.interop.course_files.problems import Place, Places, Problem, problem
from lms.interop.course_files.strict_yaml import Items, Node, Pairs, Scalar

MAX_TEXT = 64_000
"""Bytes of one authored text, as everywhere in the product."""

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,8}")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,29})(?:\.[0-9]{1,12})?")
_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{2}0")


def part_key(text: str) -> str:
    """Identity of an option, step or pair within its item, from its text.

    Reordering the options of an item therefore changes nobody's saved answer; a new wording is a
    new option.
    """
    return hashlib.sha256(text.encode()).hexdigest()[:10]


@dataclass(slots=True)
class Collector:
    """What one run of reading gathers: problems, and the place of every part."""

    problems: list[Problem] = field(default_factory=list)
    places: Places = field(default_factory=Places)
    ids: dict[str, Place] = field(default_factory=dict)
    """Ids of modules, lessons, tests and items, unique across the course."""

    def report(self, file: str, line: int, code: str, **params: object) -> None:
        self.problems.append(problem(file, line, code, **params))

    def claim(self, key: str, place: Place) -> None:
        """Reserve an id; a second use is reported with the place of the first."""
        if not key:
            return
        first = self.ids.setdefault(key, place)
        if first is not place:
            self.report(
                place.file, place.first, "id-twice", id=key, where=f"{first.file}:{first.first}"
            )


class Record:
    """One mapping of a file. Read each key once, then :meth:`close` reports what is left over."""

    def __init__(self, sink: Collector, file: str, node: Node | None) -> None:
        self.sink = sink
        self.file = file
        self.line = node.first if node else 1
        self.node = node
        self.values: dict[str, Node] = {}
        self.asked: list[str] = []
        self.lines: dict[str, int] = {}
        if isinstance(node, Pairs):
            self._collect(node)
        elif node is not None:
            self.report(self.line, "want-mapping")

    def _collect(self, node: Pairs) -> None:
        for key, value in node.pairs:
            if key.value in self.values:
                self.report(key.first, "key-twice", key=key.value, first=self.lines[key.value])
            else:
                self.values[key.value] = value
                self.lines[key.value] = key.first

    def report(self, line: int, code: str, **params: object) -> None:
        self.sink.report(self.file, line, code, **params)

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.node, Pairs)

    @property
    def place(self) -> Place:
        return Place(self.file, self.line, self.node.last if self.node else self.line)

    def mark(self, address: str, key: str = "") -> None:
        """Remember where the record, or one of its values, stands."""
        if not key:
            self.sink.places.add(address, self.place)
        elif key in self.values:
            last = self.values[key].last
            self.sink.places.add(address, Place(self.file, self.lines[key], last))

    def has(self, key: str) -> bool:
        return key in self.values

    def take(self, key: str, required: bool) -> Node | None:
        self.asked.append(key)
        if key in self.values:
            return self.values[key]
        if required and self.is_mapping:
            self.report(self.line, "key-missing", key=key)
        return None

    def close(self) -> None:
        for key, line in self.lines.items():
            if key not in self.asked:
                near = difflib.get_close_matches(key, self.asked, 1, 0.75)
                self.report(line, "key-unknown", key=key, near=near[0] if near else "")

    # -- single values ---------------------------------------------------------------------

    def scalar(self, key: str, required: bool) -> Scalar | None:
        node = self.take(key, required)
        if node is None or isinstance(node, Scalar):
            return node
        self.report(node.first, "want-one", key=key)
        return None

    def text(self, key: str, *, required: bool = True) -> str:
        """A text, without white space at the ends. Required texts are not empty."""
        node = self.scalar(key, required)
        return self.as_text(node, key, required) if node else ""

    def as_text(self, node: Scalar, key: str, required: bool = True) -> str:
        if node.guess != "text":
            if node.guess == "null":
                self.report(node.first, "text-empty", key=key)
            else:
                self.report(node.first, "yaml-trap", key=key, value=node.value, guess=node.guess)
            return ""
        text = node.value.strip()
        if not is_clean(text):
            self.report(node.first, "control-characters")
            return ""
        if required and not text:
            self.report(node.first, "text-empty", key=key)
        if len(text.encode()) > MAX_TEXT:
            self.report(node.first, "text-too-long", key=key, limit=MAX_TEXT // 1000)
            return ""
        return text

    def key(self, name: str = "id", *, required: bool = True) -> str:
        """An id: lower-case ASCII words joined by ``-``."""
        node = self.scalar(name, required)
        return self.as_key(node, name) if node else ""

    def as_key(self, node: Scalar, name: str) -> str:
        text = self.as_text(node, name)
        if text and (not _ID.fullmatch(text) or len(text) > 80):
            self.report(node.first, "id-spelling", key=name, value=text)
            return ""
        return text

    def choice(self, key: str, allowed: Sequence[str], *, default: str = "") -> str:
        node = self.scalar(key, required=not default)
        if node is None:
            return default
        text = self.as_text(node, key)
        if text in allowed:
            return text
        if text:
            self.report(
                node.first, "choice-unknown", key=key, value=text, allowed=", ".join(allowed)
            )
        return default

    def whole(self, key: str, low: int, high: int, *, default: int | None = None) -> int:
        """A whole number from ``low`` to ``high``; without a default it must be given."""
        fallback = low if default is None else default
        node = self.scalar(key, required=default is None)
        if node is None:
            return fallback
        if not node.plain or not _WHOLE.fullmatch(node.value):
            self.report(node.first, "want-whole", key=key, value=node.value)
        elif not low <= int(node.value) <= high:
            self.report(node.first, "out-of-range", key=key, low=low, high=high)
        else:
            return int(node.value)
        return fallback

    def number(self, key: str, *, default: Decimal | None = None) -> Decimal:
        text = self.number_text(key, required=default is None)
        return Decimal(text) if text else (default if default is not None else Decimal(0))

    def number_text(self, key: str, *, required: bool = True) -> str:
        """A number exactly as written, such as ``37.50``."""
        node = self.scalar(key, required)
        if node is None:
            return ""
        if not node.plain or not _NUMBER.fullmatch(node.value):
            self.report(node.first, "want-number", key=key, value=node.value)
        elif _THOUSANDS.fullmatch(node.value):
            self.report(node.first, "number-thousands", key=key, value=node.value)
        else:
            return node.value
        return ""

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """``true`` or ``false``, in exactly these words."""
        node = self.scalar(key, required=default is None)
        if node is None:
            return bool(default)
        if not node.plain or node.value not in ("true", "false"):
            self.report(node.first, "want-flag", key=key, value=node.value)
            return bool(default)
        return node.value == "true"

    def day(self, key: str, *, required: bool = True) -> str:
        """An ISO date."""
        node = self.scalar(key, required)
        if node is None:
            return ""
        try:
            if _DAY.fullmatch(node.value):
                return date.fromisoformat(node.value).isoformat()
        except ValueError:
            pass  # the thirtieth of February: reported like any other wrong date
        self.report(node.first, "want-date", key=key, value=node.value)
        return ""

    # -- several values --------------------------------------------------------------------

    def nodes(self, key: str, *, required: bool = False) -> tuple[Node, ...]:
        node = self.take(key, required)
        if node is None:
            return ()
        if isinstance(node, Items):
            return node.nodes
        self.report(node.first, "want-list", key=key)
        return ()

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """A list of texts, none of them twice."""
        found: list[str] = []
        for node in self.nodes(key, required=required):
            if not isinstance(node, Scalar):
                self.report(node.first, "want-one", key=key)
                continue
            text = self.as_text(node, key)
            if text in found:
                self.report(node.first, "entry-twice", key=key, value=text)
            elif text:
                found.append(text)
        return tuple(found)

    def records(self, key: str, *, required: bool = False) -> list[Record]:
        nodes = self.nodes(key, required=required)
        records = [Record(self.sink, self.file, node) for node in nodes]
        return [record for record in records if record.is_mapping]

    def record(self, key: str, *, required: bool = True) -> Record:
        """A mapping inside this one; an empty one when it is missing."""
        node = self.take(key, required)
        found = Record(self.sink, self.file, node)
        found.line = node.first if node else self.line
        return found

    def plain(self, key: str, *, required: bool = False) -> dict[str, str]:
        """A mapping of ids to texts."""
        record = self.record(key, required=required)
        return {name: record.text(name) for name in record.values}
