"""What gives a bank away: the right option is the longest, or always in one place; and twins."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from lms.domain.authoring import AuthoredCourse, AuthoredModule
from lms.domain.items import Case, Choice, Item, Kind
from lms.domain.text import fold
from lms.interop.course_check.report import Findings
from lms.interop.course_check.texts import parts

MIN_SINGLE = 5
"""Single-choice items from which shares say anything."""
MAX_LONGEST = Fraction(35, 100)
MAX_SAME_PLACE = Fraction(40, 100)
MAX_SIMILARITY = Fraction(50, 100)
"""The most alike of 118 different questions reach 35 %; one reworded here and there keeps 80 %."""
SHINGLE = 4


def single_choice(module: AuthoredModule) -> list[tuple[Item, Choice]]:
    """All single-choice questions of a bank: self-checks and the questions of cases count."""
    return [
        (question, question.body)
        for item in module.items
        for question in item.questions
        if isinstance(question.body, Choice) and question.body.kind is Kind.SINGLE
    ]


def right_is_longest(choice: Choice) -> bool:
    """Whether the right option is longer than every other one."""
    right = max((len(o.text) for o in choice.options if o.correct), default=0)
    return right > max((len(o.text) for o in choice.options if not o.correct), default=0)


def right_places(module: AuthoredModule) -> Counter[int]:
    """How often the right option stands in each place of the file, from 1."""
    return Counter(
        place
        for _, choice in single_choice(module)
        for place, option in enumerate(choice.options, 1)
        if option.correct
    )


def check_banks(course: AuthoredCourse, findings: Findings) -> None:
    for module in course.modules:
        singles = single_choice(module)
        if len(singles) >= MIN_SINGLE:
            _shares(module, singles, findings)
    _twins(course, findings)


def _shares(module: AuthoredModule, singles: list[tuple[Item, Choice]], findings: Findings) -> None:
    longest = [item.key for item, choice in singles if right_is_longest(choice)]
    if Fraction(len(longest), len(singles)) > MAX_LONGEST:
        findings.problem(
            f"module/{module.key}", "right-is-longest", found=len(longest), of=len(singles),
            limit=_percent(MAX_LONGEST), ids=", ".join(longest),
        )  # fmt: skip
    place, count = max(right_places(module).items(), key=lambda pair: pair[1])
    if Fraction(count, len(singles)) > MAX_SAME_PLACE:
        findings.problem(
            f"module/{module.key}", "right-in-one-place", found=count, of=len(singles),
            limit=_percent(MAX_SAME_PLACE), place=place,
        )  # fmt: skip


def _percent(share: Fraction) -> str:
    return f"{int(share * 100)}"


def shingles(question: Item) -> frozenset[str]:
    """Runs of four characters in the folded stem and answers, in whatever order these stand."""
    texts = [question.stem]
    if not isinstance(question.body, Case):
        texts += [text for part in parts(question.body) for text in part.texts]
    return frozenset(run for text in texts for run in _runs(text))


def _runs(text: str) -> Iterator[str]:
    words = " ".join(re.findall(r"\w+", fold(text)))
    return (words[n : n + SHINGLE] for n in range(max(1, len(words) - SHINGLE + 1)))


def similarity(one: frozenset[str], other: frozenset[str]) -> Fraction:
    """Jaccard index: shared runs of characters among all, 0 to 1."""
    return Fraction(len(one & other), len(one | other)) if one or other else Fraction(0)


def _twins(course: AuthoredCourse, findings: Findings) -> None:
    questions = [q for m in course.modules for item in m.items for q in item.questions]
    known = [(question, shingles(question)) for question in questions]
    for number, (question, own) in enumerate(known):
        for other, others in known[:number]:
            small, large = sorted((len(own), len(others)))
            if small < large * MAX_SIMILARITY:
                continue  # even if one held the other they would not be this alike
            alike = similarity(own, others)
            if alike > MAX_SIMILARITY:
                findings.problem(
                    f"item/{question.key}", "near-duplicate", id=question.key, other=other.key,
                    found=_percent(alike), limit=_percent(MAX_SIMILARITY),
                )  # fmt: skip
