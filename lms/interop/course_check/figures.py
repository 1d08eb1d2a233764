"""Sums stated in a text, computed again: exact fractions, and nothing but arithmetic."""

from __future__ import annotations

import ast
import re
from fractions import Fraction

from lms.domain.authoring import AuthoredCourse, AuthoredText
from lms.domain.numbers import format_number
from lms.interop.course_check.report import Findings

MAX_LENGTH = 200
MAX_DEPTH = 20
MAX_PLACES = 10

_LITERAL = re.compile(r"(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,12})?")


class CalculationError(ValueError):
    """Something other than numbers, + - * / ( ) and round(x, n)."""


def calculate(text: str) -> Fraction:
    """The value, exactly. Raises :class:`CalculationError`, also for a division by zero.

    ``round`` rounds half away from zero, as it is taught at school and as invoices do.
    """
    if len(text) > MAX_LENGTH:
        raise CalculationError(text)
    try:
        tree = ast.parse(text.strip(), mode="eval")
        return _value(tree.body, text.strip(), 0)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError) as error:
        raise CalculationError(text) from error


def _value(node: ast.expr, text: str, depth: int) -> Fraction:
    if depth > MAX_DEPTH:
        raise CalculationError(text)
    match node:
        case ast.Constant():
            # The literal's own text: a float would already have lost digits.
            literal = ast.get_source_segment(text, node) or ""
            if not _LITERAL.fullmatch(literal):
                raise CalculationError(literal)
            return Fraction(literal)
        case ast.UnaryOp(op=ast.USub()):
            return -_value(node.operand, text, depth + 1)
        case ast.BinOp():
            left = _value(node.left, text, depth + 1)
            return _operation(node.op, left, _value(node.right, text, depth + 1))
        case ast.Call(func=ast.Name(id="round"), args=[inner, ast.Constant(value=n)]):
            if node.keywords or type(n) is not int or not 0 <= n <= MAX_PLACES:
                raise CalculationError(text)
            return round_half_up(_value(inner, text, depth + 1), n)
    raise CalculationError(text)


def _operation(operator: ast.operator, left: Fraction, right: Fraction) -> Fraction:
    match operator:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
    raise CalculationError(operator)


def round_half_up(value: Fraction, places: int) -> Fraction:
    scale = 10**places
    whole = (abs(value) * scale * 2 + 1) // 2
    return Fraction(whole if value >= 0 else -whole, scale)


def check_figures(course: AuthoredCourse, findings: Findings) -> None:
    for module in course.modules:
        for lesson in module.activities:
            if isinstance(lesson, AuthoredText):
                for number, (calculation, expected) in enumerate(lesson.figures):
                    address = f"activity/{lesson.key}/figures/{number}"
                    _check_figure(findings, address, lesson.body, calculation, expected)


def _check_figure(
    findings: Findings, address: str, body: str, calculation: str, expected: str
) -> None:
    if not calculation or not expected:
        return  # already refused by the reader
    try:
        found = calculate(calculation)
    except CalculationError:
        findings.problem(address, "figure-unreadable", calc=calculation)
        return
    if found != Fraction(expected):
        findings.problem(
            address, "figure-wrong", calc=calculation, found=shown(found), expected=expected
        )
    elif not _stated(expected, body):
        findings.warning(address, "figure-not-in-text", expected=expected)


def shown(value: Fraction) -> str:
    """A short decimal; an endless one is cut after four places and marked."""
    rounded = round_half_up(value, 4)
    text = f"{float(rounded):.4f}".rstrip("0").rstrip(".")
    return text if rounded == value else f"≈ {text}"


def _stated(expected: str, body: str) -> bool:
    """Whether the number stands in the text, in any of the usual notations."""
    value = Fraction(expected)
    whole, _, decimals = expected.lstrip("-").partition(".")
    plain = {whole + ("," + decimals if decimals else ""), expected.lstrip("-")}
    digits = decimals.rstrip("0")
    plain.add(whole + ("," + digits if digits else ""))
    if value.denominator == 1:
        plain.add(format_number(abs(int(value)), "ro"))
    grouped = format_number(abs(int(value)), "ro")
    plain |= {grouped + ("," + decimals if decimals else ""), grouped.replace(".", " ")}
    return any(re.search(rf"(?<![0-9.,]){re.escape(p)}(?![0-9]|[.,][0-9])", body) for p in plain)
