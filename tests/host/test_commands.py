"""``flask lms …`` and two histories of migrations in one database, on SQLite and PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.orm import Session

import lms
from host import townhall
from host.mounting import PREFIX, arrive, change, enter, token
from host.townhall import db, describe, fill, make_app
from lms.models import AccessCode, Base, Enrolment, Person
from lms.upgrade import heads

ROOT = Path(townhall.__file__).parent


@pytest.fixture
def bare(empty_database: str) -> Flask:
    """The intranet with Parcurs mounted and no table of Parcurs yet."""
    app = make_app(empty_database)
    app.testing = True
    with app.app_context():
        lms.prepare(db.engine)
    lms.LMS(app, db=db, url_prefix=PREFIX, identify=describe)
    return app


def run(app: Flask, *words: str, code: int = 0) -> str:
    done = app.test_cli_runner().invoke(args=list(words))
    assert done.exit_code == code, (done.output, done.exception)
    return str(done.output)


def engine_of(app: Flask) -> Engine:
    engine: Engine = app.extensions["lms"].session.engine
    return engine


def theirs(engine: Engine) -> list[object]:
    """The host's tables as the database describes them, with every row."""
    seen = inspect(engine)
    names = sorted(name for name in seen.get_table_names() if not name.startswith("lms_"))
    with engine.connect() as connection:
        rows = [
            connection.execute(text(f'SELECT * FROM "{name}" ORDER BY 1')).all() for name in names
        ]
    columns = [
        [
            (column["name"], str(column["type"]), column["nullable"])
            for column in seen.get_columns(n)
        ]
        for n in names
    ]
    return [names, columns, rows]


