"""A database with rows in every table: the demonstration, and a row wherever it leaves none.

A new table comes in by itself; where a made-up row does not fit its constraints, the demonstration
should have a real one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    func,
    inspect,
    select,
)
from sqlalchemy.types import TypeEngine

from lms.demo import preparing
from lms.models import Base
from lms.records.form import Columns, Sums, sums_in
from lms.settings import Settings
from lms.upgrade import VERSION_TABLE, open_engine

MOMENT = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
MADE_UP: list[tuple[type[TypeEngine[Any]], Any]] = [
    (Boolean, False),
    (Integer, 1),
    (BigInteger, 1),
    (Float, 0.5),
    (DateTime, MOMENT),
    (Date, date(2026, 3, 9)),
    (LargeBinary, b"\x00\xff"),
    (JSON, {"ț": [1, None]}),
]
TAGS: list[tuple[type[TypeEngine[Any]], str]] = [
    (Boolean, "bool"),
    (Integer, "int"),
    (Float, "float"),
    (DateTime, "moment"),
    (Date, "day"),
    (LargeBinary, "bytes"),
    (JSON, "json"),
    (String, "text"),
]


@pytest.fixture(scope="session")
def populated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A SQLite database at the newest revision with rows in every table; to be read only."""
    folder = tmp_path_factory.mktemp("populated")
    show = preparing.prepare(Path(folder), password="o parolă", port=None, database_url=None)
    engine = open_engine(show.settings)
    with engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            if not connection.scalar(select(func.count()).select_from(table)):
                connection.execute(table.insert().values(_row(connection, table)))
    engine.dispose()
    return Settings(database_url=show.settings.database_url)


def _row(connection: Connection, table: Table) -> dict[str, Any]:
    return {
        column.name: _value(connection, column)
        for column in table.columns
        if not column.nullable and not column.primary_key
    }


def _value(connection: Connection, column: Column[Any]) -> Any:
    for key in column.foreign_keys:
        return connection.scalar(select(func.min(key.column)))
    if isinstance(column.type, String):
        for check in column.table.constraints:
            if isinstance(check, CheckConstraint):
                allowed = re.search(rf"\b{column.name} IN \('([^']*)'", str(check.sqltext))
                if allowed:
                    return allowed[1]
        return "x" * min(column.type.length or 8, 8)
    kind = getattr(column.type, "impl_instance", column.type)
    return next(value for type_, value in MADE_UP if isinstance(kind, type_))


def described(connection: Connection) -> dict[str, Columns]:
    """Our tables as they are at this revision, whatever today's models say."""
    inspector = inspect(connection)
    names = [name for name in inspector.get_table_names() if name.startswith("lms_")]
    return {
        name: [(c["name"], _tag(c["type"])) for c in inspector.get_columns(name)]
        for name in sorted(names)
        if name != VERSION_TABLE
    }


def _tag(kind: TypeEngine[Any]) -> str:
    return next(tag for type_, tag in TAGS if isinstance(kind, type_))


def sums(connection: Connection) -> dict[str, Sums]:
    """Rows and checksum of every table of ours at this revision."""
    found = {}
    for name, columns in described(connection).items():
        # A table that was rebuilt may have its columns in another order.
        found[name] = sums_in(connection, name, sorted(columns))
    return found
