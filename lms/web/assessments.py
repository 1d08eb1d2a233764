"""The form of a self-assessment: its fields, and the names of the three levels.

Shared by the learner's room and by the door, which carries a form past an expired sign-in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lms.domain.text import is_clean
from lms.web.i18n import N_

LEVEL_NAMES = (N_("To redo"), N_("Nearly"), N_("Convincing"))
"""From the weakest to the strongest; the course says beneath each what one sees on the sheet."""
PREFIX = "level-"
MOST_FIELDS = 20
MOST_KEY = 64


@dataclass(frozen=True, slots=True)
class AssessmentForm:
    """What was sent, as it was sent; whether it makes sense is for the rules to say."""

    levels: dict[str, str]
    note: str
    team: str
    key: str
    """The page's own key, so that the same form sent twice is stored once."""
    person: str
    """uuid of whom the page was made for: nobody else's record receives what they wrote."""


def read_form(form: Mapping[str, list[str]]) -> AssessmentForm:
    """``form`` maps field names to the values sent under them."""
    chosen = [name for name in form if name.startswith(PREFIX)][:MOST_FIELDS]
    key = _first(form, "key")
    usable = 0 < len(key) <= MOST_KEY and key.isascii() and is_clean(key)
    return AssessmentForm(
        levels={name.removeprefix(PREFIX): _first(form, name) for name in chosen},
        note=_first(form, "note"),
        team=_first(form, "team"),
        key=key if usable else "",
        person=_first(form, "person"),
    )


def _first(form: Mapping[str, list[str]], name: str) -> str:
    return next(iter(form.get(name, ())), "")
