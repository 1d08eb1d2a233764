"""Items one by one: everything explained, everything pointing at something that exists."""

from __future__ import annotations

from lms.domain.authoring import AuthoredCourse, AuthoredModule
from lms.domain.items import Case, Item, TrueFalse, Use
from lms.interop.course_check.links import Targets
from lms.interop.course_check.report import Findings
from lms.interop.course_check.texts import parts


def check_items(course: AuthoredCourse, targets: Targets, findings: Findings) -> None:
    for module in course.modules:
        for item in module.items:
            _outcome(item, module, findings)
            _read_again(item, targets, findings)
            for question in item.questions:
                if question is not item:
                    _outcome(question, module, findings)
                    if question.lesson != item.lesson:
                        _read_again(question, targets, findings)
                _explained(question, findings)


def _outcome(item: Item, module: AuthoredModule, findings: Findings) -> None:
    address = f"item/{item.key}"
    if not item.outcome:
        findings.problem(address, "item-without-outcome", id=item.key)
    elif item.outcome not in {outcome.key for outcome in module.outcomes}:
        findings.problem(f"{address}/outcome", "outcome-unknown", value=item.outcome)


def _read_again(item: Item, targets: Targets, findings: Findings) -> None:
    address = f"item/{item.key}"
    if not item.lesson:
        if item.use is Use.QUIZ:
            findings.problem(address, "item-without-lesson", id=item.key)
        return
    lesson, hash_mark, anchor = item.lesson.partition("#")
    if lesson not in targets.anchors:
        findings.problem(f"{address}/lesson", "lesson-unknown", value=lesson)
    elif hash_mark and anchor not in targets.anchors[lesson]:
        findings.problem(f"{address}/lesson", "anchor-missing", value=anchor, lesson=lesson)


def _explained(question: Item, findings: Findings) -> None:
    address = f"item/{question.key}"
    if not question.explanation:
        findings.problem(address, "item-without-explanation", id=question.key)
    if isinstance(question.body, Case):
        return
    if isinstance(question.body, TrueFalse):
        if not (question.body.why_true and question.body.why_false):
            findings.problem(f"{address}/why", "part-without-why", id=question.key)
        return
    for part in parts(question.body):
        if not part.why:
            findings.problem(f"{address}/{part.address}", "part-without-why", id=question.key)
