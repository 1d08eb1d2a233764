"""Rubrics: criteria by which a team judges its own work, each in three levels.

A self-assessment says how far the work has come in the eyes of those who did it. It is a private
record: no score follows from it and nothing is completed by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lms.domain.errors import Refusal
from lms.domain.text import is_clean

LEVELS: Final = 3
"""From weakest to strongest; their numbers are 1, 2 and 3."""
FEWEST_CRITERIA: Final = 3
MOST_CRITERIA: Final = 5
NOTE_LENGTH: Final = 4_000
"""Characters of "what we change next"."""
TEAM_LENGTH: Final = 400
"""Characters of "with whom we worked"."""


@dataclass(frozen=True, slots=True)
class RubricCriterion:
    key: str
    title: str
    levels: tuple[str, ...]
    """What one sees on the sheet, weakest first; in a course that passed the check, three texts."""


Rubric = tuple[RubricCriterion, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was said of one's own sheet; it may leave criteria out."""

    levels: dict[str, int]
    """Criterion → 1, 2 or 3."""
    note: str
    team: str


def read_assessment(
    criteria: tuple[str, ...], given: Mapping[str, str], note: str, team: str
) -> Assessment:
    """A self-assessment from a form's values: ``given`` maps criteria to numbers as texts.

    Raises Refusal("response-unknown") for levels no form offers, "text-unclean", "note-too-long"
    (``limit``), and "assessment-empty" when nothing at all was said.
    """
    levels: dict[str, int] = {}
    for key, text in given.items():
        if not text:
            continue
        if key not in criteria or text not in {str(n) for n in range(1, LEVELS + 1)}:
            raise Refusal("response-unknown")
        levels[key] = int(text)
    words = (_words(note, NOTE_LENGTH), _words(team, TEAM_LENGTH))
    if not levels and not any(words):
        raise Refusal("assessment-empty")
    return Assessment(levels, *words)


def _words(text: str, limit: int) -> str:
    if not is_clean(text):
        raise Refusal("text-unclean")
    plain = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(plain) > limit:
        raise Refusal("note-too-long", limit=limit)
    return plain
