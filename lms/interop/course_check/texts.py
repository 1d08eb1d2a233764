"""Every authored text of a course, with its address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from lms.domain.authoring import (
    AuthoredCourse,
    AuthoredExercise,
    AuthoredLesson,
    AuthoredModule,
    AuthoredQuiz,
)
from lms.domain.items import (
    Body,
    Case,
    Choice,
    Item,
    Matching,
    Numeric,
    Ordering,
    ShortAnswer,
    TrueFalse,
)


class Markup(Enum):
    PLAIN = "plain"
    """A title: nothing in it is read as Markdown."""
    INLINE = "inline"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Text:
    address: str
    text: str
    markup: Markup
    folder: str = ""
    """Module folder, whose ``img/`` its pictures come from."""


def all_texts(course: AuthoredCourse) -> Iterator[Text]:
    for name, value in (
        ("title", course.title), ("summary", course.summary), ("workshop", course.workshop)
    ):  # fmt: skip
        yield Text(f"course/{name}", value, Markup.PLAIN)
    for test in course.tests:
        yield Text(f"activity/{test.key}/title", test.title, Markup.PLAIN)
        yield Text(f"activity/{test.key}/intro", test.intro, Markup.PLAIN)
    for module in course.modules:
        yield from module_texts(module)
        for item in module.items:
            yield from item_texts(item, module.folder)
    for term in course.glossary:
        yield Text(f"term/{term.key}", term.term, Markup.PLAIN)
        yield Text(f"term/{term.key}", term.long, Markup.PLAIN)
        yield Text(f"term/{term.key}", term.text, Markup.INLINE)
    for source in course.sources:
        yield Text(f"source/{source.code}", source.title, Markup.PLAIN)
    for point in course.to_verify:
        yield Text(f"verify/{point.number}", point.group, Markup.PLAIN)
        yield Text(f"verify/{point.number}", point.text, Markup.PLAIN)


def module_texts(module: AuthoredModule) -> Iterator[Text]:
    address = f"module/{module.key}"
    for name, value in (
        ("title", module.title), ("short", module.short), ("summary", module.summary)
    ):  # fmt: skip
        yield Text(f"{address}/{name}", value, Markup.PLAIN)
    yield Text(f"{address}/badge", module.badge.title, Markup.PLAIN)
    for outcome in module.outcomes:
        yield Text(f"{address}/outcomes/{outcome.key}", outcome.text, Markup.PLAIN)
    for activity in module.activities:
        place = f"activity/{activity.key}"
        yield Text(f"{place}/title", activity.title, Markup.PLAIN)
        match activity:
            case AuthoredLesson():
                yield Text(f"{place}/summary", activity.summary, Markup.PLAIN)
                yield Text(f"{place}/body", activity.body, Markup.BLOCK, module.folder)
            case AuthoredExercise():
                yield from exercise_texts(activity, module.folder)
            case AuthoredQuiz():
                yield Text(f"{place}/intro", activity.intro, Markup.PLAIN)


def exercise_texts(exercise: AuthoredExercise, folder: str) -> Iterator[Text]:
    place = f"activity/{exercise.key}"
    yield Text(f"{place}/summary", exercise.summary, Markup.PLAIN)
    yield Text(f"{place}/task", exercise.task, Markup.BLOCK, folder)
    yield Text(f"{place}/example", exercise.example, Markup.BLOCK, folder)
    for criterion in exercise.rubric:
        at = f"{place}/rubric/{criterion.key}"
        yield Text(at, criterion.title, Markup.PLAIN)
        for level in criterion.levels:
            yield Text(at, level, Markup.INLINE, folder)


def item_texts(item: Item, folder: str = "") -> Iterator[Text]:
    """Stem, explanation and every part, the children of a case included."""
    address = f"item/{item.key}"
    yield Text(f"{address}/stem", item.stem, Markup.BLOCK, folder)
    yield Text(f"{address}/explanation", item.explanation, Markup.BLOCK, folder)
    if isinstance(item.body, Case):
        for child in item.body.children:
            yield from item_texts(child, folder)
    else:
        for part in parts(item.body):
            for text in part.texts:
                yield Text(f"{address}/{part.address}", text, Markup.INLINE, folder)
            yield Text(f"{address}/{part.address}", part.why, Markup.INLINE, folder)


@dataclass(frozen=True, slots=True)
class Part:
    """One explained part of a question: an option, a step, a pair, a recognised mistake."""

    address: str
    texts: tuple[str, ...]
    why: str


def parts(body: Body) -> list[Part]:
    match body:
        case Choice():
            return [Part(f"options/{n}", (o.text,), o.why) for n, o in enumerate(body.options)]
        case TrueFalse():
            return [Part("why", (), body.why_true), Part("why", (), body.why_false)]
        case Numeric():
            found = [Part("why", (body.unit,), body.why)]
            return found + [Part(f"mistakes/{n}", (), m.why) for n, m in enumerate(body.mistakes)]
        case ShortAnswer():
            found = [Part("why", body.accept, body.why)]
            return found + [
                Part(f"mistakes/{n}", (m.value,), m.why) for n, m in enumerate(body.mistakes)
            ]
        case Ordering():
            return [Part(f"steps/{n}", (s.text,), s.why) for n, s in enumerate(body.steps)]
        case Matching():
            found = [Part(f"pairs/{n}", (p.left, p.right), p.why) for n, p in enumerate(body.pairs)]
            return found + [
                Part(f"distractors/{n}", (d.text,), d.why) for n, d in enumerate(body.distractors)
            ]
    raise TypeError(f"unknown kind of question: {body!r}")
