"""Tables for spreadsheets: what another program reads back, and never a formula among it."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.interop.errors import TooLarge
from lms.interop.tables import FORMULA_STARTS, PIECE, Cell, write_csv, write_xlsx

HOSTILE = [
    "=1+1",
    "+40 237 636 000",
    "-5",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "  =1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "\x00=1+1",
    "\ufeff=1+1",
    "x,=cmd|' /C calc'!A0",
    'a";=1+1;"b',
    "a\n=1+1",
    'DDE("cmd";"/C calc";"!A0")A0',
    '=HYPERLINK("https://evil.example";"x")',
]


def as_csv(*rows: list[Cell]) -> str:
    return b"".join(write_csv(rows)).decode("utf-8")


def read_back(text: str, separator: str = ";") -> list[list[str]]:
    return list(
        csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=separator)
    )


def sheet_of(
    rows: list[list[Cell]], name: str = "Foaie"
) -> "openpyxl.worksheet.worksheet.Worksheet":
    data = write_xlsx(name, ["Nume", "Valoare"], rows)
    return openpyxl.load_workbook(io.BytesIO(data)).active


def test_a_romanian_excel_opens_it_right() -> None:
    text = as_csv(
        ["Nume", "Notă", "Promovat", "Data"], ["Țepeș; Ștefan", 37.5, True, date(2018, 6, 12)]
    )
    assert text == ('\ufeffNume;Notă;Promovat;Data\r\n"Țepeș; Ștefan";37,5;1;2018-06-12\r\n')


def test_numbers_times_and_nothing() -> None:
    moment = datetime(2018, 6, 12, 9, 5, 59, tzinfo=UTC)
    row: list[Cell] = [Decimal("-4000000.50"), -3, 1e22, float("nan"), moment, None, False]
    assert read_back(as_csv(row)) == [
        ["-4000000,50", "-3", "10000000000000000000000", "nan", "2018-06-12 09:05", "", "0"]
    ]
    english = b"".join(write_csv([[0.5]], decimal_mark=".")).decode("utf-8-sig")
    assert english == "0.5\r\n"


def test_a_long_report_streams() -> None:
    taken: list[int] = []

    def rows() -> "list[Cell]":
        for number in range(1_000):
            taken.append(number)
            yield [number, "x" * 100]

    pieces = write_csv(rows())
    assert next(pieces) == b"\xef\xbb\xbf" and taken == []
    first = next(pieces)
    assert first.startswith(b"0;xxx") and 0 < len(taken) < 500
    assert len(first) > PIECE
    rest = b"".join(pieces)
    assert (first + rest).count(b"\r\n") == 1_000


@pytest.mark.parametrize("text", HOSTILE)
def test_text_never_begins_a_formula(text: str) -> None:
    assert_no_formula(text)


def test_every_spreadsheet_payload_found(fixtures_dir: Path) -> None:
    files = sorted((fixtures_dir / "hostile" / "csv-injection").glob("*.txt"))
    assert files, "hostile/csv-injection/ holds no payloads"
    for path in files:
        for line in path.read_text(encoding="utf-8").splitlines():
            assert_no_formula(line)
            assert_no_formula(f"Popescu {line}")
            assert_text_cells([line])


@settings(deadline=None)
@given(
    st.lists(
        st.text(alphabet=st.sampled_from(FORMULA_STARTS + "a;,\"' \n\x00\u202e\ud800")), max_size=5
    )
)
def test_no_mixture_of_marks_makes_a_formula(texts: list[str]) -> None:
    assert_no_formula(*texts)


def assert_no_formula(*texts: str) -> None:
    """Read with our separator and with the ones other settings would use."""
    written = as_csv(list(texts), ["sfârșit"])
    for separator in ";,":
        for row in read_back(written, separator):
            for cell in row:
                assert not cell.strip().startswith(tuple("=+-@＝＋－＠")), (cell, texts)
    ours = read_back(written)
    assert not any(cell.startswith(tuple(FORMULA_STARTS)) for row in ours for cell in row)
    assert len(ours) == 2 and len(ours[0]) == len(texts)
    assert not any(ord(c) < 32 for row in ours for cell in row for c in cell)


def test_a_workbook_has_typed_cells() -> None:
    sheet = sheet_of(
        [["Ana", 3.5], ["Ion", True], ["Dan", date(2018, 6, 12)], [None, Decimal("2.25")]]
    )
    assert [cell.value for cell in sheet["B"]] == [
        "Valoare",
        3.5,
        True,
        datetime(2018, 6, 12),  # noqa: DTZ001  # a workbook knows no zones
        2.25,
    ]
    assert [cell.data_type for cell in sheet["B"]] == ["s", "n", "b", "d", "n"]
    assert sheet["A5"].value is None
    assert sheet.freeze_panes == "A2" and sheet["A1"].font.b
    assert sheet.auto_filter.ref == "A1:B5"


def test_a_workbook_keeps_what_a_double_cannot() -> None:
    moment = datetime(2018, 6, 12, 14, 30, tzinfo=UTC)
    sheet = sheet_of(
        [["n", 12345678901234567890], ["z", float("inf")], ["m", moment], ["v", date(1859, 1, 24)]]
    )
    assert [cell.value for cell in sheet["B"]][1:] == [
        "12345678901234567890",
        "inf",
        datetime(2018, 6, 12, 14, 30),  # noqa: DTZ001  # a workbook knows no zones
        "1859-01-24",
    ]


@pytest.mark.parametrize(
    "text", [*HOSTILE, "https://evil.example/", "1e5", "TRUE", "{=1+1}", "internal:x"]
)
def test_a_workbook_holds_text_as_text(text: str) -> None:
    assert_text_cells([text])


@settings(deadline=None)
@given(st.lists(st.text(alphabet=st.characters(), max_size=20), max_size=4))
def test_any_text_makes_a_workbook_that_opens(texts: list[str]) -> None:
    assert_text_cells(texts)


def assert_text_cells(texts: list[str]) -> None:
    data = write_xlsx("Foaie", ["=A1", *texts], [["x", *texts]])
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    for row in sheet.iter_rows():
        for cell in row:
            assert cell.data_type == "s" or cell.value is None, cell.value
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
        assert b"<f " not in parts.read("xl/worksheets/sheet1.xml")
        assert not [name for name in parts.namelist() if "rels" in name and "sheet" in name]


@pytest.mark.parametrize(
    ("asked", "given_name"),
    [
        ("Situație/2018 [x]", "Situație 2018  x"),
        ("", "Date"),
        ("'", "Date"),
        ("History", "Date"),
        ("ș" * 60, "ș" * 31),
    ],
)
def test_a_sheet_has_a_name_excel_accepts(asked: str, given_name: str) -> None:
    assert sheet_of([], asked).title == given_name


def test_the_same_rows_give_the_same_bytes() -> None:
    rows: list[list[Cell]] = [["Ana", 1], ["Ion", 2]]
    assert write_xlsx("F", ["A", "B"], rows) == write_xlsx("F", ["A", "B"], rows)


def test_a_cell_too_long_for_a_workbook_says_so() -> None:
    value = sheet_of([["x" * 40_000, None]])["A2"].value
    assert len(value) == 32_767 and value.endswith("…")


def test_more_rows_than_a_sheet_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lms.interop.tables.MOST_ROWS", 2)
    with pytest.raises(TooLarge):
        write_xlsx("F", ["A"], [["a"], ["b"], ["c"]])