def migrate(engine: Engine) -> None:
    """The host's own ``alembic upgrade head``."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def test_two_histories_live_in_one_database(bare: Flask) -> None:
    engine = engine_of(bare)
    migrate(engine)
    fill(bare)
    before = theirs(engine)
    assert "revision" in run(bare, "lms", "upgrade")
    assert "up to date" in run(bare, "lms", "upgrade")
    assert theirs(engine) == before
    with engine.connect() as connection:
        versions = {
            name: connection.execute(text(f"SELECT version_num FROM {name}")).scalars().all()
            for name in ("alembic_version", "lms_alembic_version")
        }
    assert versions == {"alembic_version": ["a1"], "lms_alembic_version": list(heads())}
    migrate(engine)
    assert arrive(enter(bare, "ana")).status_code == 200
    engine.dispose()


def test_the_hosts_autogenerate_leaves_our_tables_alone(bare: Flask) -> None:
    """With the three lines of docs/mounting.md; without them it would drop everything."""
    engine = engine_of(bare)
    migrate(engine)
    run(bare, "lms", "upgrade")

    def wishes(**options: object) -> set[str]:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts=options)
            found = compare_metadata(context, townhall.Base.metadata)
        return {f"{what[0]} {what[1].name}" for what in found if isinstance(what, tuple)}

    def include_name(name: str | None, kind: str, parents: object) -> bool:
        return kind != "table" or not (name or "").startswith("lms_")

    assert wishes(include_name=include_name) == set()
    assert {"remove_table lms_person", "remove_table lms_attempt"} <= wishes()
    engine.dispose()


def test_our_upgrade_knows_only_our_tables(bare: Flask) -> None:
    engine = engine_of(bare)
    with bare.app_context():
        db.create_all(None)
    run(bare, "lms", "upgrade")
    names = set(inspect(engine).get_table_names())
    assert names - {"user"} == {*Base.metadata.tables, "lms_alembic_version"}
    engine.dispose()


def test_people_get_rights_from_the_command_line(
    bare: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LMS_DATABASE_URL", raising=False)
    with bare.app_context():
        db.create_all(None)
    run(bare, "lms", "upgrade")
    fill(bare)
    client = enter(bare, "ana")
    arrive(client)
    assert client.get(f"{PREFIX}/admin/system").status_code == 403
    said = run(bare, "lms", "person", "grant", "ana@primaria.test", "--admin")
    assert "administrator" in said
    assert client.get(f"{PREFIX}/admin/system").status_code == 200
    run(bare, "lms", "person", "grant", "host:1", "--no-admin", code=1)
    run(bare, "lms", "person", "add", "Elena Alta", "--subject", "host:5", "--admin")
    run(bare, "lms", "person", "grant", "host:1", "--no-admin")
    assert client.get(f"{PREFIX}/admin/system").status_code == 403
    elena = enter(bare, "elena")
    arrive(elena)
    assert elena.get(f"{PREFIX}/admin/system").status_code == 200
    assert "host:5" in run(bare, "lms", "person", "list") or "elena@" in run(
        bare, "lms", "person", "list"
    )
    assert "Nobody has" in run(bare, "lms", "person", "grant", "nobody@x.test", "--admin", code=1)
    engine_of(bare).dispose()


def test_nothing_is_made_that_would_open_nothing_here(bare: Flask) -> None:
    """No code, link or password: the host signs people in."""
    run(bare, "lms", "upgrade")
    said = run(bare, "lms", "person", "add", "Elena Alta", "--email", "elena@primaria.test")
    assert "One-time" not in said
    assert "sign-in" in said
    assert "person join" in said
    assert run(bare, "lms", "person", "add", "Ion", "--subject", "host:9") == "Added Ion.\n"
    for word in ("code", "link", "password"):
        said = run(bare, "lms", "person", word, "elena@primaria.test", code=1)
        assert "would open nothing" in said
    with Session(engine_of(bare)) as session:
        assert session.scalars(select(AccessCode)).all() == []
        assert set(session.scalars(select(Person.password_hash))) == {None}
    engine_of(bare).dispose()


def test_who_waits_on_a_list_is_joined_by_hand(bare: Flask) -> None:
    """An unverified address stops its owner at the door; whoever knows them opens it."""
    run(bare, "lms", "upgrade")
    fill(bare)
    run(bare, "lms", "person", "add", "Ana din listă", "--email", "ana@primaria.test")
    client = enter(bare, "ana")
    page = client.get(f"{PREFIX}/badges")
    form = {"csrf_token": token(page), "next": f"{PREFIX}/badges"}
    assert client.post(f"{PREFIX}/arrive", data=form).status_code == 409
    for wrong in ("7", "host:", "Host:7", "host:a\nb", ":7"):
        assert "such as host:7" in run(
            bare, "lms", "person", "join", "ana@primaria.test", wrong, code=1
        )
    said = run(bare, "lms", "person", "join", "ana@primaria.test", "host:1")
    assert said == "Ana din listă is host:1 now.\n"
    assert "Ana Ionescu" in arrive(client, f"{PREFIX}/badges").text
    run(bare, "lms", "person", "add", "Alta", "--email", "alta@primaria.test")
    said = run(bare, "lms", "person", "join", "alta@primaria.test", "host:1", code=1)
    assert "Ana Ionescu already has" in said
    with Session(engine_of(bare)) as session:
        assert set(session.scalars(select(Person.subject))) == {"host:1", None}
    engine_of(bare).dispose()


@pytest.mark.slow
def test_the_course_is_loaded_and_somebody_enrolled(bare: Flask) -> None:
    with bare.app_context():
        db.create_all(None)
    said = run(bare, "lms", "content", "load", code=1)
    assert "lms upgrade" in said
    run(bare, "lms", "upgrade")
    assert "published" in run(bare, "lms", "content", "load", "--publish")
    fill(bare)
    client = enter(bare, "ana")
    arrive(client)
    said = run(bare, "lms", "person", "enrol", "ana@primaria.test", "por")
    assert "enrolled" in said
    assert "btn-continue" in client.get(f"{PREFIX}/").text
    with Session(engine_of(bare)) as session:
        assert (
            session.scalars(select(Enrolment.person_id)).all()
            == session.scalars(select(Person.id)).all()
        )
    engine_of(bare).dispose()


def test_the_hosts_own_commands_stay(bare: Flask) -> None:
    assert "intranet" in run(bare, "greet")
    listed = run(bare, "lms", "--help")
    for name in ("upgrade", "content", "person", "backup"):
        assert name in listed
    assert "serve" not in listed
    assert "restore" not in listed
    engine_of(bare).dispose()


def test_a_role_taken_from_the_host_and_one_of_ours_are_two_things(bare: Flask) -> None:
    with bare.app_context():
        db.create_all(None)
    run(bare, "lms", "upgrade")
    fill(bare)
    client = enter(bare, "dan")
    arrive(client)
    run(bare, "lms", "person", "grant", "host:4", "--admin")
    change(bare, "dan", level="clerk")
    assert arrive(client, f"{PREFIX}/admin/system").status_code == 200
    run(bare, "lms", "person", "add", "Alt Administrator", "--email", "a@x.test", "--admin")
    run(bare, "lms", "person", "grant", "host:4", "--no-admin")
    assert client.get(f"{PREFIX}/admin/system").status_code == 403
    engine_of(bare).dispose()
