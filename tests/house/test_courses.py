"""The courses we ship pass their own check and survive being written back."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from lms.interop.course_check import check_folder
from lms.interop.course_files import dump_course, read_course, sentence

COURSES = Path(__file__).parents[2] / "courses"
FOLDERS = sorted(path.parent for path in COURSES.glob("*/course.yaml"))


def test_there_is_a_course() -> None:
    assert COURSES / "por" in FOLDERS
    assert [p.name for p in COURSES.iterdir() if p.is_dir()] == [p.name for p in FOLDERS]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_course_passes_its_check(folder: Path) -> None:
    report = check_folder(folder)
    assert [sentence(problem, "ro") for problem in report.problems] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_course_survives_being_written_back(folder: Path, tmp_path: Path) -> None:
    course, _ = read_course(folder)
    assert course is not None
    dump_course(course, tmp_path / "copy")
    assert read_course(tmp_path / "copy") == (course, [])


def test_the_fact_sheet_of_the_por_course_is_whole() -> None:
    course, _ = read_course(COURSES / "por")
    assert course is not None
    assert Counter(f.confidence for f in course.facts) == {"V": 201, "C": 71, "M": 28, "?": 8}
    assert Counter(s.official for s in course.sources) == {True: 51, False: 84}
    assert [point.number for point in course.to_verify] == list(range(1, 22))
