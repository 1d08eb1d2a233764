"""What gives a bank away: the right option is the longest, or always in one place; and twins."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
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
"""Different questions on one subject reach some 45 %; one reworded here and there keeps 80 %."""
SHINGLE = 4
WORTH_SHOWING = 20
"""Per cent from which a pair may be among those the report shows."""
SHOWN = 3


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


@dataclass(frozen=True, slots=True)
class Alike:
    """Two questions and how much of their text they share."""

    question: Item
    other: Item
    share: Fraction


def most_alike(course: AuthoredCourse) -> list[Alike]:
    """Pairs of questions that share more than :data:`MAX_SIMILARITY`, and the next few below it,
    the most alike first.

    A question's runs of characters are the bits of one number: comparing all pairs of a course of
    six hundred questions takes a fraction of a second.
    """
    questions = [q for m in course.modules for item in m.items for q in item.questions]
    places: dict[str, int] = {}
    masks = []
    for question in questions:
        mask = 0
        for run in shingles(question):
            mask |= 1 << places.setdefault(run, len(places))
        masks.append((mask, mask.bit_count()))
    pairs = []
    for number, (mask, size) in enumerate(masks):
        for earlier, (other, other_size) in enumerate(masks[:number]):
            shared = (mask & other).bit_count()
            if shared * 100 > (size + other_size - shared) * WORTH_SHOWING:
                pairs.append((Fraction(shared, size + other_size - shared), number, earlier))
    pairs.sort(key=lambda pair: (-pair[0], pair[1:]))
    over = sum(share > MAX_SIMILARITY for share, _, _ in pairs)
    return [
        Alike(questions[number], questions[earlier], share)
        for share, number, earlier in pairs[: over + SHOWN]
    ]


def _twins(course: AuthoredCourse, findings: Findings) -> None:
    for pair in most_alike(course):
        if pair.share > MAX_SIMILARITY:
            findings.problem(
                f"item/{pair.question.key}", "near-duplicate",
                id=pair.question.key, other=pair.other.key,
                found=_percent(pair.share), limit=_percent(MAX_SIMILARITY),
            )  # fmt: skip
