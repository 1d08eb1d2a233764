"""Course files: every way a file can be wrong is named with its line, and nothing is half read."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from small_course import (
    BANK,
    FILES,
    LESSON,
    MODULE,
    MODULE_EN,
    MODULE_YAML,
    QUIZ,
    line_of,
    small,
    write_course,
)

from lms.domain.authoring import AuthoredCourse, AuthoredExercise, AuthoredLesson, AuthoredQuiz
from lms.domain.items import Case, Choice, Matching, Numeric, Use
from lms.interop.course_files import part_key, read_course, read_folder, sentence

# -- what a right course becomes ---------------------------------------------------------------


def test_a_course_becomes_authored_values(tmp_path: Path) -> None:
    course = small(tmp_path)
    (module,) = course.modules
    lesson, sheet, quiz = module.activities
    assert isinstance(lesson, AuthoredLesson)
    assert isinstance(sheet, AuthoredExercise)
    assert isinstance(quiz, AuthoredQuiz)
    assert (course.key, course.language, course.workshop) == (
        "drumul",
        "ro",
        "Sesiunea din mai 2018",
    )
    assert course.en["title"] == "The way of a project"
    assert module.en["outcomes"]["pasi"] == "Names the steps."
    assert (module.folder, module.badge.symbol) == (MODULE, "road")
    assert [rule.target for rule in module.criteria] == ["lessons", "test-drum"]
    assert lesson.figures == (("27 / 60 * 100", "45"),)
    assert lesson.body.startswith("Luni dimineață")
    assert lesson.body.endswith("(lesson:harta#primul-pas).")
    assert [c.key for c in sheet.rubric] == ["nevoia", "raspunderea", "sursa"]
    assert sheet.rubric[1].levels[2] == "Apare un om, cu termen."
    assert sheet.task.startswith("Scrieți împreună nevoia")
    assert (sheet.outcomes, sheet.facts) == (("pasi",), ("F-01", "F-02"))
    assert [(r.outcome, r.count) for r in quiz.settings.draw] == [("pasi", 2), ("bani", 1)]
    assert {f.code: f.confidence for f in course.facts}["F-04"] == "?"
    assert [f.as_of for f in course.facts[:2]] == ["2026-11-22", "2026-10-01"]
    assert [s.official for s in course.sources] == [True, False]
    assert course.to_verify[0].facts == ("F-02",)
    assert set(course.assets) == {f"{MODULE}/img/harta.svg", "files/buget.xlsx"}


def test_items_of_every_kind_are_read(tmp_path: Path) -> None:
    items = {item.key: item for item in small(tmp_path).modules[0].items}
    assert items["auto-unu"].use is Use.SELF_CHECK
    single = items["pas-intai"]
    assert isinstance(single.body, Choice)
    assert [option.correct for option in single.body.options] == [False, True]
    assert single.stem.endswith("altceva.\n\nCe faceți?")
    assert single.explanation.count("\n") == 0
    numeric = items["bani-procent"].body
    assert isinstance(numeric, Numeric)
    assert (numeric.unit, str(numeric.tolerance)) == ("%", "0.05")
    matching = items["pas-perechi"].body
    assert isinstance(matching, Matching)
    assert len({p.key for p in matching.pairs} | {d.key for d in matching.distractors}) == 4


def test_a_child_takes_from_its_case_what_it_does_not_say(tmp_path: Path) -> None:
    items = {item.key: item for item in small(tmp_path).modules[0].items}
    case = items["caz-pod"].body
    assert isinstance(case, Case)
    first, second = case.children
    assert (first.outcome, first.difficulty, first.facts) == ("bani", 3, ("F-01",))
    assert (second.outcome, second.difficulty, second.facts) == ("pasi", 1, ("F-03",))
    assert second.lesson == "harta#primul-pas"


def test_reordering_options_keeps_their_identity(tmp_path: Path) -> None:
    options = """\
    - text: Autoritatea
      correct: true
      why: Ea dă ordinele.
"""
    other = """\
    - text: Oricare consultant
      why: Consultantul ajută, nu conduce.
