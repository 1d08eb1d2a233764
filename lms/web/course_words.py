"""A course's own words in the reader's language, and amounts of time in words.

What a course has no translation for is shown in its own language and marked as such, so that a
screen reader pronounces it and a browser can offer to translate it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from lms.domain.curriculum import Activity, Manifest, Module, Outcome
from lms.web import i18n
from lms.web.i18n import gettext as _
from lms.web.i18n import ngettext


class Words:
    """Titles and texts of one publication for one reader; each is safe to put into a page."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._is_own = i18n.language() == manifest.language

    @property
    def lang(self) -> Markup:
        """An attribute for blocks that exist in the course's language only; mostly empty."""
        return Markup("") if self._is_own else Markup(' lang="{}"').format(self._manifest.language)

    def _pick(self, text: str, english: Any) -> str:
        if self._is_own or not text:
            return text
        if isinstance(english, str) and english and i18n.language() == "en":
            return english
        return Markup("<span{}>{}</span>").format(self.lang, text)

    def course(self) -> str:
        return self._pick(self._manifest.title, self._manifest.en.get("title"))

    def workshop(self) -> str:
        return self._pick(self._manifest.workshop, self._manifest.en.get("workshop"))

    def course_summary(self) -> str:
        return self._pick(self._manifest.summary, self._manifest.en.get("summary"))

    def module(self, module: Module) -> str:
        return self._pick(module.title, module.en.get("title"))

    def short(self, module: Module) -> str:
        return self._pick(module.short, module.en.get("short"))

    def summary(self, module: Module) -> str:
        return self._pick(module.summary, module.en.get("summary"))

    def badge(self, module: Module) -> str:
        return self._pick(module.badge.title, module.en.get("badge"))

    def outcome(self, module: Module, outcome: Outcome) -> str:
        return self._pick(outcome.text, module.en.get("outcomes", {}).get(outcome.key))

    def activity(self, activity: Activity) -> str:
        return self._pick(activity.title, activity.en.get("title"))

    def text(self, text: str) -> str:
        """Something the course says in its own language only."""
        return self._pick(text, None)


def duration(minutes: int) -> str:
    """Hours and minutes exactly as they add up: nothing is rounded."""
    hours, rest = divmod(minutes, 60)
    in_minutes = ngettext("%(num)d minute", "%(num)d minutes", rest)
    if not hours:
        return in_minutes
    in_hours = ngettext("%(num)d hour", "%(num)d hours", hours)
    return _("%(hours)s and %(minutes)s", hours=in_hours, minutes=in_minutes) if rest else in_hours


def step_name(module: Module, activity: Activity) -> str:
    """Where an activity stands in its module: "Lesson 3 of 5", or "Test"."""
    if activity not in module.lessons:
        return _("Test")
    place = module.lessons.index(activity) + 1
    return _("Lesson %(place)s of %(total)s", place=place, total=len(module.lessons))


@dataclass(frozen=True, slots=True)
class NamedCriterion:
    """A criterion in words, and when it was met."""

    kind: str
    """``read`` or ``pass``."""
    title: str
    met_at: datetime | None


def named_criteria(
    manifest: Manifest, module: Module | None, evidence: Iterable[tuple[str, datetime]]
) -> list[NamedCriterion]:
    """The criteria of a module as it was published; ``evidence`` pairs their keys with dates."""
    words, met = Words(manifest), dict(evidence)
    return [
        NamedCriterion(
            str(criterion.kind),
            words.activity(manifest.by_activity[criterion.activity][1]),
            met.get(criterion.key),
        )
        for criterion in (module.criteria if module else ())
        if criterion.activity in manifest.by_activity
    ]
