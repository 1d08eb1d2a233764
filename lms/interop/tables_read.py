"""A list of people, pasted or uploaded, read without losing a line.

Whatever arrives, every line ends in exactly one place: a row (ready, or with the codes of what is
wrong), the header, skipped, or blank. Nothing sensitive passes: see `tables_people`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from lms.domain.text import is_clean, mixes_scripts, normalise
from lms.interop.errors import UnreadableTable
from lms.interop.tables_people import (
    DEPARTMENTS,
    Field,
    field_by_content,
    field_of,
    is_email,
    is_sensitive_title,
    is_staff_number,
    without_cnp,
)
from lms.interop.tables_rows import PeopleTable, PersonRow
from lms.interop.tables_text import Line, Record, find_separator, read_lines, read_records

__all__ = ["LONGEST_NAME", "MOST_ROWS", "PeopleTable", "PersonRow", "read_people"]

MOST_ROWS: Final = 10_000
LONGEST_NAME: Final = 200

_HEADER_WITHIN: Final = 10
_SAYS_SOMETHING: Final = re.compile(r"[^\W_]")
_CELL_READ: Final = 2_000
_SEPARATOR_LINE: Final = re.compile(r'"?sep=([;,\t|])"?', re.IGNORECASE)
_BRACKETS: Final = re.compile(r"<([^<>]*)>")
_TRIM: Final = " \t,;'\"„”“\u2019()[]<>"


@dataclass
class _Columns:
    """What each column is, decided once for the table."""

    fields: dict[int, Field] = field(default_factory=dict)
    sensitive: set[int] = field(default_factory=set)
    titles: dict[int, str] = field(default_factory=dict)
    width: int = 0


def read_people(data: bytes | str) -> PeopleTable:
    """Read a list of people: CSV of any separator and encoding, cells pasted from a spreadsheet,
    `Name <address>` lines pasted from mail, or a bare list of addresses.

    Columns are found by Romanian or English titles, else by content. Raises only
    `UnreadableTable`, with one of the codes `table-empty`, `table-too-large` (bytes),
    `table-too-many-rows`, `table-is-workbook`, `table-is-not-text`, `table-no-columns`.
    """
    lines, encoding = read_lines(data)
    filled = [line for line in lines if not _is_blank(line.text)]
    if not filled:
        raise UnreadableTable("table-empty")
    if len(filled) > MOST_ROWS + _HEADER_WITHIN:
        raise UnreadableTable("table-too-many-rows", limit=MOST_ROWS, size=len(filled))
    table = _from_mail(lines, filled) or _from_columns(lines, filled)
    if len(table.rows) > MOST_ROWS:
        raise UnreadableTable("table-too-many-rows", limit=MOST_ROWS, size=len(table.rows))
    return replace(
        table,
        rows=_with_duplicates(table.rows),
        encoding=encoding,
        lines=len(lines),
    )


def _from_columns(lines: Sequence[Line], filled: Sequence[Line]) -> PeopleTable:
    skipped: list[int] = []
    body = list(lines)
    declared = _SEPARATOR_LINE.fullmatch(filled[0].text.strip())
    if declared:  # Excel's own hint, which it does not show
        skipped.append(filled[0].number)
        body = body[: filled[0].number - 1] + body[filled[0].number :]
    separator = declared[1] if declared else find_separator(body, _weight)
    records: list[Record] = []
    blank: list[int] = []
    for record in read_records(body, separator):
        if all(map(_is_blank, record.cells)):
            blank += _lines_of(record)
        else:
            records.append(record)
    if not records:
        raise UnreadableTable("table-empty")
    header_at = _header(records)
    header = records[header_at] if header_at is not None else None
    rest = records[header_at + 1 :] if header_at is not None else records
    skipped += [n for r in records[: header_at or 0] for n in _lines_of(r)]
    columns = _by_titles(header) if header else _by_content(rest)
    if not {"name", "family", "given", "email", "staff"} & set(columns.fields.values()):
        raise UnreadableTable("table-no-columns")
    again = [r for r in rest if header and _keys(r) == _keys(header)]
    skipped += [n for r in again for n in _lines_of(r)]
    if header:
        skipped += _lines_of(header)[1:]
    repeated = {r.number for r in again}
    return PeopleTable(
        rows=tuple(_person(r, columns) for r in rest if r.number not in repeated),
        encoding="",
        separator=separator,
        header_line=header.number if header else None,
        used=tuple((columns.titles[n], kind) for n, kind in sorted(columns.fields.items())),
        dropped=tuple(columns.titles[n] for n in sorted(columns.sensitive)),
        ignored=tuple(
            title
            for n, title in sorted(columns.titles.items())
            if title and n not in columns.fields and n not in columns.sensitive
        ),
        skipped=tuple(sorted(skipped)),
        blank=tuple(blank),
    )


def _weight(cells: Sequence[str]) -> int:
    """How much a row cut in this way looks like people: titles count most, then addresses."""
    titles = sum(1 for c in cells if len(c) < 80 and (field_of(c) or is_sensitive_title(c)))
    clean = [cell.strip() for cell in cells]
    return 5 * titles + sum(1 for cell in clean if "@" in cell and is_email(cell))


def _header(records: Sequence[Record]) -> int | None:
    """Which of the first rows is the header: the one with most known titles, none an address."""
    best: tuple[int, int] | None = None
    for at, record in enumerate(records[:_HEADER_WITHIN]):
        cells = [cell for cell in record.cells if not _is_blank(cell)]
        if any("@" in cell or len(cell) > 80 for cell in cells):
            continue
        known = sum(1 for cell in cells if field_of(cell) or is_sensitive_title(cell))
        if known * 3 >= len(cells) and known and (best is None or known > best[0]):
            best = (known, at)
    return best[1] if best else None


def _by_titles(header: Record) -> _Columns:
    columns = _Columns(width=len(header.cells))
    for n, cell in enumerate(header.cells):
        columns.titles[n] = without_cnp(_shown(cell))[0][:80]
        found = field_of(cell)
        if is_sensitive_title(cell):
            columns.sensitive.add(n)
        elif found and found not in columns.fields.values():
            columns.fields[n] = found
    if "given" not in columns.fields.values():
        for n, found in list(columns.fields.items()):
            if found == "family":  # "Nume" alone is the whole name
                columns.fields[n] = "name"
    return columns


def _by_content(records: Sequence[Record]) -> _Columns:
    columns = _Columns(width=max(len(record.cells) for record in records))
    for n in range(columns.width):
        columns.titles[n] = f"#{n + 1}"
        values = [_shown(r.cells[n]) for r in records if n < len(r.cells)]
        values = [without_cnp(value)[0] for value in values]
        found = field_by_content(values)
        if found == "sensitive":
            columns.sensitive.add(n)
        elif found and found not in columns.fields.values():
            columns.fields[n] = found
        elif found is None and _is_one_word_each(values):
            columns.fields[n] = "family" if "family" not in columns.fields.values() else "given"
    kinds = list(columns.fields.values())
    if "name" in kinds or kinds.count("family") + kinds.count("given") != 2:
        columns.fields = {
            n: kind for n, kind in columns.fields.items() if kind not in ("family", "given")
        }
    return columns


def _is_one_word_each(values: Sequence[str]) -> bool:
    filled = [value for value in values if value]
    words = sum(1 for v in filled if v.replace("-", "").isalpha() and v[0].isupper())
    return len(filled) > 0 and words * 2 > len(filled)


def _person(record: Record, columns: _Columns) -> PersonRow:
    problems: list[str] = []
    notices: list[str] = []
    cells: dict[Field, str] = {}
    if record.quotes:
        problems.append("quotes")
    if any(not _is_blank(cell) for cell in record.cells[columns.width :]):
        problems.append("too-many-cells")
    damaged = record.damaged
    for n, kind in columns.fields.items():
        cell = record.cells[n] if n < len(record.cells) else ""
        damaged = damaged or not is_clean(cell) or "\ufffd" in cell
        value, removed = without_cnp(_shown(cell))
        if removed:
            notices.append("personal-code-removed")
        cells[kind] = value if any(c.isalnum() for c in value) else ""
    if damaged:
        problems.append("damaged-text")
    # In the order of the file where there are no titles, given name first where there are.
    name = cells.get("name") or _joined(cells, columns)
    departments = tuple(cells[kind] for kind in DEPARTMENTS if cells.get(kind))
    row = PersonRow(
        record.number, span=record.span, departments=departments, notices=tuple(notices)
    )
    return _judged(row, name, cells.get("email", ""), cells.get("staff", ""), problems)


def _joined(cells: dict[Field, str], columns: _Columns) -> str:
    titled = any(not title.startswith("#") for title in columns.titles.values())
    order: tuple[Field, Field] = ("given", "family") if titled else ("family", "given")
    return " ".join(cells[kind] for kind in order if cells.get(kind))


def _judged(row: PersonRow, name: str, email: str, staff: str, problems: list[str]) -> PersonRow:
    """The row with its values checked; what cannot be used stays out and is named."""
    bracketed = _BRACKETS.search(email)
    if bracketed and bracketed.end() == len(email):
        name, email = name or _person_name(email[: bracketed.start()]), bracketed[1]
    email = email.removeprefix("mailto:").strip(_TRIM).lower()
    staff = re.sub(r"(?<=\d)\.0\Z", "", staff)  # a number that went through a spreadsheet
    if email and not is_email(email):
        problems.append("bad-email")
    if staff and not is_staff_number(staff):
        problems.append("bad-staff-number")
    if not any(c.isalpha() for c in name) or "@" in name:
        problems.append("no-name")
    if not email and not staff:
        problems.append("no-account")
    if "?" in name and "damaged-text" not in problems:
        problems.append("damaged-text")  # what is left of ș and ț after a save as "ANSI"
    if max(map(len, (name, *row.departments))) > LONGEST_NAME:
        problems.append("too-long")
    notices = [*row.notices, *(["mixed-scripts"] if mixes_scripts(name) else [])]
    departments = tuple(part[:LONGEST_NAME] for part in row.departments)
    return replace(
        row,
        name=name[:LONGEST_NAME],
        email=email[:254],
        # Shown so that it can be mended, but never thirteen digits: a mistyped personal code.
        staff_number="" if sum(c.isdigit() for c in staff) > 12 else staff[:40],
        department=departments[-1] if departments else "",
        departments=departments,
        problems=tuple(problems),
        notices=tuple(dict.fromkeys(notices)),
    )


def _from_mail(lines: Sequence[Line], filled: Sequence[Line]) -> PeopleTable | None:
    """The list as addresses pasted from a mail program; None where most lines are not that."""
    looks = sum(1 for line in filled if _has_address(line.text) or _only_mail(line.text))
    titles = [cell for cell in re.split(r"[;,\t|]", filled[0].text) if field_of(cell[:80])]
    if looks * 2 <= len(filled) or titles:
        return None
    known = {line.number for line in filled}
    return PeopleTable(
        rows=tuple(row for line in filled for row in _mail_line(line)),
        encoding="",
        separator="",
        header_line=None,
        used=(("#1", "name"), ("#1", "email")),
        blank=tuple(line.number for line in lines if line.number not in known),
    )


def _has_address(text: str) -> bool:
    return any("@" in found for found in _BRACKETS.findall(text))


def _only_mail(text: str) -> bool:
    tokens = [token for token in re.split(r"[\s,;]+", text) if token]
    return bool(tokens) and all(is_email(token.strip(_TRIM)) for token in tokens)


def _mail_line(line: Line) -> list[PersonRow]:
    """The people of one line: `Name <address>` any number of times, and bare addresses."""
    text, removed = without_cnp(normalise(line.text.replace("\ufffd", "?")))
    base = PersonRow(line.number, notices=("personal-code-removed",) if removed else ())
    bad = ["damaged-text"] if line.damaged or not is_clean(line.text) else []
    pairs: list[tuple[str, str]] = []
    loose: list[str] = []
    end = 0
    for found in _BRACKETS.finditer(text):
        if "@" in found[1]:
            *before, name = text[end : found.start()].split(";")
            loose += " ".join(before).split()
            pairs.append((_person_name(name), found[1].strip()))
            end = found.end()
    loose += text[end:].split()
    loose = [token for part in loose for token in re.split(r"[;,]", part) if token]
    bare = [token.strip(_TRIM) for token in loose if "@" in token]
    words = _person_name(" ".join(token for token in loose if "@" not in token))
    if len(bare) == 1 and not pairs:
        pairs, words = [(words, bare[0])], ""
    else:
        pairs += [("", address) for address in bare]
    if words or not pairs:  # words that belong to nobody are shown, not dropped
        pairs.append((words, ""))
    return [_judged(base, name, address, "", list(bad)) for name, address in pairs]


def _person_name(text: str) -> str:
    """A name as mail programs write it: out of its quotation marks, `Popescu, Ion` turned round."""
    name = normalise(text).strip(_TRIM)
    family, comma, given = name.partition(", ")
    return f"{given} {family}" if comma and "," not in given and len(name.split()) < 6 else name


def _with_duplicates(rows: Sequence[PersonRow]) -> tuple[PersonRow, ...]:
    first: dict[tuple[str, str], int] = {}
    result: list[PersonRow] = []
    for row in rows:
        marked = row
        for code, value in (("email", row.email), ("staff-number", row.staff_number.lower())):
            line = first.setdefault((code, value), row.line) if value else None
            if line is not None and (line != row.line or _taken(result, code, value, line)):
                problems = (*marked.problems, f"duplicate-{code}")
                marked = replace(marked, problems=problems, duplicate_of=line)
        result.append(marked)
    return tuple(result)


def _taken(rows: Sequence[PersonRow], code: str, value: str, line: int) -> bool:
    """Whether an earlier person of the same line (a pasted row of addresses) has the value."""
    same = [row for row in reversed(rows[-100:]) if row.line == line]
    return any(
        (row.email if code == "email" else row.staff_number.lower()) == value for row in same
    )


def _lines_of(record: Record) -> range:
    return range(record.number, record.number + record.span)


def _keys(record: Record) -> list[str]:
    return [cell.strip() for cell in record.cells]


def _shown(text: str) -> str:
    """A cell as one clean line; of a cell nobody could mean, its beginning."""
    return normalise(text.strip()[:_CELL_READ].replace("\ufffd", "?"))


def _is_blank(text: str) -> bool:
    return not _shown(text) and not _SAYS_SOMETHING.search(text)
