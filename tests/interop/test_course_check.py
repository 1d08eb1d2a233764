"""The course check: each thing it promises to refuse is shown being refused, at its line."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from small_course import (
    BANK,
    LESSON,
    MODULE,
    MODULE_EN,
    MODULE_YAML,
    QUIZ,
    found,
    line_of,
    write_course,
)

from lms.domain.authoring import AuthoredCourse
from lms.interop.course_check import CheckReport, check_course, check_folder
from lms.interop.course_check.printing import report_lines
from lms.interop.course_files import read_course, sentence


def test_the_small_course_has_no_problem(tmp_path: Path) -> None:
    report = check_folder(write_course(tmp_path))
    assert report.problems == ()
    assert [warning.code for warning in report.warnings] == ["bank-small"]


REFUSED = [
    # (file, old, new, code, phrase whose line is reported; each ^ means one line above it)
    (BANK, "  explanation: Fiecare etapă o pregătește pe următoarea.\n", "", "item-without-explanation", "- id: pas-ordine"),
    (BANK, "      explanation: Partea proprie este un raport.\n", "", "item-without-explanation", "- id: caz-pod-parte"),
    (BANK, "outcome: bani\n  difficulty: 1\n  facts: [F-01]\n  lesson: harta\n- id: pas-ordine", "difficulty: 1\n  facts: [F-01]\n  lesson: harta\n- id: pas-ordine", "item-without-outcome", "- id: bani-procent"),
    (BANK, "      outcome: bani", "      outcome: nimic", "outcome-unknown", "outcome: nimic"),
    (BANK, "  facts: [F-01]\n  lesson: harta#primul-pas\n- id: bani-doi", "  lesson: harta#primul-pas\n- id: bani-doi", "item-without-facts", "- id: caz-pod-parte"),
    (BANK, "facts: [F-03]\n  lesson: harta\n- id: pas-perechi", "facts: [F-09]\n  lesson: harta\n- id: pas-perechi", "fact-unknown", "facts: [F-09]"),
    (BANK, "facts: [F-03]\n  lesson: harta\n- id: pas-perechi", "facts: [F-04]\n  lesson: harta\n- id: pas-perechi", "fact-uncertain", "facts: [F-04]"),
    (BANK, "      facts: [F-03]", "      facts: [F-04]", "fact-uncertain", "facts: [F-04]"),
    (BANK, "lesson: harta\n- id: pas-perechi", "tags: [x]\n- id: pas-perechi", "item-without-lesson", "- id: pas-ordine"),
    (BANK, "lesson: harta\n- id: pas-perechi", "lesson: hartă\n- id: pas-perechi", "lesson-unknown", "lesson: hartă"),
    (BANK, "lesson: harta\n- id: pas-perechi", "lesson: harta#nu\n- id: pas-perechi", "anchor-missing", "harta#nu"),
    (BANK, "      facts: [F-03]", "      facts: [F-03]\n      lesson: nicio-lectie", "lesson-unknown", "nicio-lectie"),
    (BANK, "      why: Graba fără nevoie descrisă se plătește la evaluare.\n", "", "part-without-why", "Scriem caietul"),
    (BANK, "{text: Ideea, why: Răspunde nevoii.}", "{text: Ideea}", "part-without-why", "{text: Ideea}"),
    (BANK, "right: ordonanțarea, why: Ea plătește.", "right: ordonanțarea", "part-without-why", "right: ordonanțarea}"),
    (BANK, "decontul de zbor, why: Nu ține de proiect.", "decontul de zbor", "part-without-why", "decontul"),
    (BANK, "value: PMUD, why: Acela este planul de mobilitate.", "value: PMUD", "part-without-why", "PMUD"),
    (BANK, "  why: Este strategia integrată de dezvoltare urbană.\n", "", "part-without-why", "- id: scurt"),
    (BANK, ", false: Altă sursă nu există aici.", "", "part-without-why", "why: {true: Grantul acoperă diferența.}"),
    (BANK, "stem: Cum se numește", "stem: Cum [se](term:nu) numește", "term-unknown", "(term:nu)"),
    (BANK, "stem: Cum se numește", "stem: Cum [se](source:S9) numește", "source-unknown", "(source:S9)"),
    (BANK, "stem: Cum se numește", "stem: Cum ![se](img/nu.svg) numește", "picture-missing", "img/nu.svg"),
    (BANK, "stem: Cum se numește", "stem: Cum ![](img/harta.svg) numește", "picture-without-alt", "img/harta.svg"),
    (BANK, "stem: Cum se numește", "stem: Cum <b>se</b> numește", "raw-html", "<b>se"),
    (BANK, "stem: Cum se numește", "stem: Cum ş numește", "cedilla", "Cum ş"),
    (BANK, "      why: Fără nevoie nu", "      why: Ţara nu", "cedilla", "Ţara"),
    (BANK, "rezolve o problemă", 'rezolve „o" problemă', "straight-quotes", '„o"'),
    (BANK, "stem: Cum se numește", "stem: Cum “se” numește", "straight-quotes", "“se”"),
    (BANK, "stem: Ce intră", "stem: |-\n    ::: check auto-unu\n\n    Ce intră", "check-in-item", "check auto-unu"),
    (LESSON, "facts: [F-01, F-02]", "facts: [F-01, F-09]", "fact-unknown", "facts:"),
    (LESSON, "facts: [F-01, F-02]", "facts: [F-01, F-04, F-02]", "fact-uncertain", "facts:"),
    (LESSON, "se verifică în ghidul curent", "se verifică undeva", "caution-missing", "facts:"),
    (LESSON, "equals: 45}", "equals: 44}", "figure-wrong", "equals: 44"),
    (LESSON, "27 / 60 * 100", "27 / (60 - 60)", "figure-unreadable", "27 / (60"),
    (LESSON, "27 / 60 * 100", "__import__('os')", "figure-unreadable", "__import__"),
    (LESSON, "27 / 60 * 100", "9 ** 9", "figure-unreadable", "9 ** 9"),
    (LESSON, "(term:am)", "(term:amm)", "term-unknown", "(term:amm)"),
    (LESSON, "(source:S1)", "(source:S7)", "source-unknown", "(source:S7)"),
    (LESSON, "(lesson:harta#primul-pas)", "(lesson:hartaa)", "lesson-unknown", "hartaa"),
    (LESSON, "(lesson:harta#primul-pas)", "(lesson:harta#al-doilea)", "anchor-missing", "al-doilea"),
    (LESSON, "(lesson:harta#primul-pas)", "(#al-doilea)", "anchor-unknown", "al-doilea"),
    (LESSON, "(file:buget.xlsx)", "(file:bugete.xlsx)", "file-missing", "bugete"),
    (LESSON, "(img/harta.svg)", "(img/harti.svg)", "picture-missing", "harti"),
    (LESSON, "![O hartă cu trei pași.]", "![ ]", "picture-without-alt", "![ ]"),
    (LESSON, "(img/harta.svg)", "(https://x.ro/a.svg)", "picture-refused", "x.ro"),
    (LESSON, "::: check auto-doi", "::: check auto-trei", "check-unknown", "auto-trei"),
    (LESSON, "::: check auto-doi", "::: check scurt", "check-unknown", "check scurt"),
    (LESSON, "::: check auto-doi", "::: check auto-unu #", "check-malformed", "auto-unu #"),
    (LESSON, "::: mistake", "::: mistakes", "callout-unknown", "::: mistakes"),
    (LESSON, "## Primul pas", "# Primul pas", "heading-level", "# Primul"),
    (LESSON, "(lesson:harta#primul-pas)", "(javascript:x)", "link-refused", "javascript"),
    (LESSON, "„Mergem direct la licitație.”\n:::", "„Mergem.”", "callout-unclosed", "::: mistake"),
    (LESSON, "::: check auto-doi", ":::\n\n::: check auto-doi", "callout-stray", "^^::: check auto-doi"),
    (LESSON, "::: check auto-doi", "- a\n\n  ::: check auto-doi", "check-nested", "check auto-doi"),
    (LESSON, "::: check auto-doi", "::: check auto-unu ", "check-repeated", "check auto-unu "),
    (LESSON, "Luni dimineață, primăria", "Luni <i>primăria</i>", "raw-html", "<i>"),
    (LESSON, "Luni dimineață", "Luni dimineaţa", "cedilla", "dimineaţa"),
    (LESSON, "„Mergem direct la licitație.”", '"Mergem direct."', "straight-quotes", '"Mergem'),
    (LESSON, "title: Harta drumului", 'title: Harta „drumului"', "straight-quotes", "title: Harta"),
    (LESSON, "minutes: 7", "minutes: 5", "lesson-minutes", "minutes: 5"),
    (LESSON, "minutes: 7", "minutes: 13", "lesson-minutes", "minutes: 13"),
    (LESSON, "outcomes: [pasi, bani]", "outcomes: [pasi, banii]", "outcome-unknown", "banii"),
    (LESSON, "outcomes: [pasi, bani]\n", "", "lesson-without-outcome", "id: harta"),
    (QUIZ, "outcome: bani, count: 1", "outcome: banii, count: 1", "outcome-unknown", "banii"),
    (QUIZ, "outcome: pasi, count: 2", "outcome: pasi, count: 12", "draw-short", "draw:"),
    (QUIZ, "draw:", "items: [auto-unu]\ndraw:", "quiz-item-unknown", "items:"),
    (QUIZ, "outcome: pasi, count: 2}\n  - {outcome: bani, count: 1}", "outcome: pasi, count: 1}", "outcome-unmeasured", (MODULE_YAML, "- id: bani")),
    (MODULE_YAML, "short: Drum", "short: Drumul e foarte lung", "short-too-long", "short:"),
    (MODULE_YAML, "symbol: road", "symbol: rocket", "symbol-unknown", "rocket"),
    (MODULE_YAML, "- pass: test-drum", "- pass: harta", "criterion-unknown", "- pass"),
    (MODULE_YAML, "- read: lessons", "- read: test-drum", "criterion-unknown", "- read"),
    (MODULE_YAML, "criteria:\n  - read: lessons\n  - pass: test-drum\n", "criteria: []\n", "criteria-none", "id: drum"),
    (MODULE_EN, "  bani: Computes", "  banii: Computes", "english-unknown", "banii:"),
    (MODULE_EN, "  harta: The map", "  harti: The map", "english-unknown", "harti:"),
    (MODULE_EN, "short: Way", "short: The long way round", "short-too-long", "short:"),
    ("glossary.yaml", "(source:S1)", "(source:S3)", "source-unknown", "S3"),
    ("glossary.yaml", "Conduce programul", 'Conduce „programul"', "straight-quotes", 'programul"'),
    ("glossary.yaml", "autoritate de", "autorităţi de", "cedilla", "autorităţi"),
    ("sources.yaml", '"Presa: un articol"', "'Presa: „un\" articol'", "straight-quotes", "Presa"),
    ("facts.yaml", "sources: [S1]", "sources: [S8]", "fact-source-unknown", "F-01"),
    ("to-verify.yaml", "facts: [F-02]", "facts: [F-08]", "fact-unknown", "facts:"),
    ("course.yaml", "Un curs mic.", 'Un curs „mic".', "straight-quotes", "mic"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "old", "new", "code", "phrase"), REFUSED)
def test_a_fault_is_refused_at_its_line(
    tmp_path: Path, path: str, old: str, new: str, code: str, phrase: str | tuple[str, str]
) -> None:
    folder = write_course(tmp_path, broken=(path, old, new))
    report = check_folder(folder)
    where, words = (path, phrase) if isinstance(phrase, str) else phrase
    line = line_of(folder, where, words.lstrip("^")) - words.count("^")
    assert (code, where, line) in found(report)
    for problem in (*report.problems, *report.warnings):
        for language in ("ro", "en"):
            assert sentence(problem, language).endswith("."), sentence(problem, language)


def test_one_fault_is_one_problem(tmp_path: Path) -> None:
    folder = write_course(tmp_path, broken=(LESSON, "(term:am)", "(term:amm)"))
    assert [code for code, _, _ in found(check_folder(folder))] == ["term-unknown"]


def _lesson_of(folder: Path, words: int) -> CheckReport:
    write_course(folder)
    text = (folder / LESSON).read_text(encoding="utf-8")
    head = text[: text.index("Primăria notează la pasul 1 ")]
    (folder / LESSON).write_text(head, encoding="utf-8")
    so_far = next(t for t in check_folder(folder).statistics if t.code == "words").rows[0].number
    filler = "\n\n".join(["cuvânt " * 50] * ((words - so_far) // 50) + ["unu " * 50])
    missing = words - so_far - 50 * ((words - so_far) // 50)
    filler = filler.rpartition("\n\n")[0] + "\n\n" + "unu " * missing
    (folder / LESSON).write_text(head + filler + "\n", encoding="utf-8")
    return check_folder(folder)


@pytest.mark.parametrize(
    ("words", "right"), [(599, False), (600, True), (1200, True), (1201, False)]
)
def test_a_lesson_has_600_to_1200_words(tmp_path: Path, words: int, right: bool) -> None:
    report = _lesson_of(tmp_path, words)
    assert [problem.param("found") for problem in report.problems] == (
        [] if right else [str(words)]
    )
    if not right:
        body = line_of(tmp_path, LESSON, "Luni dimineață")
        assert found(report) == [("lesson-length", LESSON, body)]


# -- banks -------------------------------------------------------------------------------------


def _single(key: str, right: int, *, longest: bool, folder: Path) -> str:
    """One single-choice item whose words are its own, so that no two are alike."""
    stems = ["Podul", "Școala", "Creșa", "Parcul", "Trotuarul", "Gara", "Piața", "Sala", "Dealul"]
    topic = stems[int(key)]
    texts = [f"{topic}{topic.lower()} {place}" * 2 for place in range(4)]
    options = "".join(
        f"    - text: {text + ' și încă ceva' if longest and place == right else text}\n"
        + ("      correct: true\n" if place == right else "")
        + "      why: De aceea.\n"
        for place, text in enumerate(texts)
    )
    return (
        f"- id: s-{key}\n  kind: single\n  stem: {topic} {topic.lower()} {topic[::-1]}?\n"
        f"  options:\n{options}  explanation: Fiindcă.\n  outcome: pasi\n  difficulty: 1\n"
        "  facts: [F-01]\n  lesson: harta\n"
    )


def _bank(folder: Path, rights: list[int], longest: int) -> CheckReport:
    write_course(folder)
    items = [
        _single(str(n), right, longest=n < longest, folder=folder) for n, right in enumerate(rights)
    ]
    (folder / MODULE / "bank/more.yaml").write_text("".join(items), encoding="utf-8")
    return check_folder(folder)


def test_the_right_option_is_not_the_longest_too_often(tmp_path: Path) -> None:
    # The small course brings two single-choice items of its own, none with the longest right.
    rights = [2, 3, 2, 3, 2, 3]
    assert found(_bank(tmp_path / "a", rights, 2)) == []  # 2 of 8: 25 %
    (problem,) = _bank(tmp_path / "b", rights, 3).problems  # 3 of 8: 37.5 %
    assert (problem.code, problem.file, problem.line) == ("right-is-longest", MODULE_YAML, 1)
    assert problem.param("ids") == "s-0, s-1, s-2"


def test_the_right_option_is_not_in_one_place_too_often(tmp_path: Path) -> None:
    assert found(_bank(tmp_path / "a", [0, 0, 0, 1, 1, 2, 2, 3], 0)) == []  # 4 of 10: 40 %
    (problem,) = _bank(tmp_path / "b", [0, 0, 0, 0, 1, 2, 2, 3], 0).problems
    assert (problem.code, problem.file, problem.line) == ("right-in-one-place", MODULE_YAML, 1)
    assert (problem.param("place"), problem.param("found")) == ("1", "5")


def test_shares_of_a_handful_of_items_say_nothing(tmp_path: Path) -> None:
    assert found(_bank(tmp_path, [0, 0], 2)) == []


TWIN = """\
- id: pas-geaman
  kind: single
  stem: |-
    Un coleg vă cere caietul de sarcini înainte de orice altceva.

    Ce faceți?
  options:
    - text: Îi cerem nevoia lui
      correct: true
      why: Fără ea nu se știe ce se cumpără.
    - text: Scriem caietul, ca să nu mai pierdem vremea
      why: Graba se plătește.
  explanation: Altă explicație, cu alte vorbe.
  outcome: pasi
  difficulty: 1
  facts: [F-01]
  lesson: harta
