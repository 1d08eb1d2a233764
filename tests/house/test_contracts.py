"""The floors are enforced: each contract is broken once on purpose, and seen caught."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]

CRIMES = {
    "domain/crime.py": "import sqlalchemy\n",
    "services/crime.py": "import flask_login\nimport requests\nimport lms.web.blueprint\n",
    "interop/crime.py": "import bleach\nimport zipfile\n",
    "web/learn/crime.py": "import sqlalchemy\nimport lms.web.teach.room\n",
    "stray.py": "",
}
"""Module → what it may not do. The stray one has no place among the floors."""


def contracts() -> dict[str, str]:
    found = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return {c["id"]: c["name"] for c in found["tool"]["importlinter"]["contracts"]}


def judge(folder: Path) -> dict[str, bool]:
    """Contract name → whether it was kept."""
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()",
         "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    lines = re.findall(r"^(.+?) (KEPT|BROKEN)", done.stdout, re.MULTILINE)
    assert lines, done.stdout + done.stderr
    return {name: verdict == "KEPT" for name, verdict in lines}


def copy_of_the_house(folder: Path) -> None:
    shutil.copytree(
        ROOT / "lms",
        folder / "lms",
        ignore=lambda _, names: {n for n in names if "." in n and not n.endswith(".py")},
    )
    shutil.copy(ROOT / "pyproject.toml", folder)


def test_each_broken_contract_is_seen(tmp_path: Path) -> None:
    copy_of_the_house(tmp_path)
    for module, content in CRIMES.items():
        (tmp_path / "lms" / module).write_text(content, "utf-8")
    verdicts = judge(tmp_path)
    assert set(verdicts) == set(contracts().values())
    assert not any(verdicts.values()), [name for name, kept in verdicts.items() if kept]


def test_a_stray_module_alone_breaks_the_floors(tmp_path: Path) -> None:
    copy_of_the_house(tmp_path)
    (tmp_path / "lms" / "stray.py").write_text("", "utf-8")
    verdicts = judge(tmp_path)
    assert [name for name, kept in verdicts.items() if not kept] == [contracts()["floors"]]
