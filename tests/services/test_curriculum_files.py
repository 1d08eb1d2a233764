"""The courses of this repository: from their files through the database and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from factories.courses import InlineRenderer, a_course, with_module
from sessions import NOW
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from lms import content
from lms.interop.course_files import read_course
from lms.interop.markdown_renderer import Renderer
from lms.paths import COURSES
from lms.services import authoring, publishing
from lms.services.course_dump import dump_course
from lms.services.course_store import store_course

FOLDERS = sorted(path.parent for path in COURSES.glob("*/course.yaml"))


def test_there_are_courses() -> None:
    assert FOLDERS


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_course_is_stored_published_and_written_back_whole(
    session: Session, folder: Path
) -> None:
    authored, problems = read_course(folder)
    assert authored is not None, problems
    first = store_course(session, authored, InlineRenderer(), NOW)
    assert first.new > 0
    session.commit()
    course = authoring.get_course(session, authored.key)
    assert dump_course(session, course) == authored
    manifest = publishing.publish(session, course, None, "", NOW).manifest
    assert [module.key for module in manifest.modules] == [m.key for m in authored.modules]
    assert all(module.criteria for module in manifest.modules)
    session.commit()
    assert publishing.count_changes(session, course) == 0


def test_a_load_that_shows_nothing_new_publishes_nothing(engine: Engine) -> None:
    with Renderer() as renderer:
        numbers = [
            content.load(engine, course, renderer, publish=True, now=NOW).published
            for course in (
                a_course(),
                a_course(),
                a_course(facts=()),
                with_module(a_course(facts=()), 1, title="Altul"),
            )
        ]
    assert numbers == [1, None, None, 2]
