"""The distributions that ``lms content check`` prints."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from lms.domain.authoring import (
    AuthoredCourse,
    AuthoredExercise,
    AuthoredLesson,
    AuthoredModule,
    AuthoredQuiz,
    AuthoredText,
)
from lms.domain.items import Item, Use
from lms.domain.text import fold
from lms.interop.course_check.banks import (
    most_alike,
    right_is_longest,
    right_places,
    single_choice,
)
from lms.interop.course_check.report import Row, Table
from lms.interop.markdown_document import Rendered

_SITUATION = re.compile(
    r"\bce (?:faceti|faci|face|raspundeti|raspunzi|verificati|alegeti|scrieti|propuneti|spuneti|"
    r"ii spuneti|cereti|recomandati|depuneti)\b"
    r"|\bcum (?:procedati|procedezi|raspundeti|reactionati)\b"
    r"|\b(?:luni|marti|miercuri|joi|vineri|situatia|lunca noua|casa morii|casei morii)\b"
    r"|\b(?:coleg|consilier|director|primarul|contabil|proiectant|dirigint|auditor|consultant|"
    r"furnizor|constructor|ofiter|inspector|responsabil|secretar)"
    r"|\b(?:aveti|primiti|cititi|gasiti|vedeti|pregatiti|puneti|trimiteti|completati|semnati)\b"
    r"|\bva (?:cere|intreaba|spune|arata|trimite)\b"
)


def is_situation(question: Item, case: Item | None = None) -> bool:
    """A guess by words: the question puts the reader at a desk, with colleagues or papers."""
    return bool(case is not None or _SITUATION.search(fold(question.stem)))


def statistics(course: AuthoredCourse, lessons: Mapping[str, Rendered]) -> tuple[Table, ...]:
    modules = course.modules
    return (
        _course(course),
        *(_kinds(module) for module in modules),
        *(_outcomes(module) for module in modules),
        *(_guessing(module) for module in modules),
        _words(course, lessons),
        _facts(course),
        _alike(course),
    )


def _rows(counted: Iterable[tuple[str, int]]) -> tuple[Row, ...]:
    return tuple(Row(label, number) for label, number in counted)


def _course(course: AuthoredCourse) -> Table:
    activities = [a for m in course.modules for a in m.activities]
    items = [item for m in course.modules for item in m.items]
    counted = {
        "modules": len(course.modules),
        "lessons": sum(isinstance(a, AuthoredLesson) for a in activities),
        "exercises": sum(isinstance(a, AuthoredExercise) for a in activities),
        "tests": sum(isinstance(a, AuthoredQuiz) for a in activities),
        "course-tests": len(course.tests),
        "items": len(items),
        "questions": sum(len(item.questions) for item in items),
        "terms": len(course.glossary),
        "sources": len(course.sources),
        "figures": sum(len(a.figures) for a in activities if isinstance(a, AuthoredText)),
        "pictures": sum("/img/" in path for path in course.assets),
        "downloads": sum(path.startswith("files/") for path in course.assets),
        "minutes": sum(module.minutes for module in course.modules),
    }
    return Table("course", _rows(counted.items()))


def _kinds(module: AuthoredModule) -> Table:
    """Items by kind, those of tests before the self-checks."""
    counted = Counter((item.use is Use.SELF_CHECK, str(item.kind)) for item in module.items)
    labelled = (
        (("check/" if check else "kind/") + kind, number)
        for (check, kind), number in sorted(counted.items())
    )
    return Table("kinds", _rows(labelled), module.key)


def _outcomes(module: AuthoredModule) -> Table:
    asked = [q for i in module.items if i.use is Use.QUIZ for q in i.questions]
    by_outcome = Counter(question.outcome for question in asked)
    by_difficulty = Counter(f"difficulty/{question.difficulty}" for question in asked)
    rows = [(outcome.key, by_outcome[outcome.key]) for outcome in module.outcomes]
    return Table("outcomes", _rows([*rows, *sorted(by_difficulty.items())]), module.key)


def _guessing(module: AuthoredModule) -> Table:
    singles = single_choice(module)
    asked = [(q, i if q is not i else None) for i in module.items for q in i.questions]
    situations = sum(is_situation(question, case) for question, case in asked)
    longest = sum(right_is_longest(choice) for _, choice in singles)
    rows = [Row("situational", situations, len(asked)), Row("longest", longest, len(singles))]
    places = sorted(right_places(module).items())
    rows += [Row(f"place/{place}", count, len(singles)) for place, count in places]
    return Table("guessing", tuple(rows), module.key)


def _words(course: AuthoredCourse, lessons: Mapping[str, Rendered]) -> Table:
    activities = [a for module in course.modules for a in module.activities]
    written = [a.key for a in activities if isinstance(a, AuthoredText)]
    return Table("words", _rows((key, lessons[key].words) for key in written))


def _facts(course: AuthoredCourse) -> Table:
    cited: set[str] = set()
    for module in course.modules:
        for activity in module.activities:
            cited |= set(activity.facts) if isinstance(activity, AuthoredText) else set()
        for item in module.items:
            cited |= {code for question in item.questions for code in question.facts}
    used = Counter(fact.confidence for fact in course.facts if fact.code in cited)
    known = Counter(fact.confidence for fact in course.facts)
    return Table("facts", tuple(Row(f"[{c}]", used[c], known[c]) for c in ("V", "C", "M", "?")))


def _alike(course: AuthoredCourse) -> Table:
    pairs = [(f"{p.question.key} ~ {p.other.key}", int(p.share * 100)) for p in most_alike(course)]
    return Table("alike", _rows(pairs))
