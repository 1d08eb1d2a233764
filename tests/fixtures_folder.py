"""The folder of sample files made by others, named by LMS_FIXTURES and never committed.

Without it such a test cannot run. On somebody's own machine it is skipped with a reason that
starts with `NOT_RUN`, so that the summary can count it aloud; with CI=true it fails.
"""

import os
from pathlib import Path
from typing import NoReturn

import pytest

NOT_RUN = "NOT RUN"


def not_run(why: str) -> NoReturn:
    """What a test needs is missing: said loudly at the end of the run, and a failure in CI."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"{NOT_RUN}: {why}")
    pytest.skip(f"{NOT_RUN}: {why}")


def find_fixtures() -> Path | None:
    """The folder, or None when LMS_FIXTURES names none that exists."""
    named = os.environ.get("LMS_FIXTURES", "")
    return Path(named) if named and Path(named).is_dir() else None


@pytest.fixture(scope="session")
def fixtures_dir() -> Path:
    """The folder itself; the test is not run, or fails in CI, when it is absent."""
    folder = find_fixtures()
    if folder is not None:
        return folder
    not_run("LMS_FIXTURES names no folder of sample files")
