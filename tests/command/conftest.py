"""The command as a person at a terminal meets it, run within the test's own process."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from databases import KIND, Databases

from lms.cli import main


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, databases: Databases
) -> dict[str, str]:
    """Settings of a service in a folder of its own; nothing of the outer environment's."""
    for name in list(os.environ):
        if name.startswith("LMS_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    url = databases.new() if KIND == "postgresql" else f"sqlite:///{tmp_path / 'lms.db'}"
    return {
        "LMS_DATABASE_URL": url,
        "LMS_SECRET_KEY": "a-secret-of-more-than-32-characters-for-tests",
        "LMS_TRUSTED_HOSTS": "localhost",
    }


@pytest.fixture
def lms(
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """``lms("person", "list")``; an exception that escapes would be a traceback."""

    def run(*arguments: str, given: str = "", **changed: str) -> Done:
        with monkeypatch.context() as patch:
            for name, value in {**environment, **changed}.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["lms", *arguments])
            patch.setattr(sys, "stdin", io.StringIO(given))
            for stream in (sys.stdout, sys.stderr):
                patch.setattr(stream, "reconfigure", lambda **_: None, raising=False)
            capsys.readouterr()
            try:
                main()
                code = 0
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 1
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return run
