"""The folder of sample files made by others, named by LMS_FIXTURES and never committed.

Without it such a test cannot run. On somebody's own machine it is skipped with a reason that
starts with `NOT_RUN`, so that the summary can count it aloud; with CI=true it fails.
"""

import os
from pathlib import Path

import pytest

NOT_RUN = "NOT RUN"


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
    missing = f"{NOT_RUN}: LMS_FIXTURES names no folder of sample files"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(missing)
    pytest.skip(missing)
