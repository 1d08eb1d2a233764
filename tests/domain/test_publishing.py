"""The rules of publishing: differences, undo, and what stands in the way."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.domain.curriculum import (
    Activity,
    ActivityKind,
    Badge,
    Criterion,
    CriterionKind,
    Manifest,
    Module,
    Outcome,
    Term,
)
from lms.domain.errors import Refusal
from lms.domain.publishing import (
    Links,
    Move,
    Part,
    Text,
    compare,
    problems,
    same_content,
    undo_target,
)
from lms.domain.quizzes import DrawRule, PoolItem, QuizSettings


def _lesson(key: str, version: int = 1) -> Activity:
    return Activity(sum(map(ord, key)), key, ActivityKind.LESSON, version, key.title(), 5)


def _quiz(key: str, count: int = 2, items: tuple[str, ...] = ()) -> Activity:
    draw = (DrawRule(count),) if count else ()
    settings = QuizSettings(draw=draw, items=items)
    return Activity(9, key, ActivityKind.QUIZ, 9, key, 10, quiz=settings, questions=count)


def _module(key: str, *activities: Activity, criteria: tuple[str, ...] = ()) -> Module:
    chosen = criteria or tuple(
        f"{'read' if a.kind is ActivityKind.LESSON else 'pass'}:{a.key}" for a in activities
    )
    return Module(
        id=ord(key[-1]),
        key=key,
        number=1,
        title=key.upper(),
        short=key,
        summary="",
        minutes=10,
        outcomes=(Outcome("o", "O"),),
        criteria=tuple(Criterion(CriterionKind(c.split(":")[0]), c.split(":")[1]) for c in chosen),
        badge=Badge("B", "compass"),
        activities=activities,
    )


def _manifest(*modules: Module, **more: Any) -> Manifest:
    pool = tuple(PoolItem(f"{m.key}-i{n}", n, m.key, "o", 2) for m in modules for n in (1, 2, 3))
    given = {"pool": pool, **more}
    return Manifest(1, "por", "POR", "", "", "ro", modules, **given)


ONE = _module("a", _lesson("a1"), _lesson("a2"), _quiz("at"))
TWO = _module("b", _lesson("b1"))


def _told(old: Manifest | None, new: Manifest) -> set[str]:
    return {f"{c.kind} {c.part} {c.key}" for c in compare(old, new).changes}


def test_nothing_changed() -> None:
    manifest = _manifest(ONE, TWO)
    assert compare(manifest, replace(manifest, number=2)).is_empty
    assert same_content(manifest, replace(manifest, number=2))
    read_again = Manifest.from_json(json.loads(json.dumps(manifest.to_json())))
    assert read_again == manifest and compare(manifest, read_again).is_empty


def test_the_first_publication_is_new_as_a_whole() -> None:
    difference = compare(None, _manifest(TWO, pool=()))
    assert {f"{c.kind} {c.part}" for c in difference.changes} == {
        *("added course", "added module", "added lesson")
    }
    assert difference.criteria == ()


def test_each_kind_of_change_is_told_once() -> None:
    old = _manifest(ONE, TWO)
    changed = _module("a", _lesson("a1", 2), _quiz("at"), _lesson("a3"))
    new = _manifest(
        TWO,
        replace(changed, criteria=ONE.criteria),
        pool=(replace(old.pool[0], version_id=7), *old.pool[2:], replace(old.pool[0], key="x")),
        checks={"c": 1},
        glossary=(Term("t", "T", "t"),),
    )
    assert _told(old, new) == {
        "changed course por",
        "moved module b",
        "changed lesson a1",
        "removed lesson a2",
        "added lesson a3",
        "changed item a-i1",
        "removed item a-i2",
        "added item x",
        "added check c",
    }


def test_taking_one_lesson_to_the_front_moves_one_lesson() -> None:
    before = _module("a", *(_lesson(f"a{n}") for n in range(1, 6)))
    after = replace(before, activities=(before.activities[4], *before.activities[:4]))
    assert _told(_manifest(before), _manifest(after)) == {"moved lesson a5"}


def test_a_lesson_taken_to_another_module_has_moved() -> None:
    old = _manifest(_module("a", _lesson("x"), _lesson("y")), _module("b", _lesson("z")))
    new = _manifest(_module("a", _lesson("y")), _module("b", _lesson("z"), _lesson("x")))
    difference = compare(old, new)
    assert {(c.kind, c.key, c.module) for c in difference.changes} == {("moved", "x", "b")}
    assert [
        (c.module.key, [x.key for x in c.added], [x.key for x in c.removed])
        for c in difference.criteria
    ] == [("a", [], ["read:x"]), ("b", ["read:x"], [])]


def test_the_order_of_criteria_changes_nothing() -> None:
    turned = replace(ONE, criteria=ONE.criteria[::-1])
    assert compare(_manifest(ONE), _manifest(turned)).criteria == ()


MOVES = st.lists(st.sampled_from(["publish", "undo"]), max_size=30)


@given(MOVES)
def test_undo_leads_to_what_was_shown_before(kinds: list[str]) -> None:
    """Against a plain model: the stack of what one would see on screen."""
    history: list[Move] = []
    shown: list[int] = []
    for number, kind in enumerate(kinds, 1):
        if kind == "publish":
            shown.append(number)
            history.append(Move("publish", number))
        elif len(shown) < 2:
            with pytest.raises(Refusal, match="nothing-to-undo"):
                undo_target(history)
        else:
            shown.pop()
            assert undo_target(history) == shown[-1]
            history.append(Move("undo", shown[-1]))


def _text(links: Links, part: Part = Part.LESSON) -> Text:
    """Of the first module."""
    return Text(part, "t1", "a", "Titlul", links)


def _codes(manifest: Manifest, *texts: Text) -> list[str]:
    return [problem.code for problem in problems(manifest, texts)]


def test_a_sound_course_has_no_problems() -> None:
    assert _codes(_manifest(ONE, TWO)) == []


@pytest.mark.parametrize(
    ("manifest", "code"),
    [
        (_manifest(), "course-empty"),
        (_manifest(_module("a")), "module-empty"),
        (_manifest(replace(TWO, criteria=())), "module-without-criteria"),
        (_manifest(_module("a", _lesson("x"), criteria=("read:y",))), "criterion-unknown"),
        (_manifest(_module("a", _lesson("x"), criteria=("pass:x",))), "criterion-unknown"),
        (_manifest(_module("a", _quiz("t", 0))), "quiz-empty"),
        (_manifest(_module("a", _quiz("t", 4))), "draw-too-small"),
        (_manifest(_module("a", _quiz("t", 0, ("z",)))), "quiz-item-unknown"),
    ],
)
def test_what_cannot_be_published(manifest: Manifest, code: str) -> None:
    assert _codes(manifest) == [code]


def test_how_many_questions_are_missing() -> None:
    (problem,) = problems(_manifest(_module("a", _quiz("t", 5))), ())
    assert (problem.missing, problem.module, problem.title) == (2, "A", "t")
    assert (problem.part, problem.key) == (Part.QUIZ, "t")


@pytest.mark.parametrize(
    ("links", "code", "detail"),
    [
        (Links(lessons=("nu-e#titlu",)), "lesson-unknown", "nu-e"),
        (Links(lessons=("at",)), "lesson-unknown", "at"),
        (Links(terms=("nu",)), "term-unknown", "nu"),
        (Links(sources=("S9",)), "source-unknown", "S9"),
        (Links(checks=("a-i1",)), "check-unknown", "a-i1"),
        (Links(files=("x.xlsx",)), "file-unknown", "files/x.xlsx"),
        (Links(images=("x.svg",)), "file-unknown", "a/img/x.svg"),
        (Links(outcomes=("o", "p")), "outcome-unknown", "p"),
    ],
)
@pytest.mark.parametrize("part", [Part.LESSON, Part.EXERCISE, Part.ITEM, Part.CHECK])
def test_a_text_that_leads_nowhere(part: Part, links: Links, code: str, detail: str) -> None:
    (problem,) = problems(_manifest(ONE), [_text(links, part)])
    assert (problem.code, problem.detail) == (code, detail)
    assert (problem.part, problem.key) == (part, "t1")
    assert (problem.module, problem.title) == ("A", "Titlul")


def test_links_that_lead_somewhere() -> None:
    manifest = _manifest(
        ONE,
        checks={"c": 1},
        glossary=(Term("t", "T", ""),),
        assets={"a/img/x.svg": "0", "files/y.csv": "1"},
    )
    links = Links(("t",), (), ("a2#orice",), ("y.csv",), ("x.svg",), ("c",), ("o",))
    assert _codes(manifest, _text(links)) == []


def _course_test(key: str, count: int = 1, module: str = "m1", version: int = 1) -> Activity:
    settings = QuizSettings(draw=(DrawRule(count, "o", module=module),))
    return Activity(70, key, ActivityKind.QUIZ, version, key, 10, quiz=settings, questions=count)


def test_tests_of_the_whole_course_are_told_one_by_one() -> None:
    module = _module("m1", _lesson("a"), _quiz("t"))
    old = _manifest(module, before=(_course_test("x"), _course_test("gone")))
    new = _manifest(
        module, before=(_course_test("n"),), after=(_course_test("x"), _course_test("m", version=2))
    )
    told = {(c.kind.value, c.part.value, c.key, c.module) for c in compare(old, new).changes}
    assert told == {
        ("added", "quiz", "n", ""),
        ("added", "quiz", "m", ""),
        ("moved", "quiz", "x", ""),
        ("removed", "quiz", "gone", ""),
    }
    changed = _manifest(module, before=(_course_test("x", version=2), _course_test("gone")))
    assert [(c.kind.value, c.key) for c in compare(old, changed).changes] == [("changed", "x")]
    assert compare(old, old).is_empty


def test_a_test_that_leaves_its_module_for_the_course_has_moved() -> None:
    old = _manifest(_module("m1", _lesson("a"), _quiz("t")))
    new = _manifest(_module("m1", _lesson("a"), criteria=("read:a",)), after=(_course_test("t"),))
    changes = compare(old, new).changes
    assert [(c.kind.value, c.key) for c in changes if c.part.value == "quiz"] == [("moved", "t")]


@pytest.mark.parametrize(
    ("test", "code", "missing"),
    [
        (_course_test("x", count=4), "draw-too-small", 1),
        (_course_test("x", module="m9"), "draw-too-small", 1),
        (_quiz("x", 0), "quiz-empty", 0),
        (_quiz("x", 1, ("m9-i1",)), "quiz-item-unknown", 0),
    ],
)
def test_what_stands_in_the_way_of_a_course_test(test: Activity, code: str, missing: int) -> None:
    manifest = _manifest(_module("m1", _lesson("a"), _quiz("t")), after=(test,))
    assert [(p.code, p.module, p.title, p.missing) for p in problems(manifest, ())] == [
        (code, "", "x", missing)
    ]
