"""The lms command: what it says, what it refuses, with which exit code."""

from __future__ import annotations

import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from sqlalchemy import make_url

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
COURSES = ROOT / "courses"


def test_help_and_version(lms) -> None:
    done = lms("--help")
    assert done.returncode == 0
    for command in ("demo", "serve", "upgrade", "content", "person", "backup", "restore", "move"):
        assert re.search(rf"^  {command} ", done.stdout, re.MULTILINE)
    assert lms("--version").stdout.startswith("lms, version")
    assert lms("nonsense").returncode == 2


def test_python_m_lms_is_the_same_command(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "lms", "serve"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert (
        done.stderr == "lms: The database has no tables of Parcurs yet: run 'lms upgrade' first.\n"
    )
    script = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    assert script == {"lms": "lms.cli:run"}


def test_serve_says_everything_that_is_missing_at_once(lms) -> None:
    done = lms(
        "serve",
        LMS_DATABASE_URL="",
        LMS_SECRET_KEY="short",
        LMS_TRUSTED_HOSTS="",
        LMS_DEBUG="1",
        LMS_SECURE_COOKIES="0",
        LMS_CERTIFICATE="only-one.pem",
    )
    assert done.returncode == 1
    for word in (
        "LMS_DATABASE_URL", "LMS_SECRET_KEY", "LMS_TRUSTED_HOSTS", "LMS_DEBUG",
        "LMS_SECURE_COOKIES", "LMS_CERTIFICATE_KEY",
    ):  # fmt: skip
        assert word in done.stderr
    assert "short" not in done.stderr.replace("shorter", ""), "a secret does not belong there"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"LMS_PORT": "eighty"}, "LMS_PORT must be a whole number"),
        ({"LMS_PORT": "99999"}, "Cannot listen"),
        ({"LMS_WORKERS": "0"}, "LMS_WORKERS"),
        ({"LMS_LOG_LEVEL": "LOUD"}, "LMS_LOG_LEVEL"),
        ({"LMS_CERTIFICATE": "no.pem", "LMS_CERTIFICATE_KEY": "no.key"}, "No such file"),
        ({"LMS_DATABASE_URL": "postgres//x"}, "no database address"),
        ({"LMS_DATABASE_URL": "sqlite:////no/such/folder/x.db"}, "does not answer"),
        ({}, "run 'lms upgrade'"),
    ],
)
def test_serve_refuses_what_cannot_work(lms, changed: dict[str, str], said: str) -> None:
    done = lms("serve", **changed)
    assert done.returncode == 1
    assert said in done.stderr


def test_from_nothing_to_a_first_administrator(lms) -> None:
    assert "person list" not in lms("person", "list").stdout
    assert "run 'lms upgrade'" in lms("person", "list").stderr
    assert "from revision none to" in lms("upgrade").stdout
    assert "up to date" in lms("upgrade").stdout
    done = lms("person", "add", "Ana Ionescu", "--email", "ana@x.ro", "--admin")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^  [2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}$", done.stdout, re.MULTILINE)
    assert lms("person", "list").stdout == "Ana Ionescu\tana@x.ro\t-\tadministrator\n"
    again = lms("person", "add", "Ana Altfel", "--email", "ANA@x.ro")
    assert again.returncode == 1
    assert "Ana Ionescu" in again.stderr
    assert lms("person", "list").stdout.count("\n") == 1


def test_a_command_that_fails_changes_nothing(lms) -> None:
    lms("upgrade")
    done = lms("person", "add", "Ion", "--email", "ion@x.ro", "--trainer", "no-such-course")
    assert done.returncode == 1
    assert "no-such-course" in done.stderr
    assert lms("person", "list").stdout == ""


def test_ways_in(lms) -> None:
    lms("upgrade")
    lms("person", "add", "Ana Ionescu", "--staff-number", "123")
    code = lms("person", "code", "123").stdout
    assert re.fullmatch(r"Ana Ionescu\t[2-9A-Z]{4}(-[2-9A-Z]{4}){2}\n", code)
    link = lms("person", "link", "123").stdout
    assert re.fullmatch(r"https://localhost/\S+/[\w-]{43}\n", link)
    weak = lms("person", "password", "123", given="parola\n")
    assert weak.returncode == 1
    assert lms("person", "password", "123", given="o pisică albastră\n").returncode == 0
    missing = lms("person", "code", "999")
    assert missing.returncode == 1
    assert "999" in missing.stderr


def test_rights(lms) -> None:
    lms("upgrade")
    lms("person", "add", "Ana Ionescu", "--email", "ana@x.ro")
    assert lms("person", "grant", "ana@x.ro", "--admin").stdout == "Ana Ionescu: administrator\n"
    alone = lms("person", "grant", "ana@x.ro", "--no-admin")
    assert alone.returncode == 1, "the last administrator stays"
    assert lms("person", "grant", "ana@x.ro", "--head", "Nowhere").returncode == 1


