"""Workbook exercises in course files: what is refused, at its line, and what is written back."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_course import EXERCISE, FILES, MODULE_YAML, line_of, write_course

from lms.domain.authoring import AuthoredExercise
from lms.interop.course_check import check_folder
from lms.interop.course_check.printing import report_lines
from lms.interop.course_files import dump_course, read_course, sentence

RUBRIC = FILES[EXERCISE][FILES[EXERCISE].index("rubric:") :]
CRITERION = RUBRIC[RUBRIC.index("  - id: sursa") :]

REFUSED = [
    # (old, new, code, phrase whose line is reported)
    ("outcomes: [pasi]", "outcomes: [altul]", "outcome-unknown", "outcomes: [altul]"),
    ("outcomes: [pasi]\n", "", "lesson-without-outcome", "id: fisa-drum"),
    ("facts: [F-01, F-02]", "facts: [F-01, F-09]", "fact-unknown", "facts: [F-01, F-09]"),
    ("facts: [F-01, F-02]", "facts: [F-04]", "fact-uncertain", "facts: [F-04]"),
    ("Regula se verifică în\n  ghidul curent.", "Atât.", "caution-missing", "facts: [F-01, F-02]"),
    ("equals: 45}", "equals: 44}", "figure-wrong", "equals: 44"),
    ("(term:am) în ordin", "(term:nu) în ordin", "term-unknown", "(term:nu)"),
    ("vezi [AM](term:am)", "vezi [AM](term:nu)", "term-unknown", "vezi [AM](term:nu)"),
    ("(source:S1)", "(source:S9)", "source-unknown", "(source:S9)"),
    ("(lesson:harta#primul-pas)", "(lesson:harta#nu)", "anchor-missing", "(lesson:harta#nu)"),
    ("(file:buget.xlsx)", "(file:alt.xlsx)", "file-missing", "(file:alt.xlsx)"),
    ("img/harta.svg", "img/alta.svg", "picture-missing", "img/alta.svg"),
    ("![Harta de completat.]", "![]", "picture-without-alt", "img/harta.svg"),
    (
        "  Scrieți împreună",
        "  ::: check auto-unu\n\n  Scrieți împreună",
        "check-in-item",
        "::: check",
    ),
    ("Lipsește din pagină.", "Lipşeşte din pagină.", "cedilla", "Lipşeşte"),
    ("Lipsește din pagină.", 'Lipsește "din" pagină.', "straight-quotes", '"din"'),
    ("    title: Nevoia", '    title: "Zise “nevoia”"', "straight-quotes", "Zise"),
    ("summary: O pagină", 'summary: O "pagină"', "straight-quotes", 'O "pagină"'),
    (CRITERION, "", "rubric-count", "rubric:"),
    ("      - Spune cine, dar nu cât.\n", "", "levels-count", "- id: nevoia"),
    ("      - Spune cine, dar nu cât.", "      - Lipsește din pagină.", "entry-twice", ""),
    ("  - id: raspunderea", "  - id: nevoia", "entry-twice", ""),
    ("  - id: raspunderea", "  - id: Cine", "id-spelling", "id: Cine"),
    ("    title: Nevoia\n", "", "key-missing", "id: nevoia"),
    (RUBRIC, "rubric: []\n", "rubric-count", "rubric: []"),
    (RUBRIC, "", "key-missing", "id: fisa-drum"),
    ("task: |", "sarcina: |", "key-unknown", "sarcina: |"),
    ("as_of: 2026-11-22", "as_of: 2026-02-30", "want-date", "as_of:"),
    ("id: fisa-drum", "id: harta", "id-twice", "id: harta"),
    ("minutes: 30", "minutes: 0", "out-of-range", "minutes: 0"),
]


@pytest.mark.parametrize(("old", "new", "code", "phrase"), REFUSED)
def test_a_fault_is_refused_at_its_line(
    tmp_path: Path, old: str, new: str, code: str, phrase: str
) -> None:
    folder = write_course(tmp_path, broken=(EXERCISE, old, new))
    found = {(p.code, p.file): p for p in check_folder(folder).problems}
    assert (code, EXERCISE) in found
    fault = found[code, EXERCISE]
    if phrase:
        assert fault.line == line_of(folder, EXERCISE, phrase)
    assert all(sentence(fault, language) for language in ("ro", "en"))


@pytest.mark.parametrize(("words", "is_refused"), [(40, True), (1500, True), (1000, False)])
def test_a_sheet_has_a_sensible_length(tmp_path: Path, words: int, is_refused: bool) -> None:
    text = FILES[EXERCISE]
    start = text.index("  ## Orașul"), text.index("rubric:")
    example = "  Din 27, 45%. " + "cuvânt " * (words - 60 if words > 60 else 1)
    folder = write_course(tmp_path, broken=(EXERCISE, text[start[0] : start[1]], example + "\n"))
    codes = [p.code for p in check_folder(folder).problems]
    assert codes == (["exercise-length"] if is_refused else [])


def test_a_module_without_an_exercise_is_worth_a_look(tmp_path: Path) -> None:
    folder = write_course(tmp_path)
    (folder / EXERCISE).unlink()
    english = folder / "01-drum" / "module.en.yaml"
    english.write_text(english.read_text().replace("  fisa-drum: Workbook sheet\n", ""))
    report = check_folder(folder)
    assert report.problems == ()
    assert "module-without-exercise" in [w.code for w in report.warnings if w.file == MODULE_YAML]


def test_exercises_are_counted_and_their_words_too(tmp_path: Path) -> None:
    printed = "\n".join(report_lines(check_folder(write_course(tmp_path)), "ro"))
    assert "fișe de lucru" in printed
    assert "\n  fisa-drum  " in printed


def test_an_exercise_is_written_back_as_it_was_read(tmp_path: Path) -> None:
    course, problems = read_course(write_course(tmp_path / "a"))
    assert course is not None
    assert not problems
    dump_course(course, tmp_path / "b")
    again, problems = read_course(tmp_path / "b")
    assert not problems
    assert again == course
    sheets = [a for a in course.modules[0].activities if isinstance(a, AuthoredExercise)]
    assert [sheet.key for sheet in sheets] == ["fisa-drum"]
    written = next((tmp_path / "b").glob("*/*.exercise.yaml")).read_text()
    assert "task: |-\n  Scrieți împreună" in written
