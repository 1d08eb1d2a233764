"""Writing an answer: a number, a short phrase."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from decimal import Decimal
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
    TextMap,
)
from lms.domain.numbers import NotANumber, read_number
from lms.domain.text import fold

MAX_TYPED = 200
"""Characters of a typed answer; longer input is refused, not cut."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong answer worth recognising, with what it tells about its author."""

    value: str
    why: str


def _typed(fields: Fields) -> str | None:
    values = fields.get("", ())
    if len(values) > 1:
        raise Refusal("response-unknown")
    text = values[0].strip() if values else ""
    if len(text) > MAX_TYPED:
        raise Refusal("response-too-long", limit=MAX_TYPED)
    return text or None


@dataclass(frozen=True, slots=True)
class Numeric:
    """A number within ``tolerance`` (absolute). Response: ``{"text": typed, "value": "3.14"}``.

    ``value`` is absent when the text could not be read as a number: the text is kept, so that
    nothing typed is lost, and it scores 0 until it is mended.
    """

    answer: Decimal
    tolerance: Decimal
    why: str
    unit: str = ""
    mistakes: tuple[Mistake, ...] = ()

    @property
    def kind(self) -> Kind:
        return Kind.NUMERIC

    def layout(self, rng: random.Random) -> Layout:
        return {}

    def question(self, stem: str, layout: Layout) -> Question:
        return Question(self.kind, stem, unit=self.unit)

    def read(self, fields: Fields, layout: Layout, language: str) -> Response | None:
        text = _typed(fields)
        if text is None:
            return None
        try:
            return {"text": text, "value": str(read_number(text, language))}
        except NotANumber:
            return {"text": text}

    def shown(self, response: Response | None, layout: Layout) -> Shown:
        response = response or {}
        return Shown(text=response.get("text", ""), understood=response.get("value", ""))

    def complete(self, response: Response | None) -> bool:
        return bool(response) and "value" in (response or {})

    def score(self, response: Response | None) -> Fraction:
        if response is None or "value" not in response:
            return Fraction(0)
        return Fraction(int(self._matches(self.answer, Decimal(response["value"]))))

    def _matches(self, target: Decimal, value: Decimal) -> bool:
        return abs(value - target) <= self.tolerance

    def review(self, response: Response | None, layout: Layout) -> Review:
        lines = [ReviewLine(str(self.answer), self.why, True, self.score(response) == 1)]
        if response and "value" in response:
            value = Decimal(response["value"])
            lines += [
                ReviewLine(m.value, m.why, False, True)
                for m in self.mistakes
                if self._matches(Decimal(m.value), value) and not lines[0].chosen
            ][:1]
        return Review(tuple(lines), expected=str(self.answer))

    def map_text(self, block: TextMap, inline: TextMap) -> Numeric:
        mistakes = tuple(replace(m, why=inline(m.why)) for m in self.mistakes)
        return replace(self, why=inline(self.why), mistakes=mistakes)

    def to_json(self) -> dict[str, Any]:
        return {
            "answer": str(self.answer),
            "tolerance": str(self.tolerance),
            "unit": self.unit,
            "why": self.why,
            "mistakes": [{"value": m.value, "why": m.why} for m in self.mistakes],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Numeric:
        return cls(
            Decimal(data["answer"]),
            Decimal(data["tolerance"]),
            data["why"],
            data.get("unit", ""),
            tuple(Mistake(**m) for m in data.get("mistakes", ())),
        )


@dataclass(frozen=True, slots=True)
class ShortAnswer:
    """A word or a short phrase, compared folded. Response: ``{"text": typed}``."""

    accept: tuple[str, ...]
    why: str
    mistakes: tuple[Mistake, ...] = ()

    @property
    def kind(self) -> Kind:
        return Kind.SHORT_ANSWER

    def layout(self, rng: random.Random) -> Layout:
        return {}

    def question(self, stem: str, layout: Layout) -> Question:
        return Question(self.kind, stem)

    def read(self, fields: Fields, layout: Layout, language: str) -> Response | None:
        text = _typed(fields)
        return None if text is None else {"text": text}

    def shown(self, response: Response | None, layout: Layout) -> Shown:
        return Shown(text=(response or {}).get("text", ""))

    def complete(self, response: Response | None) -> bool:
        return bool(response)

    def score(self, response: Response | None) -> Fraction:
        if not response:
            return Fraction(0)
        given = _comparable(response["text"])
        return Fraction(int(any(given == _comparable(a) for a in self.accept)))

    def review(self, response: Response | None, layout: Layout) -> Review:
        right = self.score(response) == 1
        lines = [ReviewLine(self.accept[0], self.why, True, right)]
        given = (response or {}).get("text", "")
        lines += [
            ReviewLine(m.value, m.why, False, True)
            for m in self.mistakes
            if given and not right and _comparable(m.value) == _comparable(given)
        ][:1]
        return Review(tuple(lines), expected=self.accept[0])

    def map_text(self, block: TextMap, inline: TextMap) -> ShortAnswer:
        mistakes = tuple(replace(m, why=inline(m.why)) for m in self.mistakes)
        return replace(self, why=inline(self.why), mistakes=mistakes)

    def to_json(self) -> dict[str, Any]:
        return {
            "accept": list(self.accept),
            "why": self.why,
            "mistakes": [{"value": m.value, "why": m.why} for m in self.mistakes],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ShortAnswer:
        mistakes = tuple(Mistake(**m) for m in data.get("mistakes", ()))
        return cls(tuple(data["accept"]), data["why"], mistakes)


def _comparable(text: str) -> str:
    """Folded, without punctuation at the ends and with hyphens read as spaces."""
    return " ".join(fold(text).replace("-", " ").strip(" .,;:!?„”\"'()").split())
