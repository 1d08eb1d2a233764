"""Evaluating the formulas of a spreadsheet anew, as far as our own sheets need it.

Written from the rules of the formula language (ECMA-376 part 1, 18.17), independently of the
library that wrote the sheets and of the values it stored beside the formulas. Dates are serial
numbers, as in the sheets. What is not known raises :class:`Unknown`; the caller counts those.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import range_boundaries

EPOCH = date(1899, 12, 30)
"""Day 0 of the sheets' calendar."""
TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>\d+(?:\.\d+)?) | "(?P<text>(?:[^"]|"")*)"
    | (?P<ref>(?:(?:'[^']+'|[\w\.]+)!)?\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)(?![\w(])
    | (?P<name>[A-Z][A-Z0-9.]*)(?=\() | (?P<word>TRUE|FALSE)\b
    | (?P<sign><>|<=|>=|[-+*/^&=<>(),%])
    )""",
    re.VERBOSE,
)


class Unknown(Exception):
    """A function or notation that is not evaluated here."""


class Cells(list[Any]):
    """The values of a range, row by row."""

    def __init__(self, values: list[Any], columns: int) -> None:
        super().__init__(values)
        self.columns = columns


class Sheets:
    """A workbook's formulas, each evaluated once and from the formulas it refers to."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.done: dict[tuple[str, str], Any] = {}

    def value(self, sheet: str, cell: str) -> Any:
        """The value of a cell; a formula is computed, whatever is stored beside it."""
        if (sheet, cell) not in self.done:
            written = self.book[sheet][cell].value
            if isinstance(written, str) and written.startswith("="):
                written = _Formula(self, sheet, written[1:]).result()
            self.done[sheet, cell] = _plain(written)
        return self.done[sheet, cell]

    def cells(self, sheet: str, span: str) -> Cells:
        left, top, right, bottom = range_boundaries(span)
        rows = range(int(top or 1), int(bottom or 1) + 1)
        names = [
            self.book[sheet].cell(row, column).coordinate
            for row in rows
            for column in range(int(left or 1), int(right or 1) + 1)
        ]
        return Cells(
            [self.value(sheet, name) for name in names], int(right or 1) - int(left or 1) + 1
        )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        seconds = value.hour * 3600 + value.minute * 60 + value.second
        return (value.date() - EPOCH).days + seconds / 86400
    if isinstance(value, date):
        return float((value - EPOCH).days)
    return value


class _Formula:
    """One formula, parsed by precedence: comparison, &, + -, * /, sign, %."""

    def __init__(self, sheets: Sheets, sheet: str, text: str) -> None:
        self.sheets, self.sheet = sheets, sheet
        self.tokens = list(self._tokens(text))
        self.at = 0

    def _tokens(self, text: str) -> Iterator[tuple[str, str]]:
        at = 0
        while at < len(text.rstrip()):
            found = TOKEN.match(text, at)
            if found is None:
                raise Unknown(text[at:])
            at = found.end()
            kind = str(found.lastgroup)
            yield kind, found[kind]

    def result(self) -> Any:
        value = self.comparison()
        if self.at != len(self.tokens):
            raise Unknown("more than a formula")
        return value[0] if isinstance(value, Cells) else value

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self, *signs: str) -> str:
        kind, text = self.peek()
        if kind == "sign" and text in signs:
            self.at += 1
            return text
        return ""

    def comparison(self) -> Any:
        left = self.joined()
        while sign := self.take("=", "<>", "<", ">", "<=", ">="):
            left = _compare(sign, _one(left), _one(self.joined()))
        return left

    def joined(self) -> Any:
        left = self.sum()
        while self.take("&"):
            left = _text(_one(left)) + _text(_one(self.sum()))
        return left

    def sum(self) -> Any:
        left = self.product()
        while sign := self.take("+", "-"):
            right = _number(_one(self.product()))
            left = _number(_one(left)) + (right if sign == "+" else -right)
        return left

    def product(self) -> Any:
        left = self.signed()
        while sign := self.take("*", "/"):
            right = _number(_one(self.signed()))
            left = _number(_one(left)) * right if sign == "*" else _number(_one(left)) / right
        return left

    def signed(self) -> Any:
        if self.take("-"):
            return -_number(_one(self.signed()))
        value = self.atom()
        while self.take("%"):
            value = _number(_one(value)) / 100
        return value

    def atom(self) -> Any:
        kind, text = self.peek()
        self.at += 1
        match kind:
            case "number":
                return float(text)
            case "text":
                return text.replace('""', '"')
            case "word":
                return text == "TRUE"
            case "ref":
                return self.reference(text)
            case "name":
                return self.call(text)
        if text == "(":
            value = self.comparison()
            self.require(")")
            return value
        raise Unknown(text or "an end")

    def require(self, sign: str) -> None:
        if not self.take(sign):
            raise Unknown(f"no {sign}")

    def reference(self, text: str) -> Any:
        sheet, mark, span = text.rpartition("!")
        name = sheet.strip("'") if mark else self.sheet
        span = span.replace("$", "")
        return self.sheets.cells(name, span) if ":" in span else self.sheets.value(name, span)

    def call(self, name: str) -> Any:
        self.require("(")
        if name == "IF":
            return self.condition()
        given = []
        while not self.take(")"):
            given.append(self.comparison())
            self.take(",")
        if name not in FUNCTIONS:
            raise Unknown(name)
        return FUNCTIONS[name](*given)

    def condition(self) -> Any:
        """The branch that does not count is parsed and left alone: it may divide by zero."""
        is_met = _true(_one(self.comparison()))
        self.require(",")
        first = self.branch(is_met)
        second: Any = False
        if self.take(","):
            second = self.branch(not is_met)
        self.require(")")
        return first if is_met else second

    def branch(self, counts: bool) -> Any:
        if counts:
            return self.comparison()
        depth = 0
        while depth or self.peek() not in (("sign", ","), ("sign", ")")):
            kind, text = self.peek()
            if kind == "end":
                raise Unknown("an open bracket")
            depth += (text == "(") - (text == ")") if kind == "sign" else 0
            self.at += 1
        return None


def _one(value: Any) -> Any:
    return value[0] if isinstance(value, Cells) else value


def _number(value: Any) -> float:
    if value is None:
        return 0.0
    if isinstance(value, (bool, int, float)):
        return float(value)
    raise Unknown(f"a number, not {value!r}")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)