"""
    folder = write_course(tmp_path, swap=(BANK, options + other, other + options))
    swapped, problems = read_course(folder)
    assert swapped is not None, problems
    before = small(tmp_path / "as-was")

    def keys(course: AuthoredCourse) -> dict[str, str]:
        item = next(i for i in course.modules[0].items if i.key == "auto-doi")
        assert isinstance(item.body, Choice)
        return {option.text: option.key for option in item.body.options}

    assert keys(swapped) == keys(before)
    assert keys(before)["Autoritatea"] == part_key("Autoritatea")


# -- what is refused ---------------------------------------------------------------------------

REFUSED = [
    # (file, old, new, code, phrase whose line is reported; each ^ means one line above it)
    ("course.yaml", "title: Drumul unui proiect", "titlu: X", "key-unknown", "titlu: X"),
    ("course.yaml", "language: ro", "language: fr", "choice-unknown", "language: fr"),
    ("course.yaml", "id: drumul", "id: Drumul", "id-spelling", "id: Drumul"),
    ("course.yaml", "id: drumul", "id: drum_nou", "id-spelling", "id: drum_nou"),
    ("course.yaml", "summary: Un", "title: Din nou\nsummary: Un", "key-twice", "Din nou"),
    ("course.yaml", "title: Drumul unui proiect", "title: no", "yaml-trap", "title: no"),
    ("course.yaml", "title: Drumul unui proiect", "title: On", "yaml-trap", "title: On"),
    ("course.yaml", "title: Drumul unui proiect", "title: 12:30", "yaml-trap", "12:30"),
    ("course.yaml", "title: Drumul unui proiect", "title: 2018-05-17", "yaml-trap", "2018-05"),
    ("course.yaml", "title: Drumul unui proiect", "title: 4.4", "yaml-trap", "4.4"),
    ("course.yaml", "title: Drumul unui proiect", "title:", "text-empty", "title:"),
    ("course.yaml", "title: Drumul unui proiect", 'title: " "', "text-empty", "title:"),
    ("course.yaml", "title: Drumul unui proiect", "title: [a, b]", "want-one", "[a, b]"),
    ("course.yaml", "title: Drumul unui proiect", "title: &a X", "yaml-alias", "&a X"),
    ("course.yaml", "title: Drumul unui proiect", "title: *a", "yaml-alias", "*a"),
    ("course.yaml", "title: Drumul unui proiect", "title: !!str X", "yaml-tag", "!!str"),
    ("course.yaml", "title: Drumul unui proiect", "title: A: b", "yaml-syntax", "A: b"),
    ("course.yaml", "title: Drumul unui proiect", "\ttitle: X", "yaml-syntax", "\ttitle"),
    ("course.yaml", "title: Drumul unui proiect", 'title: "\\0"', "control-characters", "\\0"),
    ("course.yaml", "title: Drumul unui proiect", "title: \x07a", "control-characters", "\x07"),
    ("course.yaml", "title: Drumul unui proiect", "? [a, b]\n: c", "yaml-key", "? [a"),
    ("course.yaml", "workshop: Sesiunea", "---\nworkshop: Sesiunea", "yaml-documents", "---"),
    ("glossary.yaml", "- id: am", "id: am", "yaml-syntax", "  term: AM"),
    ("glossary.yaml", "  en: managing authority\n", "- {id: am, term: AM, text: Alta.}\n", "id-twice", "Alta."),
    ("to-verify.yaml", "[F-02]", "[[F-02], F-03]", "want-one", "[[F-02]"),
    ("glossary.yaml", "  term: AM\n", "", "key-missing", "- id: am"),
    ("sources.yaml", "S1:", "s1:", "code-spelling", "s1:"),
    ("sources.yaml", "official: true", "official: yes", "want-flag", "official: yes"),
    ("sources.yaml", "official: true", "official: 'true'", "want-flag", "official: 'true'"),
    ("facts.yaml", "confidence: M", "confidence: X", "choice-unknown", "F-03"),
    ("facts.yaml", 'confidence: "?"', "confidence: y", "choice-unknown", "F-04"),
    ("facts.yaml", "as_of: 2026-11-22", "as_of: 22.11.2026", "want-date", "as_of: 22"),
    ("facts.yaml", "as_of: 2026-11-22", "as_of: 2026-02-30", "want-date", "as_of: 2026-02"),
    ("facts.yaml", "sources: [S1]", "sources: S1", "want-list", "F-01"),
    ("to-verify.yaml", "number: 1", "number: unu", "want-whole", "number: unu"),
    ("to-verify.yaml", "number: 1", "number: 1_000", "want-whole", "number: 1_000"),
    ("to-verify.yaml", "[F-02]", "[F-02, F-02]", "entry-twice", "[F-02, F-02]"),
    (MODULE_YAML, "minutes: 60", "minutes: 0", "out-of-range", "minutes: 0"),
    (MODULE_YAML, "minutes: 60", "minutes: 0x1E", "want-whole", "minutes: 0x1E"),
    (MODULE_YAML, "minutes: 60", "minutes: 1:30", "want-whole", "minutes: 1:30"),
    (MODULE_YAML, "  - id: bani", "  - id: pasi", "entry-twice", "^Calculează"),
    (MODULE_YAML, "- read: lessons", "- seen: lessons", "criterion-kind", "- seen"),
    (MODULE_YAML, "badge:\n  title: Drumul\n  symbol: road", "badge: road", "want-mapping", "badge"),
    (MODULE_YAML, "outcomes:\n", "outcomes: x\nold:\n", "want-list", "outcomes: x"),
    (MODULE_EN, "badge: The way", "badges: The way", "key-unknown", "badges"),
    (MODULE_EN, "  pasi: Names", "  pasi: [a]\n  x: Names", "want-one", "pasi: [a]"),
    (LESSON, "---\nid: harta", "id: harta", "front-matter-missing", "id: harta"),
    (LESSON, "as_of: 2026-11-22", "as_of: azi", "want-date", "as_of: azi"),
    (LESSON, "as_of: 2026-11-22\n", "", "key-missing", "id: harta"),
    (LESSON, "title: Harta drumului", "title: Harta: drumul", "yaml-syntax", "Harta: drumul"),
    (LESSON, "equals: 45}", "equals: 4,5}", "key-unknown", "equals: 4,5"),
    (LESSON, "equals: 45}", 'equals: "4,5"}', "want-number", 'equals: "4,5"'),
    (LESSON, "equals: 45}", "equals: 4.500}", "number-thousands", "equals: 4.500"),
    (LESSON, "id: harta", "id: test-drum", "id-twice", None),
    (QUIZ, "pass: 70", "pass: 101", "out-of-range", "pass: 101"),
    (QUIZ, "pass: 70", "pass: 70%", "want-whole", "pass: 70%"),
    (QUIZ, "minutes: 15", "minutes: 15\nattempts: 0", "out-of-range", "attempts: 0"),
    (QUIZ, "outcome: pasi, count: 2", "outcome: pasi, counts: 2", "key-unknown", "counts"),
    (QUIZ, "draw:\n  - {outcome: pasi, count: 2}\n  - {outcome: bani, count: 1}\n", "", "quiz-empty", "id: test-drum"),
    (BANK, "kind: multiple", "kind: multi", "choice-unknown", "kind: multi"),
    (BANK, "  kind: ordering\n", "", "key-missing", "- id: pas-ordine"),
    (BANK, "- id: pas-ordine", "- id: scurt", "id-twice", "^^stem: Cum se numește"),
    (BANK, "use: self-check\n  stem: Cine", "use: exam\n  stem: Cine", "choice-unknown", "use: exam"),
    (BANK, "answer: true\n  why:", "answer: no\n  why:", "want-flag", "answer: no"),
    (BANK, "why: {true: Grantul", "why: {yes: Grantul", "key-unknown", "yes: Grantul"),
    (BANK, "answer: 45", "answer: 45 %", "want-number", "answer: 45 %"),
    (BANK, "answer: 45", "answer: .inf", "want-number", "answer: .inf"),
    (BANK, "answer: 45", "answer: 1e3", "want-number", "answer: 1e3"),
    (BANK, "answer: 4000", "answer: 4.000", "number-thousands", "answer: 4.000"),
    (BANK, "tolerance: 0.05", "tolerance: -1", "tolerance-negative", "tolerance: -1"),
    (BANK, "value: 27, why", "value: 45.04, why", "mistake-is-right", "45.04"),
    (BANK, "value: PMUD", "value: sidu", "mistake-is-right", "sidu"),
    (BANK, "text: decontul de zbor", "text: Contractul", "distractor-is-right", "Contractul"),
    (BANK, "[SIDU, strategia integrată]", "[]", "parts-count", "accept: []"),
    (BANK, "    - {text: Ideea, why: Răspunde nevoii.}\n", "", "parts-count", "steps:"),
    (BANK, "{text: Ideea,", "{text: nevoia,", "part-twice", "nevoia,"),
    (BANK, "left: dirigintele", "left: Primarul", "part-twice", "left: Primarul"),
    (BANK, "text: Oricare consultant", "text: autoritatea", "part-twice", "text: autoritatea"),
    (BANK, "    - text: Autoritatea\n      correct: true\n", "    - text: Autoritatea\n", "right-none", None),
    (BANK, "      why: Consultantul", "      correct: true\n      why: Consultantul", "right-many", None),
    (BANK, "difficulty: 3\n  facts: [F-03]", "difficulty: 4\n  facts: [F-03]", "out-of-range", "difficulty: 4"),
    (BANK, "kind: case\n", "kind: case\n  use: self-check\n", "self-check-case", None),
    (BANK, "    - id: caz-pod-parte\n      kind: numeric", "    - id: caz-pod-parte\n      kind: case", "choice-unknown", "      kind: case"),
    (BANK, '  unit: "%"', "  unit: %", "yaml-syntax", "unit: %"),
    (BANK, "  tags: [ordine]", "  tags: ordine", "want-list", "tags: ordine"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "old", "new", "code", "phrase"), REFUSED)
def test_a_fault_is_named_with_its_line(
    tmp_path: Path, path: str, old: str, new: str, code: str, phrase: str | None
) -> None:
    folder = write_course(tmp_path, broken=(path, old, new))
    course, problems = read_course(folder)
    assert course is None
    found = [problem for problem in problems if problem.code == code]
    assert found, [sentence(problem, "en") for problem in problems]
    if phrase is not None:
        above = phrase.count("^")
        line = line_of(folder, path, phrase.lstrip("^")) - above
        assert (found[0].file, found[0].line) == (path, line)
    for problem in problems:
        for language in ("ro", "en"):
            words = sentence(problem, language)
            assert words.startswith(f"{problem.file}:{problem.line}: ")
            assert words.endswith((".", "?", '"')), words
            assert not re.search(r"\{[a-z]+\}", words), words


def test_the_right_option_is_missed_where_the_options_stand(tmp_path: Path) -> None:
    path, old, new, *_ = next(row for row in REFUSED if row[3] == "right-none")
    folder = write_course(tmp_path, broken=(path, old, new))
    (problem,) = read_course(folder)[1]
    assert problem.line == line_of(folder, BANK, "stem: Cine conduce") + 1


def test_an_id_used_twice_names_the_other_place(tmp_path: Path) -> None:
    folder = write_course(tmp_path, broken=(BANK, "id: caz-pod-urmare", "id: harta"))
    (problem,) = read_course(folder)[1]
    assert problem.code == "id-twice"
    assert problem.param("where") == f"{LESSON}:2"
    assert problem.line == line_of(folder, BANK, "id: harta")


def test_all_faults_of_all_files_are_reported_at_once(tmp_path: Path) -> None:
    folder = write_course(
        tmp_path,
        one=("course.yaml", "language: ro", "language: fr"),
        two=(BANK, "kind: multiple", "kind: multi"),
        three=(LESSON, "as_of: 2026-11-22", "as_of: azi"),
        four=(QUIZ, "pass: 70", "pass: 0"),
    )
    codes = {(problem.file, problem.code) for problem in read_course(folder)[1]}
    assert codes == {
        ("course.yaml", "choice-unknown"),
        (BANK, "choice-unknown"),
        (LESSON, "want-date"),
        (QUIZ, "out-of-range"),
    }


def _remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _write(name: str, content: bytes) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)

    return write


DEEP = b"id: " + b"[" * 40 + b"]" * 40 + b"\n"
BOMB = b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
FOLDERS = [
    (_remove("course.yaml"), "course-missing", "course.yaml"),
    (_remove(MODULE_YAML), "module-missing", MODULE_YAML),
    (_write(f"{MODULE}/lectie.md", b"x"), "file-unknown", f"{MODULE}/lectie.md"),
    (_write(f"{MODULE}/02-alta.markdown", b"x"), "file-unknown", f"{MODULE}/02-alta.markdown"),
    (_write(f"{MODULE}/bank/x.yml", b"x"), "file-unknown", f"{MODULE}/bank/x.yml"),
    (_write("modul/module.yaml", b"x"), "file-unknown", "modul"),
    (_write("notes.txt", b"x"), "file-unknown", "notes.txt"),
    (_write("files/bu get.xlsx", b"x"), "asset-name", "files/bu get.xlsx"),
    (_write("files/mare.pdf", b"x" * 5_000_001), "file-too-large", "files/mare.pdf"),
    (_write("glossary.yaml", b"#" * 1_000_001), "file-too-large", "glossary.yaml"),
    (_write("glossary.yaml", b"x"), "want-list", "glossary.yaml"),
    (_write("course.yaml", b""), "yaml-empty", "course.yaml"),
    (_write("course.yaml", b"- a\n"), "want-mapping", "course.yaml"),
    (_write("course.yaml", DEEP), "yaml-depth", "course.yaml"),
    (_write("course.yaml", BOMB), "yaml-alias", "course.yaml"),
    (_write("course.yaml", b"title: a\x00b\n"), "control-characters", "course.yaml"),
    (_write("course.yaml", b"title: \xed\xa0\x80\n"), "not-utf8", "course.yaml"),
    (_write(LESSON, b"---\nid: harta\n"), "front-matter-open", LESSON),
    (lambda folder: (folder / "files/x.pdf").symlink_to("/etc/passwd"), "symlink", "files/x.pdf"),
    (lambda folder: shutil.rmtree(folder / MODULE), "course-empty", "course.yaml"),
]


@pytest.mark.parametrize(("break_it", "code", "file"), FOLDERS)
def test_a_folder_that_is_no_course_is_refused(
    tmp_path: Path, break_it: Callable[[Path], None], code: str, file: str
) -> None:
    folder = write_course(tmp_path)
    break_it(folder)
    course, problems = read_course(folder)
    assert course is None
    assert (code, file) in {(problem.code, problem.file) for problem in problems}


def test_a_wrong_encoding_is_found_at_its_line(tmp_path: Path) -> None:
    folder = write_course(tmp_path)
    (folder / "course.yaml").write_bytes("id: drumul\ntitle: Focșani\n".encode("iso8859_16"))
    assert (read_course(folder)[1][0].code, read_course(folder)[1][0].line) == ("not-utf8", 2)


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    folder = write_course(tmp_path / "windows")
    for path in FILES:
        text = (folder / path).read_text(encoding="utf-8").replace("\n", "\r\n")
        (folder / path).write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_course(folder) == (small(tmp_path / "plain"), [])


def test_a_text_larger_than_the_product_takes_is_refused(tmp_path: Path) -> None:
    folder = write_course(tmp_path, broken=("course.yaml", "Un curs mic.", "ă" * 32_001))
    assert [problem.code for problem in read_course(folder)[1]] == ["text-too-long"]
    body = write_course(tmp_path / "b", broken=(LESSON, "Luni dimineață", "ă" * 32_001))
    assert [problem.code for problem in read_course(body)[1]] == ["text-too-long"]


def test_places_lead_into_folded_texts(tmp_path: Path) -> None:
    folder = write_course(tmp_path)
    places = read_folder(folder).places
    where = places.line_of("item/pas-intai/explanation", "cumpărătură")
    assert where == (BANK, line_of(folder, BANK, "justifice o cumpărătură"))
    assert places.line_of("item/none") == ("item/none", 0)


# -- plain words -------------------------------------------------------------------------------
