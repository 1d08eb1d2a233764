"""What an author may save: every fault is told beside its field."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from factories.courses import a_lesson, a_module, a_quiz, all_kinds, an_item
from hypothesis import given
from hypothesis import strategies as st

from lms.domain import draft_rules as rules
from lms.domain.authoring import AuthoredLesson, AuthoredModule, AuthoredQuiz, CriterionRule
from lms.domain.curriculum import Badge, Outcome
from lms.domain.draft_rules import KEY, key_from
from lms.domain.errors import Refusal
from lms.domain.items import Case, Choice, Item, Mistake, Numeric, Option, TrueFalse
from lms.domain.quizzes import DrawRule

OUTCOMES = ("roluri",)


def _faults(check: object, *values: object) -> set[tuple[str, str]]:
    with pytest.raises(Refusal, match="draft-invalid") as refused:
        check(*values)  # type: ignore[operator]  # one of the rules
    return {(fault.at, fault.code) for fault in refused.value.params["faults"]}


def test_sound_drafts_pass() -> None:
    rules.require_lesson(a_lesson(), OUTCOMES)
    rules.require_quiz(a_quiz(items=("i1",)), OUTCOMES, ("i1",))
    rules.require_module(a_module())
    for item in all_kinds():
        rules.require_item(item, OUTCOMES)


@pytest.mark.parametrize(
    ("lesson", "fault"),
    [
        (a_lesson(title=" "), ("title", "missing")),
        (a_lesson(title="x" * 201), ("title", "too-long")),
        (a_lesson(title="a\nb"), ("title", "several-lines")),
        (a_lesson(title="a\ud800"), ("title", "text-unclean")),
        (a_lesson(summary=""), ("summary", "missing")),
        (a_lesson(minutes=0), ("minutes", "out-of-range")),
        (a_lesson(minutes=601), ("minutes", "out-of-range")),
        (a_lesson(as_of="2026-02-30"), ("as_of", "not-a-date")),
        (a_lesson(as_of="20260115"), ("as_of", "not-a-date")),
        (a_lesson(body="  \n"), ("body", "missing")),
        (a_lesson(body="a\x00"), ("body", "text-unclean")),
        (a_lesson(body="ș" * 32_001), ("body", "too-long")),
        (a_lesson(body="x" * 1_000_000), ("body", "too-long")),
        (a_lesson(outcomes=("roluri", "alt")), ("outcomes", "unknown")),
    ],
)
def test_lessons(lesson: AuthoredLesson, fault: tuple[str, str]) -> None:
    assert _faults(rules.require_lesson, lesson, OUTCOMES) == {fault}


def test_all_faults_are_told_at_once() -> None:
    lesson = a_lesson(title="", body="", minutes=-1)
    assert len(_faults(rules.require_lesson, lesson, OUTCOMES)) == 3


@pytest.mark.parametrize(
    ("quiz", "fault"),
    [
        (a_quiz(draw=()), ("draw", "missing")),
        (a_quiz(pass_percent=0), ("pass_percent", "out-of-range")),
        (a_quiz(pass_percent=101), ("pass_percent", "out-of-range")),
        (a_quiz(attempts=-1), ("attempts", "out-of-range")),
        (a_quiz(wait_minutes=99_999), ("wait_minutes", "out-of-range")),
        (a_quiz(time_limit_minutes=601), ("time_limit_minutes", "out-of-range")),
        (a_quiz(items=("i2",)), ("items", "unknown")),
        (a_quiz(items=("i1", "i1")), ("items", "twice")),
        (a_quiz(draw=(DrawRule(0),)), ("draw/0/count", "out-of-range")),
        (a_quiz(draw=(DrawRule(1), DrawRule(1, "x"))), ("draw/1/outcome", "unknown")),
        (a_quiz(draw=(DrawRule(1, difficulty=4),)), ("draw/0/difficulty", "out-of-range")),
    ],
)
def test_tests(quiz: AuthoredQuiz, fault: tuple[str, str]) -> None:
    assert _faults(rules.require_quiz, quiz, OUTCOMES, ("i1",)) == {fault}


@pytest.mark.parametrize(
    ("module", "fault"),
    [
        (a_module(short="cincisprezece!!"), ("short", "too-long")),
        (a_module(criteria=()), ("criteria", "missing")),
        (a_module(criteria=(CriterionRule("watch", "x"),)), ("criteria", "unknown")),
        (a_module(badge=Badge("", "compass")), ("badge/title", "missing")),
        (a_module(outcomes=(Outcome("Rău", "x"),)), ("outcomes/0/key", "key-spelling")),
        (
            a_module(outcomes=(Outcome("a", "x"), Outcome("a", "y"))),
            ("outcomes/1/key", "twice"),
        ),
    ],
)
def test_modules(module: AuthoredModule, fault: tuple[str, str]) -> None:
    assert _faults(rules.require_module, module) == {fault}


YES, NO = Option("a", "Da", "Așa e.", correct=True), Option("b", "Nu", "Nu e.")


def _choice(*options: Option, many: bool = False) -> Item:
    return an_item(body=Choice(options, many=many))


def _number(answer: str = "5", tolerance: str = "1", *mistakes: Mistake) -> Item:
    return an_item(body=Numeric(Decimal(answer), Decimal(tolerance), "de ce", "", mistakes))


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        (an_item(stem=""), ("stem", "missing")),
        (an_item(stem="x" * 64_001), ("stem", "too-long")),
        (an_item(difficulty=4), ("difficulty", "out-of-range")),
        (an_item(outcome="alt"), ("outcome", "unknown")),
        (an_item(lesson="Nu așa"), ("lesson", "unknown")),
        (an_item(tags=tuple("abcdefghijk")), ("tags", "too-many")),
        (_choice(YES), ("options", "too-few")),
        (_choice(NO, replace(NO, text="Poate")), ("options", "right-none")),
        (_choice(YES, replace(YES, text="Poate")), ("options", "right-many")),
        (_choice(YES, replace(NO, text=" da ")), ("options/1/text", "twice")),
        (_choice(YES, replace(NO, why="")), ("options/1/why", "missing")),
        (_choice(replace(YES, text=""), NO), ("options/0/text", "missing")),
        (
            _choice(YES, *(replace(NO, text=str(n)) for n in range(8))),
            ("options", "too-many"),
        ),
        (_choice(NO, replace(NO, text="x"), many=True), ("options", "right-none")),
        (an_item(body=TrueFalse(True, "", "nu")), ("why_true", "missing")),
        (_number("NaN"), ("answer", "unknown")),
        (_number("Infinity"), ("answer", "unknown")),
        (_number("1e999"), ("answer", "unknown")),
        (_number("5", "-1"), ("tolerance", "out-of-range")),
        (_number("5", "1", Mistake("6", "x")), ("mistakes/0/value", "mistake-is-right")),
        (_number("5", "1", Mistake("șase", "x")), ("mistakes/0/value", "unknown")),
        (_number("5", "1", Mistake("9", "")), ("mistakes/0/why", "missing")),
    ],
)
def test_questions(item: Item, fault: tuple[str, str]) -> None:
    assert _faults(rules.require_item, item, OUTCOMES) == {fault}


def test_the_questions_of_a_case_are_judged_too() -> None:
    case = an_item(body=Case((_choice(YES, NO), _choice(YES))))
    assert _faults(rules.require_item, case, OUTCOMES) == {("options", "too-few")}


def test_every_text_of_every_kind_is_judged() -> None:
    for item in all_kinds():
        spoiled = item.map_text(lambda text: text, lambda text: text + "\x00")
        codes = {code for _, code in _faults(rules.require_item, spoiled, OUTCOMES)}
        assert codes == {"text-unclean"}


@given(st.text(max_size=80), st.sets(st.text(max_size=4)))
def test_a_key_is_well_spelt_and_free(title: str, taken: set[str]) -> None:
    key = key_from(title, taken)
    assert KEY.fullmatch(key) and len(key) <= 60
    again = key_from(title, taken | {key})
    assert again != key and again not in taken
