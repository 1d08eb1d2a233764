"""Spelling of Romanian texts: comma below, and the quotation marks „ ”."""

from __future__ import annotations

import re

from lms.domain.authoring import AuthoredCourse
from lms.interop.course_check.report import Findings
from lms.interop.course_check.texts import Markup, all_texts

_CEDILLA = re.compile("[şŞţŢ]")
_WRONG_QUOTES = re.compile('["“‟]')
_NOT_PROSE = re.compile(
    r"^(`{3,}|~{3,}).*?^\1[^\n]*$"  # fenced code
    r"|(?<!`)(`+)(?!`).+?(?<!`)\2(?!`)"  # code spans
    r"|\]\([^)\s]*\)"  # addresses of links and pictures
    r"|<[a-z]+:[^>\s]*>",  # addresses written as themselves
    re.DOTALL | re.MULTILINE,
)


def check_prose(course: AuthoredCourse, findings: Findings) -> None:
    romanian = course.language == "ro"
    for text in all_texts(course):
        _report(findings, text.address, text.text, _CEDILLA, "cedilla")
        if romanian:
            prose = text.text if text.markup is Markup.PLAIN else without_code(text.text)
            _report(findings, text.address, prose, _WRONG_QUOTES, "straight-quotes")


def without_code(markdown: str) -> str:
    """The text with code and addresses blanked out, line for line."""
    return _NOT_PROSE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), markdown)


def _report(findings: Findings, address: str, text: str, wrong: re.Pattern[str], code: str) -> None:
    for number, line in enumerate(text.split("\n"), 1):
        words = [word for word in line.split() if wrong.search(word)]
        if words and address.endswith("/body"):
            findings.in_body(address, number, code, word=words[0])
        elif words:
            findings.problem(address, code, phrase=words[0], word=words[0])
