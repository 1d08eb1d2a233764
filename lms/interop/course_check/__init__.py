"""Everything ``lms content check`` refuses, and the distributions it prints.

The single checks work on :class:`AuthoredCourse`, so a course edited in the browser passes through
the same gate as one written in files; only the places differ.
"""

from __future__ import annotations

from pathlib import Path

from lms.domain.authoring import AuthoredCourse
from lms.interop import markdown
from lms.interop.course_check.banks import check_banks
from lms.interop.course_check.course_tests import check_course_tests
from lms.interop.course_check.facts import check_facts
from lms.interop.course_check.figures import check_figures
from lms.interop.course_check.items import check_items
from lms.interop.course_check.links import (
    Render,
    check_links,
    render_lessons,
    targets_of,
)
from lms.interop.course_check.modules import check_modules
from lms.interop.course_check.pictures import check_pictures
from lms.interop.course_check.prose import check_prose
from lms.interop.course_check.report import CheckReport, Findings, Row, Table
from lms.interop.course_check.statistics import statistics
from lms.interop.course_files import Places, read_folder

__all__ = ["CheckReport", "Row", "Table", "check_course", "check_folder"]

FOLLOWS_FROM_READING = frozenset(
    {
        "anchor-missing", "check-unknown", "criteria-none", "criterion-unknown", "draw-module-unknown", "draw-short",
        "english-unknown", "exercise-length", "fact-source-unknown", "fact-unknown", "file-missing",
        "item-without-explanation", "item-without-facts", "item-without-lesson",
        "item-without-outcome", "lesson-length", "lesson-unknown", "lesson-without-outcome",
        "module-without-test", "outcome-unknown", "outcome-unmeasured", "part-without-why",
        "picture-missing", "quiz-item-unknown", "rubric-count", "source-unknown", "term-unknown",
    }
)  # fmt: skip
"""What may be wrong only because a file could not be read: not said until it can be."""


def check_course(
    course: AuthoredCourse, places: Places | None = None, render: Render | None = None
) -> CheckReport:
    """All checks. ``render`` is where Markdown is rendered: in this process when not given."""
    findings = Findings(places or Places())
    render = render or markdown.render
    lessons = render_lessons(course, render, findings)
    targets = targets_of(course, lessons)
    check_modules(course, lessons, findings)
    check_course_tests(course, findings)
    check_items(course, targets, findings)
    check_links(course, lessons, targets, render, findings)
    check_facts(course, findings)
    check_figures(course, findings)
    check_prose(course, findings)
    check_banks(course, findings)
    check_pictures(course, findings)
    return CheckReport(
        tuple(sorted(set(findings.problems))),
        tuple(sorted(set(findings.warnings))),
        statistics(course, lessons),
    )


def check_folder(folder: Path, render: Render | None = None) -> CheckReport:
    """Read and check. While a file cannot be read, what may follow from that is not reported."""
    reading = read_folder(folder)
    if reading.course is None:
        return CheckReport(tuple(reading.problems), (), ())
    report = check_course(reading.course, reading.places, render)
    found = report.problems
    if reading.problems:
        found = tuple(p for p in found if p.code not in FOLLOWS_FROM_READING)
    return CheckReport(
        tuple(sorted({*reading.problems, *found})), report.warnings, report.statistics
    )
