"""Choosing among options: single, multiple, true or false."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from lms.domain.errors import Refusal
from lms.domain.items.kinds import (
    Fields,
    Kind,
    Layout,
    Question,
    Response,
    Review,
    ReviewLine,
    Shown,
    Shuffle,
    TextMap,
)


@dataclass(frozen=True, slots=True)
class Option:
    key: str
    """Stable within the item's version; never shown to a learner."""
    text: str
    why: str
    correct: bool = False


def position(value: str, size: int) -> int:
    """A form's value as a display position. Raises Refusal("response-unknown")."""
    if value.isascii() and value.isdigit() and len(value) <= 4 and int(value) < size:
        return int(value)
    raise Refusal("response-unknown")


@dataclass(frozen=True, slots=True)
class Choice:
    """One or several right options. Response: ``{"chosen": [option key, …]}``."""

    options: tuple[Option, ...]
    many: bool = False

    @property
    def kind(self) -> Kind:
        return Kind.MULTIPLE if self.many else Kind.SINGLE

    def layout(self, rng: random.Random) -> Layout:
        return {"order": list(Shuffle.draw(len(self.options), rng).order)}

    def _displayed(self, layout: Layout) -> list[Option]:
        return [self.options[place] for place in layout["order"]]

    def question(self, stem: str, layout: Layout) -> Question:
        return Question(self.kind, stem, tuple(o.text for o in self._displayed(layout)))

    def read(self, fields: Fields, layout: Layout, language: str) -> Response | None:
        values = fields.get("", ())
        if len(values) > 1 and not self.many:
            raise Refusal("response-unknown")
        displayed = self._displayed(layout)
        chosen = {displayed[position(value, len(displayed))].key for value in values if value}
        return {"chosen": sorted(chosen)} if chosen else None

    def shown(self, response: Response | None, layout: Layout) -> Shown:
        chosen = _chosen(response)
        return Shown(
            chosen=tuple(i for i, o in enumerate(self._displayed(layout)) if o.key in chosen)
        )

    def complete(self, response: Response | None) -> bool:
        return bool(_chosen(response))

    def score(self, response: Response | None) -> Fraction:
        """Share of the right options chosen less the share of the wrong ones, at least 0.

        Choosing everything therefore scores 0, never more than guessing.
        """
        chosen = _chosen(response)
        right = {o.key for o in self.options if o.correct}
        wrong = {o.key for o in self.options} - right
        if not self.many:
            return Fraction(int(chosen == right))
        hits = Fraction(len(chosen & right), len(right))
        misses = Fraction(len(chosen & wrong), len(wrong)) if wrong else Fraction(0)
        return max(Fraction(0), hits - misses)

    def review(self, response: Response | None, layout: Layout) -> Review:
        chosen = _chosen(response)
        return Review(
            tuple(
                ReviewLine(o.text, o.why, o.correct, o.key in chosen)
                for o in self._displayed(layout)
            )
        )

    def map_text(self, block: TextMap, inline: TextMap) -> Choice:
        return replace(
            self,
            options=tuple(replace(o, text=inline(o.text), why=inline(o.why)) for o in self.options),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "options": [
                {"key": o.key, "text": o.text, "why": o.why, "correct": o.correct}
                for o in self.options
            ]
        }

    @classmethod
    def from_json(cls, data: dict[str, Any], kind: Kind) -> Choice:
        return cls(tuple(Option(**o) for o in data["options"]), many=kind is Kind.MULTIPLE)


@dataclass(frozen=True, slots=True)
class TrueFalse:
    """A statement. Response: ``{"chosen": "true" | "false"}``; display position 0 is "true"."""

    answer: bool
    why_true: str
    why_false: str

    @property
    def kind(self) -> Kind:
        return Kind.TRUE_FALSE

    def layout(self, rng: random.Random) -> Layout:
        return {}

    def question(self, stem: str, layout: Layout) -> Question:
        return Question(self.kind, stem)

    def read(self, fields: Fields, layout: Layout, language: str) -> Response | None:
        values = [value for value in fields.get("", ()) if value]
        if not values:
            return None
        if len(values) > 1:
            raise Refusal("response-unknown")
        return {"chosen": "true" if position(values[0], 2) == 0 else "false"}

    def shown(self, response: Response | None, layout: Layout) -> Shown:
        if response is None:
            return Shown()
        return Shown(chosen=(0 if response.get("chosen") == "true" else 1,))

    def complete(self, response: Response | None) -> bool:
        return response is not None

    def score(self, response: Response | None) -> Fraction:
        if response is None:
            return Fraction(0)
        return Fraction(int((response.get("chosen") == "true") is self.answer))

    def review(self, response: Response | None, layout: Layout) -> Review:
        chosen = None if response is None else response.get("chosen") == "true"
        return Review(
            (
                ReviewLine("true", self.why_true, self.answer, chosen is True),
                ReviewLine("false", self.why_false, not self.answer, chosen is False),
            )
        )

    def map_text(self, block: TextMap, inline: TextMap) -> TrueFalse:
        return replace(self, why_true=inline(self.why_true), why_false=inline(self.why_false))

    def to_json(self) -> dict[str, Any]:
        return {"answer": self.answer, "why_true": self.why_true, "why_false": self.why_false}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> TrueFalse:
        return cls(data["answer"], data["why_true"], data["why_false"])


def _chosen(response: Response | None) -> set[str]:
    chosen: Sequence[str] = response.get("chosen", ()) if response else ()
    return set(chosen)