def _true(value: Any) -> bool:
    return bool(value) if isinstance(value, bool) else _number(value) != 0


def _compare(sign: str, left: Any, right: Any) -> bool:
    left, right = _like(left, right), _like(right, left)
    if isinstance(left, str) != isinstance(right, str):
        order = 1 if isinstance(left, str) else -1  # any text comes after any number
    else:
        left, right = (v.casefold() if isinstance(v, str) else v for v in (left, right))
        order = (left > right) - (left < right)
    return {
        "=": order == 0, "<>": order != 0, "<": order < 0,
        ">": order > 0, "<=": order <= 0, ">=": order >= 0,
    }[sign]  # fmt: skip


def _like(value: Any, other: Any) -> Any:
    """An empty cell equals 0 and the empty text alike."""
    if value is None:
        return "" if isinstance(other, str) else 0.0
    return value


def _numbers(given: tuple[Any, ...]) -> list[float]:
    """Numbers among ranges and values; texts and empty cells of a range do not count."""
    found: list[float] = []
    for value in given:
        if isinstance(value, Cells):
            found += [float(v) for v in value if isinstance(v, (int, float)) and v is not True]
        else:
            found.append(_number(value))
    return found


def _rounded(value: Any, places: Any, how: str) -> float:
    unit = Decimal(1).scaleb(-int(_number(places)))
    exact = Decimal(repr(round(_number(_one(value)), 9)))
    return float(exact.quantize(unit, how))


def _matches(value: Any, wanted: Any) -> bool:
    found = re.fullmatch(r"(<>|<=|>=|<|>|=)?(.*)", _text(wanted), re.DOTALL)
    assert found
    sign, text = found[1] or "=", found[2]
    aim: Any = float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else text
    if isinstance(aim, float) and not isinstance(value, (int, float)):
        return sign == "<>"
    return _compare(sign, value, aim)


def _count_if(*given: Any) -> float:
    ranges, wanted = given[::2], given[1::2]
    rows = zip(*ranges, strict=True)
    return float(sum(all(map(_matches, row, map(_one, wanted))) for row in rows))


def _sum_if(where: Cells, wanted: Any, what: Cells | None = None) -> float:
    pairs = zip(where, where if what is None else what, strict=True)
    return sum(_number(v) for w, v in pairs if _matches(w, _one(wanted)) and not isinstance(v, str))


def _index(where: Cells, row: Any, column: Any = 1) -> Any:
    at = (int(_number(row)) - 1) * where.columns + int(_number(column)) - 1
    return where[at]


def _match(wanted: Any, where: Cells, kind: Any = 1) -> float:
    if _number(kind) != 0:
        raise Unknown("MATCH by order")
    return float(next(n for n, v in enumerate(where, 1) if _compare("=", v, _one(wanted))))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "SUM": lambda *v: sum(_numbers(v)),
    "MIN": lambda *v: min(_numbers(v), default=0.0),
    "MAX": lambda *v: max(_numbers(v), default=0.0),
    "ABS": lambda v: abs(_number(_one(v))),
    "ROUND": lambda v, n: _rounded(v, n, ROUND_HALF_UP),
    "ROUNDDOWN": lambda v, n: _rounded(v, n, ROUND_DOWN),
    "AND": lambda *v: all(_true(_one(x)) for x in v),
    "OR": lambda *v: any(_true(_one(x)) for x in v),
    "NOT": lambda v: not _true(_one(v)),
    "N": lambda v: _one(v) if isinstance(_one(v), (int, float)) else 0.0,
    "COUNT": lambda *v: float(len(_numbers(v))),
    "COUNTA": lambda *v: float(sum(x is not None for r in v for x in r)),
    "COUNTIF": _count_if,
    "COUNTIFS": _count_if,
    "SUMIF": _sum_if,
    "INDEX": _index,
    "MATCH": _match,
    "CHOOSE": lambda n, *v: v[int(_number(_one(n))) - 1],
    "WEEKDAY": lambda d, kind=1: float(
        ((int(_number(_one(d))) - 1) % 7 + 1)
        if _number(kind) == 1
        else ((int(_number(_one(d))) - 2) % 7 + 1)
    ),
}
