"""What every kind of question must be able to do."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any, Protocol

Layout = dict[str, Any]
"""The frozen draw of one question in one attempt: in which order its parts are shown. JSON."""

Response = dict[str, Any]
"""What the learner answered, in the item's own keys, never in display positions. JSON."""

Fields = Mapping[str, Sequence[str]]
"""A form's values for one question: suffix ("" for the main field, "0", "1", …) to values."""


class Kind(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true-false"
    NUMERIC = "numeric"
    ORDERING = "ordering"
    MATCHING = "matching"
    SHORT_ANSWER = "short-answer"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Question:
    """All a learner may see before the key may be shown: an allow-list, built field by field.

    ``choices`` are what one chooses from (options, right-hand entries); ``prompts`` are what one
    answers for (left-hand entries, steps). Both in display order; their positions are the form's
    values, so that nothing in the page tells which option is which in the bank.
    """

    kind: Kind
    stem: str
    choices: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A saved response as the form shows it again."""

    chosen: tuple[int, ...] = ()
    """Display positions of the chosen options."""
    text: str = ""
    """What was typed, as it was typed."""
    places: tuple[int | None, ...] = ()
    """For each prompt the chosen position (matching) or rank from 0 (ordering)."""
    understood: str = ""
    """The number that was read, in a plain notation; empty when it was not understood."""


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One explained part of a question, after the attempt."""

    text: str
    why: str
    correct: bool
    chosen: bool
    answer: str = ""
    """What was given for this part (matching, ordering)."""
    expected: str = ""
    """What would have been right for this part (matching, ordering)."""


@dataclass(frozen=True, slots=True)
class Review:
    """A question with its key and the learner's answer, shown only when the key may be seen.

    There is no half of it for a failed attempt: what is right of two, three or four things can be
    told from what is wrong, and the next attempt draws from the same bank.
    """

    lines: tuple[ReviewLine, ...]
    expected: str = ""


class Body(Protocol):
    """One kind's data and rules. Bodies are frozen dataclasses without identity."""

    @property
    def kind(self) -> Kind: ...

    def layout(self, rng: random.Random) -> Layout:
        """Draw the order in which the parts are shown."""

    def question(self, stem: str, layout: Layout) -> Question:
        """What may be shown before the key."""

    def read(self, fields: Fields, layout: Layout, language: str) -> Response | None:
        """Form values to a response; None when nothing was answered.

        Raises Refusal("response-unknown") for positions that were never offered.
        """

    def shown(self, response: Response | None, layout: Layout) -> Shown:
        """A saved response as the form shows it again."""

    def complete(self, response: Response | None) -> bool:
        """Whether the response answers the whole question."""

    def score(self, response: Response | None) -> Fraction:
        """0 to 1. Never negative, never above one."""

    def review(self, response: Response | None, layout: Layout) -> Review:
        """The key, the answer given and the explanations."""

    def map_text(self, block: TextMap, inline: TextMap) -> Body:
        """The same body with every authored text passed through ``block`` or ``inline``."""

    def to_json(self) -> dict[str, Any]: ...


TextMap = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Shuffle:
    """Display order over stable keys: the frozen half of a layout."""

    order: tuple[int, ...] = field(default=())

    @classmethod
    def draw(cls, size: int, rng: random.Random) -> Shuffle:
        """A random permutation, each as likely as any other.

        Also for steps to be put in order: if they never stood in the right one, three of them
        would tell by where they stand which they are not.
        """
        order = list(range(size))
        rng.shuffle(order)
        return cls(tuple(order))
