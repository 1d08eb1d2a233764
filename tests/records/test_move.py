"""A move brings every row to another kind of database, or nothing at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from records_odd import LATER, NOW, add_everything_odd, every_row, person
from records_odd import engine as engine
from records_odd import settings as settings
from sqlalchemy import Engine, create_engine, inspect, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from lms.models import Person, SignIn
from lms.models.engine import begin_write
from lms.records import moving
from lms.records.form import BackupFault
from lms.records.moving import MoveFault, move
from lms.settings import Settings
from lms.upgrade import DatabaseFault, lag, open_engine, upgrade

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def test_every_row_arrives_and_the_source_stays(
    settings: Settings, engine: Engine, other_database: str
) -> None:
    add_everything_odd(engine)
    before = every_row(engine)
    engine.dispose()
    moved = move(settings, other_database, NOW)
    assert moved.tables == before
    assert moved.rows >= 8
    assert {moved.source, moved.target} == {"SQLite", "PostgreSQL"}
    assert every_row(engine) == before, "the source is only read"
    opened = open_engine(Settings(database_url=other_database))
    assert every_row(opened) == before
    assert lag(opened) is None
    with Session(opened) as session:
        assert session.scalars(select(SignIn.revoked_at)).all() == [None], "nobody is signed out"
        begin_write(session)
        session.add(person("Nou"))  # new ids start behind the moved ones
        session.commit()
    opened.dispose()


def test_there_and_back_again(
    settings: Settings, engine: Engine, other_database: str, tmp_path: Path
) -> None:
    add_everything_odd(engine)
    before = every_row(engine)
    engine.dispose()
    move(settings, other_database, NOW)
    back = f"sqlite:///{tmp_path / 'back.db'}"
    move(Settings(database_url=other_database), back, NOW)
    opened = open_engine(Settings(database_url=back))
    assert every_row(opened) == before
    opened.dispose()


def test_a_target_with_records_is_left_alone(
    settings: Settings, engine: Engine, other_database: str
) -> None:
    target = Settings(database_url=other_database)
    upgrade(target)
    opened = open_engine(target)
    with Session(opened) as session:
        begin_write(session)
        session.add(person("Aici de mult"))
        session.commit()
    before = every_row(opened)
    opened.dispose()
    engine.dispose()
    with pytest.raises(MoveFault, match="holds records already"):
        move(settings, other_database, NOW)
    assert every_row(opened) == before
    opened.dispose()


def test_a_target_with_empty_tables_will_do(
    settings: Settings, engine: Engine, other_database: str
) -> None:
    """Somebody may have run ``lms upgrade`` on it first."""
    upgrade(Settings(database_url=other_database))
    add_everything_odd(engine)
    before = every_row(engine)
    engine.dispose()
    assert move(settings, other_database, NOW).tables == before


def test_no_move_while_the_service_is_at_work(
    settings: Settings, engine: Engine, other_database: str
) -> None:
    """Also one that only waits for its next request: its connections are open."""
    with engine.connect() as waiting:
        waiting.execute(select(Person.id)).all()
        waiting.rollback()
        with pytest.raises(MoveFault, match="stop it"):
            move(settings, other_database, NOW)
    engine.dispose()
    move(settings, other_database, NOW)


def test_nobody_writes_to_the_source_meanwhile(
    settings: Settings,
    engine: Engine,
    other_database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine.dispose()
    tried: list[str] = []
    whole = moving.fill

    def write_late() -> None:
        late = open_engine(settings)
        try:
            with Session(late) as session:
                if late.dialect.name == "postgresql":
                    session.execute(text("SET lock_timeout = '50ms'"))
                begin_write(session)
                session.add(person("Prea târziu"))
                session.commit()
        finally:
            late.dispose()

    def fill_slowly(*arguments: object) -> None:
        with pytest.raises(OperationalError, match=r"locked|lock timeout"):
            write_late()
        tried.append("once")
        whole(*arguments)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(moving, "fill", fill_slowly)
    monkeypatch.setattr("lms.models.engine.BUSY_SECONDS", 0)
    move(settings, other_database, NOW)
    assert tried == ["once"]


def test_reading_back_may_take_longer_than_a_server_may_stand_still(
    tmp_path: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL ends silent transactions of ours, but not the one that keeps writers out."""
    monkeypatch.setattr("lms.models.engine.IDLE_SECONDS", 1)
    source = Settings(database_url=postgresql_url)
    upgrade(source)
    opened = open_engine(source)
    add_everything_odd(opened)
    before = every_row(opened)
    opened.dispose()
    whole, waited = moving.read_back, list[str]()

    def slow(*arguments: object) -> None:
        if not waited:
            waited.append("once")
            time.sleep(2)
        whole(*arguments)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(moving, "read_back", slow)
    assert move(source, f"sqlite:///{tmp_path / 'new.db'}", NOW).tables == before


