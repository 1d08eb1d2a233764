"""A published course as data: its order, its lookups, and the way to JSON and back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lms.domain.curriculum import (
    Activity,
    ActivityKind,
    Badge,
    CoursePlace,
    Criterion,
    CriterionKind,
    Manifest,
    Module,
    Outcome,
    Source,
    Term,
)
from lms.domain.quizzes import DrawRule, PoolItem, QuizSettings


def a_manifest() -> Manifest:
    lesson = Activity(
        1,
        "lectie",
        ActivityKind.LESSON,
        11,
        "Lecția",
        8,
        "Pe scurt",
        "2026-11-22",
        en={"title": "L"},
    )
    quiz = Activity(
        2,
        "test",
        ActivityKind.QUIZ,
        12,
        "Testul",
        15,
        quiz=QuizSettings(75, (DrawRule(2, "roluri", 1, "t"),), ("fix",), 5, 3, 30),
        questions=3,
    )
    first = Module(
        5,
        "unu",
        1,
        "Primul",
        "Unu",
        "S",
        40,
        (Outcome("roluri", "Numește rolurile"),),
        (Criterion(CriterionKind.READ, "lectie"), Criterion(CriterionKind.PASS, "test")),
        Badge("Insigna", "compass"),
        (lesson, quiz),
        en={"title": "One", "outcomes": {"roluri": "Names"}},
    )
    course_draw = QuizSettings(draw=(DrawRule(1, "roluri", module="unu"),))
    second = Module(6, "doi", 2, "Al doilea", "Doi", "", 20, (), (), Badge("", "tree"), ())
    return Manifest(
        3,
        "por",
        "Curs",
        "Rezumat",
        "Atelier",
        "ro",
        (first, second),
        before=(replace(quiz, id=8, key="initial", quiz=course_draw),),
        after=(replace(quiz, id=9, key="final", quiz=course_draw),),
        pool=(
            PoolItem("i1", 21, "unu", "roluri", 1, ("t",)),
            PoolItem("i2", 22, "doi", "", 2, size=3),
        ),
        checks={"c1": 31},
        glossary=(Term("am", "AM", "<em>x</em>", "autoritate", "MA"),),
        sources=(Source("S1", "Ordin"),),
        assets={"unu/img/x.svg": "ab"},
        en={"title": "Course"},
    )


def test_a_course_comes_back_from_json_as_it_was() -> None:
    made = a_manifest()
    again = Manifest.from_json(json.loads(json.dumps(made.to_json())))
    assert again == made
    assert isinstance(again.modules[0].activities[0].kind, ActivityKind)
    assert isinstance(again.modules[0].criteria[0].kind, CriterionKind)
    assert again.modules[0].activities[1].quiz == made.modules[0].activities[1].quiz


def test_the_route_is_walked_in_order() -> None:
    made = a_manifest()
    assert [(m.key, a.key) for m, a in made.route()] == [("unu", "lectie"), ("unu", "test")]
    assert made.minutes == 60


def test_things_are_found_by_key_and_by_id() -> None:
    made = a_manifest()
    module = made.modules[0]
    assert made.by_activity["test"] == (module, module.quizzes[0])
    assert made.by_module["doi"] is made.by_module_id[6]
    assert made.terms["am"].long == "autoritate"
    assert module.lessons == (module.activities[0],)
    assert [i.key for i in made.pool_of(module)] == ["i1"]


def test_tests_of_the_whole_course_belong_to_no_module() -> None:
    made = a_manifest()
    assert [(m.key if m else None, a.key) for m, a in made.activities()] == [
        (None, "initial"),
        ("unu", "lectie"),
        ("unu", "test"),
        (None, "final"),
    ]
    assert made.tests["initial"] == (None, made.before[0])
    assert made.tests["test"] == (made.modules[0], made.modules[0].quizzes[0])
    assert "lectie" not in made.tests
    assert "initial" not in made.by_activity
    places = [made.place_of(a) for _, a in made.activities()]
    assert places == [CoursePlace.BEFORE, None, None, CoursePlace.AFTER]
    assert [i.key for i in made.pool_of(None)] == ["i1", "i2"]
    assert made.homes == {21: "unu", 22: "doi"}


def test_what_was_published_before_there_were_such_tests_is_still_read() -> None:
    made = replace(a_manifest(), before=(), after=())
    older = made.to_json()
    del older["before"], older["after"]
    assert Manifest.from_json(older) == made
    assert "module" not in older["modules"][0]["activities"][1]["quiz"]["draw"][0]


def test_a_criterion_is_named_by_what_it_asks() -> None:
    assert [c.key for c in a_manifest().modules[0].criteria] == ["read:lectie", "pass:test"]


def test_what_is_published_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        a_manifest().title = "Alt curs"  # type: ignore[misc]  # the point of the test
