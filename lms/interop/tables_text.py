"""From the bytes somebody uploaded to lines and cells: encoding, separator, quotation marks.

A stray quotation mark must not swallow the rest of a file, and one line in another encoding must
not spoil the others, so everything here works line by line and gives damage back as a flag.
"""

import codecs
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from lms.interop.errors import UnreadableTable

T = TypeVar("T", str, bytes)

LARGEST: Final = 1_000_000
"""Bytes of an upload, or of a pasted list as UTF-8."""

MOST_LINES: Final = 50_000
"""Lines looked at, blank ones included."""

SEPARATORS: Final = (";", "\t", ",", "|")
_LINES_IN_A_CELL: Final = 5
_MOST_CELLS: Final = 100
"""Cells told apart in a line; the rest of the line stays together in the last."""
_NOT_TEXT: Final = (
    (b"PK\x03\x04", "table-is-workbook"),
    (b"\xd0\xcf\x11\xe0", "table-is-workbook"),
    (b"%PDF", "table-is-not-text"),
    (b"{\\rtf", "table-is-not-text"),
    (b"\x89PNG", "table-is-not-text"),
    (b"\xff\xd8\xff", "table-is-not-text"),
)
_EXPECTED: Final = re.compile("[ăâîșțşţĂÂÎȘȚŞŢ„”“«»éöüá°…\u00a0\u2013\u2019]")
_UNEXPECTED: Final = re.compile("[\x80-\x9f\ufffd]")


@dataclass(frozen=True)
class Line:
    """One physical line without its end; `damaged` where its bytes do not fit the encoding."""

    number: int
    text: str
    damaged: bool = False


@dataclass(frozen=True)
class Record:
    """One row of cells from `span` lines on; `quotes` where its quotation marks do not match."""

    number: int
    cells: tuple[str, ...]
    span: int = 1
    damaged: bool = False
    quotes: bool = False


def read_lines(data: bytes | str) -> tuple[list[Line], str]:
    """The lines and the encoding they were read in (`text` for text that needed none).

    UTF-8, UTF-16, Windows-1250 and ISO 8859-16 are told apart; the byte order mark goes. Raises
    `UnreadableTable`: `table-too-large`, `table-too-many-rows`, `table-is-workbook`,
    `table-is-not-text`.
    """
    size = len(data.encode("utf-8", "replace")) if isinstance(data, str) else len(data)
    if size > LARGEST:
        raise UnreadableTable("table-too-large", limit=LARGEST, size=size)
    if isinstance(data, str):
        return _numbered(data.removeprefix("\ufeff")), "text"
    for start, code in _NOT_TEXT:
        if data.startswith(start):
            raise UnreadableTable(code)
    wide = _utf_16(data)
    if wide is not None:
        return _numbered(data.decode(wide, "replace").removeprefix("\ufeff")), "utf-16"
    return _narrow(data.removeprefix(codecs.BOM_UTF8))


def find_separator(lines: Sequence[Line], weigh: Callable[[Sequence[str]], int]) -> str:
    """The separator under which the lines make most sense; empty where they are one column.

    `weigh` says how much the cells of a row look like what is expected. Among equals the one wins
    that cuts the lines into the same number of cells.
    """
    sample = [line.text for line in lines if line.text.strip()][:200]
    best, best_score = "", (sum(weigh([text]) for text in sample), 0.0, 1)
    for separator in SEPARATORS:
        rows = [split(text, separator).cells for text in sample]
        width, alike = Counter(len(row) for row in rows).most_common(1)[0] if rows else (1, 0)
        if max((len(row) for row in rows), default=1) == 1:
            continue
        score = (sum(weigh(row) for row in rows), alike / len(rows) if width > 1 else 0.0, width)
        if score > best_score:
            best, best_score = separator, score
    return best


def read_records(lines: Sequence[Line], separator: str) -> list[Record]:
    """The lines as rows of cells. A cell in quotation marks may hold up to five lines; marks that
    match nothing are read as characters and the row is flagged."""
    records: list[Record] = []
    at = 0
    while at < len(lines):
        record = _record(lines, at, separator)
        records.append(record)
        at += record.span
    return records


@dataclass
class Cut:
    """A text cut into cells. `closed`: every quotation mark has its other half; `tidy`: and
    nothing but a separator follows the closing one."""

    cells: list[str]
    closed: bool = True
    tidy: bool = True