def test_a_file_of_a_host_application_is_not_replaced(tmp_path: Path) -> None:
    """A file has one place: building ours there would take the host's tables out of it."""
    source = Settings(database_url=f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(source)
    theirs = create_engine(f"sqlite:///{tmp_path / 'intranet.db'}")
    with theirs.begin() as connection:
        connection.execute(text("CREATE TABLE users (name TEXT)"))
        connection.execute(text("INSERT INTO users VALUES ('Ana')"))
    with pytest.raises(BackupFault, match=r"another application \(users\)"):
        move(source, str(theirs.url), NOW)
    with theirs.connect() as connection:
        assert connection.scalar(text("SELECT name FROM users")) == "Ana"
    theirs.dispose()


def test_a_row_that_does_not_arrive_as_it_was_undoes_everything(
    settings: Settings,
    engine: Engine,
    other_database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_everything_odd(engine)
    engine.dispose()
    whole = moving.fill

    def fill_badly(connection, parts) -> None:  # type: ignore[no-untyped-def]
        whole(connection, parts)
        connection.execute(text("UPDATE lms_person SET name = 'Alta' WHERE id = 1"))

    monkeypatch.setattr(moving, "fill", fill_badly)
    with pytest.raises(BackupFault, match="lms_person"):
        move(settings, other_database, NOW)
    assert _tables(other_database) == []
    monkeypatch.undo()
    move(settings, other_database, LATER)


def test_what_postgresql_cannot_keep_is_named(tmp_path: Path, postgresql_url: str) -> None:
    """SQLite does not hold anybody to the length of a column."""
    source = Settings(database_url=f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(source)
    opened = open_engine(source)
    with Session(opened) as session:
        begin_write(session)
        session.add(person("x" * 5_000))
        session.commit()
    opened.dispose()
    with pytest.raises(MoveFault, match="lms_person"):
        move(source, postgresql_url, NOW)
    assert _tables(postgresql_url) == []


def test_killed_half_way_the_target_is_empty_and_the_move_can_be_repeated(
    tmp_path: Path, postgresql_url: str
) -> None:
    """The database sees the connection end and undoes the one transaction."""
    source = Settings(database_url=f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(source)
    opened = open_engine(source)
    add_everything_odd(opened)
    before = every_row(opened)
    opened.dispose()
    script = (
        "import sys, time; from datetime import UTC, datetime\n"
        "from lms.records import moving; from lms.settings import Settings\n"
        "whole = moving.read_back\n"
        "def wait(*a):\n"
        "    print('half', flush=True); time.sleep(60)\n"
        "moving.read_back = wait\n"
        "moving.move(Settings(database_url=sys.argv[1]), sys.argv[2], datetime.now(UTC))\n"
    )
    command = [sys.executable, "-c", script, source.database_url, postgresql_url]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"half\n"
        running.send_signal(signal.SIGKILL)
    until = time.monotonic() + 30
    while _connections(postgresql_url) and time.monotonic() < until:
        time.sleep(0.05)
    assert _tables(postgresql_url) == []
    assert move(source, postgresql_url, NOW).tables == before


def _tables(url: str) -> list[str]:
    engine = create_engine(url)
    found = inspect(engine).get_table_names()
    engine.dispose()
    return found


def _connections(url: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()
    return int(found or 0)


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("nonsense", "no database address"),
        ("mysql://x/y", "no database address"),
        ("postgresql://nobody:geheim@127.0.0.1:1/x", "does not answer"),
        ("postgresql://u@no-such-host.invalid/x", "does not answer"),
        ("sqlite:////dev/null/x.db", "/dev/null"),
    ],
)
def test_a_target_that_cannot_be_is_explained(tmp_path: Path, to: str, said: str) -> None:
    source = Settings(database_url=f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(source)
    with pytest.raises((MoveFault, OSError)) as found:
        move(source, to, NOW)
    assert said in str(found.value)
    assert "geheim" not in str(found.value)


def test_a_source_that_cannot_be_is_explained(tmp_path: Path, postgresql_url: str) -> None:
    missing = Settings(database_url=f"sqlite:///{tmp_path / 'no.db'}")
    with pytest.raises(MoveFault, match="no file with records"):
        move(missing, postgresql_url, NOW)
    assert not (tmp_path / "no.db").exists()
    old = Settings(database_url=f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(old, "0001")
    with pytest.raises(DatabaseFault, match="lms upgrade"):
        move(old, postgresql_url, NOW)
    upgrade(old)
    with pytest.raises(MoveFault, match="already"):
        move(old, old.database_url, NOW)


def test_without_the_driver_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Settings(database_url=f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(source)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MoveFault, match=r"psycopg.*pip install"):
        move(source, "postgresql://u@127.0.0.1:1/x", NOW)
