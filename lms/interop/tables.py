"""Tables written for spreadsheets: CSV that opens right in a Romanian Excel, typed XLSX.

Text is never a formula, however it begins: OWASP "CSV Injection", and Moodle needed a security
release (MSA-25-0055) for exactly this. Numbers, dates and yes/no stay what they are.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from lms.interop.errors import TooLarge

Cell = str | int | float | Decimal | bool | date | datetime | None
"""Times are written as they stand: convert them to the reader's zone first."""

FORMULA_STARTS: Final = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"
MOST_ROWS: Final = 1_048_575
"""Rows below the header that a sheet can hold."""

_LONGEST_CELL: Final = 32_767
_EXACT_DIGITS: Final = 15  # a spreadsheet's numbers are binary doubles
_SPACING: Final = re.compile(r"[\t\n\x0b\x0c\r\x85\u2028\u2029]+")
_UNSEEN: Final = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)
_SURROGATES: Final = re.compile(r"[\ud800-\udfff]")
# Opened with another separator than ours, a field would end at a comma within the text; what
# follows it must not begin a formula either.
_AFTER_COMMA: Final = re.compile(rf"(?<=,)(?=[\" ]*[{re.escape(FORMULA_STARTS)}])")
_FORBIDDEN_IN_NAMES: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]+")


PIECE = 32_000
"""Characters sent at once: a packet for every row would cost more than the row."""


def write_csv(rows: Iterable[Sequence[Cell]], *, decimal_mark: str = ",") -> Iterator[bytes]:
    """The rows as CSV, piece by piece, so that a long report streams.

    UTF-8 with a byte order mark, `;` between fields, CRLF between rows: what Excel expects under
    Romanian settings. Text that would be a formula begins with `'`;
    control characters are gone, line ends within a cell are spaces. Numbers take the decimal mark
    of the reader's language and no thousands; dates are 2018-06-12 and times 2018-06-12 14:30,
    which every locale reads as dates; yes is 1, no is 0.
    """
    yield b"\xef\xbb\xbf"
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    for row in rows:
        writer.writerow([_csv_cell(cell, decimal_mark) for cell in row])
        if buffer.tell() > PIECE:
            yield _emptied(buffer)
    yield _emptied(buffer)


def _emptied(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8")


def safe_text(text: str) -> str:
    """Text as one line for a spreadsheet, with `'` before anything that would begin a formula."""
    line = _AFTER_COMMA.sub("'", clean_text(text))
    return f"'{line}" if _begins_formula(text) else line


def clean_text(text: str) -> str:
    """Text as one line that every file format can hold."""
    return _SURROGATES.sub("\ufffd", _UNSEEN.sub("", _SPACING.sub(" ", text)))


def write_xlsx(sheet_name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """One sheet as XLSX: bold frozen header with filters, every cell of its own type.

    Rows are written as they come and not kept in memory. Text is always a text cell, never a
    formula, a link or a number; one that looks like a formula also keeps its leading mark hidden
    when somebody edits it. The same rows give the same bytes. Raises `TooLarge`
    (`table-too-long`, rows) past what a sheet can hold.
    """
    out = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        # Without it the file would carry the time of writing, and no two would be equal.
        book.set_properties({"created": datetime(1980, 1, 1, tzinfo=UTC)})
        sheet = _Sheet(book, sheet_name)
        sheet.write_header(header)
        for row in rows:
            sheet.write_row(row)
        sheet.finish()
    return out.getvalue()


class _Sheet:
    """One worksheet being filled from the top, with the widths its columns will want."""

    def __init__(self, book: xlsxwriter.Workbook, name: str) -> None:
        self.sheet: Worksheet = book.add_worksheet(_sheet_name(name))
        self.bold: Format = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self.day: Format = book.add_format({"num_format": "dd.mm.yyyy", "align": "left"})
        self.time: Format = book.add_format({"num_format": "dd.mm.yyyy hh:mm", "align": "left"})
        self.quoted: Format = book.add_format({"quote_prefix": True})
        self.row = 0
        self.widths: list[int] = []

    def write_header(self, header: Sequence[str]) -> None:
        for column, title in enumerate(header):
            self._text(column, title, self.bold)
        self.columns = len(header)
        self.sheet.freeze_panes(1, 0)

    def write_row(self, row: Sequence[Cell]) -> None:
        self.row += 1
        if self.row > MOST_ROWS:
            raise TooLarge("table-too-long", limit=MOST_ROWS, size=self.row)
        for column, cell in enumerate(row):
            self._cell(column, cell)

    def finish(self) -> None:
        if self.columns:
            self.sheet.autofilter(0, 0, self.row, self.columns - 1)
        for column, width in enumerate(self.widths):
            self.sheet.set_column(column, column, min(max(width + 3, 8), 60))

    def _cell(self, column: int, cell: Cell) -> None:
        if cell is None:
            return
        if isinstance(cell, str):
            self._text(column, cell, self.quoted if _begins_formula(cell) else None)
        elif isinstance(cell, bool):
            self.sheet.write_boolean(self.row, column, cell)
        elif isinstance(cell, date):
            self._date(column, cell)
        elif _is_exact(cell):
            self.sheet.write_number(self.row, column, float(cell))
            self._widen(column, len(str(cell)))
        else:
            self._text(column, str(cell), None)

    def _text(self, column: int, text: str, style: Format | None) -> None:
        clean = clean_text(text)
        if len(clean) > _LONGEST_CELL:
            clean = clean[: _LONGEST_CELL - 1] + "…"
        if clean:
            self.sheet.write_string(self.row, column, clean, style)
        self._widen(column, len(clean))

    def _date(self, column: int, cell: date) -> None:
        if cell.year < 1900:  # before the calendar of spreadsheets
            self._text(column, cell.isoformat(), None)
            return
        moment = cell.replace(tzinfo=None) if isinstance(cell, datetime) else cell
        style = self.time if isinstance(cell, datetime) else self.day
        self.sheet.write_datetime(self.row, column, moment, style)
        self._widen(column, 16 if isinstance(cell, datetime) else 10)

    def _widen(self, column: int, width: int) -> None:
        self.widths += [0] * (column + 1 - len(self.widths))
        self.widths[column] = max(self.widths[column], width)


def _begins_formula(text: str) -> bool:
    first = clean_text(text).lstrip()[:1]
    return bool(text) and (text[0] in FORMULA_STARTS or (first != "" and first in FORMULA_STARTS))


def _csv_cell(cell: Cell, decimal_mark: str) -> str:
    match cell:
        case None:
            return ""
        case str():
            return safe_text(cell)
        case bool():
            return str(int(cell))
        case datetime():
            return cell.replace(tzinfo=None).isoformat(" ", "minutes")
        case date():
            return cell.isoformat()
    exact = Decimal(repr(cell)) if isinstance(cell, float) else Decimal(cell)
    return format(exact, "f").replace(".", decimal_mark) if exact.is_finite() else str(cell)


def _is_exact(number: int | float | Decimal) -> bool:
    exact = Decimal(repr(number)) if isinstance(number, float) else Decimal(number)
    if not exact.is_finite():
        return False
    return isinstance(number, float) or len(exact.normalize().as_tuple().digits) <= _EXACT_DIGITS


def _sheet_name(name: str) -> str:
    clean = _FORBIDDEN_IN_NAMES.sub(" ", clean_text(name)).strip(" '")[:31].strip(" '")
    return clean if clean and clean.lower() != "history" else "Date"
