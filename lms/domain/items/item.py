"""An item of the bank: what all kinds share, and the case that holds several."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from lms.domain.items.arranging import Matching, Ordering
from lms.domain.items.choosing import Choice, TrueFalse
from lms.domain.items.kinds import Body, Kind, TextMap
from lms.domain.items.writing import Numeric, ShortAnswer


class Use(StrEnum):
    QUIZ = "quiz"
    SELF_CHECK = "self-check"


@dataclass(frozen=True, slots=True)
class Case:
    """A situation with two to four questions, drawn and shuffled as a block.

    A case is not answered itself: an attempt holds its children, each with the case's stem.
    """

    children: tuple[Item, ...]

    @property
    def kind(self) -> Kind:
        return Kind.CASE


@dataclass(frozen=True, slots=True)
class Item:
    """One question of the bank with everything its author said about it."""

    key: str
    """Stable identity within the course (the file's ``id``)."""
    stem: str
    body: Body | Case
    explanation: str = ""
    outcome: str = ""
    """Key of the module's learning outcome it measures."""
    difficulty: int = 2
    """1 easy, 2 medium, 3 hard."""
    facts: tuple[str, ...] = ()
    lesson: str = ""
    """What to read again: ``lesson-key`` or ``lesson-key#anchor``."""
    tags: tuple[str, ...] = ()
    use: Use = Use.QUIZ

    @property
    def kind(self) -> Kind:
        return self.body.kind

    @property
    def questions(self) -> tuple[Item, ...]:
        """What a learner answers: the item itself, or a case's children."""
        return self.body.children if isinstance(self.body, Case) else (self,)

    def map_text(self, block: TextMap, inline: TextMap) -> Item:
        """The same item with its authored texts rendered.

        ``block`` takes texts of several paragraphs (stem, explanation), ``inline`` one-liners.
        """
        body: Body | Case
        if isinstance(self.body, Case):
            body = Case(tuple(child.map_text(block, inline) for child in self.body.children))
        else:
            body = self.body.map_text(block, inline)
        return replace(self, stem=block(self.stem), explanation=block(self.explanation), body=body)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; :func:`from_json` gives the same item back."""
        body: dict[str, Any]
        if isinstance(self.body, Case):
            body = {"children": [child.to_json() for child in self.body.children]}
        else:
            body = self.body.to_json()
        return {
            "key": self.key,
            "kind": str(self.kind),
            "stem": self.stem,
            "explanation": self.explanation,
            "outcome": self.outcome,
            "difficulty": self.difficulty,
            "facts": list(self.facts),
            "lesson": self.lesson,
            "tags": list(self.tags),
            "use": str(self.use),
            "body": body,
        }


def from_json(data: dict[str, Any]) -> Item:
    """The item that :meth:`Item.to_json` wrote."""
    return Item(
        key=data["key"],
        stem=data["stem"],
        body=_body(Kind(data["kind"]), data["body"]),
        explanation=data.get("explanation", ""),
        outcome=data.get("outcome", ""),
        difficulty=data.get("difficulty", 2),
        facts=tuple(data.get("facts", ())),
        lesson=data.get("lesson", ""),
        tags=tuple(data.get("tags", ())),
        use=Use(data.get("use", "quiz")),
    )


def _body(kind: Kind, data: dict[str, Any]) -> Body | Case:
    match kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            return Choice.from_json(data, kind)
        case Kind.TRUE_FALSE:
            return TrueFalse.from_json(data)
        case Kind.NUMERIC:
            return Numeric.from_json(data)
        case Kind.SHORT_ANSWER:
            return ShortAnswer.from_json(data)
        case Kind.ORDERING:
            return Ordering.from_json(data)
        case Kind.MATCHING:
            return Matching.from_json(data)
        case Kind.CASE:
            return Case(tuple(from_json(child) for child in data["children"]))
