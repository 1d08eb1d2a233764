"""YAML without surprises: a tree with line numbers, and no value that YAML guessed.

PyYAML's parser gives the events; the tree is built here, because its own composer resolves
aliases, applies tags, keeps the last of two equal keys and reads ``no`` as False. Nothing of
that happens in a course file: a scalar stays the text somebody typed until a field asks for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from lms.interop.course_files.problems import Problem, problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 12
"""A case's child's option is six deep; nothing a person writes needs more than twice that."""
MAX_NODES = 100_000

INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""Control characters and other line ends than \\n: they move the line numbers or hide in a text."""

_RESOLVER = yaml.resolver.Resolver()
_GUESSES = {
    "tag:yaml.org,2002:bool": "bool",
    "tag:yaml.org,2002:int": "int",
    "tag:yaml.org,2002:float": "float",
    "tag:yaml.org,2002:null": "null",
    "tag:yaml.org,2002:timestamp": "date",
    "tag:yaml.org,2002:merge": "merge",
    "tag:yaml.org,2002:value": "value",
}


@dataclass(frozen=True, slots=True)
class Scalar:
    value: str
    plain: bool
    """Written without quotation marks and not as a block."""
    first: int
    last: int

    @property
    def guess(self) -> str:
        """What YAML 1.1 would read: ``text``, ``bool``, ``int``, ``float``, ``null``, ``date``."""
        if not self.plain:
            return "text"
        # The resolver is untyped in types-PyYAML's stubs.
        tag = _RESOLVER.resolve(yaml.ScalarNode, self.value, (True, False))  # type: ignore[no-untyped-call]
        return _GUESSES.get(str(tag), "text")


@dataclass(frozen=True, slots=True)
class Items:
    nodes: tuple[Node, ...]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Pairs:
    pairs: tuple[tuple[Scalar, Node], ...]
    first: int
    last: int


Node = Scalar | Items | Pairs


class UnreadableError(Exception):
    """The file cannot be read as a tree at all."""

    def __init__(self, fault: Problem) -> None:
        super().__init__(fault)
        self.fault = fault


def parse(text: str, file: str, skip: int = 0) -> Node:
    """The tree of a file; ``skip`` lines stand before ``text`` in it.

    Raises :class:`UnreadableError` with the first thing that makes the file unreadable; two equal keys
    are left in the tree for the reader to report, since the rest of the file can still be read.
    """
    return _Builder(text, file, skip).document()


class _Builder:
    def __init__(self, text: str, file: str, skip: int) -> None:
        self.file = file
        self.skip = skip
        self.nodes = 0
        self.events = yaml.parse(text, Loader=yaml.SafeLoader)

    def refuse(self, line: int, code: str, **params: object) -> UnreadableError:
        return UnreadableError(problem(self.file, line + self.skip, code, **params))

    def next(self) -> yaml.Event:
        try:
            return next(self.events)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            raise self.refuse(line, "yaml-syntax", detail=error.problem or "") from error
        except yaml.reader.ReaderError as error:
            raise self.refuse(1, "control-characters") from error

    def document(self) -> Node:
        self.next()
        event = self.next()
        if isinstance(event, yaml.StreamEndEvent):
            raise self.refuse(1, "yaml-empty")
        root = self.node(self.next(), 1)
        self.next()
        after = self.next()
        if not isinstance(after, yaml.StreamEndEvent):
            raise self.refuse(_line(after.start_mark), "yaml-documents")
        return root

    def node(self, event: yaml.Event, depth: int) -> Node:
        line = _line(event.start_mark)
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise self.refuse(line, "yaml-depth", limit=MAX_DEPTH)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self.refuse(line, "yaml-alias")
        if getattr(event, "tag", None):
            raise self.refuse(line, "yaml-tag")
        if isinstance(event, yaml.ScalarEvent):
            plain = event.style is None
            return Scalar(event.value, plain, line + self.skip, self.end(event, line))
        if isinstance(event, yaml.SequenceStartEvent):
            return self.items(line, depth)
        return self.pairs(line, depth)

    def items(self, line: int, depth: int) -> Items:
        found: list[Node] = []
        while not isinstance(event := self.next(), yaml.SequenceEndEvent):
            found.append(self.node(event, depth + 1))
        return Items(tuple(found), line + self.skip, self.end(event, line))

    def pairs(self, line: int, depth: int) -> Pairs:
        found: list[tuple[Scalar, Node]] = []
        while not isinstance(event := self.next(), yaml.MappingEndEvent):
            key = self.node(event, depth + 1)
            value = self.node(self.next(), depth + 1)
            if not isinstance(key, Scalar):
                raise self.refuse(key.first - self.skip, "yaml-key")
            found.append((key, value))
        return Pairs(tuple(found), line + self.skip, self.end(event, line))

    def end(self, event: yaml.Event, line: int) -> int:
        # A block ends at the start of the line after it, which is no longer its own.
        mark = event.end_mark
        last = _line(mark) if mark is not None and mark.column else _line(mark) - 1
        return max(line, last) + self.skip


def _line(mark: object) -> int:
    """From 1; PyYAML's stubs leave open whether an event has a mark at all."""
    return int(getattr(mark, "line", 0)) + 1
