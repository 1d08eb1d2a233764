"""A course as its authors write it: what course files and the editor exchange with the services.

Texts are Markdown. Nothing here knows a database id; keys identify.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lms.domain.curriculum import Badge, CoursePlace, Outcome, Source, Translations, Verification
from lms.domain.items import Item
from lms.domain.quizzes import QuizSettings
from lms.domain.rubrics import Rubric


@dataclass(frozen=True, slots=True)
class AuthoredLesson:
    key: str
    title: str
    minutes: int
    as_of: str
    """ISO date."""
    summary: str
    body: str
    """Markdown without front matter."""
    outcomes: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    figures: tuple[tuple[str, str], ...] = ()
    """(calculation, expected value), both as written; recomputed by the check."""


@dataclass(frozen=True, slots=True)
class AuthoredQuiz:
    key: str
    title: str
    minutes: int
    intro: str
    settings: QuizSettings
    place: CoursePlace | None = None
    """Of a test of the whole course; None for a module's."""


@dataclass(frozen=True, slots=True)
class AuthoredExercise:
    """A workbook sheet: a task for a team, and the rubric by which it judges its own work."""

    key: str
    title: str
    minutes: int
    as_of: str
    """ISO date."""
    summary: str
    """What the team holds in its hands at the end."""
    task: str
    """Markdown."""
    example: str
    """Markdown: data of the fictional project, for teams without one of their own."""
    rubric: Rubric
    outcomes: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    figures: tuple[tuple[str, str], ...] = ()

    @property
    def body(self) -> str:
        """All Markdown of the sheet, as a lesson's body."""
        levels = (level for criterion in self.rubric for level in criterion.levels)
        return "\n\n".join((self.task, self.example, *levels))


AuthoredActivity = AuthoredLesson | AuthoredQuiz | AuthoredExercise
AuthoredText = AuthoredLesson | AuthoredExercise
"""What teaches: names facts, states figures, leads to outcomes."""


@dataclass(frozen=True, slots=True)
class AuthoredTerm:
    key: str
    term: str
    text: str
    long: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """What the course's fact sheet says about one fact code; the check refuses others."""

    code: str
    confidence: str
    """``V`` verified, ``C`` common professional knowledge that needs the current guide beside it,
    ``M`` method, ``?`` uncertain and not to be taught."""
    sources: tuple[str, ...] = ()
    as_of: str = ""
    """ISO date."""


@dataclass(frozen=True, slots=True)
class CriterionRule:
    """As written in module.yaml: ``read: lessons`` means every lesson the module has."""

    kind: str
    target: str


@dataclass(frozen=True, slots=True)
class AuthoredModule:
    key: str
    folder: str
    title: str
    short: str
    summary: str
    minutes: int
    outcomes: tuple[Outcome, ...]
    criteria: tuple[CriterionRule, ...]
    badge: Badge
    activities: tuple[AuthoredActivity, ...]
    """In the order of their numbers."""
    items: tuple[Item, ...] = ()
    en: Translations = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuthoredCourse:
    key: str
    title: str
    summary: str
    workshop: str
    language: str
    modules: tuple[AuthoredModule, ...]
    tests: tuple[AuthoredQuiz, ...] = ()
    """Of the whole course: those before the modules, then those after, each by key."""
    glossary: tuple[AuthoredTerm, ...] = ()
    sources: tuple[Source, ...] = ()
    facts: tuple[Fact, ...] = ()
    to_verify: tuple[Verification, ...] = ()
    assets: dict[str, bytes] = field(default_factory=dict)
    """``<module folder>/img/x.svg`` or ``files/x.xlsx`` → content."""
    en: Translations = field(default_factory=dict)
