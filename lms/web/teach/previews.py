"""What a learner will see, from the draft: the same renderer, texts and partials as the lessons."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from lms.domain import items
from lms.domain.curriculum import Source, Term
from lms.domain.items import Case, Item, ReviewLine, Use
from lms.models import Course, Module
from lms.services import drafts
from lms.services.draft_rows import latest_activities, latest_items
from lms.services.reading import SelfCheck
from lms.web import i18n
from lms.web.blueprint import db_session
from lms.web.questions import CheckView, QuestionView, check_view, question_view, review_lines
from lms.web.teach.loading import draft_texts
from lms.web.teach.sentences import warning_sentence

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Warned:
    """Something the author should know; the text is shown all the same."""

    text: str
    line: int = 0
    """In the Markdown, from 1; 0 where it is not known."""


@dataclass(frozen=True, slots=True)
class LessonPreview:
    segments: tuple[tuple[str, Markup | CheckView], ...]
    """``html`` or ``check`` with what is shown there."""
    terms: tuple[Term, ...]
    sources: tuple[Source, ...]
    warnings: tuple[Warned, ...]
    words: int


@dataclass(frozen=True, slots=True)
class ExercisePreview:
    task: Markup
    example: Markup
    rubric: tuple[tuple[str, tuple[Markup, ...]], ...]
    """(criterion, its levels, weakest first)."""
    terms: tuple[Term, ...]
    sources: tuple[Source, ...]
    warnings: tuple[Warned, ...]
    words: int


@dataclass(frozen=True, slots=True)
class QuestionPreview:
    """One question as it is asked, and its key as it is explained."""

    question: QuestionView
    lines: tuple[ReviewLine, ...]
    explanation: Markup


@dataclass(frozen=True, slots=True)
class ItemPreview:
    situation: Markup
    """Of a case; empty otherwise."""
    questions: tuple[QuestionPreview, ...]


def lesson_preview(course: Course, module: Module, rendered: Json) -> LessonPreview:
    """A lesson from what its rendering stored (:mod:`lms.services.drafts`)."""
    texts = draft_texts(course, module)
    checks = _checks(course, rendered["checks"]) if rendered["checks"] else {}
    segments: list[tuple[str, Markup | CheckView]] = []
    for kind, value in rendered["segments"]:
        if kind == "html":
            html = texts.lesson(value)
            segments.append((kind, Markup(html)))  # noqa: S704 - sanitised by the renderer
        elif value in checks:
            segments.append((kind, check_view(_asked(checks[value]), texts)))
    return LessonPreview(
        segments=tuple(segments),
        terms=_terms(course, rendered),
        sources=_sources(course, rendered),
        warnings=tuple(_warnings(course, module, rendered, checks)),
        words=rendered["words"],
    )


def exercise_preview(course: Course, module: Module, rendered: Json) -> ExercisePreview:
    """An exercise from what its rendering stored."""
    texts = draft_texts(course, module)
    return ExercisePreview(
        task=Markup(texts.lesson(rendered["task_html"])),  # noqa: S704 - sanitised by the renderer
        example=Markup(texts.lesson(rendered["example_html"])),  # noqa: S704 - as above
        rubric=tuple(
            (criterion["title"], tuple(texts.item(level) for level in criterion["levels"]))
            for criterion in rendered["rubric"]
        ),
        terms=_terms(course, rendered),
        sources=_sources(course, rendered),
        warnings=tuple(_warnings(course, module, rendered, {})),
        words=rendered["words"],
    )


def _terms(course: Course, rendered: Json) -> tuple[Term, ...]:
    terms = {term["key"]: term for term in course.draft["glossary"]}
    return tuple(
        Term(t["key"], t["term"], t["html"], t["long"], t["en"])
        for key in rendered["terms"]
        if (t := terms.get(key))
    )


def _sources(course: Course, rendered: Json) -> tuple[Source, ...]:
    cited = set(rendered["sources"])
    return tuple(s for s in drafts.sources_of(course.draft) if s.code in cited)


def item_preview(course: Course, module: Module, content: Json) -> ItemPreview:
    """A question from its stored content, with its key; a case with all of its questions."""
    item = items.from_json(content)
    texts = draft_texts(course, module)
    return ItemPreview(
        situation=texts.item(item.stem) if isinstance(item.body, Case) else Markup(),
        questions=tuple(
            _question(child, number, draft_texts(course, module))
            for number, child in enumerate(item.questions)
        ),
    )


def _question(item: Item, number: int, texts: Any) -> QuestionPreview:
    notation = i18n.language()
    body: Any = item.body
    layout = body.layout(random.Random(item.key))
    question = question_view(
        body.question(item.stem, layout),
        body.shown(None, layout),
        texts,
        id_=f"preview-{number}",
        prefix=f"preview{number}",
        notation=notation,
    )
    review = body.review(None, layout)
    return QuestionPreview(
        question,
        review_lines(review.lines, question.kind, texts, notation),
        texts.item(item.explanation),
    )


def _checks(course: Course, keys: Iterable[str]) -> dict[str, Item]:
    """Self-checks of the draft by key, with rendered texts."""
    wanted = set(keys)
    return {
        row.key: items.from_json(version.content)
        for row, version in latest_items(db_session(), course.id)
        if row.key in wanted and version.source["use"] == Use.SELF_CHECK
    }


def _asked(item: Item) -> SelfCheck:
    """A self-check nobody has answered."""
    body: Any = item.body
    layout = body.layout(random.Random(item.key))
    question = body.question(item.stem, layout)
    return SelfCheck(item.key, question, body.shown(None, layout), None, None, "")


def _warnings(
    course: Course, module: Module, rendered: Json, checks: dict[str, Item]
) -> Iterable[Warned]:
    for code, line, detail in rendered["problems"]:
        yield Warned(warning_sentence(code, detail), line)
    lessons = set()
    if rendered["lessons"]:
        lessons = {row.key for row, _v in latest_activities(db_session(), course.id)}
    files: dict[str, str] = course.draft["assets"]
    folder = module.draft["folder"]
    used = [f"files/{name}" for name in rendered["files"]]
    used += [f"{folder}/img/{path}" for path, _alt in rendered["images"]]
    wanted: list[tuple[str, Iterable[str], Iterable[str]]] = [
        ("term-unknown", rendered["terms"], {t["key"] for t in course.draft["glossary"]}),
        ("source-unknown", rendered["sources"], {s["code"] for s in course.draft["sources"]}),
        ("lesson-unknown", [key.partition("#")[0] for key in rendered["lessons"]], lessons),
        ("check-unknown", rendered["checks"], checks),
        ("picture-unknown", used, files),
    ]
    for code, names, known in wanted:
        for name in dict.fromkeys(names):
            if name not in known:
                yield Warned(warning_sentence(code, name))
