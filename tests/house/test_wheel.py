"""The wheel, built through the sdist, works by itself in a clean environment."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from wheels import run

pytestmark = pytest.mark.slow

OPEN_A_PAGE = """
import sys, lms
from pathlib import Path
from lms import create_app
from lms.settings import Settings
from lms.upgrade import upgrade
assert Path(sys.prefix) in Path(lms.__file__).parents, lms.__file__
settings = Settings(database_url=sys.argv[1], secret_key="k" * 40, secure_cookies=False)
upgrade(settings)
client = create_app(settings).test_client()
page = client.get("/sign-in", headers={"Accept-Language": "ro"})
assert page.status_code == 200, page.status
assert 'lang="ro"' in page.text and "Parcurs" in page.text
style = next(p for p in page.text.split('"') if p.endswith("tokens.css"))
assert client.get(style).status_code == 200, style
"""


def test_it_holds_what_a_service_needs_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for part in (
        "lms/app.py",
        "lms/_data/templates/lms/_base.html",
        "lms/_data/migrations/env.py",
        "lms/_data/migrations/versions/0001_the_first_tables.py",
        "lms/_data/courses/por/course.yaml",
        "lms/translations/ro/LC_MESSAGES/messages.mo",
        "lms/web/static/css/bootstrap.css",
        "lms/web/static/css/tokens.css",
    ):
        assert part in names, part
    assert any(name.endswith("licenses/LICENSE") for name in names)
    roots = {name.partition("/")[0] for name in names}
    assert {root for root in roots if not root.endswith(".dist-info")} == {"lms"}
    assert not [name for name in names if "__pycache__" in name or name.endswith((".db", ".pyc"))]


def test_it_opens_a_page_in_a_clean_environment(clean_bin: Path, tmp_path: Path) -> None:
    python, command = clean_bin / "python", clean_bin / "lms"
    run(python, "-m", "pip", "check", cwd=tmp_path)
    run(python, "-W", "error", "-c", OPEN_A_PAGE, f"sqlite:///{tmp_path / 'x.db'}", cwd=tmp_path)
    assert run(command, "--version", cwd=tmp_path).startswith("lms, version")
    assert "Commands:" in run(command, "--help", cwd=tmp_path)
    assert "Nicio problemă" in run(command, "content", "check", cwd=tmp_path)
