"""A new release is unpacked while the service of the old one still answers (README, upgrade)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lms.paths import TEMPLATES
from lms.web import rendering


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Templates of this test's own, read by nobody yet."""
    copied = tmp_path / "templates"
    shutil.copytree(TEMPLATES / "lms", copied / "lms")
    monkeypatch.setattr(rendering, "TEMPLATES", copied)
    rendering._sources.cache_clear()
    yield copied / "lms"
    rendering._sources.cache_clear()


@pytest.mark.parametrize("name", ["lms", "lms_own"])
def test_a_page_opened_for_the_first_time_is_still_the_old_releases(pages: Path, name: str) -> None:
    environment = rendering.make_environment()
    (pages / "public" / "error.html").write_text("{{ what_the_new_code_gives }}", "utf-8")
    (pages / "learn" / "why.html").unlink()
    for page in ("public/error.html", "learn/why.html"):
        found = environment.get_template(f"{name}/{page}")
        assert "content" in found.blocks, page
    again = rendering.make_environment().get_template(f"{name}/public/error.html")
    assert "content" in again.blocks, "a worker that is replaced meanwhile, as well"
