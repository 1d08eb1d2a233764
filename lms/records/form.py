"""A backup's file of rows: portable between SQLite and PostgreSQL, readable by people.

``rows.jsonl.gz`` holds, table after table, one line that names the table and its columns and then
one line per row. A row's line is also what its checksum is made of, so a database and a file can
be compared without loading either. Columns carry a tag, because a later release has other models::

    {"table": "lms_person", "columns": [["id", "int"], ["name", "text"], …]}
    [1, "Ana Pop", …]
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    cast,
    select,
)
from sqlalchemy.types import TypeEngine

from lms.faults import Fault
from lms.models import UtcDateTime

MANIFEST, ROWS = "manifest.json", "rows.jsonl.gz"
FORMAT, FORMAT_VERSION = "parcurs-backup", 1
BATCH = 1_000
"""Rows in memory at once."""


class BackupFault(Fault):
    """A backup or a restore cannot go on; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What is promised about one table."""

    rows: int
    sha256: str
    """Over all its lines, in the order of their ids."""


class Summing:
    """Counts lines and hashes them, without keeping any."""

    def __init__(self) -> None:
        self.rows = 0
        self._digest = hashlib.sha256()

    def add(self, line: bytes) -> None:
        self.rows += 1
        self._digest.update(line)

    def sums(self) -> Sums:
        return Sums(self.rows, self._digest.hexdigest())


@dataclass(frozen=True, slots=True)
class Kind:
    """One tag: which column it becomes, and how its values are written and read."""

    type: Callable[[], TypeEngine[Any]]
    write: Callable[[Any], Any] = lambda value: value
    read: Callable[[Any], Any] = lambda value: value


def _read_json(value: Any) -> Any:
    # A list of one, since "null" in a column is something else than nothing in it.
    return JSON.NULL if value[0] is None else value[0]


KINDS: dict[str, Kind] = {
    "int": Kind(BigInteger),
    "text": Kind(Text),
    "bool": Kind(Boolean),
    "float": Kind(Float),
    "day": Kind(Date, date.isoformat, date.fromisoformat),
    "moment": Kind(
        UtcDateTime,
        lambda value: value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        datetime.fromisoformat,
    ),
    "bytes": Kind(
        LargeBinary, lambda value: base64.b64encode(value).decode("ascii"), base64.b64decode
    ),
    "json": Kind(lambda: JSON(none_as_null=True), lambda text: [json.loads(text)], _read_json),
}


def tag_of(kind: TypeEngine[Any]) -> str:
    """The tag of a model's column. Raises TypeError for a type that backups do not know."""
    for tag, types in (
        ("moment", UtcDateTime),
        ("bool", Boolean),
        ("int", Integer),
        ("float", Float),
        ("text", String),
        ("day", Date),
        ("bytes", LargeBinary),
        ("json", JSON),
    ):
        if isinstance(kind, types):
            return tag
    raise TypeError(f"backups do not know columns of type {kind!r}")


Columns = list[tuple[str, str]]
"""Name and tag of each column, in order."""


def columns_of(table: Table) -> Columns:
    return [(column.name, tag_of(column.type)) for column in table.columns]


def lightweight(name: str, columns: Columns) -> Table:
    """A table as a backup describes it, whatever today's models say."""
    return Table(name, MetaData(), *(Column(c, KINDS[tag].type()) for c, tag in columns))


def lines_of(connection: Connection, name: str, columns: Columns) -> Iterator[bytes]:
    """The rows of a table as lines, by id."""
    table = lightweight(name, columns)
    read = [
        cast(table.c[column], Text) if tag == "json" else table.c[column] for column, tag in columns
    ]
    writers = [KINDS[tag].write for _, tag in columns]
    query = select(*read).order_by(table.c.id)
    for row in connection.execute(query, execution_options={"yield_per": BATCH}):
        yield _line(
            [
                None if value is None else write(value)
                for write, value in zip(writers, row, strict=True)
            ]
        )


def values_of(line: bytes, columns: Columns) -> dict[str, Any]:
    """A row's line back to values that can be stored."""
    found = json.loads(line)
    return {
        name: None if value is None else KINDS[tag].read(value)
        for (name, tag), value in zip(columns, found, strict=True)
    }


def sums_in(connection: Connection, name: str, columns: Columns) -> Sums:
    """What a table of a database adds up to."""
    summing = Summing()
    for line in lines_of(connection, name, columns):
        summing.add(line)
    return summing.sums()


def header(name: str, columns: Columns) -> bytes:
    return _line({"table": name, "columns": columns})


@dataclass(frozen=True, slots=True)
class TableLines:
    """A table on its way, from a file or from a database."""

    name: str
    columns: Columns
    lines: Iterator[bytes]

    def skip(self) -> None:
        """Pass over its lines."""
        for _ in self.lines:
            pass


def tables_in(path: Path) -> Iterator[TableLines]:
    """The tables of a file of rows. Each one's lines must be used up before the next is asked."""
    try:
        with gzip.open(path, "rb") as stream:
            line = stream.readline()
            while line:
                described = json.loads(line)
                rest = _Rows(stream)
                columns = [(name, tag) for name, tag in described["columns"]]
                yield TableLines(described["table"], columns, iter(rest))
                line = rest.next_header
    except (EOFError, OSError, ValueError, KeyError, TypeError) as error:
        raise BackupFault(f"{path} cannot be read as a backup: {error}") from None


class _Rows:
    """Lines up to the next table's header."""

    def __init__(self, stream: gzip.GzipFile) -> None:
        self._stream = stream
        self.next_header = b""

    def __iter__(self) -> Iterator[bytes]:
        for line in self._stream:
            if line.startswith(b"{"):
                self.next_header = line
                return
            yield line


def open_private(path: Path) -> IO[bytes]:
    """A new file that only its owner may read: it holds names and password hashes."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _line(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8") + b"\n"
