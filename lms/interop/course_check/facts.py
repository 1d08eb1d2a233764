"""Fact codes: known, certain enough to be taught, and with a word of caution where needed."""

from __future__ import annotations

import re

from lms.domain.authoring import AuthoredCourse, AuthoredText, Fact
from lms.domain.items import Case, Item
from lms.domain.text import fold
from lms.interop.course_check.report import Findings
from lms.interop.course_check.texts import item_texts

_CAUTION = re.compile(r"\bverific\w*(?: \w+)? in ghidul curent\b")


def has_caution(text: str) -> bool:
    """Whether the text sends the reader to the current guide („verifică în ghidul curent”).

    Any form of the verb, without regard to case and diacritics, with at most one word between.
    """
    return _CAUTION.search(re.sub(r"[*_„”]", "", fold(text))) is not None


def check_facts(course: AuthoredCourse, findings: Findings) -> None:
    known = {fact.code: fact for fact in course.facts}
    sources = {source.code for source in course.sources}
    for fact in course.facts:
        for code in fact.sources:
            if code not in sources:
                findings.problem(f"fact/{fact.code}", "fact-source-unknown", value=code)
    for point in course.to_verify:
        _codes(findings, f"verify/{point.number}", point.facts, known, certain=False)
    for module in course.modules:
        for activity in module.activities:
            if isinstance(activity, AuthoredText):
                _lesson(findings, activity, known)
        for item in module.items:
            _item(findings, item, known)


def _codes(
    findings: Findings,
    address: str,
    codes: tuple[str, ...],
    known: dict[str, Fact],
    *,
    certain: bool = True,
) -> None:
    for code in codes:
        if code not in known:
            findings.problem(address, "fact-unknown", phrase=code, value=code)
        elif certain and known[code].confidence == "?":
            findings.problem(address, "fact-uncertain", phrase=code, value=code)


def _needing_caution(codes: tuple[str, ...], known: dict[str, Fact]) -> list[str]:
    return [code for code in codes if code in known and known[code].confidence == "C"]


def _lesson(findings: Findings, lesson: AuthoredText, known: dict[str, Fact]) -> None:
    address = f"activity/{lesson.key}/facts"
    _codes(findings, address, lesson.facts, known)
    needing = _needing_caution(lesson.facts, known)
    if needing and not has_caution(lesson.body):
        findings.problem(address, "caution-missing", phrase=needing[0], value=", ".join(needing))


def _item(findings: Findings, item: Item, known: dict[str, Fact]) -> None:
    _codes(findings, f"item/{item.key}/facts", item.facts, known)
    for question in item.questions:
        if question is not item and question.facts != item.facts:
            _codes(findings, f"item/{question.key}/facts", question.facts, known)
        if not question.facts:
            findings.problem(f"item/{question.key}", "item-without-facts", id=question.key)
    if isinstance(item.body, Case):
        return
    needing = _needing_caution(item.facts, known)
    if needing and not any(has_caution(text.text) for text in item_texts(item)):
        findings.warning(f"item/{item.key}/facts", "item-caution-missing", id=item.key)
