"""Authored values as the plain mappings that course files hold, keys in the order of the docs."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import singledispatch

from lms.domain.authoring import (
    AuthoredCourse,
    AuthoredExercise,
    AuthoredLesson,
    AuthoredModule,
    AuthoredQuiz,
    AuthoredTerm,
    Fact,
)
from lms.domain.curriculum import Source, Translations, Verification
from lms.domain.items import (
    Body,
    Case,
    Choice,
    Item,
    Matching,
    Mistake,
    Numeric,
    Ordering,
    ShortAnswer,
    Step,
    TrueFalse,
    Use,
)
from lms.interop.course_files.emit import OneLine, Raw, Value

Mapping = dict[str, Value]


def course_values(course: AuthoredCourse) -> Mapping:
    return _given(
        id=course.key, title=course.title, summary=course.summary, language=course.language,
        workshop=course.workshop,
    )  # fmt: skip


def module_values(module: AuthoredModule) -> Mapping:
    return _given(
        id=module.key,
        title=module.title,
        short=module.short,
        summary=module.summary,
        minutes=module.minutes,
        outcomes=[_given(id=outcome.key, text=outcome.text) for outcome in module.outcomes],
        criteria=[{rule.kind: rule.target} for rule in module.criteria],
        badge={"title": module.badge.title, "symbol": module.badge.symbol},
    )


def english_values(texts: Translations) -> Mapping:
    order = ("title", "short", "summary", "workshop", "badge", "outcomes", "activities")
    return {name: texts[name] for name in order if texts.get(name)}


def lesson_values(lesson: AuthoredLesson) -> Mapping:
    return _given(
        id=lesson.key,
        title=lesson.title,
        minutes=lesson.minutes,
        as_of=Raw(lesson.as_of),
        summary=lesson.summary,
        outcomes=list(lesson.outcomes),
        facts=list(lesson.facts),
        figures=_figures(lesson.figures),
    )


def exercise_values(exercise: AuthoredExercise) -> Mapping:
    values = _given(
        id=exercise.key,
        title=exercise.title,
        minutes=exercise.minutes,
        as_of=Raw(exercise.as_of),
        summary=exercise.summary,
        outcomes=list(exercise.outcomes),
        facts=list(exercise.facts),
        figures=_figures(exercise.figures),
        task=exercise.task,
        example=exercise.example,
    )
    return values | {
        "rubric": [
            {"id": criterion.key, "title": criterion.title, "levels": list(criterion.levels)}
            for criterion in exercise.rubric
        ]
    }


def _figures(figures: tuple[tuple[str, str], ...]) -> list[Value]:
    return [OneLine(calc=calculation, equals=Raw(expected)) for calculation, expected in figures]


def quiz_values(quiz: AuthoredQuiz) -> Mapping:
    settings = quiz.settings
    values: Mapping = {"id": quiz.key, "title": quiz.title, "minutes": quiz.minutes}
    if quiz.place:
        values["place"] = str(quiz.place)
    values |= {"pass": settings.pass_percent, "wait_minutes": settings.wait_minutes}
    values |= _given(
        intro=quiz.intro,
        draw=[
            OneLine(
                _given(
                    module=rule.module, outcome=rule.outcome, difficulty=rule.difficulty, tag=rule.tag,
                    count=rule.count,
                )
            )
            for rule in settings.draw
        ],
        items=list(settings.items),
        time_limit_minutes=settings.time_limit_minutes,
        attempts=settings.attempts,
    )  # fmt: skip
    # A test may say outright that it draws nothing; one of the two keys must be there.
    return values if "draw" in values or "items" in values else values | {"draw": []}


def term_values(term: AuthoredTerm) -> Mapping:
    return _given(id=term.key, term=term.term, long=term.long, text=term.text, en=term.en)


def source_values(source: Source) -> Mapping:
    return _given(title=source.title, url=source.url, official=source.official)


def facts_values(facts: tuple[Fact, ...]) -> Mapping:
    """The commonest date stands once at the top."""
    common = Counter(fact.as_of for fact in facts).most_common(1)[0][0]
    codes: Mapping = {
        fact.code: OneLine(
            _given(
                confidence=fact.confidence,
                sources=list(fact.sources),
                as_of=Raw(fact.as_of) if fact.as_of != common else "",
            )
        )
        for fact in facts
    }
    return {"as_of": Raw(common), "facts": codes}


def verification_values(point: Verification) -> Mapping:
    return _given(number=point.number, group=point.group, text=point.text, facts=list(point.facts))


def item_values(item: Item, case: Item | None = None) -> Mapping:
    """``case`` is the situation around a child: what it shares with it is not repeated."""
    values: Mapping = {"id": item.key, "kind": str(item.kind)}
    if case is None and item.use is Use.SELF_CHECK:
        values["use"] = str(item.use)
    values["stem"] = item.stem
    if isinstance(item.body, Case):
        values["children"] = [item_values(child, item) for child in item.body.children]
    else:
        values |= _body(item.body)
    shared = case or Item("", "", Case(()), difficulty=0)
    return values | _given(
        explanation=item.explanation,
        outcome=item.outcome if item.outcome != shared.outcome else "",
        difficulty=item.difficulty if item.difficulty != shared.difficulty else 0,
        facts=list(item.facts) if item.facts != shared.facts else [],
        lesson=item.lesson if item.lesson != shared.lesson else "",
        tags=list(item.tags) if case is None else [],
    )


@singledispatch
def _body(body: Body) -> Mapping:
    raise TypeError(f"unknown kind of question: {body.kind}")


@_body.register
def _choice(body: Choice) -> Mapping:
    options = [_given(text=o.text, correct=o.correct, why=o.why) for o in body.options]
    return {"options": options}


@_body.register
def _true_false(body: TrueFalse) -> Mapping:
    return {"answer": body.answer, "why": _given(true=body.why_true, false=body.why_false)}


@_body.register
def _numeric(body: Numeric) -> Mapping:
    return {"answer": number(body.answer)} | _given(
        tolerance=number(body.tolerance) if body.tolerance else "",
        unit=body.unit,
        why=body.why,
        mistakes=[_mistake(m, number(Decimal(m.value))) for m in body.mistakes],
    )


@_body.register
def _short_answer(body: ShortAnswer) -> Mapping:
    return {"accept": list(body.accept)} | _given(
        why=body.why, mistakes=[_mistake(m, m.value) for m in body.mistakes]
    )


@_body.register
def _ordering(body: Ordering) -> Mapping:
    return {"steps": [_step(step) for step in body.steps]}


@_body.register
def _matching(body: Matching) -> Mapping:
    pairs = [_given(left=p.left, right=p.right, why=p.why) for p in body.pairs]
    return {"pairs": pairs} | _given(distractors=[_step(other) for other in body.distractors])


def _step(step: Step) -> Mapping:
    return _given(text=step.text, why=step.why)


def _mistake(mistake: Mistake, value: str) -> Mapping:
    return {"value": value} | _given(why=mistake.why)


def number(value: Decimal) -> Raw:
    """Plain digits; 1.500 loses its last zeros, which the reader would take for thousands."""
    text = format(value, "f")
    return Raw(text.rstrip("0").rstrip(".") if text.endswith("0") and "." in text else text)


def _given(**values: Value) -> Mapping:
    """Only what was given: an empty text, list, 0 or false is the default and is not written."""
    return {name: value for name, value in values.items() if value}
