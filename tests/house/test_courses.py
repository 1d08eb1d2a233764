"""The courses we ship pass their own check and survive being written back."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from lms.domain.authoring import AuthoredCourse, AuthoredLesson, AuthoredModule
from lms.domain.items import Case, Use
from lms.domain.text import fold
from lms.interop.course_check import check_folder
from lms.interop.course_check.statistics import is_situation
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


@cache
def por() -> AuthoredCourse:
    course, problems = read_course(COURSES / "por")
    assert course is not None, problems
    return course


def test_the_por_course_is_whole() -> None:
    course = por()
    assert len(course.modules) == 12
    assert len(course.glossary) >= 120
    assert len({fold(term.term) for term in course.glossary}) == len(course.glossary)
    assert [str(test.place) for test in course.tests] == ["before", "after"]
    report = check_folder(COURSES / "por")
    assert [sentence(warning, "ro") for warning in report.warnings] == []


@pytest.mark.parametrize("module", por().modules, ids=lambda module: module.key)
def test_a_module_of_the_por_course_is_whole(module: AuthoredModule) -> None:
    kinds = Counter(type(activity).__name__ for activity in module.activities)
    assert 4 <= kinds["AuthoredLesson"] <= 6
    assert (kinds["AuthoredExercise"], kinds["AuthoredQuiz"]) == (1, 1)
    # Lessons, then the sheet, then the test: the order in which they are walked.
    assert [type(a).__name__ for a in module.activities[-2:]] == [
        "AuthoredExercise",
        "AuthoredQuiz",
    ]
    asked = [item for item in module.items if item.use is Use.QUIZ]
    assert len(asked) >= 20
    assert len({str(item.kind) for item in asked}) >= 5
    assert any(isinstance(item.body, Case) for item in asked)
    last = [a for a in module.activities if isinstance(a, AuthoredLesson)][-1]
    assert "\n## Ce s-a schimbat după 2020" in last.body


def test_the_tests_of_the_course_ask_as_much_of_every_module() -> None:
    course = por()
    for test, each in zip(course.tests, (2, 3), strict=True):
        asked = Counter(rule.module for rule in test.settings.draw for _ in range(rule.count))
        assert asked == dict.fromkeys((m.key for m in course.modules), each)
    assert course.tests[0].settings.attempts == 1
    assert (course.tests[1].settings.attempts, course.tests[1].settings.pass_percent) == (0, 70)


def test_most_questions_start_from_a_situation() -> None:
    """By words, hence roughly: readers judge it, this only notices a bank that turned to terms."""
    asked = [
        (q, i if q is not i else None) for m in por().modules for i in m.items for q in i.questions
    ]
    assert sum(is_situation(*pair) for pair in asked) * 2 >= len(asked)
