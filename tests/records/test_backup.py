"""A backup is everything of one moment; a restore brings back exactly that."""

from __future__ import annotations

import gzip
import hashlib
import json
import stat
import threading
from pathlib import Path

import pytest
from records_odd import LATER, NOW, add_everything_odd, every_row, person
from records_odd import engine as engine
from records_odd import settings as settings
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.models import (
    AccessCode,
    AuditEntry,
    Base,
    Person,
    SignIn,
)
from lms.models.engine import begin_write
from lms.records.backup import backup, read_manifest
from lms.records.form import (
    BackupFault,
    lightweight,
    lines_of,
    tag_of,
    values_of,
)
from lms.records.restoring import restore
from lms.settings import Settings
from lms.upgrade import DatabaseFault, open_engine

pytestmark = pytest.mark.slow


def test_a_restore_brings_back_every_row(
    settings: Settings, engine: Engine, tmp_path: Path, other_database: str
) -> None:
    """Also into the other kind of database."""
    add_everything_odd(engine)
    before = every_row(engine)
    folder, manifest = backup(settings, tmp_path / "backups", NOW)
    assert manifest.tables == before
    assert manifest.rows == sum(sums.rows for sums in manifest.tables.values()) >= 8

    for url in (other_database, settings.database_url):
        elsewhere = Settings(database_url=url)
        force = url == settings.database_url
        engine.dispose()
        restore(elsewhere, folder, force=force, now=LATER)
        opened = open_engine(elsewhere)
        after = every_row(opened)
        changed = {name for name in before if before[name] != after[name]}
        assert changed == {"lms_sign_in", "lms_access_code", "lms_audit_entry"}, url
        with Session(opened) as session:
            assert session.scalars(select(SignIn.revoked_at)).all() == [LATER]
            assert session.scalars(select(AccessCode.withdrawn_at)).all() == [LATER]
            assert session.scalars(select(AuditEntry.verb)).all() == ["records.restore"]
            begin_write(session)
            session.add(person("Nou"))  # new ids start behind the restored ones
            session.commit()
        opened.dispose()


def test_nothing_and_a_json_null_stay_apart(engine: Engine) -> None:
    columns = [("id", "int"), ("x", "json")]
    table = lightweight("odd", columns)
    lines = [b"[1,null]\n", b"[2,[null]]\n", b"[3,[[null]]]\n", b'[4,[{"b":1,"a":2.5}]]\n']
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert(), [values_of(line, columns) for line in lines])
        assert list(lines_of(connection, "odd", columns)) == lines
        nothing = connection.execute(text("SELECT id FROM odd WHERE x IS NULL")).scalars().all()
        assert nothing == [1]


@pytest.mark.drill
def test_a_backup_while_people_write_is_of_one_moment(
    settings: Settings, engine: Engine, tmp_path: Path
) -> None:
    """Writers add pairs in one transaction; a backup may never hold half a pair, and holds
    everything acknowledged before it began."""
    stop, acknowledged, failed = threading.Event(), [], []

    def write(writer: int) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with Session(engine) as session:
                try:
                    begin_write(session)
                    for half in ("a", "b"):
                        session.add(person(f"w{writer}-{number}-{half}"))
                        session.flush()
                    session.commit()
                except Exception as error:  # noqa: BLE001  # whatever it is, the test must see it
                    failed.append(error)
                    return
            acknowledged.append(f"w{writer}-{number}")

    writers = [threading.Thread(target=write, args=(n,)) for n in range(3)]
    for thread in writers:
        thread.start()
    try:
        while len(acknowledged) < 20:
            assert not failed
        sure = set(acknowledged)
        folder, manifest = backup(settings, tmp_path / "b", NOW)
        more = len(acknowledged)
    finally:
        stop.set()
        for thread in writers:
            thread.join()
    assert not failed
    assert more > len(sure), "nobody wrote during the backup: the drill proves nothing"
    target = Settings(database_url=f"sqlite:///{tmp_path / 'restored.db'}")
    restore(target, folder, force=False, now=LATER)
    opened = open_engine(target)
    with Session(opened) as session:
        names = set(session.scalars(select(Person.name)))
    opened.dispose()
    halves = {name.rpartition("-")[0] for name in names}
    assert sure <= halves, "acknowledged before the backup, and not in it"
    assert names == {f"{pair}-{half}" for pair in halves for half in ("a", "b")}
    assert manifest.tables["lms_person"].rows == len(names)


