"""Drafts as they lie in the database: authored values ⇄ JSON.

======================  =====================================================================
``Course.draft``        title, summary, workshop, language, en, glossary (each term with its
                        rendered ``html``), sources, facts, to_verify, assets (path in the course
                        folder → sha256), loaded
``Module.draft``        folder, title, short, summary, minutes, outcomes, criteria (rules as
                        written: kind, target), badge, en, revision (counts up with every change),
                        loaded
lesson ``source``       title, minutes, as_of, summary, body, outcomes, facts, figures
lesson ``rendered``     :meth:`lms.interop.markdown_document.Rendered.to_json` of the body:
                        v, segments, terms, sources, lessons, files, images, headings, checks,
                        words, problems
quiz ``source``         title, minutes, intro, settings (:meth:`QuizSettings.to_json`); place
                        (``before``, ``after``) of a test of the whole course
quiz ``rendered``       v, intro_html
exercise ``source``     title, minutes, as_of, summary, task, example, rubric (key, title, levels),
                        outcomes, facts, figures
exercise ``rendered``   v, task_html, example_html, rubric (the same, levels as HTML), terms, sources,
                        lessons, files, images, checks, words, problems
item ``source``         :meth:`Item.to_json`, texts in Markdown
item ``content``        the same with HTML, and v, terms, sources, lessons, files, images: what its
                        texts refer to
======================  =====================================================================

``loaded`` remembers what the course files said when they were last loaded, as short hashes by
part: a file that says what it said last time has nothing new to say, and what people have changed
in the browser since then stays.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from lms.domain.authoring import (
    AuthoredActivity,
    AuthoredCourse,
    AuthoredExercise,
    AuthoredLesson,
    AuthoredModule,
    AuthoredQuiz,
    AuthoredTerm,
    AuthoredText,
    CriterionRule,
    Fact,
)
from lms.domain.curriculum import Badge, CoursePlace, Outcome, Source, Verification
from lms.domain.items import Item, from_json
from lms.domain.quizzes import QuizSettings
from lms.domain.rubrics import RubricCriterion

Json = dict[str, Any]


def fingerprint(*parts: object) -> str:
    """SHA-256 of plain JSON values, whatever the order of their keys."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _text_source(text: AuthoredText) -> Json:
    """What every text that teaches says of itself; :func:`_text_of` reads it back."""
    return {
        "title": text.title,
        "minutes": text.minutes,
        "as_of": text.as_of,
        "summary": text.summary,
        "outcomes": list(text.outcomes),
        "facts": list(text.facts),
        "figures": [list(figure) for figure in text.figures],
    }


def _text_of(source: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": source["title"],
        "minutes": source["minutes"],
        "as_of": source["as_of"],
        "summary": source["summary"],
        "outcomes": tuple(source["outcomes"]),
        "facts": tuple(source["facts"]),
        "figures": tuple((calc, equals) for calc, equals in source["figures"]),
    }


def lesson_source(lesson: AuthoredLesson) -> Json:
    return {**_text_source(lesson), "body": lesson.body}


def lesson_of(key: str, source: Mapping[str, Any]) -> AuthoredLesson:
    return AuthoredLesson(key=key, body=source["body"], **_text_of(source))


def quiz_source(quiz: AuthoredQuiz) -> Json:
    place = {"place": str(quiz.place)} if quiz.place else {}
    return {
        "title": quiz.title,
        "minutes": quiz.minutes,
        "intro": quiz.intro,
        "settings": quiz.settings.to_json(),
        **place,
    }


def quiz_of(key: str, source: Mapping[str, Any]) -> AuthoredQuiz:
    return AuthoredQuiz(
        key=key,
        title=source["title"],
        minutes=source["minutes"],
        intro=source["intro"],
        settings=QuizSettings.from_json(source["settings"]),
        place=CoursePlace(source["place"]) if "place" in source else None,
    )


