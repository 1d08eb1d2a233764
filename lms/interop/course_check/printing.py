"""A check's report as lines of text, for the command line."""

from __future__ import annotations

from collections.abc import Iterator

from lms.interop.course_check.report import CheckReport, Row, Table
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
    "guessing": (
        "Situații și semne de ghicit (cel mult 35 % cea mai lungă, cel mult 40 % pe un loc)",
        "Situations and signs to guess by (at most 35 % the longest, at most 40 % in one place)",
    ),
    "alike": (
        "Cele mai asemănătoare întrebări, în procente (peste 50 se refuză)",
        "The questions most alike, in per cent (more than 50 is refused)",
    ),
    "figures": ("sume recalculate", "figures computed again"),
    "pictures": ("imagini", "pictures"),
    "downloads": ("fișiere de descărcat", "downloads"),
    "words": ("Cuvinte pe lecție și fișă de lucru", "Words per lesson and exercise"),
    "modules": ("module", "modules"),
    "lessons": ("lecții", "lessons"),
    "tests": ("teste", "tests"),
    "course-tests": ("teste ale cursului întreg", "tests of the whole course"),
    "exercises": ("fișe de lucru", "exercises"),
    "items": ("itemi", "items"),
    "questions": ("întrebări (cele din situații numărate una câte una)", "questions"),
    "terms": ("termeni în glosar", "glossary terms"),
    "sources": ("surse", "sources"),
    "minutes": ("minute", "minutes"),
    "kind": ("{}", "{}"),
    "check": ("{} (autoverificare)", "{} (self-check)"),
    "difficulty": ("dificultatea {}", "difficulty {}"),
    "situational": ("pornesc de la o situație (după cuvinte)", "start from a situation (by words)"),
    "longest": ("varianta corectă este cea mai lungă", "the right option is the longest"),
    "place": ("varianta corectă pe locul {}", "the right option in place {}"),
    "of": ("din", "of"),
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
    yield _say(table.code, language) + (f" – {table.subject}" if table.subject else "")
    labels = [_label(row.label, language) for row in table.rows]
    width = max((len(label) for label in labels), default=0)
    for label, row in zip(labels, table.rows, strict=True):
        yield f"  {label.ljust(width)}  {_number(row, language)}"
    yield ""


def _label(code: str, language: str) -> str:
    """The words for a label's code; keys of the course stand as they are."""
    kind, slash, value = code.partition("/")
    if slash:
        return _say(kind, language).format(value)
    return _say(code, language) if code in _WORDS else code


def _number(row: Row, language: str) -> str:
    if row.whole is None:
        return str(row.number)
    share = f" ({100 * row.number / row.whole:.0f} %)" if row.whole else ""
    return f"{row.number} {_say('of', language)} {row.whole}{share}"