def split(text: str, separator: str) -> Cut:
    """The cells of a line."""
    if '"' not in text:
        return Cut(_plain_cells(text, separator))
    cut = Cut([])
    rest: str | None = text
    while rest is not None:
        if len(cut.cells) >= _MOST_CELLS:
            cut.cells.append(rest)
            break
        rest = _cut_one(cut, rest, separator)
    return cut


def _cut_one(cut: Cut, text: str, separator: str) -> str | None:
    """Add the first cell of the text; what follows it, or None where that was the last."""
    bare = text.lstrip(" ")
    if not bare.startswith('"'):
        cell, found, rest = text.partition(separator) if separator else (text, "", "")
        cut.cells.append(cell)
        return rest if found else None
    end = bare.find('"', 1)
    while end >= 0 and bare[end + 1 : end + 2] == '"':
        end = bare.find('"', end + 2)
    inside = bare[1 : end if end >= 0 else None].replace('""', '"')
    if end < 0:
        cut.cells.append(inside)
        cut.closed = cut.tidy = False
        return None
    bare = bare[end + 1 :]
    after, found, rest = bare.partition(separator) if separator else (bare, "", "")
    cut.cells.append(inside + after)
    cut.tidy = cut.tidy and not after.strip()
    return rest if found else None


def _plain_cells(text: str, separator: str) -> list[str]:
    return text.split(separator, _MOST_CELLS) if separator else [text]


def _record(lines: Sequence[Line], at: int, separator: str) -> Record:
    first = lines[at]
    cut = split(first.text, separator)
    if cut.closed:
        return Record(first.number, tuple(cut.cells), 1, first.damaged)
    text, damaged = first.text, first.damaged
    for line in lines[at + 1 : at + _LINES_IN_A_CELL]:
        text += "\n" + line.text
        damaged = damaged or line.damaged
        cut = split(text, separator)
        # A mark that merely happens to stand in a later line closes nothing: were it taken for the
        # other half, two people would become one.
        if cut.closed and cut.tidy:
            span = line.number - first.number + 1
            return Record(first.number, tuple(cut.cells), span, damaged)
    return Record(
        first.number, tuple(_plain_cells(first.text, separator)), 1, first.damaged, quotes=True
    )


def _numbered(text: str) -> list[Line]:
    # Not splitlines(): that also cuts at characters which people paste within a cell.
    parts = _without_end(re.split(r"\r\n|\n|\r", text))
    return [Line(n, part, "\ufffd" in part) for n, part in enumerate(parts, 1)]


def _without_end(parts: list[T]) -> list[T]:
    if parts and not parts[-1]:
        parts.pop()
    if len(parts) > MOST_LINES:
        raise UnreadableTable("table-too-many-rows", limit=MOST_LINES, size=len(parts))
    return parts


def _utf_16(data: bytes) -> str | None:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    half = len(data) // 2
    if half and data[1::2].count(0) > half * 0.6:
        return "utf-16-le"
    if half and data[::2].count(0) > half * 0.6:
        return "utf-16-be"
    return None


def _narrow(data: bytes) -> tuple[list[Line], str]:
    """Lines of an encoding of bytes: UTF-8 if most lines with special letters are UTF-8."""
    raw = _without_end(re.split(rb"\r\n|\n|\r", data))
    read = [_as_utf_8(line) for line in raw]
    wrong = sum(1 for text in read if text is None)
    right = sum(1 for text in read if text is not None and not text.isascii())
    if wrong and wrong >= right:
        encoding = max(("cp1250", "iso8859-16"), key=lambda name: _likelihood(data, name))
        return _numbered("\n".join(line.decode(encoding, "replace") for line in raw)), encoding
    return [
        Line(n, raw[n - 1].decode("cp1250", "replace"), True)
        if text is None
        else Line(n, text, "\ufffd" in text)
        for n, text in enumerate(read, 1)
    ], "utf-8"


def _as_utf_8(line: bytes) -> str | None:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _likelihood(data: bytes, encoding: str) -> int:
    text = data.decode(encoding, "replace")
    return len(_EXPECTED.findall(text)) - 5 * len(_UNEXPECTED.findall(text))