def test_a_backup_is_private(settings: Settings, tmp_path: Path) -> None:
    folder, _ = backup(settings, tmp_path, NOW)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(f.stat().st_mode) for f in folder.iterdir()} == {0o600}
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_dir()) == [folder.name]


@pytest.mark.parametrize("damage", ["flip", "cut", "row", "missing", "manifest", "newer"])
def test_a_damaged_backup_is_refused_and_nothing_is_touched(
    settings: Settings, engine: Engine, tmp_path: Path, damage: str
) -> None:
    add_everything_odd(engine)
    folder, _ = backup(settings, tmp_path / "b", NOW)
    rows, described = folder / "rows.jsonl.gz", folder / "manifest.json"
    content = rows.read_bytes()
    match damage:
        case "flip":
            rows.write_bytes(content[:-20] + bytes([content[-20] ^ 1]) + content[-19:])
        case "cut":
            rows.write_bytes(content[: len(content) // 2])
        case "row":  # a forger who also mends the file's own sum
            lines = gzip.decompress(content).splitlines(keepends=True)
            rows.write_bytes(gzip.compress(b"".join(lines[:-1])))
            found = json.loads(described.read_text())
            found["sha256"] = hashlib.sha256(rows.read_bytes()).hexdigest()
            found["tables"]["lms_throttle"]["rows"] += 1
            described.write_text(json.dumps(found))
        case "missing":
            rows.unlink()
        case "manifest":
            described.write_text("{}")
        case "newer":
            found = json.loads(described.read_text())
            found["revision"] = "9999"
            described.write_text(json.dumps(found))
    before = every_row(engine)
    with pytest.raises(BackupFault):
        restore(settings, folder, force=True, now=LATER)
    assert every_row(engine) == before


def test_restore_refuses_to_replace_records_unasked(
    settings: Settings, engine: Engine, tmp_path: Path
) -> None:
    folder, _ = backup(settings, tmp_path / "b", NOW)
    add_everything_odd(engine)
    before = every_row(engine)
    engine.dispose()
    with pytest.raises(BackupFault, match="--force"):
        restore(settings, folder, force=False, now=LATER)
    assert every_row(engine) == before


def test_no_restore_under_a_service_that_waits_for_its_next_request(
    settings: Settings, engine: Engine, tmp_path: Path
) -> None:
    """It would go on with what it keeps of the former records."""
    folder, _ = backup(settings, tmp_path / "b", NOW)
    add_everything_odd(engine)
    before = every_row(engine)
    with engine.connect() as waiting:
        waiting.execute(select(Person.id)).all()
        waiting.rollback()
        with pytest.raises(BackupFault, match=r"at work|in use"):
            restore(settings, folder, force=True, now=LATER)
    assert every_row(engine) == before


def test_a_failure_half_way_leaves_the_old_database(
    settings: Settings, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = backup(settings, tmp_path / "b", NOW)
    add_everything_odd(engine)
    before = every_row(engine)
    engine.dispose()

    def fail(*args: object) -> None:
        raise BackupFault("half-way")

    monkeypatch.setattr("lms.records.restoring.read_back", fail)
    with pytest.raises(BackupFault, match="half-way"):
        restore(settings, folder, force=True, now=LATER)
    assert every_row(engine) == before
    assert not list(tmp_path.glob("*.restoring*"))


def test_every_column_has_a_tag() -> None:
    for table in Base.metadata.sorted_tables:
        assert list(table.primary_key.columns.keys()) == ["id"], table.name
        for column in table.columns:
            tag_of(column.type)


def test_keys_that_point_ahead_may_be_empty_for_a_moment() -> None:
    done: set[str] = set()
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            if key.referred_table.name not in done:
                assert len(key.columns) == 1, key.name
                assert all(column.nullable for column in key.columns), key.name
        done.add(table.name)


def test_no_backup_of_an_older_schema(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'new.db'}")
    with pytest.raises(DatabaseFault, match="lms upgrade"):
        backup(settings, tmp_path / "b", NOW)


def test_a_manifest_reads_as_it_was_written(settings: Settings, tmp_path: Path) -> None:
    folder, manifest = backup(settings, tmp_path, NOW)
    assert read_manifest(folder) == manifest


def test_the_harness_would_notice_a_lost_row(
    settings: Settings, engine: Engine, tmp_path: Path
) -> None:
    add_everything_odd(engine)
    before = every_row(engine)
    with engine.begin() as connection, pytest.raises(IntegrityError):
        connection.execute(text("DELETE FROM lms_course"))
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM lms_asset"))
    after = every_row(engine)
    assert {name for name in before if before[name] != after[name]} == {"lms_asset"}