"""


def test_a_question_reworded_here_and_there_is_a_twin(tmp_path: Path) -> None:
    folder = write_course(tmp_path)
    with (folder / BANK).open("a", encoding="utf-8") as bank:
        bank.write(TWIN)
    (problem,) = check_folder(folder).problems
    assert (problem.code, problem.line) == ("near-duplicate", line_of(folder, BANK, "pas-intai"))
    assert {problem.param("id"), problem.param("other")} == {"pas-intai", "pas-geaman"}


def test_a_module_without_test_is_refused(tmp_path: Path) -> None:
    swap = (MODULE_YAML, "  - pass: test-drum\n", "")
    english = (MODULE_EN, "  test-drum: Test\n", "")
    folder = write_course(tmp_path, swap=swap, english=english)
    (folder / QUIZ).unlink()
    assert found(check_folder(folder)) == [("module-without-test", MODULE_YAML, 1)]


WARNED = [
    (MODULE_YAML, "minutes: 60", "minutes: 51", "minutes-below-sum", MODULE_YAML),
    (MODULE_EN, "badge: The way\n", "", "english-missing", MODULE_EN),
    (MODULE_EN, "  harta: The map\n", "", "english-missing", MODULE_EN),
    (LESSON, "::: mistake", "::: attention", "lesson-without-callout", LESSON),
    (LESSON, "::: example O", "::: law O", "lesson-without-callout", LESSON),
    (LESSON, "::: check auto-doi\n", "", "lesson-few-checks", LESSON),
    (LESSON, "::: check auto-doi\n", "", "check-unused", BANK),
    (QUIZ, "{outcome: bani, count: 1}", "{count: 1}", "outcome-by-chance", MODULE_YAML),
]


@pytest.mark.parametrize(("path", "old", "new", "code", "file"), WARNED)
def test_what_is_only_worth_a_look_stops_nothing(
    tmp_path: Path, path: str, old: str, new: str, code: str, file: str
) -> None:
    folder = write_course(tmp_path, broken=(path, old, new))
    report = check_folder(folder)
    assert report.problems == ()
    assert (code, file) in {(warning.code, warning.file) for warning in report.warnings}


def test_what_follows_from_an_unreadable_file_is_kept_back(tmp_path: Path) -> None:
    folder = write_course(tmp_path, broken=("glossary.yaml", "  term: AM", "   term: AM"))
    assert [code for code, *_ in found(check_folder(folder))] == ["yaml-syntax"]
    broken = write_course(tmp_path / "b", broken=(BANK, "answer: 45", "answer: 45 %"))
    assert [code for code, *_ in found(check_folder(broken))] == ["want-number"]


def test_a_course_from_elsewhere_is_checked_without_places(tmp_path: Path) -> None:
    course, _ = read_course(write_course(tmp_path))
    assert course is not None
    (module,) = course.modules
    item = replace(module.items[0], explanation="")
    wrong: AuthoredCourse = replace(
        course, modules=(replace(module, items=(item, *module.items[1:])),)
    )
    (problem,) = check_course(wrong).problems
    assert (problem.code, problem.file, problem.line) == (
        "item-without-explanation",
        f"item/{item.key}",
        0,
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("a" * 64_000 + "ăăăă" * 500, "text-too-large"),
        ("> " * 80 + "a", "text-too-complex"),
        ("a\x00b", "text-nul"),
        ("a\ud800b", "text-surrogate"),
    ],
)
def test_a_text_that_cannot_be_rendered_is_refused(tmp_path: Path, body: str, code: str) -> None:
    course, _ = read_course(write_course(tmp_path))
    assert course is not None
    (module,) = course.modules
    lesson, sheet, quiz = module.activities
    item = replace(module.items[0], stem=body)
    for wrong in (
        replace(module, activities=(replace(lesson, body=body), sheet, quiz)),
        replace(module, activities=(lesson, replace(sheet, task=body), quiz)),
        replace(module, items=(item, *module.items[1:])),
    ):
        report = check_course(replace(course, modules=(wrong,)))
        assert code in {problem.code for problem in report.problems}
        assert all(sentence(problem, "ro") for problem in report.problems)


def test_the_report_prints_distributions_then_the_faults(tmp_path: Path) -> None:
    folder = write_course(tmp_path, broken=(LESSON, "equals: 45}", "equals: 44}"))
    romanian = "\n".join(report_lines(check_folder(folder), "ro"))
    assert re.search(r"varianta corectă pe locul 1 +1 din 2 \(50 %\)\n", romanian)
    assert "  single (autoverificare)" in romanian
    assert romanian.endswith(f"{LESSON}:10: 27 / 60 * 100 face 45, nu 44.")
    english = "\n".join(report_lines(check_folder(folder), "en"))
    assert "Problems: 1" in english


def test_the_command_line_says_and_exits(tmp_path: Path) -> None:
    def run(folder: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "lms.interop.course_check", str(folder), "en"]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    good = run(write_course(tmp_path / "good"))
    assert (good.returncode, good.stdout.splitlines()[-1]) == (0, "No problems.")
    bad = run(tmp_path / "nothing")
    assert bad.returncode == 1
    assert "course.yaml is missing" in bad.stdout
