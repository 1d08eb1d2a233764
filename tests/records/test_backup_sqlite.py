"""Backup and restore where the records are one SQLite file."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

import pytest
from records_odd import LATER, NOW, add_everything_odd
from records_odd import engine as engine
from records_odd import settings as settings
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from lms.models import (
    Person,
)
from lms.records.backup import backup
from lms.records.form import (
    BackupFault,
)
from lms.records.restoring import restore
from lms.settings import Settings
from lms.upgrade import DatabaseFault, open_engine, upgrade

pytestmark = pytest.mark.slow


class TestSqlite:
    """What concerns the file and its write-ahead log."""

    @pytest.fixture
    def settings(self, tmp_path: Path) -> Settings:
        found = Settings(database_url=f"sqlite:///{tmp_path / 'live.db'}")
        upgrade(found)
        return found

    def test_a_stale_log_is_never_replayed(
        self, settings: Settings, engine: Engine, tmp_path: Path
    ) -> None:
        folder, _ = backup(settings, tmp_path / "b", NOW)
        add_everything_odd(engine)
        log = tmp_path / "live.db-wal"
        stale = log.read_bytes()
        assert len(stale) > 32, "no log, so this proves nothing"
        engine.dispose()
        (tmp_path / "live.db").unlink()
        log.write_bytes(stale)  # as a killed server leaves it
        restore(settings, folder, force=True, now=LATER)
        opened = open_engine(settings)
        with Session(opened) as session:
            assert session.scalar(select(func.count(Person.id))) == 0
        opened.dispose()
        assert (log.read_bytes() if log.exists() else b"") == b""

    def test_a_file_shared_with_a_host_is_not_replaced_even_by_force(
        self, settings: Settings, engine: Engine, tmp_path: Path
    ) -> None:
        folder, _ = backup(settings, tmp_path / "b", NOW)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE users (name TEXT)"))
        with pytest.raises(BackupFault, match="another application"):
            restore(settings, folder, force=True, now=LATER)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM users")) == 0
        assert [p.name for p in tmp_path.glob("*before-restore*")] == []

    def test_the_former_database_is_kept_whole(
        self, settings: Settings, engine: Engine, tmp_path: Path
    ) -> None:
        folder, _ = backup(settings, tmp_path / "b", NOW)
        add_everything_odd(engine)
        engine.dispose()
        done = restore(settings, folder, force=True, now=LATER)
        assert done.set_aside is not None
        kept = sqlite3.connect(done.set_aside)
        assert kept.execute("SELECT count(*) FROM lms_person").fetchone() == (2,)
        kept.close()
        assert stat.S_IMODE((tmp_path / "live.db").stat().st_mode) == 0o600

    def test_a_running_service_is_noticed(
        self, settings: Settings, engine: Engine, tmp_path: Path
    ) -> None:
        folder, _ = backup(settings, tmp_path / "b", NOW)
        add_everything_odd(engine)
        with engine.connect() as busy:
            busy.execute(text("SELECT 1 FROM lms_person")).all()
            with pytest.raises(BackupFault, match="stop the service"):
                restore(settings, folder, force=True, now=LATER)
            assert busy.execute(text("SELECT count(*) FROM lms_person")).scalar() == 2

    def test_a_broken_database_is_not_backed_up_but_can_be_replaced(
        self, settings: Settings, engine: Engine, tmp_path: Path
    ) -> None:
        add_everything_odd(engine)
        folder, _ = backup(settings, tmp_path / "b", NOW)
        engine.dispose()
        live = tmp_path / "live.db"
        with live.open("r+b") as stream:
            stream.seek(live.stat().st_size // 2 // 4096 * 4096)
            stream.write(os.urandom(4096 * 3))
        with pytest.raises(DatabaseFault):
            backup(settings, tmp_path / "b", LATER)
        restore(settings, folder, force=True, now=LATER)
        opened = open_engine(settings)
        with Session(opened) as session:
            assert session.scalar(select(func.count(Person.id))) == 2
        opened.dispose()

    def test_a_row_that_points_nowhere_is_found(
        self, settings: Settings, engine: Engine, tmp_path: Path
    ) -> None:
        add_everything_odd(engine)
        engine.dispose()
        raw = sqlite3.connect(tmp_path / "live.db")
        raw.execute("DELETE FROM lms_course")
        raw.commit()
        raw.close()
        with pytest.raises(DatabaseFault, match="damaged"):
            backup(settings, tmp_path / "b", NOW)
        assert list((tmp_path / "b").iterdir()) == []
