"""Lists of people as offices have them: nothing lost, nothing sensitive kept."""

import unicodedata

import pytest
from people_tables import assert_accounted

from lms.interop.errors import UnreadableTable
from lms.interop.tables_people import field_of, is_cnp, is_email, is_sensitive_title
from lms.interop.tables_read import MOST_ROWS, PeopleTable, PersonRow, read_people

CNP = "1800101221144"  # invented; the check digit is right
PEOPLE = [
    ("Ștefan Țepeș", "stefan.tepes@primarie.test", "0042", "Direcția Urbanism"),
    ("Ana-Maria Pătrășcanu", "ana@primarie.test", "17", "Serviciul Taxe"),
    ("Ion Mâță", "ion@primarie.test", "A-3", "Biroul Achiziții"),
]
HEADER = "Nume și prenume;E-mail;Marcă;Compartiment"
TEXT = "\r\n".join([HEADER, *(";".join(person) for person in PEOPLE), ""])


def people(table: PeopleTable) -> list[tuple[str, str, str, str]]:
    return [(row.name, row.email, row.staff_number, row.department) for row in table.rows]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("cedilla", [False, True])
@pytest.mark.parametrize(
    "encoding",
    ["text", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1250", "iso8859-16"],
)
def test_any_separator_and_encoding(
    separator: str, ending: str, cedilla: bool, encoding: str
) -> None:
    text = TEXT.replace(";", separator).replace("\r\n", ending)
    if cedilla or encoding == "cp1250":
        text = text.translate(str.maketrans("șȘțȚ", "şŞţŢ"))
    if encoding == "iso8859-16":
        text = text.translate(str.maketrans("şŞţŢ", "șȘțȚ"))
    table = read_people(text if encoding == "text" else text.encode(encoding))
    assert people(table) == PEOPLE
    assert table.ready == table.rows and table.header_line == 1
    assert_accounted(table)


@pytest.mark.parametrize(
    "header",
    [
        "NUME SI PRENUME;EMAIL;NR. MARCĂ;DIRECŢIE",
        "Nume, prenume;Adresa de e-mail;Marca;Serviciul",
        "Full name;E-mail address;Staff number;Department",
        '"Numele şi prenumele" ; "e-mail:" ; Nr. marca ; Structura organizatorică',
    ],
)
def test_titles_in_two_languages_however_spelt(header: str) -> None:
    assert people(read_people(TEXT.replace(HEADER, header))) == PEOPLE


def test_two_columns_of_names_become_one() -> None:
    table = read_people("Nume;Prenume;E-mail\nȚepeș;Ștefan;s@x.ro\nPop;;p@x.ro")
    assert [row.name for row in table.rows] == ["Ștefan Țepeș", "Pop"]
    assert [row.name for row in read_people("first name,last name,mail\nIon,Pop,i@x.ro").rows] == [
        "Ion Pop"
    ]


def test_departments_go_from_broad_to_specific() -> None:
    (row,) = read_people("Birou;Nume;Direcție;Serviciu\nAvize;Ion Pop;Urbanism;\n").rows
    assert row.departments == ("Urbanism", "Avize") and row.department == "Avize"


def test_a_list_without_titles_is_read_by_content() -> None:
    table = read_people(
        "1;Țepeș, Ștefan;s@x.ro;1204;Serviciul Taxe;inspector\n"
        "2;Pop, Ana;a@x.ro;1205;Biroul X;referent"
    )
    assert people(table) == [
        ("Țepeș, Ștefan", "s@x.ro", "1204", "Serviciul Taxe"),
        ("Pop, Ana", "a@x.ro", "1205", "Biroul X"),
    ]
    assert table.ignored == ("#1", "#6") and table.header_line is None


def test_addresses_pasted_from_mail() -> None:
    table = read_people(
        'Pop Ion <ion@x.ro>; "Țepeș, Ștefan" <S@X.ro>;\n\nMarin Ana <mailto:ana@x.ro>, b@x.ro\n'
        "dan@x.ro\nDan Rus rus@x.ro\nfără adresă"
    )
    assert [(row.line, row.name, row.email, row.problems) for row in table.rows] == [
        (1, "Pop Ion", "ion@x.ro", ()),
        (1, "Ștefan Țepeș", "s@x.ro", ()),
        (3, "Marin Ana", "ana@x.ro", ()),
        (3, "", "b@x.ro", ("no-name",)),
        (4, "", "dan@x.ro", ("no-name",)),
        (5, "Dan Rus", "rus@x.ro", ()),
        (6, "fără adresă", "", ("no-account",)),
    ]
    assert_accounted(table)


def test_a_bare_list_of_addresses() -> None:
    table = read_people("E-mail\na@x.ro\nb@x.ro\n")
    assert [row.email for row in table.rows] == ["a@x.ro", "b@x.ro"] and table.header_line == 1
    assert [row.email for row in read_people("a@x.ro, b@x.ro; c@x.ro").rows] == [
        "a@x.ro",
        "b@x.ro",
        "c@x.ro",
    ]


def test_titles_above_the_header_and_blank_rows_are_accounted_for() -> None:
    table = read_people(
        "sep=;\nPrimăria Focșani;;;\n\n" + TEXT + ";;;\n" + HEADER + "\n  \nDan Rus;d@x.ro;9;\n"
    )
    assert [row.line for row in table.rows] == [5, 6, 7, 10 + 1]
    assert (table.header_line, table.skipped, table.blank) == (4, (1, 2, 9), (3, 8, 10))
    assert_accounted(table)


@pytest.mark.parametrize(
    "title",
    [
        "Etnie",
        "ETNIA",
        "Naționalitate",
        "Religia",
        "CNP",
        "C.N.P.",
        "Cod numeric personal",
        "Stare civilă",
        "Stare de sănătate",
        "Sindicat",
        "Membru de sindicat",
        "Apartenență politică",
        "Grad de handicap",
        "Serie CI",
        "Ethnicity",
        "Trade union",
        "Marital status",
        "Etnie (opțional)",
        "Nume/CNP",
    ],
)
def test_sensitive_columns_are_dropped_and_named(title: str) -> None:
    table = read_people(f"Nume;E-mail;{title};Funcție\nIon Pop;i@x.ro;CANARIE;inspector\n")
    assert is_sensitive_title(title)
    assert table.dropped == (title,) and table.ignored == ("Funcție",)
    assert "CANARIE" not in repr(table) and "inspector" not in repr(table)


def test_a_sensitive_column_without_a_title_is_dropped_too() -> None:
    table = read_people("Ion Pop;i@x.ro;rom\nAna Pop;a@x.ro;Maghiară\nDan Rus;d@x.ro;română\n")
    assert table.dropped == ("#3",)
    assert "aghiar" not in repr(table)


@pytest.mark.parametrize(
    "cell", [CNP, f"{CNP[:7]} {CNP[7:]}", f"Ion Pop {CNP}", CNP.translate({49: "１"})]
)
@pytest.mark.parametrize("column", range(4))
def test_a_personal_code_passes_in_no_column(cell: str, column: int) -> None:
    cells = ["Ion Pop", "i@x.ro", "12", "Taxe"]
    cells[column] = cell
    for text in (
        f"{HEADER}\n{';'.join(cells)}",
        f"Titlu {cell}\n{HEADER};{cell}\n{';'.join(cells)};{cell}",
    ):
        shown = unicodedata.normalize("NFKC", repr(read_people(text)))
        assert CNP not in shown.replace(" ", "")
        assert CNP[7:] not in shown
    assert is_cnp(cell.removeprefix("Ion Pop "))


def test_a_mistyped_personal_code_is_not_echoed_either() -> None:
    (row,) = read_people(f"Nume;Marcă\nIon Pop;{CNP[:-1]}0").rows
    assert row.problems == ("bad-staff-number",) and row.staff_number == ""


@pytest.mark.parametrize(
    ("line", "problems"),
    [
        ("Ion Pop;ion@;1;", ("bad-email",)),
        ("Ion Pop;іon@x.ro;1;", ("bad-email",)),
        ("Ion Pop;a@x;1;", ("bad-email",)),
        ("Ion Pop;a b@x.ro;1;", ("bad-email",)),
        ("Ion Pop;;nr 1?;", ("bad-staff-number",)),
        (";i@x.ro;;", ("no-name",)),
        ("-;i@x.ro;;", ("no-name",)),
        ("Ion Pop;-;-;Taxe", ("no-account",)),
        ("Ion\x00Pop;i@x.ro;1;", ("damaged-text",)),
        ("Ion \ud800;i@x.ro;1;", ("damaged-text",)),
        ("Iona?cu Ion;i@x.ro;1;", ("damaged-text",)),
        ("Ion Pop;i@x.ro;1;Taxe;rest", ("too-many-cells",)),
        ("Pop; Ion;i@x.ro;1;Taxe", ("too-many-cells", "bad-email", "bad-staff-number")),
        ('"Ion Pop;i@x.ro;1;', ("quotes",)),
        ("x" * 201 + " y;i@x.ro;1;", ("too-long",)),
    ],
)
def test_what_is_wrong_with_a_row_has_a_code(line: str, problems: tuple[str, ...]) -> None:
    table = read_people(f"{HEADER}\nAna Rus;a@x.ro;2;\n{line}\nDan Rus;d@x.ro;3;")
    first, row, last = table.rows
    assert row.problems == problems and row.line == 3
    assert first.problems == last.problems == ()
    assert_accounted(table)


def test_duplicates_name_the_line_they_repeat() -> None:
    table = read_people(
        f"{HEADER}\nIon Pop;ion@x.ro;7;\nAna Rus;a@x.ro;8;\n"
        "I. Pop; ION@X.RO ;9;\nAlt Om;o@x.ro;7.0;\n"
    )
    assert [(row.problems, row.duplicate_of) for row in table.rows[2:]] == [
        (("duplicate-email",), 2),
        (("duplicate-staff-number",), 2),
    ]
    assert read_people("a@x.ro; a@x.ro").rows[1].problems == ("no-name", "duplicate-email")


def test_a_name_in_two_alphabets_is_pointed_at() -> None:
    (row,) = read_people("Nume;E-mail\nАdmin Ion;i@x.ro").rows
    assert row.problems == () and row.notices == ("mixed-scripts",)


def test_a_cell_may_hold_lines_and_marks() -> None:
    table = read_people(
        'Nume;E-mail;Compartiment\n"Ion ""Nelu"" Pop";i@x.ro;"Taxe\nși impozite"\nAna Rus;a@x.ro;'
    )
    assert table.rows[0] == PersonRow(
        2, 'Ion "Nelu" Pop', "i@x.ro", "", "Taxe și impozite", ("Taxe și impozite",), span=2
    )
    assert table.rows[1].line == 4
    assert_accounted(table)


def test_a_stray_mark_does_not_join_two_people() -> None:
    table = read_people(
        f'{HEADER}\n"Ion Pop;i@x.ro;1;\nAna "Anca" Rus;a@x.ro;2;\n"Dan Rus";d@x.ro;3;\n'
    )
    assert [row.problems for row in table.rows] == [("quotes",), (), ()]
    assert_accounted(table)


def test_one_line_in_another_encoding_harms_only_itself() -> None:
    lines = [
        HEADER.encode(),
        "Ștefan Țepeș;s@x.ro;1;".encode(),
        "Ioniţă;i@x.ro;2;".encode("cp1250"),
    ]
    table = read_people(b"\n".join([*lines, "Mâță;m@x.ro;3;".encode()]))
    assert [(row.name, row.problems) for row in table.rows] == [
        ("Ștefan Țepeș", ()),
        ("Ioniță", ("damaged-text",)),
        ("Mâță", ()),
    ]


def test_ten_thousand_rows_with_one_broken() -> None:
    rows = [f"Om Numărul;o{n}@x.ro;{n};" for n in range(MOST_ROWS)]
    rows[4998] = "fără nimic;;;"
    table = read_people("\n".join([HEADER, *rows]))
    assert len(table.rows) == MOST_ROWS
    assert [(row.line, row.problems) for row in table.rows if row.problems] == [
        (5000, ("no-account",))
    ]
    assert_accounted(table)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "table-empty"),
        ("", "table-empty"),
        (" \n;;;\n\t\n", "table-empty"),
        ("\ufeff", "table-empty"),
        (b"x" * 1_000_001, "table-too-large"),
        ("ș" * 500_001, "table-too-large"),
        ("Nume;Marca\n" + "Ion Pop;1\n" * (MOST_ROWS + 1), "table-too-many-rows"),
        ("a@x.ro," * (MOST_ROWS + 1), "table-too-many-rows"),
        (b"PK\x03\x04rest", "table-is-workbook"),
        (b"\xd0\xcf\x11\xe0rest", "table-is-workbook"),
        (b"%PDF-1.7", "table-is-not-text"),
        ("\n" * 60_000, "table-too-many-rows"),
        ("!;?\n#;%", "table-no-columns"),
    ],
)
def test_what_is_no_list_is_refused_whole(data: bytes | str, code: str) -> None:
    with pytest.raises(UnreadableTable) as refused:
        read_people(data)
    assert refused.value.code == code


def test_titles_and_addresses() -> None:
    assert field_of("E-MAIL ") == "email" and field_of("Nr. Marcă:") == "staff"
    assert field_of("role") is None and field_of("Rol") is None
    for good in ("a@x.ro", "ana.pop+curs@primaria-focsani.ro", "a'b@x.ro"):
        assert is_email(good)
    for bad in (
        "a",
        "@x.ro",
        "a@",
        "a@x",
        "a..b@x.ro",
        "a@x..ro",
        "a@-x.ro",
        ".a@x.ro",
        "a@x.r",
        "a@x.ro\n",
        "ș@x.ro",
    ):
        assert not is_email(bad), bad
