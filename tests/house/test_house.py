"""Habits of the house that no other tool checks."""

from __future__ import annotations

import ast
import base64
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from lms.settings import Settings

ROOT = Path(__file__).parents[2]
LONGEST = 400
"""Lines of a Python file; a longer one is two files."""
NAMELESS = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
TEXTUAL = {
    ".py", ".md", ".html", ".css", ".js", ".yaml", ".yml", ".toml", ".txt", ".json", ".svg",
    ".po", ".cfg", ".mako", "",
}  # fmt: skip
BORROWED = ("lms/web/static/vendor/", "tests/browser/vendor/")
OUTBOUND = {"urllib.request", "http.client", "socketserver", "smtplib", "ftplib", "imaplib"}


@cache
def committed() -> tuple[Path, ...]:
    """What belongs to the project: tracked or about to be; in a copy without git, everything."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    names = listed.stdout.decode().split("\0") if listed.returncode == 0 else []
    found = [ROOT / name for name in names if name] or [
        path for path in ROOT.rglob("*") if not {".venv", "var", ".git"} & set(path.parts)
    ]
    return tuple(sorted(path for path in found if path.is_file()))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def python_files() -> list[Path]:
    return [path for path in committed() if path.suffix == ".py"]


def own_texts() -> Iterator[tuple[str, str]]:
    """Name and content of every text file that was written here."""
    for path in committed():
        name = name_of(path)
        if path.suffix in TEXTUAL and not name.startswith(BORROWED):
            yield name, path.read_text("utf-8")


def test_there_is_something_to_look_at() -> None:
    assert len(python_files()) > 50


def test_no_python_file_is_too_long() -> None:
    # A migration is a record of one step: it is written once and never grows.
    lengths = {
        name_of(path): len(path.read_text("utf-8").splitlines())
        for path in python_files()
        if not name_of(path).startswith("migrations/versions/")
    }
    assert {name: n for name, n in lengths.items() if n > LONGEST} == {}


def test_every_module_is_named_for_what_it_does() -> None:
    assert [name_of(p) for p in python_files() if p.stem.lower() in NAMELESS] == []


def test_nothing_names_a_machine_or_a_registry() -> None:
    machine = re.compile(
        r"(?<![\w.-])/(?:work|root|home/[a-z]+)/[a-z]|[a-z]:\\\\users|index[-_]url|"
        r"(?:pypi|files\.pythonhosted)\.(?:org|python\.org)|registry\.npm",
        re.IGNORECASE,
    )
    allowed = {"tests/house/test_house.py"}
    found = {
        name: hit.group()
        for name, text in own_texts()
        if name not in allowed and (hit := machine.search(text))
    }
    assert found == {}


def test_romanian_is_written_with_commas_below() -> None:
    """Cedillas are accepted from people and never written by us, but where tests and tables of
    look-alikes need them."""
    cedilla = re.compile("[\u015e\u015f\u0162\u0163]")
    needed = re.compile(
        r"^(tests/|docs/|lms/domain/text\.py|lms/interop/|lms/services/passwords\.py|lms/models/people\.py)"
    )
    found = [name for name, text in own_texts() if cedilla.search(text) and not needed.match(name)]
    assert found == []


def test_course_files_have_no_cedillas_either() -> None:
    cedilla = re.compile("[\u015e\u015f\u0162\u0163]")
    found = [n for n, text in own_texts() if n.startswith("courses/") and cedilla.search(text)]
    assert found == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-test.txt"])
def test_requirements_are_pinned_and_hashed(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    entries = re.split(r"\n(?=[a-z])", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).strip())
    assert len(entries) > 20
    for entry in entries:
        assert re.match(r"[a-z0-9-]+(\[[a-z,]+\])?==[^ ]+ ", entry), entry[:60]
        assert "--hash=sha256:" in entry, entry[:60]
    assert not re.search(r"^\s*(-i|--index|--extra|--find|https?:|git\+)", text, re.MULTILINE)


def test_the_test_set_contains_the_run_time_set() -> None:
    def pins(name: str) -> set[str]:
        return set(
            re.findall(r"^([a-z0-9-]+==[^ ]+)", (ROOT / name).read_text("utf-8"), re.MULTILINE)
        )

    assert pins("requirements.txt") <= pins("requirements-test.txt")


def test_vendored_files_are_what_their_list_says() -> None:
    for listed in (path for path in committed() if path.name == "VENDOR.json"):
        for package in json.loads(listed.read_text("utf-8"))["packages"]:
            folder = listed.parent / package["folder"]
            there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
            assert there == set(package["files"]), folder.name
            assert package["licence_file"] in package["files"]
            for name, promised in package["files"].items():
                digest = hashlib.sha384((folder / name).read_bytes()).digest()
                assert promised == f"sha384-{base64.b64encode(digest).decode()}", name


def test_everything_vendored_is_listed() -> None:
    listed = {path.parent for path in committed() if path.name == "VENDOR.json"}
    assert ROOT / "lms/web/static/vendor" in listed
    for path in committed():
        if name_of(path).startswith(BORROWED):
            assert any(folder in path.parents for folder in listed), name_of(path)


def test_every_setting_says_what_it_is_for() -> None:
    tree = ast.parse((ROOT / "lms/settings.py").read_text("utf-8"))
    body = next(
        node.body
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name == "Settings"
    )
    documented = {
        field.target.id
        for field, below in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
    }
    assert documented == {field.name for field in fields(Settings)}
    readme = (ROOT / "README.md").read_text("utf-8")
    missing = [f.name for f in fields(Settings) if f"LMS_{f.name.upper()}" not in readme]
    assert missing == [], "not in README.md"


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_the_rules_import_only_the_standard_library() -> None:
    for path in python_files():
        if not name_of(path).startswith("lms/domain/"):
            continue
        roots = {name.partition(".")[0] for name in imports_of(path)}
        assert roots <= sys.stdlib_module_names | {"lms"}, name_of(path)
        assert not {n for n in imports_of(path) if n.startswith("lms") and ".domain" not in n}


def test_nothing_calls_out() -> None:
    found = {
        name_of(path): OUTBOUND & imports_of(path)
        for path in python_files()
        if name_of(path).startswith("lms/") and OUTBOUND & imports_of(path)
    }
    assert found == {}


def test_nothing_dangerous_is_called() -> None:
    """No eval, exec, pickle, yaml.load or shell, and no SQL put together from values."""
    dangerous = re.compile(
        r"\b(?:eval|exec)\(|\bpickle\b|yaml\.(?:unsafe_)?load\(|shell=True|render_template_string"
        r"|os\.system"
    )
    found = {
        name: hit.group()
        for name, text in own_texts()
        if name.startswith(("lms/", "migrations/")) and name.endswith(".py")
        if (hit := dangerous.search(text))
    }
    assert found == {}


def test_every_silenced_rule_gives_its_reason() -> None:
    # A library without types is reason enough, and the rule's name says so.
    silent = re.compile(
        r"#\s*(?:noqa(?!: [A-Z0-9, ]+\s+[#-])"
        r"|type: ignore(?!\[(?:no-untyped-call\]|[a-z, -]+\]\s+[#-])))"
    )
    found = [
        f"{name}:{number}"
        for name, text in own_texts()
        if name.endswith(".py") and name.startswith(("lms/", "migrations/"))
        for number, line in enumerate(text.splitlines(), 1)
        if silent.search(line)
    ]
    assert found == []


def test_no_work_is_left_for_later_in_the_code() -> None:
    later = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
    found = [
        name
        for name, text in own_texts()
        if name.endswith((".py", ".html", ".css", ".js")) and name != "tests/house/test_house.py"
        if later.search(text)
    ]
    assert found == []


def test_importing_the_rules_does_not_import_flask() -> None:
    code = "import lms.domain.quizzes, sys; sys.exit('flask' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
