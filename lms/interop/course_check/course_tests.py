"""Tests of the whole course: what they draw exists, suffices, and covers every outcome."""

from __future__ import annotations

from lms.domain.authoring import AuthoredCourse, AuthoredQuiz
from lms.domain.quizzes import largest_shortfall
from lms.interop.course_check.modules import pool_of
from lms.interop.course_check.report import Findings


def check_course_tests(course: AuthoredCourse, findings: Findings) -> None:
    for test in course.tests:
        _draws(test, course, findings)
    if course.tests:
        _coverage(course, findings)
    _english(course, findings)


def _draws(test: AuthoredQuiz, course: AuthoredCourse, findings: Findings) -> None:
    address = f"activity/{test.key}"
    outcomes = {module.key: {o.key for o in module.outcomes} for module in course.modules}
    for number, rule in enumerate(test.settings.draw):
        place = f"{address}/draw/{number}"
        if rule.outcome and not rule.module:
            findings.problem(place, "draw-outcome-alone", value=rule.outcome)
        elif rule.module and rule.module not in outcomes:
            findings.problem(place, "draw-module-unknown", value=rule.module)
        elif rule.outcome and rule.outcome not in outcomes[rule.module]:
            findings.problem(place, "outcome-unknown", value=rule.outcome)
    pool = [item for module in course.modules for item in pool_of(module)]
    known = {item.key for item in pool}
    for key in test.settings.items:
        if key not in known:
            findings.problem(f"{address}/items", "quiz-item-unknown", key, value=key)
    if missing := largest_shortfall(pool, test.settings):
        findings.problem(f"{address}/draw", "draw-short", missing=missing)


def _coverage(course: AuthoredCourse, findings: Findings) -> None:
    """Every outcome is asked for by name in at least one of the tests."""
    rules = [rule for test in course.tests for rule in test.settings.draw]
    asked = {(rule.module, rule.outcome) for rule in rules if rule.outcome}
    fixed = {key for test in course.tests for key in test.settings.items}
    for module in course.modules:
        always = {q.outcome for i in module.items if i.key in fixed for q in i.questions}
        for outcome in module.outcomes:
            if (module.key, outcome.key) not in asked and outcome.key not in always:
                place = f"module/{module.key}/outcomes/{outcome.key}"
                findings.warning(place, "outcome-not-in-course-tests", value=outcome.key)


def _english(course: AuthoredCourse, findings: Findings) -> None:
    given, known = set(course.en.get("activities", {})), {test.key for test in course.tests}
    for key in sorted(given - known):
        findings.problem("course/en", "english-unknown", f"{key}:", value=key)
    if missing := sorted(known - given):
        findings.warning("course/en", "english-missing", value=", ".join(missing))
