"""A check's report as lines of text, for the command line."""

from __future__ import annotations

from collections.abc import Iterator

from lms.interop.course_check.report import CheckReport, Table
from lms.interop.course_files.sentences import sentence

_WORDS = {
    "problems": ("Probleme: {}", "Problems: {}"),
    "warnings": ("De privit, fără să oprească încărcarea: {}", "Worth a look, stopping nothing: {}"),
    "none": ("Nicio problemă.", "No problems."),
    "course": ("Cursul", "The course"),
    "kinds": ("Itemi pe feluri", "Items by kind"),
    "outcomes": (
        "Întrebări de test pe rezultate și dificultate", "Test questions by outcome and difficulty"
    ),
    "guessing": ("Situații și semne de ghicit", "Situations and signs to guess by"),
    "words": ("Cuvinte pe lecție", "Words per lesson"),
    "facts": ("Fapte citate, după încredere", "Facts cited, by confidence"),
}  # fmt: skip


def report_lines(report: CheckReport, language: str) -> Iterator[str]:
    """Problems, warnings, distributions. ``language`` is ``ro`` or ``en``."""
    for table in report.statistics:
        yield from _table(table, language)
    if report.warnings:
        yield _say("warnings", language).format(len(report.warnings))
        yield from (f"  {sentence(found, language)}" for found in report.warnings)
        yield ""
    if report.problems:
        yield _say("problems", language).format(len(report.problems))
        yield from (f"  {sentence(found, language)}" for found in report.problems)
    else:
        yield _say("none", language)


def _say(code: str, language: str) -> str:
    return _WORDS[code][0 if language == "ro" else 1]


def _table(table: Table, language: str) -> Iterator[str]:
    code, _, subject = table.code.partition("/")
    yield _say(code, language) + (f" – {subject}" if subject else "")
    width = max((len(label) for label, _ in table.rows), default=0)
    yield from (f"  {label.ljust(width)}  {number}" for label, number in table.rows)
    yield ""
