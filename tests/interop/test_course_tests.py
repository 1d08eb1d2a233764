"""Tests of the whole course in its files: read, checked against all banks, written back."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_course import FINAL_TEST, MODULE_YAML, PRE_TEST, QUIZ, line_of, write_course

from lms.domain.curriculum import CoursePlace
from lms.interop.course_check import check_folder
from lms.interop.course_files import dump_course, read_course, sentence

REFUSED = [
    (PRE_TEST, "place: before\n", "", "key-missing", "id: test-initial"),
    (PRE_TEST, "place: before", "place: between", "choice-unknown", "place:"),
    (PRE_TEST, "module: drum, outcome: bani", "module: altul, outcome: bani", "draw-module-unknown", "altul"),
    (PRE_TEST, "module: drum, outcome: bani", "outcome: bani", "draw-outcome-alone", "{outcome: bani"),
    (PRE_TEST, "outcome: bani", "outcome: nimic", "outcome-unknown", "nimic"),
    (PRE_TEST, "outcome: bani, count: 1", "outcome: bani, count: 3", "draw-short", "draw:"),
    (PRE_TEST, "draw:", "items: [auto-unu]\ndraw:", "quiz-item-unknown", "auto-unu"),
    (PRE_TEST, "id: test-initial", "id: test-drum", "id-twice", ""),
    (PRE_TEST, "title: Testul inițial", "title: Testul iniţial", "cedilla", "iniţial"),
    ("course.en.yaml", "test-final: After", "alt-test: After", "english-unknown", "alt-test"),
    (QUIZ, "minutes: 15", "minutes: 15\nplace: after", "key-unknown", "place: after"),
    (QUIZ, "{outcome: bani, count: 1}", "{module: drum, outcome: bani, count: 1}", "key-unknown", "module: drum"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "old", "new", "code", "phrase"), REFUSED)
def test_a_fault_is_refused_at_its_line(
    tmp_path: Path, path: str, old: str, new: str, code: str, phrase: str
) -> None:
    folder = write_course(tmp_path, broken=(path, old, new))
    found = {p.code: p for p in check_folder(folder).problems}
    assert code in found
    if phrase:
        assert (found[code].file, found[code].line) == (path, line_of(folder, path, phrase))
    assert all(sentence(found[code], language) for language in ("ro", "en"))


def test_an_outcome_that_neither_test_asks_for_is_worth_a_look(tmp_path: Path) -> None:
    rule = "  - {module: drum, outcome: bani, count: 1}\n"
    folder = write_course(tmp_path, broken=(PRE_TEST, rule, ""))
    report = check_folder(folder)
    assert report.problems == ()
    told = [
        (w.file, w.param("value"))
        for w in report.warnings
        if w.code == "outcome-not-in-course-tests"
    ]
    assert told == [(MODULE_YAML, "bani")]


def test_a_course_without_such_tests_owes_none(tmp_path: Path) -> None:
    folder = write_course(tmp_path)
    for path in (PRE_TEST, FINAL_TEST):
        (folder / path).unlink()
    english = folder / "course.en.yaml"
    english.write_text(english.read_text().partition("activities:")[0])
    report = check_folder(folder)
    assert report.problems == ()
    assert [w.code for w in report.warnings] == ["bank-small"]


def test_they_are_read_in_one_order_and_written_back(tmp_path: Path) -> None:
    folder = write_course(tmp_path / "a")
    course, problems = read_course(folder)
    assert course is not None, problems
    assert [(t.key, t.place) for t in course.tests] == [
        ("test-initial", CoursePlace.BEFORE),
        ("test-final", CoursePlace.AFTER),
    ]
    assert course.tests[0].settings.attempts == 1
    assert [(r.module, r.outcome, r.count) for r in course.tests[0].settings.draw] == [
        ("drum", "pasi", 1),
        ("drum", "bani", 1),
    ]
    assert course.en["activities"] == {
        "test-initial": "Before the course",
        "test-final": "After the course",
    }
    dump_course(course, tmp_path / "b")
    assert read_course(tmp_path / "b") == (course, [])
    assert (tmp_path / "b" / "test-initial.quiz.yaml").is_file()
    assert dump_course(course, folder) == [], "where there are names, they are kept"
