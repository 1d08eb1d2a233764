"""Reading numbers by the notation of a language, exactly, and showing them back."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.domain.numbers import LONGEST, NotANumber, format_number, read_number

DECIMALS = st.decimals(
    min_value=-(10**15), max_value=10**15, allow_nan=False, allow_infinity=False, places=4
)


@pytest.mark.parametrize(
    ("text", "romanian", "english"),
    [
        ("1.234", "1234", "1.234"),
        ("1,234", "1.234", "1234"),
        ("3,14", "3.14", "3.14"),
        ("3.14", "3.14", "3.14"),
        ("1.234,5", "1234.5", "1234.5"),
        ("1,234.5", "1234.5", "1234.5"),
        ("4.000.000,50", "4000000.50", "4000000.50"),
        ("1 234 567", "1234567", "1234567"),
        ("1\u00a0234,5", "1234.5", "1234.5"),
        ("12\u202f345", "12345", "12345"),
        ("0.500", "0.500", "0.500"),
        ("0,500", "0.500", "0.500"),
        ("1234.567", "1234.567", "1234.567"),
        ("1.2345", "1.2345", "1.2345"),
        (",5", "0.5", "0.5"),
        ("45%", "45", "45"),
        (" 37,5 % ", "37.5", "37.5"),
        ("-2", "-2", "-2"),
        ("\u22122", "-2", "-2"),
        ("+7", "7", "7"),
        ("-0", "0", "0"),
        ("007", "7", "7"),
        ("9" * LONGEST, "9" * LONGEST, "9" * LONGEST),
    ],
)
def test_the_same_text_in_two_notations(text: str, romanian: str, english: str) -> None:
    assert read_number(text, "ro") == Decimal(romanian)
    assert read_number(text, "en") == Decimal(english)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("%", "empty"),
        ("NaN", "not-finite"),
        ("-inf", "not-finite"),
        ("Infinity", "not-finite"),
        ("∞", "not-finite"),
        ("1e999", "exponent"),
        ("2E5", "exponent"),
        ("1_000", "letters"),
        ("0x10", "letters"),
        ("12 lei", "letters"),
        ("1\x000", "letters"),
        ("\ud800", "letters"),
        ("٣", "foreign-digits"),
        ("１２", "foreign-digits"),
        ("½", "foreign-digits"),
        ("9" * (LONGEST + 1), "too-long"),
        ("9" * 10_000_000, "too-long"),
        ("1.2.3", "separators"),
        ("1.234.56", "separators"),
        ("3,", "separators"),
        ("12 34", "separators"),
        ("--1", "separators"),
        ("1-2", "separators"),
        (".", "separators"),
        ("1 234.567,8", "separators"),
    ],
)
@pytest.mark.parametrize("language", ["ro", "en"])
def test_refused_with_the_reason(text: str, reason: str, language: str) -> None:
    with pytest.raises(NotANumber) as refused:
        read_number(text, language)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("value", "romanian", "english"),
    [
        (Decimal("4000000.50"), "4.000.000,50", "4,000,000.50"),
        (1234, "1.234", "1,234"),
        (0.5, "0,5", "0.5"),
        (Decimal("-1E+3"), "-1.000", "-1,000"),
        (Decimal("-0.0"), "0,0", "0.0"),
    ],
)
def test_shown_back(value: Decimal | int | float, romanian: str, english: str) -> None:
    assert format_number(value, "ro") == romanian
    assert format_number(value, "en") == english


@pytest.mark.parametrize("value", [float("nan"), Decimal("Infinity")])
def test_the_infinite_is_not_shown(value: Decimal | float) -> None:
    with pytest.raises(ValueError, match="finite"):
        format_number(value, "ro")


@settings(deadline=None)
@given(DECIMALS, st.sampled_from(["ro", "en"]))
def test_what_is_shown_reads_back_as_the_same_value(value: Decimal, language: str) -> None:
    assert read_number(format_number(value, language), language) == value


@settings(deadline=None)
@given(st.text(max_size=50), st.sampled_from(["ro", "en"]))
def test_any_text_is_a_finite_number_or_a_reason(text: str, language: str) -> None:
    try:
        value = read_number(text, language)
    except NotANumber:
        return
    assert value.is_finite()
    assert read_number(format_number(value, language), language) == value