def test_content_check_names_file_and_line_in_both_languages(lms, tmp_path: Path) -> None:
    course = tmp_path / "por"
    shutil.copytree(COURSES / "por", course)
    module = min(course.glob("01-*/module.yaml"))
    module.write_text(module.read_text("utf-8") + "nonsense: 1\n", "utf-8")
    line = len(module.read_text("utf-8").splitlines())
    said = {}
    for language in ("ro", "en"):
        done = lms("content", "check", "--quiet", "--language", language, str(course))
        assert done.returncode == 1
        said[language] = done.stdout
        assert f"module.yaml:{line}" in done.stdout
        assert "nonsense" in done.stdout
    assert said["ro"] != said["en"]
    lms("upgrade")
    refused = lms("content", "load", str(course))
    assert refused.returncode == 1
    assert f"module.yaml:{line}" in refused.stdout
    assert lms("content", "dump", "por", "--to", str(tmp_path / "x")).returncode == 1


@pytest.mark.slow
def test_content_load_is_repeatable_and_dump_gives_it_back(lms, tmp_path: Path) -> None:
    lms("upgrade")
    first = lms("content", "load", "--publish", str(COURSES))
    assert first.returncode == 0, first.stdout + first.stderr
    assert "published as number 1" in first.stdout
    second = lms("content", "load", "--publish", str(COURSES))
    assert " 0 new, 0 changed" in second.stdout
    assert "published" not in second.stdout
    there = tmp_path / "por"
    shutil.copytree(COURSES / "por", there)
    done = lms("content", "dump", "por", "--to", str(there))
    assert done.returncode == 0, done.stderr
    assert "0 files written" in done.stdout


def test_backup_and_restore(lms, tmp_path: Path) -> None:
    lms("upgrade")
    lms("person", "add", "Ana Ionescu", "--email", "ana@x.ro")
    done = lms("backup", "--to", "backups")
    assert done.returncode == 0, done.stderr
    assert "checksums equal" in done.stdout
    folder = next((tmp_path / "backups").iterdir())
    lms("person", "add", "Venit După", "--email", "dupa@x.ro")
    refused = lms("restore", "--from", str(folder))
    assert refused.returncode == 1
    assert "--force" in refused.stderr
    assert lms("restore", "--from", str(folder), "--force").returncode == 0
    assert lms("person", "list").stdout == "Ana Ionescu\tana@x.ro\t-\tlearner\n"
    assert lms("restore", "--from", str(tmp_path)).returncode == 1


def test_move_prints_what_was_moved_and_what_comes_next(
    lms, environment: dict[str, str], tmp_path: Path, postgresql_url: str
) -> None:
    environment["LMS_DATABASE_URL"] = f"sqlite:///{tmp_path / 'old.db'}"
    lms("upgrade")
    lms("person", "add", "Ana Ionescu", "--email", "ana@x.ro")
    secret = make_url(postgresql_url).set(password="geheim").render_as_string(hide_password=False)
    done = lms("move", "--to", secret)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^lms_person +1  [0-9a-f]{24}$", done.stdout, re.MULTILINE)
    assert "from SQLite to PostgreSQL: every count and checksum equal" in done.stdout
    assert "LMS_DATABASE_URL=postgresql+psycopg://postgres:***@" in done.stdout
    assert "geheim" not in done.stdout
    people = lms("person", "list", LMS_DATABASE_URL=postgresql_url)
    assert people.stdout == "Ana Ionescu\tana@x.ro\t-\tlearner\n"
    again = lms("move", "--to", postgresql_url)
    assert again.returncode == 1
    assert "holds records already" in again.stderr
    assert lms("move", "--to", "nonsense").returncode == 1
    assert lms("move").returncode == 2


@pytest.mark.slow
def test_demo_is_safe_to_repeat_and_keeps_its_password_private(lms, tmp_path: Path) -> None:
    first = lms("demo", "--no-serve")
    assert first.returncode == 0, first.stderr
    kept = tmp_path / "var" / "demo-password"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    password = kept.read_text().strip()
    for name in ("angajat", "angajat2", "formator", "manager", "hr", "admin"):
        assert re.search(rf"{name}@demo\.test +{password} ", first.stdout), name
    database = f"sqlite:///{tmp_path / 'var' / 'demo.db'}"
    people = lms("person", "list", LMS_DATABASE_URL=database).stdout
    assert len(people.splitlines()) >= 44
    assert lms("demo", "--no-serve").stdout == first.stdout
    assert lms("person", "list", LMS_DATABASE_URL=database).stdout == people
    other = lms("demo", "--no-serve", LMS_DEMO_PASSWORD="alta parola")
    assert "alta parola" in other.stdout
    assert lms("person", "list", LMS_DATABASE_URL=database).stdout == people


def test_demo_says_at_once_that_its_port_is_taken_and_takes_another(lms, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for said in (("demo", "--port", port), ("demo",)):
            done = lms(*said, LMS_PORT=port)
            assert done.returncode == 1
            assert f"already answers at 127.0.0.1:{port}" in done.stderr
            assert "http" not in done.stdout, "that address is somebody else's"
        assert not (tmp_path / "var").exists(), "nothing was prepared in vain"
    shown = lms("demo", "--no-serve", LMS_PORT=port)
    assert f"http://127.0.0.1:{port}" in shown.stdout


def test_demo_keeps_away_from_real_people(lms, environment: dict[str, str]) -> None:
    lms("upgrade")
    lms("person", "add", "Ana Ionescu", "--email", "ana@x.ro")
    done = lms("demo", "--no-serve", "--database-url", environment["LMS_DATABASE_URL"])
    assert done.returncode == 1
    assert "its own" in done.stderr
    assert lms("person", "list").stdout.count("\n") == 1
