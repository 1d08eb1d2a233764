"""Questions and answers as the pages show them: stored HTML with addresses, answers in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from lms.domain.curriculum import Activity, ActivityKind, Manifest, Module
from lms.domain.errors import NotFound
from lms.domain.items import Kind
from lms.domain.items.kinds import Shown
from lms.interop.markdown_links import element_id
from lms.services import curriculum
from lms.services.learning import Overview
from lms.services.picture_sizes import find_size
from lms.services.quizzes import Sitting, Slot
from lms.services.reading import Beside
from lms.web import lesson_text
from lms.web.blueprint import db_session
from lms.web.course_words import Words
from lms.web.questions import CheckView as CheckView
from lms.web.questions import QuestionView as QuestionView
from lms.web.questions import check_view as check_view
from lms.web.questions import number_words as number_words
from lms.web.questions import question_view
from lms.web.questions import review_lines as review_lines
from lms.web.rendering import url

ECHO = 1000
"""Characters of a refused text that are shown again, so that it can be mended."""


class Texts(lesson_text.Texts):
    """Texts of one published module."""

    def __init__(self, manifest: Manifest, module: str) -> None:
        course, files = manifest.key, manifest.assets
        super().__init__(
            lesson=lambda key: url("learn.lesson", course=course, key=key),
            file=lambda name: url("learn.file", course=course, path=f"files/{name}"),
            image=lambda path: url("learn.file", course=course, path=f"{module}/img/{path}"),
            size=lambda path: find_size(db_session(), files, f"{module}/img/{path}"),
            glossary=url("learn.glossary"),
        )


class Paper:
    """The attempt one sits: its test as it was published at Start, its questions as forms."""

    def __init__(self, sat: Sitting) -> None:
        self.sat = sat
        self.course: Manifest = curriculum.manifest_of(db_session(), sat.attempt.manifest_id)
        found = [(m, a) for m, a in self.course.activities() if a.id == sat.attempt.activity_id]
        if not found:
            raise NotFound()
        self.module: Module | None = found[0][0]
        """None for a test of the whole course."""
        self.quiz: Activity = found[0][1]
        self.place = self.course.place_of(self.quiz)
        self.w = Words(self.course)
        self._texts: dict[str, Texts] = {}

    def module_of(self, slot: Slot) -> str:
        """Key of the module a question comes from."""
        home = self.module.key if self.module else ""
        return self.course.homes.get(slot.row.item_version_id, home)

    def texts_of(self, slot: Slot) -> Texts:
        """The addresses of a question's pictures and links: those of its own module."""
        key = self.module_of(slot)
        return self._texts.setdefault(key, Texts(self.course, key))

    def view(self, position: int, prefix: str = "q") -> QuestionView:
        """One question of the attempt. Raises NotFound."""
        slot = self.sat.slot(position)
        texts = self.texts_of(slot)
        view = question_view(
            slot.body.question(slot.item.stem, slot.row.layout),
            slot.body.shown(slot.response, slot.row.layout),
            texts,
            id_=f"question-{position}",
            prefix=prefix,
            notation=self.sat.attempt.language,
        )
        return replace(
            view,
            position=position,
            case=texts.item(slot.case.stem) if slot.case else Markup(""),
            case_id=slot.row.item_version_id if slot.case else 0,
            sequence=slot.sequence,
            is_answered=slot.is_answered,
            is_flagged=slot.row.is_flagged,
            saved_at=slot.saved_at,
        )

    def views(self) -> list[QuestionView]:
        """All questions, each with a prefix of its own."""
        return [self.view(number, f"q{number}") for number in range(1, len(self.sat.slots) + 1)]

    def with_given(self, view: QuestionView, fields: Mapping[str, Sequence[str]]) -> QuestionView:
        """The question with what was sent instead of what is saved. Raises Refusal."""
        slot = self.sat.slot(view.position)
        given = slot.body.read(fields, slot.row.layout, self.sat.attempt.language)
        shown = slot.body.shown(given, slot.row.layout)
        understood = number_words(shown.understood, view.notation)
        return replace(view, shown=shown, understood=understood)

    def first_open(self) -> int:
        """Number of the first question without an answer; 1 when all have one."""
        numbers = [s.row.position for s in self.sat.slots if not s.is_answered]
        return numbers[0] if numbers else 1


def with_error(view: QuestionView, sent: str, error: str) -> QuestionView:
    """A question whose answer was refused; what was written in it is there to be mended."""
    if view.kind not in (Kind.NUMERIC, Kind.SHORT_ANSWER):
        return replace(view, error=error)
    written = "".join(c for c in sent[:ECHO] if c.isprintable())
    return replace(view, shown=Shown(text=written), understood="", error=error)


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    kind: ActivityKind
    href: str
    title: str
    questions: int
    is_done: bool
    is_here: bool


@dataclass(frozen=True, slots=True)
class Outline:
    """A module's activities as they stand beside one of them: ticks, and whose they are not said."""

    number: int
    title: str
    href: str
    entries: tuple[OutlineEntry, ...]


def outline(course: Manifest, module: Module, here: Activity, route: Beside | Overview) -> Outline:
    """The module beside the page of one of its activities."""
    words = Words(course)
    return Outline(
        module.number,
        words.module(module),
        url("learn.module", course=course.key, key=module.key),
        tuple(
            OutlineEntry(
                a.kind,
                url(f"learn.{a.kind}", course=course.key, key=a.key),
                words.activity(a),
                a.questions,
                route.is_met(a) or route.is_assessed(a),
                a is here,
            )
            for a in module.activities
        ),
    )


def neighbour(module: Module, activity: Activity, step: int) -> Activity | None:
    """What stands before (-1) or after (1) an activity in its module."""
    place = module.activities.index(activity) + step
    return module.activities[place] if 0 <= place < len(module.activities) else None


def quiz_behind(module: Module, activity: Activity) -> Activity | None:
    """The test that only a workbook exercise keeps from following: nothing waits for the exercise."""
    following = neighbour(module, activity, 1)
    if following is None or following.kind != "exercise":
        return None
    behind = neighbour(module, following, 1)
    return behind if behind is not None and behind.kind == "quiz" else None


def lesson_address(course: Manifest, reference: str) -> tuple[str, Activity] | None:
    """Address and lesson of ``key`` or ``key#anchor``; None when the lesson is not published."""
    key, _hash, anchor = reference.partition("#")
    found = course.by_activity.get(key)
    if found is None:
        return None
    extra = {"_anchor": element_id(anchor)} if anchor else {}
    return url("learn.lesson", course=course.key, key=key, **extra), found[1]
