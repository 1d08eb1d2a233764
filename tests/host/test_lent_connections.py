"""``flask lms …`` reaches the host's database as the host does, and leaves its connections alone."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.orm import Session

import lms
from host.mounting import PREFIX, arrive, enter
from host.townhall import db, describe, fill, make_app
from lms.models import Person
from lms.models.lending import ADDRESS, borrow, lender, lent
from lms.settings import Settings
from lms.upgrade import DatabaseFault, heads, migrating, open_engine


def make(own: dict[str, Any], folder: Path) -> Flask:
    """The intranet; Parcurs in a bind with these options, without a table yet."""
    host = f"sqlite:///{folder / 'intranet.db'}"
    app = make_app(host, SQLALCHEMY_BINDS={"formare": own})
    app.testing = True
    lms.LMS(app, db=db, bind_key="formare", url_prefix=PREFIX, identify=describe)
    fill(app)
    return app


def run(app: Flask, *words: str) -> str:
    done = app.test_cli_runner().invoke(args=["lms", *words])
    assert done.exit_code == 0, (done.output, done.exception)
    return str(done.output)


def walk(app: Flask, folder: Path) -> None:
    """Every command, and a visit between them: all mean one database."""
    assert heads()[0] in run(app, "upgrade")
    run(app, "person", "add", "Alt Administrator", "--subject", "host:2", "--admin")
    assert arrive(enter(app, "ana")).status_code == 200
    assert "Ana Ionescu" in run(app, "person", "list")
    run(app, "backup", "--to", str(folder / "backups"))
    assert "up to date" in run(app, "upgrade")
    with Session(app.extensions["lms"].session.engine) as session:
        found = set(session.scalars(select(Person.name)))
    assert found == {"Ana Ionescu", "Alt Administrator"}
    assert lender() is None
    assert "LMS_DATABASE_URL" not in os.environ


@pytest.fixture(autouse=True)
def no_address_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LMS_DATABASE_URL", raising=False)


def test_a_connection_that_only_the_host_can_open(tmp_path: Path) -> None:
    """Its address alone leads elsewhere, as with passwords that a host fetches for each one."""
    real, elsewhere = tmp_path / "real.db", tmp_path / "elsewhere.db"
    opened = []

    def open_it() -> sqlite3.Connection:
        opened.append(real)
        return sqlite3.connect(real, check_same_thread=False)

    app = make({"url": f"sqlite:///{elsewhere}", "creator": open_it}, tmp_path)
    walk(app, tmp_path)
    assert opened
    assert not elsewhere.exists()
    app.extensions["lms"].session.engine.dispose()


def test_connect_args_hold_on_postgresql(postgresql_url: str, tmp_path: Path) -> None:
    """A schema of its own, by the connection's options: nothing lands in the public one."""
    there = postgresql_url.replace("postgresql://", "postgresql+psycopg://")
    plain = create_engine(there)
    with plain.begin() as connection:
        connection.execute(text("CREATE SCHEMA formare"))
    options = {"url": there, "connect_args": {"options": "-c search_path=formare"}}
    app = make(options, tmp_path)
    walk(app, tmp_path)
    engine = app.extensions["lms"].session.engine
    with lent(engine), migrating(Settings(database_url=ADDRESS)) as connection:
        # Requests wait for seconds; an upgrade waits for another server's.
        assert connection.execute(text("SHOW lock_timeout")).scalar() == "0"
    with engine.connect() as connection:
        assert connection.execute(text("SHOW lock_timeout")).scalar() == "5s"
    assert inspect(plain).get_table_names(schema="public") == []
    assert "lms_person" in inspect(plain).get_table_names(schema="formare")
    plain.dispose()
    engine.dispose()


def test_a_database_in_memory_is_the_one_that_commands_fill(tmp_path: Path) -> None:
    app = make({"url": "sqlite://"}, tmp_path)
    walk(app, tmp_path)
    with app.extensions["lms"].session.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_only_the_database_that_is_meant_is_lent(tmp_path: Path) -> None:
    """A backup is proved in a scratch database: written into the host's it would ruin records."""
    host = create_engine("sqlite://")
    scratch = Settings(database_url=f"sqlite:///{tmp_path / 'scratch.db'}")
    with lent(host):
        assert lender() is host
        opened = open_engine(scratch)
        with opened.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE proof (id INTEGER)")
    opened.dispose()
    assert inspect(host).get_table_names() == []
    assert lender() is None
    with pytest.raises(DatabaseFault, match="no database address"):
        open_engine(Settings(database_url=ADDRESS))
    host.dispose()


def test_nothing_set_for_a_command_comes_back_to_the_host(tmp_path: Path) -> None:
    host = create_engine(f"sqlite:///{tmp_path / 'host.db'}")
    with host.connect() as connection:
        before = connection.connection.dbapi_connection
    borrowed = borrow(host)
    with borrowed.connect() as connection:
        assert connection.connection.dbapi_connection is before, "the pool's own, taken out"
        connection.exec_driver_sql("PRAGMA busy_timeout = 7")
    borrowed.dispose()
    with host.connect() as connection:
        assert connection.connection.dbapi_connection is not before
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 5000
    host.dispose()
