"""Names, e-mail addresses and staff numbers as people type them."""

from __future__ import annotations

import pytest

from lms.domain.errors import Refusal
from lms.services.account_names import (
    clean_email,
    clean_name,
    clean_staff_number,
    contains_cnp,
    is_cnp,
    key_of,
)

CNP = "1800101221144"
"""Made up, with a right control digit."""


def refusal_of(cleaner: object, text: str) -> str:
    with pytest.raises(Refusal) as refused:
        cleaner(text)  # type: ignore[operator]  # one of the three cleaners
    return refused.value.code


def test_a_name_keeps_its_spelling_and_loses_its_spaces() -> None:
    assert clean_name("  Ştefan   Ţepeş-Pop ") == ("Ștefan Țepeș-Pop", "stefan tepes-pop")


@pytest.mark.parametrize("text", ["", "   ", "\u200b", "12345", "—", "🙂"])
def test_a_name_has_letters(text: str) -> None:
    assert refusal_of(clean_name, text) == "name-missing"


@pytest.mark.parametrize("text", ["Ana\x00Pop", "Ana \ud800"])
def test_text_no_database_holds_is_refused(text: str) -> None:
    for cleaner in (clean_name, clean_email, clean_staff_number):
        assert refusal_of(cleaner, text) == "text-unclean"


def test_a_megabyte_is_no_name() -> None:
    for cleaner in (clean_name, clean_email, clean_staff_number):
        assert refusal_of(cleaner, "a" * 1_000_000) == "text-too-long"


def test_the_key_must_fit_too() -> None:
    # One ligature folds to eighteen letters.
    assert refusal_of(clean_name, "a" + "\ufdfa" * 150) == "text-too-long"


@pytest.mark.parametrize("text", ["", "  ", None])
def test_nothing_is_no_address_and_no_number(text: str | None) -> None:
    assert clean_email(text) is None
    assert clean_staff_number(text) is None


def test_an_address_is_kept_as_typed_and_matched_folded() -> None:
    email = clean_email(" Ana.Popescu@Primaria.RO ")
    assert email == ("Ana.Popescu@Primaria.RO", "ana.popescu@primaria.ro")


@pytest.mark.parametrize(
    "text",
    [
        "ana",
        "ana@",
        "@primaria.ro",
        "ana@primaria",
        "ana@@primaria.ro",
        "ana pop@primaria.ro",
        "ana@primaria..ro",
        ".ana@primaria.ro",
        "ana.@primaria.ro",
        "ana@-primaria.ro",
        "ana@primaria.ro, ion@primaria.ro",
        "<ana@primaria.ro>",
        "аna@primaria.ro",  # Cyrillic а
        "ană@primaria.ro",
        "ａna@primaria.ro",  # full-width
        "=cmd|' /C calc'!A0@x",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    assert refusal_of(clean_email, text) == "email-invalid"


@pytest.mark.parametrize("text", ["00123", "M-17/b", "AB 12", "7"])
def test_staff_numbers_of_all_shapes(text: str) -> None:
    assert clean_staff_number(f" {text} ") == (text, text.lower())


@pytest.mark.parametrize("text", ["a@b", "a＠b", "-", "Ω12", "=1+1", "А12Б", "1;2"])
def test_what_is_no_staff_number_is_refused(text: str) -> None:
    assert refusal_of(clean_staff_number, text) == "staff-number-invalid"


@pytest.mark.parametrize(
    ("cleaner", "text"),
    [
        (clean_staff_number, CNP),
        (clean_staff_number, f"{CNP[:7]} {CNP[7:]}"),
        (clean_staff_number, f"{CNP[:1]}-{CNP[1:7]}-{CNP[7:]}"),
        (clean_name, f"Popescu Ana {CNP}"),
        (clean_email, f"{CNP}@primaria.ro"),
    ],
)
def test_a_personal_numeric_code_is_never_taken(cleaner: object, text: str) -> None:
    assert refusal_of(cleaner, text) == "contains-cnp"


def test_what_a_personal_numeric_code_is() -> None:
    assert is_cnp(CNP)
    assert not is_cnp("1800101221145")  # control digit
    assert not is_cnp("1801301221144")  # no thirteenth month
    assert not is_cnp("0800101221144")
    assert not is_cnp("180010122114")
    assert not contains_cnp("x" + CNP + "7")
    assert contains_cnp("id" + CNP)


def test_a_leap_day_exists_in_its_century_only() -> None:
    def with_control(twelve: str) -> str:
        return next(twelve + str(d) for d in range(10) if _control(twelve) == d)

    assert is_cnp(with_control("500022922114"))  # 29 February 2000
    assert not is_cnp(with_control("100022922114"))  # not in 1900


def _control(twelve: str) -> int:
    total = sum(int(a) * int(b) for a, b in zip(twelve, "279146358279", strict=True)) % 11
    return 1 if total == 10 else total


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ana@x.ro", " ANA@X.RO "),
        ("Ștefan", "Şt\u0065fan"),
        ("Ana Pop", "ana  pop"),
        ("AB 12", "ab\u00a012"),
    ],
)
def test_spellings_of_one_thing_have_one_key(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)
