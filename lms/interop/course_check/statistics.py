"""The distributions that ``lms content check`` prints."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from lms.domain.authoring import AuthoredCourse, AuthoredLesson, AuthoredModule
from lms.domain.items import Item, Use
from lms.domain.text import fold
from lms.interop.course_check.banks import right_is_longest, right_places, single_choice
from lms.interop.course_check.report import Table
from lms.interop.markdown_document import Rendered

_SITUATION = re.compile(
    r"\bce (?:faceti|faci|face|raspundeti|raspunzi|verificati|alegeti|scrieti|propuneti|spuneti|"
    r"ii spuneti|cereti|recomandati|depuneti)\b"
    r"|\bcum (?:procedati|procedezi|raspundeti|reactionati)\b|\bluni\b|\bsituatia\b"
    r"|\b(?:colegul|colega|consiliera|directoarea|directorul|primarul|contabilul)\b"
)


def is_situation(question: Item, case: Item | None = None) -> bool:
    """A guess by words: the question puts the reader at a desk with something to decide."""
    return bool(case is not None or _SITUATION.search(fold(question.stem)))


def statistics(course: AuthoredCourse, lessons: Mapping[str, Rendered]) -> tuple[Table, ...]:
    return (
        _module_table(course),
        *(_kinds(module) for module in course.modules),
        *(_outcomes(module) for module in course.modules),
        *(_guessing(module) for module in course.modules),
        _words(course, lessons),
        _facts(course),
    )


def _questions(module: AuthoredModule) -> list[Item]:
    return [question for item in module.items for question in item.questions]


def _table(code: str, rows: Iterable[tuple[object, object]]) -> Table:
    return Table(code, tuple((str(label), str(number)) for label, number in rows))


def _module_table(course: AuthoredCourse) -> Table:
    rows: list[tuple[str, int]] = [("modules", len(course.modules))]
    activities = [a for m in course.modules for a in m.activities]
    lessons = sum(isinstance(a, AuthoredLesson) for a in activities)
    items = [item for m in course.modules for item in m.items]
    rows += [("lessons", lessons), ("tests", len(activities) - lessons), ("items", len(items))]
    rows += [("questions", sum(len(item.questions) for item in items))]
    rows += [("terms", len(course.glossary)), ("sources", len(course.sources))]
    rows += [("minutes", sum(m.minutes for m in course.modules))]
    return _table("course", rows)


def _kinds(module: AuthoredModule) -> Table:
    counted = Counter(
        f"{item.kind}" + (" (self-check)" if item.use is Use.SELF_CHECK else "")
        for item in module.items
    )
    return _table(f"kinds/{module.key}", sorted(counted.items()))


def _outcomes(module: AuthoredModule) -> Table:
    quiz = [q for i in module.items if i.use is Use.QUIZ for q in i.questions]
    by_outcome = Counter(question.outcome for question in quiz)
    by_difficulty = Counter(f"difficulty {question.difficulty}" for question in quiz)
    rows = [(o.key, by_outcome[o.key]) for o in module.outcomes]
    return _table(f"outcomes/{module.key}", [*rows, *sorted(by_difficulty.items())])


def _guessing(module: AuthoredModule) -> Table:
    singles = single_choice(module)
    longest = sum(right_is_longest(choice) for _, choice in singles)
    asked = [(q, i if q is not i else None) for i in module.items for q in i.questions]
    situations = sum(is_situation(question, case) for question, case in asked)
    rows: list[tuple[str, str]] = [
        ("situational", _share(situations, len(asked))),
        ("right is longest", _share(longest, len(singles))),
    ]
    rows += [
        (f"right in place {place}", _share(count, len(singles)))
        for place, count in sorted(right_places(module).items())
    ]
    return _table(f"guessing/{module.key}", rows)


def _share(count: int, whole: int) -> str:
    return f"{count} of {whole}" + (f" ({100 * count / whole:.0f} %)" if whole else "")


def _words(course: AuthoredCourse, lessons: Mapping[str, Rendered]) -> Table:
    return _table(
        "words",
        [
            (a.key, lessons[a.key].words)
            for m in course.modules
            for a in m.activities
            if isinstance(a, AuthoredLesson)
        ],
    )


def _facts(course: AuthoredCourse) -> Table:
    cited = {
        code
        for module in course.modules
        for codes in (
            *(a.facts for a in module.activities if isinstance(a, AuthoredLesson)),
            *(question.facts for question in _questions(module)),
        )
        for code in codes
    }
    counted = Counter(fact.confidence for fact in course.facts if fact.code in cited)
    known = Counter(fact.confidence for fact in course.facts)
    return _table("facts", [(c, f"{counted[c]} of {known[c]}") for c in ("V", "C", "M", "?")])
