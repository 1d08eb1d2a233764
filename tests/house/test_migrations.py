"""The migrations make exactly the tables of the models, forwards and backwards."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from schema_dump import dumped
from sqlalchemy import create_engine, inspect, text

from lms.models import Base
from lms.settings import Settings
from lms.upgrade import (
    VERSION_TABLE,
    DatabaseFault,
    current,
    downgrade,
    heads,
    lag,
    migrating,
    open_engine,
    upgrade,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(empty_database: str) -> Settings:
    """Of an empty database, of each kind that can be had here."""
    return Settings(database_url=empty_database)


def made_by_upgrade(settings: Settings) -> dict[str, list[str]]:
    upgrade(settings)
    engine = create_engine(settings.sqlalchemy_url)
    with engine.connect() as connection:
        found = dumped(connection)
    engine.dispose()
    return found


def test_one_head_and_numbered_revisions() -> None:
    assert len(heads()) == 1
    folder = Path(__file__).parents[2] / "migrations" / "versions"
    numbers = sorted(path.name[:4] for path in folder.glob("*.py"))
    assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]
    assert heads()[0] == numbers[-1]


def test_upgrade_makes_the_schema_of_the_models(settings: Settings) -> None:
    by_upgrade = made_by_upgrade(settings)
    downgrade(settings, "base")
    engine = create_engine(settings.sqlalchemy_url)
    Base.metadata.create_all(engine)
    with engine.connect() as connection:
        by_models = dumped(connection)
    engine.dispose()
    assert by_models, "nothing to compare"
    assert by_upgrade == by_models


def test_the_comparison_notices_a_lost_check(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'a.db'}")
    whole = made_by_upgrade(settings)
    with migrating(settings) as connection:
        connection.exec_driver_sql("PRAGMA writable_schema = ON")
        changed = connection.exec_driver_sql(
            "UPDATE sqlite_master SET sql = replace(sql, 'percent BETWEEN 0 AND 100', '1') "
            "WHERE name = 'lms_reading'"
        )
        assert changed.rowcount == 1
        assert dumped(connection) != whole


def test_autogenerate_finds_nothing_left_to_do(settings: Settings) -> None:
    upgrade(settings)
    engine = create_engine(settings.sqlalchemy_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        found = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert [step for step in found if not _is_version_table(step)] == []


def _is_version_table(step: object) -> bool:
    return isinstance(step, tuple) and getattr(step[1], "name", "") == VERSION_TABLE


def test_up_down_and_up_again(settings: Settings) -> None:
    first = made_by_upgrade(settings)
    downgrade(settings, "base")
    engine = create_engine(settings.sqlalchemy_url)
    assert [t for t in inspect(engine).get_table_names() if t != VERSION_TABLE] == []
    engine.dispose()
    assert made_by_upgrade(settings) == first


def test_a_step_that_fails_leaves_nothing_behind(settings: Settings) -> None:
    def break_off() -> None:
        with migrating(settings) as connection:
            connection.execute(text("CREATE TABLE lms_half (id INTEGER)"))
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        break_off()
    engine = create_engine(settings.sqlalchemy_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def _upgrade_in_a_process(url: str, go: object, answers: object) -> None:
    go.wait()  # type: ignore[attr-defined]  # multiprocessing's own types are factories
    answers.put(upgrade(Settings(database_url=url)))  # type: ignore[attr-defined]


@pytest.mark.slow
def test_two_servers_start_at_once_and_one_migrates(settings: Settings) -> None:
    processes = multiprocessing.get_context("spawn")
    go, answers = processes.Event(), processes.Queue()
    started = [
        processes.Process(target=_upgrade_in_a_process, args=(settings.database_url, go, answers))
        for _ in range(3)
    ]
    for process in started:
        process.start()
    go.set()
    found = sorted((answers.get(timeout=60) for _ in started), key=lambda pair: pair[0] or "")
    for process in started:
        process.join(timeout=60)
    head = heads()[0]
    assert found == [(None, head), (head, head), (head, head)]


def test_lag_says_what_to_run(settings: Settings) -> None:
    engine = open_engine(settings)
    assert "run 'lms upgrade'" in (lag(engine) or "")
    upgrade(settings)
    assert lag(engine) is None
    with engine.begin() as connection:
        assert current(connection) == heads()[0]
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    assert "newer" in (lag(engine) or "")
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", "missing"),
        ("nonsense", "no database address"),
        ("oracle9://x/y", "no database address"),
    ],
)
def test_a_wrong_address_is_explained(url: str, expected: str) -> None:
    with pytest.raises(DatabaseFault, match=expected):
        open_engine(Settings(database_url=url))
