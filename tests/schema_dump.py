"""A database's tables as dumped by the database itself, in an order that compares.

Alembic does not compare CHECK constraints; this does.
"""

from __future__ import annotations

import re

from sqlalchemy import Connection, text

VERSION_TABLE = "lms_alembic_version"


def dumped(connection: Connection) -> dict[str, list[str]]:
    """Table or index name → its definitions, sorted: the order of columns does not matter."""
    if connection.dialect.name == "sqlite":
        return _sqlite(connection)
    return _postgresql(connection)


def _sqlite(connection: Connection) -> dict[str, list[str]]:
    rows = connection.execute(
        text(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name LIKE '%lms\\_%' ESCAPE '\\'"
        )
    )
    return {name: _clauses(sql) for name, sql in rows if name != VERSION_TABLE}


def _clauses(sql: str) -> list[str]:
    """``CREATE TABLE x (a, b)`` → [``CREATE TABLE x``, ``a``, ``b``] with plain spaces."""
    sql = re.sub(r"\s+", " ", sql).replace('"', "")
    head, _, body = sql.partition("(")
    parts, depth, start = [], 0, 0
    body = body.rpartition(")")[0]
    for place, character in enumerate(body):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append(body[start:place].strip())
            start = place + 1
    parts.append(body[start:].strip())
    return [head.strip(), *sorted(parts)]


def _postgresql(connection: Connection) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for table, line in connection.execute(text(POSTGRESQL)):
        if table != VERSION_TABLE:
            found.setdefault(table, []).append(line)
    return {table: sorted(lines) for table, lines in found.items()}


POSTGRESQL = """
SELECT table_name, column_name || ' ' || data_type || ' ' || coalesce(character_maximum_length, 0)
       || ' ' || is_nullable || ' ' || coalesce(column_default, '')
  FROM information_schema.columns
 WHERE table_schema = current_schema() AND table_name LIKE 'lms\\_%'
UNION ALL
SELECT c.conrelid::regclass::text, c.conname || ' ' || pg_get_constraintdef(c.oid)
  FROM pg_constraint c WHERE c.conrelid::regclass::text LIKE 'lms\\_%' AND c.contype <> 'n'
UNION ALL
SELECT tablename, indexdef FROM pg_indexes
 WHERE schemaname = current_schema() AND tablename LIKE 'lms\\_%'
"""
