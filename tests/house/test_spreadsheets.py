"""The spreadsheets people download: they reckon rightly, and as the lessons say.

Each formula carries the value that a phone or a preview shows without computing; computed anew it
must be the same. Sums that a lesson states stand in the table below with the cell they come from.
"""

from __future__ import annotations

import re
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from spreadsheet_formulas import Sheets, Unknown

from lms.domain.authoring import AuthoredExercise, AuthoredLesson
from lms.domain.numbers import format_number
from lms.interop.course_files import read_course

COURSE = Path(__file__).parents[2] / "courses" / "por"
FILES = sorted((COURSE / "files").glob("*.xlsx"))
LEFT_OUT = {"WORKDAY", "NETWORKDAYS", "SUMPRODUCT", "TEXT", "EDATE"}
"""Functions not evaluated anew: calendars and formats, whose values are dates and texts."""
SHARE = 0.95
"""Of all formulas, how many are evaluated anew at least."""

FIGURES = [
    # (file, sheet, cell, figure of the lesson, lesson or exercise that states it)
    ("buget-casa-morii.xlsx", "Casa Morii", "E11", 7_497_000, "bugetul-se-inchide"),
    ("buget-casa-morii.xlsx", "Casa Morii", "B15", 6_500_000, "bugetul-se-inchide"),
    ("buget-casa-morii.xlsx", "Casa Morii", "E15", 7_724_550, "bugetul-se-inchide"),
    ("buget-casa-morii.xlsx", "Casa Morii", "B19", 6_372_450, "cine-plateste-fiecare-leu"),
    ("buget-casa-morii.xlsx", "Casa Morii", "B20", 974_610, "cine-plateste-fiecare-leu"),
    ("buget-casa-morii.xlsx", "Casa Morii", "B21", 149_940, "cine-plateste-fiecare-leu"),
    ("buget-casa-morii.xlsx", "Casa Morii", "B26", 377_490, "cine-plateste-fiecare-leu"),
    ("calcul-corectie.xlsx", "Corecție", "B14", 178_500, "corectia-pe-surse"),
    ("calcul-corectie.xlsx", "Corecție", "B19", 174_930, "corectia-pe-surse"),
    ("calcul-corectie.xlsx", "Corecție", "B20", 552_420, "corectia-pe-surse"),
    ("calcul-corectie.xlsx", "Durabilitate", "B13", 2_938_824, "cinci-ani-dupa"),
    ("calcul-corectie.xlsx", "Durabilitate", "B14", 4_408_236, "cinci-ani-dupa"),
    ("calendar-achizitii.xlsx", "Casa Morii", "D11", 6_000_000, "calendarul-achizitiilor"),
    ("calendar-achizitii.xlsx", "Casa Morii", "D14", 6_500_000, "calendarul-achizitiilor"),
    ("cereri-de-plata.xlsx", "Calendar Casa Morii", "G13", 7_497_000, "calendarul-cererilor"),
    ("cereri-de-plata.xlsx", "Calendar Casa Morii", "K13", 7_347_060, "calendarul-cererilor"),
    ("cereri-de-plata.xlsx", "Calcul cerere", "B16", 583_100, "de-la-factura-la-bani"),
    ("cereri-de-plata.xlsx", "Calcul cerere", "C16", 1_131_214, "de-la-factura-la-bani"),
    ("cereri-de-plata.xlsx", "Calcul cerere", "C17", 58_786, "de-la-factura-la-bani"),
    ("grila-preverificare.xlsx", "Grila - exemplu", "D25", 1_612_258, "trei-fete"),
    ("grila-preverificare.xlsx", "Grila - exemplu", "D26", 387_742, "trei-fete"),
    ("grila-preverificare.xlsx", "Grila - exemplu", "D32", 377_490, "fisa-grila-de-preverificare"),
    ("potrivirea-devizului.xlsx", "Exemplu - Casa Morii", "C13", 6_500_000, "aceleasi-sume"),
    ("potrivirea-devizului.xlsx", "Exemplu - Casa Morii", "E13", 1_224_550, "aceleasi-sume"),
    ("potrivirea-devizului.xlsx", "Exemplu - Casa Morii", "F13", 7_724_550, "aceleasi-sume"),
]


@cache
def book(name: str, *, values: bool = False) -> Workbook:
    return load_workbook(COURSE / "files" / name, data_only=values)


@cache
def formulas(name: str) -> list[tuple[str, str, str]]:
    """(sheet, cell, formula)."""
    return [
        (sheet.title, cell.coordinate, str(cell.value))
        for sheet in book(name)
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]


