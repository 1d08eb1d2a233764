"""Arranging: putting steps in order, matching pairs."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from typing import Any

from lms.domain.errors import Refusal
from lms.domain.items.choosing import position
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
class Step:
    key: str
    text: str
    why: str = ""


def _one(fields: Fields, place: int, size: int) -> int | None:
    values = [value for value in fields.get(str(place), ()) if value]
    if len(values) > 1:
        raise Refusal("response-unknown")
    return position(values[0], size) if values else None


@dataclass(frozen=True, slots=True)
class Ordering:
    """Steps to put in order. Response: ``{"ranks": {step key: rank from 0}}``, ranks may repeat.

    Each displayed step asks for its rank, so the question works with a keyboard and without
    JavaScript; two steps with one rank are kept as answered and count as a wrong pair.
    """

    steps: tuple[Step, ...]

    @property
    def kind(self) -> Kind:
        return Kind.ORDERING

    def layout(self, rng: random.Random) -> Layout:
        return {"order": list(Shuffle.draw(len(self.steps), rng).order)}

    def _displayed(self, layout: Layout) -> list[Step]:
        return [self.steps[place] for place in layout["order"]]

    def question(self, stem: str, layout: Layout) -> Question:
        displayed = self._displayed(layout)
        return Question(self.kind, stem, prompts=tuple(s.text for s in displayed))

    def read(self, fields: Fields, layout: Layout, language: str) -> Response | None:
        ranks = {}
        for place, step in enumerate(self._displayed(layout)):
            rank = _one(fields, place, len(self.steps))
            if rank is not None:
                ranks[step.key] = rank
        return {"ranks": ranks} if ranks else None

    def shown(self, response: Response | None, layout: Layout) -> Shown:
        ranks = (response or {}).get("ranks", {})
        return Shown(places=tuple(ranks.get(step.key) for step in self._displayed(layout)))

    def complete(self, response: Response | None) -> bool:
        ranks = (response or {}).get("ranks", {})
        return len(set(ranks.values())) == len(self.steps)

    def score(self, response: Response | None) -> Fraction:
        """1 − 2 × (share of pairs not in their order), at least 0: Kendall's tau, cut off at 0.

        Half of the pairs right, as in a random order, is worth nothing.
        """
        ranks = (response or {}).get("ranks", {})
        pairs = list(combinations(self.steps, 2))
        wrong = sum(
            1
            for first, second in pairs
            if first.key not in ranks
            or second.key not in ranks
            or ranks[first.key] >= ranks[second.key]
        )
        return max(Fraction(0), 1 - 2 * Fraction(wrong, len(pairs)))

    def review(self, response: Response | None, layout: Layout) -> Review:
        ranks = (response or {}).get("ranks", {})
        lines = []
        for right, step in enumerate(self.steps):
            rank = ranks.get(step.key)
            given = "" if rank is None else str(rank + 1)
            lines.append(
                ReviewLine(
                    step.text, step.why, rank == right, rank is not None, given, str(right + 1)
                )
            )
        return Review(tuple(lines))

    def map_text(self, block: TextMap, inline: TextMap) -> Ordering:
        return Ordering(
            tuple(replace(s, text=inline(s.text), why=inline(s.why)) for s in self.steps)
        )

    def to_json(self) -> dict[str, Any]:
        return {"steps": [{"key": s.key, "text": s.text, "why": s.why} for s in self.steps]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Ordering:
        return cls(tuple(Step(**s) for s in data["steps"]))


@dataclass(frozen=True, slots=True)
class Pair:
    key: str
    left: str
    right: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Matching:
    """Left-hand entries and what belongs to each.

    Response: ``{"pairs": {pair key: key of the chosen right-hand entry}}``; a distractor is a
    right-hand entry that belongs to no left one. Equal right-hand texts are interchangeable.
    """

    pairs: tuple[Pair, ...]
    distractors: tuple[Step, ...] = ()

    @property
    def kind(self) -> Kind:
        return Kind.MATCHING

    def _rights(self) -> list[tuple[str, str]]:
        """Keys and texts one may choose; equal texts are offered once."""
        seen: dict[str, str] = {}
        for key, text in [(p.key, p.right) for p in self.pairs] + [
            (d.key, d.text) for d in self.distractors
        ]:
            seen.setdefault(text, key)
        return [(key, text) for text, key in seen.items()]

    def layout(self, rng: random.Random) -> Layout:
        return {
            "left": list(Shuffle.draw(len(self.pairs), rng).order),
            "right": list(Shuffle.draw(len(self._rights()), rng).order),
        }

    def _lefts(self, layout: Layout) -> list[Pair]:
        return [self.pairs[place] for place in layout["left"]]

    def _choices(self, layout: Layout) -> list[tuple[str, str]]:
        rights = self._rights()
        return [rights[place] for place in layout["right"]]

    def question(self, stem: str, layout: Layout) -> Question:
        return Question(
            self.kind,
            stem,
            choices=tuple(text for _, text in self._choices(layout)),
            prompts=tuple(p.left for p in self._lefts(layout)),
        )

    def read(self, fields: Fields, layout: Layout, language: str) -> Response | None:
        choices = self._choices(layout)
        chosen = {}
        for place, pair in enumerate(self._lefts(layout)):
            choice = _one(fields, place, len(choices))
            if choice is not None:
                chosen[pair.key] = choices[choice][0]
        return {"pairs": chosen} if chosen else None

    def shown(self, response: Response | None, layout: Layout) -> Shown:
        chosen = (response or {}).get("pairs", {})
        places = {key: place for place, (key, _) in enumerate(self._choices(layout))}
        return Shown(places=tuple(places.get(chosen.get(p.key, "")) for p in self._lefts(layout)))

    def complete(self, response: Response | None) -> bool:
        return len((response or {}).get("pairs", {})) == len(self.pairs)

    def score(self, response: Response | None) -> Fraction:
        """Share of the pairs that are right."""
        return Fraction(sum(self._right(p, response) for p in self.pairs), len(self.pairs))

    def _text(self, key: str) -> str:
        return next((text for k, text in self._rights() if k == key), "")

    def _right(self, pair: Pair, response: Response | None) -> bool:
        chosen = (response or {}).get("pairs", {}).get(pair.key)
        return chosen is not None and self._text(chosen) == pair.right

    def review(self, response: Response | None, layout: Layout) -> Review:
        chosen = (response or {}).get("pairs", {})
        lines = [
            ReviewLine(
                pair.left,
                pair.why,
                self._right(pair, response),
                pair.key in chosen,
                self._text(chosen.get(pair.key, "")),
                pair.right,
            )
            for pair in self._lefts(layout)
        ]
        taken = set(chosen.values())
        lines += [
            ReviewLine(d.text, d.why, False, True) for d in self.distractors if d.key in taken
        ]
        return Review(tuple(lines))

    def map_text(self, block: TextMap, inline: TextMap) -> Matching:
        return Matching(
            tuple(
                replace(p, left=inline(p.left), right=inline(p.right), why=inline(p.why))
                for p in self.pairs
            ),
            tuple(replace(d, text=inline(d.text), why=inline(d.why)) for d in self.distractors),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "pairs": [
                {"key": p.key, "left": p.left, "right": p.right, "why": p.why} for p in self.pairs
            ],
            "distractors": [{"key": d.key, "text": d.text, "why": d.why} for d in self.distractors],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Matching:
        return cls(
            tuple(Pair(**p) for p in data["pairs"]),
            tuple(Step(**d) for d in data.get("distractors", ())),
        )
