"""Sizes of a course's pictures, each read once per process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from factories.courses import a_course, make_published
from sqlalchemy.orm import Session
from statements import statements

from lms.services import curriculum
from lms.services.picture_sizes import find_size

DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}"/>'


@pytest.fixture
def files(session: Session) -> Mapping[str, str]:
    """The published files of a course whose first module has three drawings more."""
    course = a_course()
    folder = course.modules[0].folder
    more = {f"{folder}/img/{n}.svg": DRAWING.format(n * 100, n).encode() for n in (2, 3, 4)}
    more[f"{folder}/img/no.svg"] = b"<svg/>"
    make_published(session, replace(course, assets=course.assets | more))
    session.commit()
    published = curriculum.find_published(session, "por")
    assert published is not None
    return published.manifest.assets


def test_pictures_that_stand_together_are_read_in_one_query(
    session: Session, files: Mapping[str, str]
) -> None:
    with statements(session) as sent:
        assert find_size(session, files, "m1/img/2.svg") == (200, 2)
        assert len(sent) == 1
        assert find_size(session, files, "m1/img/4.svg") == (400, 4)
        assert find_size(session, files, "m1/img/no.svg") is None, "and not asked for again"
        assert find_size(session, files, "m1/img/nowhere.svg") is None
        assert len(sent) == 1, sent
        assert find_size(session, files, "m2/img/m2.svg") == (1, 1), "the same drawing as m1's"
        assert len(sent) == 1, sent


def test_what_is_not_stored_has_no_size(session: Session, files: Mapping[str, str]) -> None:
    lost = {"m9/img/a.png": "0" * 64}
    assert find_size(session, lost, "m9/img/a.png") is None
