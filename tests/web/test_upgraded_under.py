"""A new release is unpacked while the service of the old one still answers (README, upgrade)."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from lms.paths import STATIC, TEMPLATES
from lms.web import assets, rendering


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


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Static files of this test's own, read by nobody yet."""
    copied = tmp_path / "static"
    shutil.copytree(STATIC, copied)
    monkeypatch.setattr(rendering, "STATIC", copied)
    for kept in (rendering.static_files, rendering.asset_version, assets._compressed):
        kept.cache_clear()
    yield copied
    for kept in (rendering.static_files, rendering.asset_version, assets._compressed):
        kept.cache_clear()


@pytest.mark.parametrize("accepts", ["gzip", "identity"])
def test_a_script_asked_for_the_first_time_is_the_one_its_fingerprint_names(
    files: Path, accepts: str
) -> None:
    """Browsers keep it for a year under that address, also when the old release comes back."""
    rendering.make_environment()
    before = (files / "js" / "quiz.js").read_bytes()
    (files / "js" / "quiz.js").write_text("newer", "utf-8")
    (files / "js" / "lesson.js").unlink()
    with Flask("lms").test_request_context(headers={"Accept-Encoding": accepts}):
        answer = assets.send(rendering.asset_version(), "js/quiz.js")
        sent = answer.get_data()
        assert (gzip.decompress(sent) if accepts == "gzip" else sent) == before
        assert answer.headers["Cache-Control"] == assets.FOR_EVER
        assert assets.send(rendering.asset_version(), "js/lesson.js").status_code == 200


def test_under_another_fingerprint_a_script_is_kept_for_a_moment_only(files: Path) -> None:
    """A page of the new release asks a worker of the old one, or the other way round."""
    with Flask("lms").test_request_context():
        answer = assets.send("0123456789ab", "js/quiz.js")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=60")
