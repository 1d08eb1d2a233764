"""Hostile and broken lists: every line accounted for, every answer a table or one refusal."""

import codecs
import contextlib
import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from people_tables import assert_accounted

from lms.interop.errors import UnreadableTable
from lms.interop.tables_read import read_people

CNP = "1800101221144"  # invented; the check digit is right
HEADER = "Nume și prenume;E-mail;Marcă;Compartiment"


@pytest.mark.parametrize(
    "text",
    [
        "a" * 999999,
        "<" * 999999,
        '"' * 999999,
        '"a\n' * 250000,
        ";" * 999999,
        "<a@" * 300000,
        "1 " * 499000,
        "\n" * 999999,
        "a" + "́" * 400000,
        "@" * 999999,
        "a@" * 499000,
    ],
    ids=lambda text: repr(text[:4]),
)
def test_a_hostile_megabyte_is_answered(text: str) -> None:
    with contextlib.suppress(UnreadableTable):
        assert_accounted(read_people(text))


def test_every_naughty_text_found_is_a_row_with_an_outcome(fixtures_dir: Path) -> None:
    for path in sorted((fixtures_dir / "hostile").glob("*.json")):
        for text in json.loads(path.read_text(encoding="utf-8")):
            cell = '"' + text.replace('"', '""') + '"'
            table = read_people(f"{HEADER}\n{cell};{cell};{cell};{cell}\nDan Rus;d@x.ro;3;\n")
            assert table.rows[-1].name == "Dan Rus"
            assert_accounted(table)


def test_romanian_names_survive_every_encoding_found(fixtures_dir: Path) -> None:
    files = sorted((fixtures_dir / "ro").glob("ro_*.txt"))
    assert files
    for path in files:
        lines = path.read_text(encoding="utf-8").replace("?", ".").splitlines()[:300]
        names = [
            " ".join(line.replace(";", " ").replace('"', " ").split())[:150].strip()
            for line in lines
        ]
        text = "Nume;Marcă\n" + "".join(f"{name};{n}\n" for n, name in enumerate(names, 1))
        expected = [unicodedata.normalize("NFC", name) for name in names]
        for data in (text, text.encode(), text.encode("utf-16"), codecs.BOM_UTF8 + text.encode()):
            assert [row.name for row in read_people(data).rows] == expected
        old = text.translate(str.maketrans("șȘțȚ", "şŞţŢ")).encode("cp1250", "replace")
        wanted = [
            name.translate(str.maketrans("șȘțȚ", "şŞţŢ")).encode("cp1250", "replace")
            for name in expected
        ]
        read = [row.name.translate(str.maketrans("șȘțȚ", "şŞţŢ")) for row in read_people(old).rows]
        assert read == [name.decode("cp1250") for name in wanted]


SOUP = st.lists(
    st.sampled_from(
        [
            "Nume",
            "E-mail",
            "CNP",
            "Marcă",
            "Ion Pop",
            "a@x.ro",
            "<a@x.ro>",
            "12",
            CNP,
            "ș",
            "Ş",
            "\x00",
            "�",
            ";",
            ";",
            ",",
            "\t",
            "|",
            "\n",
            "\n",
            "\r\n",
            "\r",
            '"',
            '""',
            " ",
            "sep=;",
            "\ufeff",
            "?",
            "x" * 300,
        ]
    ),
    max_size=40,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(SOUP)
def test_every_line_of_any_list_is_accounted_for(text: str) -> None:
    try:
        table = read_people(text)
    except UnreadableTable:
        return
    assert_accounted(table)
    assert not re.search(rf"(?<!\d){CNP}(?!\d)", repr(table))
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number in table.blank:
        assert not any(c.isalnum() for c in lines[number - 1])


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_one_refusal(data: bytes) -> None:
    with contextlib.suppress(UnreadableTable):
        assert_accounted(read_people(data))