def test_there_are_spreadsheets() -> None:
    assert len(FILES) >= 9


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_formula_carries_its_value(path: Path) -> None:
    count = 0
    with zipfile.ZipFile(path) as parts:
        for name in parts.namelist():
            if not name.startswith("xl/worksheets/sheet"):
                continue
            xml = parts.read(name).decode()
            for cell in re.findall(r"<c\b[^>]*?(?:/>|>.*?</c>)", xml, re.DOTALL):
                if "<f" in cell:
                    count += 1
                    assert re.search(r"<v>|<v/>", cell), (name, cell)
                    assert 't="e"' not in cell, (name, cell)
    assert count == len(formulas(path.name)) > 0


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_leads_outside_and_nothing_runs(path: Path) -> None:
    with zipfile.ZipFile(path) as parts:
        names = parts.namelist()
        kinds = parts.read("[Content_Types].xml").decode()
    assert not [n for n in names if "externalLink" in n or "vba" in n.lower() or "/embeddings" in n]
    assert "macroEnabled" not in kinds
    assert not [f for _, _, f in formulas(path.name) if "[" in f or "://" in f or "HYPERLINK" in f]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_headers_stay_in_sight_and_it_prints_one_page_wide(path: Path) -> None:
    for sheet in book(path.name):
        setup = sheet.sheet_properties.pageSetUpPr
        assert setup is not None
        assert setup.fitToPage, sheet.title
        assert sheet.page_setup.fitToWidth in (None, 1), sheet.title
        if sheet.max_column > 1:  # a sheet of instructions has no header
            assert sheet.freeze_panes is not None, sheet.title


def same(computed: Any, stored: Any) -> bool:
    if isinstance(computed, (int, float)) and isinstance(stored, (int, float)):
        return abs(computed - stored) <= 1e-6 * max(1.0, abs(stored))
    return (computed or "") == (stored or "")


@cache
def judged(name: str) -> tuple[list[tuple[Any, ...]], int]:
    """What differs from its stored value, and how many formulas were evaluated."""
    sheets, wrong, done = Sheets(book(name)), [], 0
    stored = Sheets(book(name, values=True))
    for sheet, cell, formula in formulas(name):
        if any(f"{function}(" in formula for function in LEFT_OUT):
            continue
        try:
            computed = sheets.value(sheet, cell)
        except Unknown:
            continue  # it rests on one of those left out
        done += 1
        if not same(computed, stored.value(sheet, cell)):
            wrong.append((sheet, cell, formula, computed, stored.value(sheet, cell)))
    return wrong, done


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_computed_anew_every_formula_gives_what_is_stored(path: Path) -> None:
    wrong, done = judged(path.name)
    assert wrong == []
    sums = [f for _, _, f in formulas(path.name) if re.fullmatch(r"=[-+*/().,$:A-Z0-9]+", f)]
    assert done >= len([f for f in sums if not any(f"{x}(" in f for x in LEFT_OUT)])


def test_nearly_all_formulas_are_computed_anew() -> None:
    done = sum(judged(path.name)[1] for path in FILES)
    every = sum(len(formulas(path.name)) for path in FILES)
    assert done >= SHARE * every, f"{done} of {every}"


def test_a_wrong_value_is_noticed() -> None:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet["A1"], sheet["A2"], sheet["A3"] = 1.005, 2, "=ROUND(SUM(A1:A2)*10%,2)"
    sheet["A4"] = '=IF(AND(A3>=0.3,N(A9)=0),"da: "&A2,1/0)'
    value = Sheets(made).value
    assert value(sheet.title, "A3") == 0.3
    assert value(sheet.title, "A4") == "da: 2"
    assert not same(value(sheet.title, "A3"), 0.31)


@cache
def texts() -> dict[str, str]:
    course, _ = read_course(COURSE)
    assert course is not None
    return {
        a.key: a.body
        for module in course.modules
        for a in module.activities
        if isinstance(a, AuthoredLesson | AuthoredExercise)
    }


@pytest.mark.parametrize(("name", "sheet", "cell", "figure", "key"), FIGURES)
def test_a_sum_of_the_lesson_is_that_of_the_sheet(
    name: str, sheet: str, cell: str, figure: int, key: str
) -> None:
    assert Sheets(book(name)).value(sheet, cell) == figure
    assert format_number(figure, "ro") in texts()[key]


def test_every_sheet_is_linked_from_a_lesson_or_an_exercise() -> None:
    every = "\n".join(texts().values())
    assert [path.name for path in FILES if f"file:{path.name}" not in every] == []