def exercise_source(exercise: AuthoredExercise) -> Json:
    return {
        **_text_source(exercise),
        "task": exercise.task,
        "example": exercise.example,
        "rubric": [{**asdict(c), "levels": list(c.levels)} for c in exercise.rubric],
    }


def exercise_of(key: str, source: Mapping[str, Any]) -> AuthoredExercise:
    rubric = tuple(
        RubricCriterion(c["key"], c["title"], tuple(c["levels"])) for c in source["rubric"]
    )
    return AuthoredExercise(
        key=key,
        task=source["task"],
        example=source["example"],
        rubric=rubric,
        **_text_of(source),
    )


def activity_of(kind: str, key: str, source: Mapping[str, Any]) -> AuthoredActivity:
    if kind == "exercise":
        return exercise_of(key, source)
    return lesson_of(key, source) if kind == "lesson" else quiz_of(key, source)


def item_of(source: Json) -> Item:
    return from_json(source)


def module_texts(module: AuthoredModule) -> Json:
    """What a module says of itself: its draft without bookkeeping."""
    return {
        "folder": module.folder,
        "title": module.title,
        "short": module.short,
        "summary": module.summary,
        "minutes": module.minutes,
        "outcomes": [asdict(outcome) for outcome in module.outcomes],
        "criteria": [asdict(rule) for rule in module.criteria],
        "badge": asdict(module.badge),
        "en": module.en,
    }


def module_of(
    key: str,
    draft: Mapping[str, Any],
    activities: tuple[AuthoredActivity, ...],
    items: tuple[Item, ...],
) -> AuthoredModule:
    return AuthoredModule(
        key=key,
        folder=draft["folder"],
        title=draft["title"],
        short=draft["short"],
        summary=draft["summary"],
        minutes=draft["minutes"],
        outcomes=tuple(Outcome(**outcome) for outcome in draft["outcomes"]),
        criteria=tuple(CriterionRule(**rule) for rule in draft["criteria"]),
        badge=Badge(**draft["badge"]),
        activities=activities,
        items=items,
        en=draft["en"],
    )


def course_texts(course: AuthoredCourse, terms: Mapping[str, str], assets: Json) -> Json:
    """What a course says of itself: its draft without bookkeeping.

    ``terms`` holds the glossary's rendered texts by key, ``assets`` hashes by path.
    """
    return {
        "title": course.title,
        "summary": course.summary,
        "workshop": course.workshop,
        "language": course.language,
        "en": course.en,
        "glossary": [{**asdict(term), "html": terms[term.key]} for term in course.glossary],
        "sources": [asdict(source) for source in course.sources],
        "facts": [{**asdict(fact), "sources": list(fact.sources)} for fact in course.facts],
        "to_verify": [{**asdict(point), "facts": list(point.facts)} for point in course.to_verify],
        "assets": assets,
    }


def course_of(
    key: str,
    draft: Mapping[str, Any],
    modules: tuple[AuthoredModule, ...],
    tests: tuple[AuthoredQuiz, ...],
    assets: dict[str, bytes],
) -> AuthoredCourse:
    return AuthoredCourse(
        key=key,
        title=draft["title"],
        summary=draft["summary"],
        workshop=draft["workshop"],
        language=draft["language"],
        modules=modules,
        tests=tests,
        glossary=tuple(
            AuthoredTerm(t["key"], t["term"], t["text"], t["long"], t["en"])
            for t in draft["glossary"]
        ),
        sources=sources_of(draft),
        facts=tuple(Fact(**{**f, "sources": tuple(f["sources"])}) for f in draft["facts"]),
        to_verify=to_verify_of(draft),
        assets=assets,
        en=draft["en"],
    )


def sources_of(draft: Mapping[str, Any]) -> tuple[Source, ...]:
    return tuple(Source(**source) for source in draft["sources"])


def to_verify_of(draft: Mapping[str, Any]) -> tuple[Verification, ...]:
    return tuple(
        Verification(**{**point, "facts": tuple(point["facts"])}) for point in draft["to_verify"]
    )
