"""What the check says of likeness, figures, cautions, drawings and files."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_course import (
    BANK,
    BINARIES,
    LESSON,
    MODULE,
    found,
    line_of,
    write_course,
)

from lms.domain.authoring import AuthoredCourse, AuthoredModule
from lms.domain.curriculum import Badge
from lms.domain.items import Choice, Item, Option
from lms.interop.course_check import check_folder
from lms.interop.course_check.banks import (
    MAX_LONGEST,
    MAX_SAME_PLACE,
    MAX_SIMILARITY,
    SHOWN,
    WORTH_SHOWING,
    most_alike,
    shingles,
)
from lms.interop.course_check.facts import has_caution
from lms.interop.course_check.figures import CalculationError, calculate, round_half_up
from lms.interop.course_check.printing import report_lines
from lms.interop.course_check.prose import without_code
from lms.interop.course_files import read_course


def _question(stem: str, *options: str) -> Item:
    return Item("k", stem, Choice(tuple(Option(text, text, "") for text in options)))


def _course_of(folder: Path, *questions: Item) -> AuthoredCourse:
    course, _ = read_course(write_course(folder))
    assert course is not None
    (module,) = course.modules
    return replace(course, modules=(replace(module, items=questions),))


def test_likeness_ignores_case_diacritics_and_the_order_of_options(tmp_path: Path) -> None:
    one = _question("Ce face primăria?", "Plătește", "Așteaptă")
    other = _question("CE FACE PRIMARIA", "așteaptă.", "plateste")
    far = _question("Unde e gara?", "Sus", "Jos")
    assert shingles(one) == shingles(other)
    (pair,) = most_alike(_course_of(tmp_path, one, far, other))
    assert (pair.question, pair.other, pair.share) == (other, one, 1)


@given(st.lists(st.text("abc ", max_size=12), min_size=2, max_size=6))
def test_likeness_is_the_jaccard_index(stems: list[str]) -> None:
    """Against the definition, on sets."""
    questions = [_question(stem, "x") for stem in stems]
    course = AuthoredCourse("k", "", "", "", "ro", (_module_of(questions),))
    sets = [shingles(question) for question in questions]
    shares = sorted(
        (
            Fraction(len(sets[n] & sets[m]), len(sets[n] | sets[m]))
            for n in range(len(sets))
            for m in range(n)
        ),
        reverse=True,
    )
    over = [share for share in shares if share > MAX_SIMILARITY]
    found = [pair.share for pair in most_alike(course)]
    assert found[: len(over)] == over
    assert found == [s for s in shares if s * 100 > WORTH_SHOWING][: len(over) + SHOWN]


def _module_of(items: list[Item]) -> AuthoredModule:
    badge = Badge("", "road")
    return AuthoredModule("m", "01-m", "", "", "", 1, (), (), badge, (), tuple(items))


def test_the_printed_thresholds_are_those_that_are_applied(tmp_path: Path) -> None:
    report = check_folder(write_course(tmp_path))
    for language in ("ro", "en"):
        printed = "\n".join(report_lines(report, language))
        for limit in (MAX_LONGEST, MAX_SAME_PLACE):
            assert f"{int(limit * 100)} %" in printed
        assert f"{int(MAX_SIMILARITY * 100)} " in printed
    romanian = "\n".join(report_lines(report, "ro"))
    for words in (
        "termeni în glosar  1",
        "imagini  1",
        "fișiere de descărcat  1",
        "sume recalculate  2",
    ):
        assert re.search(words.replace("  ", " +"), romanian), words


# -- figures -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("27 / 60 * 100", "45"),
        ("0.1 + 0.2", "0.3"),
        ("1 / 3 * 3", "1"),
        ("round(1 / 3, 2)", "0.33"),
        ("round(2.345, 2)", "2.35"),
        ("round(-0.5, 0)", "-1"),
        ("-(2 - 5)", "3"),
        ("16.20 * 100", "1620"),
        ("999999999999999999 + 0.000000000001", "999999999999999999.000000000001"),
    ],
)
def test_sums_are_exact(text: str, value: str) -> None:
    assert calculate(text) == Fraction(value)


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "1 +", "2 ** 3", "7 // 2", "7 % 2", "1 / 0", "1,5", "1e3", "0x10", "1_000", "1j",
        "True", "'1'", "[1]", "(1, 2)", "1 < 2", "f(1)", "round(1)", "round(1, -1)", "round(1, 11)",
        "round(1, ndigits=1)", "round(1, True)", "abs(1)", "(lambda: 1)()", "1 if 1 else 2",
        "__import__('os').system('true')", "round.__class__(1, 2)", "9" * 19, "1" + "+1" * 100,
        "(" * 60 + "1" + ")" * 60 + "*" * 2, "-" * 30 + "1", "1 + ~1", "\x00", "x := 1", "5!",
    ],
)  # fmt: skip
def test_nothing_but_arithmetic_is_computed(text: str) -> None:
    with pytest.raises(CalculationError):
        calculate(text)


@given(st.fractions(), st.integers(0, 10))
def test_rounding_is_half_away_from_zero(value: Fraction, places: int) -> None:
    rounded = round_half_up(value, places)
    assert abs(rounded - value) <= Fraction(1, 2 * 10**places)
    assert round_half_up(-value, places) == -rounded
    assert (rounded * 10**places).denominator == 1


def test_a_figure_that_the_text_does_not_state_is_pointed_out(tmp_path: Path) -> None:
    folder = write_course(tmp_path, broken=(LESSON, "adică 45%", "adică mulți"))
    warnings = [(w.code, w.line) for w in check_folder(folder).warnings if w.file == LESSON]
    assert warnings == [("figure-not-in-text", line_of(folder, LESSON, "equals: 45"))]


@pytest.mark.parametrize("stated", ["45", "45,0", "45.5", "1.045", "145"])
def test_a_stated_figure_is_the_whole_number(tmp_path: Path, stated: str) -> None:
    folder = write_course(tmp_path, broken=(LESSON, "adică 45%", f"adică {stated} de locuri"))
    codes = [warning.code for warning in check_folder(folder).warnings]
    assert ("figure-not-in-text" in codes) is (stated != "45")


# -- the rest ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sends"),
    [
        ("(verifică în ghidul curent)", True),
        ("Suma se VERIFICA in ghidul curent.", True),
        ("înainte de a cita, verificați în ghidul curent", True),
        ("Se **verifică** și în *ghidul curent*.", True),
        ("verifică\nîn ghidul curent", True),
        ("verifică ghidul", False),
        ("în ghidul curent", False),
        ("verifică la OI ce scrie în ghidul curent", False),
    ],
)
def test_the_word_of_caution_in_any_form(text: str, sends: bool) -> None:
    assert has_caution(text) is sends


def test_an_item_on_a_fact_to_be_confirmed_is_pointed_out(tmp_path: Path) -> None:
    row = (BANK, "      facts: [F-03]", "      facts: [F-02]")
    other = (BANK, "facts: [F-03]\n  lesson: harta\n- id: pas-perechi",
             "facts: [F-02]\n  lesson: harta\n- id: pas-perechi")  # fmt: skip
    folder = write_course(tmp_path, row=row, other=other)
    warned = {(w.code, w.param("id")) for w in check_folder(folder).warnings}
    assert ("item-caution-missing", "pas-ordine") in warned


def test_quotes_and_code_are_told_apart() -> None:
    text = 'Un `cod "a"` și [o „legătură”](https://x.ro/"a") apoi\n```\nx = "1"\n```\nnu "asta".'
    kept = without_code(text)
    assert kept.count('"') == 2
    assert kept.count("\n") == text.count("\n")
    assert kept.endswith('nu "asta".')


@pytest.mark.parametrize(
    "act",
    [
        b"<script>1</script>", b'<a href="https://x.ro/">x</a>', b'<g onclick="x()"/>',
        b'<image xlink:href="http://x.ro/a.png"/>', b"<foreignObject/>",
        b"<style>@import 'x'</style>", b'<rect fill="url(http://x.ro/#a)"/>',
        b'<a href="javascript:alert(1)"/>', b"<!DOCTYPE svg [<!ENTITY a 'b'>]>",
    ],
)  # fmt: skip
def test_a_drawing_that_acts_is_refused(tmp_path: Path, act: bytes) -> None:
    folder = write_course(tmp_path)
    (folder / MODULE / "img/harta.svg").write_bytes(BINARIES[f"{MODULE}/img/harta.svg"] + act)
    assert found(check_folder(folder)) == [("svg-acts", f"{MODULE}/img/harta.svg", 0)]


def test_a_drawing_may_refer_to_itself(tmp_path: Path) -> None:
    folder = write_course(tmp_path)
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg"><use href="#a"/><g fill="url(#b)"/></svg>'
    (folder / MODULE / "img/harta.svg").write_bytes(drawing)
    assert check_folder(folder).problems == ()


@pytest.mark.parametrize("path", ["files/x.exe", "files/x.xlsm", f"{MODULE}/img/x.gif"])
def test_only_known_kinds_of_files_are_taken(tmp_path: Path, path: str) -> None:
    folder = write_course(tmp_path)
    (folder / path).write_bytes(b"x")
    assert found(check_folder(folder)) == [("asset-kind", path, 0)]
