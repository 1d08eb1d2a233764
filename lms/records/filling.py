"""Putting rows into an empty database, and reading them back to compare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, Table, bindparam, inspect, text

from lms.records.form import (
    BATCH,
    BackupFault,
    Columns,
    Sums,
    TableLines,
    lightweight,
    sums_in,
    values_of,
)

Later = list[tuple[Table, str, list[dict[str, Any]]]]
"""Table, column and values that can only be set once the rows they point at exist."""


def fill(connection: Connection, parts: Iterable[TableLines]) -> None:
    """Insert every row; the tables are there and empty. Raises BackupFault.

    Tables come in the order of their foreign keys. A key that points at its own table or at a
    later one (a department's parent, a course's manifest) is set at the end.
    """
    later: Later = []
    done: set[str] = set()
    for part in parts:
        table = lightweight(part.name, part.columns)
        _check_columns(connection, part.name, part.columns)
        ahead = _keys_ahead(connection, part.name, done)
        postponed: dict[str, list[dict[str, Any]]] = {column: [] for column in ahead}
        for batch in _batches(part.lines, part.columns):
            for row in batch:
                for column in ahead:
                    if row[column] is not None:
                        postponed[column].append({"row_id": row["id"], "value": row[column]})
                        row[column] = None
            connection.execute(table.insert(), batch)
        later += [(table, column, values) for column, values in postponed.items() if values]
        done.add(part.name)
    for table, column, values in later:
        change = table.update().where(table.c.id == bindparam("row_id"))
        connection.execute(change.values({column: bindparam("value")}), values)
    if connection.dialect.name == "postgresql":
        for name in done:
            _reset_sequence(connection, name)
        # Or the first pages would be planned for empty tables, until PostgreSQL looks by itself.
        connection.execute(text(f"ANALYZE {', '.join(sorted(done))}"))


def read_back(connection: Connection, part: TableLines, promised: Sums) -> None:
    """Compare a table of the database with what was promised. Raises BackupFault."""
    if sums_in(connection, part.name, part.columns) != promised:
        raise BackupFault(f"The rows of {part.name} did not come back as they were.")


def _batches(lines: Iterator[bytes], columns: Columns) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for line in lines:
        batch.append(values_of(line, columns))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _check_columns(connection: Connection, name: str, columns: Columns) -> None:
    there = {column["name"] for column in inspect(connection).get_columns(name)}
    if there != {column for column, _ in columns}:
        raise BackupFault(f"The columns of {name} are not those of the backup's revision.")


def _keys_ahead(connection: Connection, name: str, done: set[str]) -> list[str]:
    return [
        key["constrained_columns"][0]
        for key in inspect(connection).get_foreign_keys(name)
        if key["referred_table"] not in done and len(key["constrained_columns"]) == 1
    ]


def _reset_sequence(connection: Connection, name: str) -> None:
    connection.execute(
        text(
            f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), "  # noqa: S608  # own names
            f"coalesce(max(id), 1), max(id) IS NOT NULL) FROM {name}"
        )
    )
