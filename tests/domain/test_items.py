"""Scoring of every kind of question: bounds, guessing, blanks, layouts, and the way to JSON."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import permutations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.domain.errors import Refusal
from lms.domain.items import (
    Case,
    Choice,
    Item,
    Kind,
    Matching,
    Mistake,
    Numeric,
    Option,
    Ordering,
    Pair,
    ShortAnswer,
    Step,
    TrueFalse,
    Use,
    from_json,
)

CHI2_01 = {1: 10.83, 2: 13.82, 3: 16.27, 4: 18.47, 5: 20.52, 6: 22.46, 7: 24.32}
"""χ² beyond which one in a thousand fair draws lies, by degrees of freedom."""


def options(right: int, wrong: int) -> tuple[Option, ...]:
    return tuple(Option(f"o{i}", f"Text {i}", f"why {i}", i < right) for i in range(right + wrong))


def steps(many: int) -> tuple[Step, ...]:
    return tuple(Step(f"s{i}", f"Pasul {i}", f"why {i}") for i in range(many))


def pairs(many: int) -> tuple[Pair, ...]:
    return tuple(Pair(f"p{i}", f"Stânga {i}", f"Dreapta {i}", f"why {i}") for i in range(many))


singles = st.integers(1, 7).map(lambda wrong: Choice(options(1, wrong)))
multiples = st.builds(
    lambda right, wrong: Choice(options(right, wrong), many=True),
    st.integers(1, 4),
    st.integers(1, 4),
)
truths = st.builds(TrueFalse, st.booleans(), st.just("da"), st.just("nu"))
numerics = st.builds(
    Numeric,
    st.decimals(-10_000, 10_000, places=2),
    st.decimals(0, 10, places=2),
    st.just("why"),
    st.sampled_from(["", "%"]),
    st.just((Mistake("60", "luat drept procent"),)),
)
shorts = st.just(
    ShortAnswer(("SIDU", "strategia integrată"), "why", (Mistake("PMUD", "alt plan"),))
)
orderings = st.integers(3, 7).map(lambda many: Ordering(steps(many)))
matchings = st.builds(
    lambda many, more: Matching(
        pairs(many), tuple(Step(f"d{i}", f"Rest {i}") for i in range(more))
    ),
    st.integers(3, 7),
    st.integers(0, 2),
)
bodies = st.one_of(singles, multiples, truths, numerics, shorts, orderings, matchings)


def some_fields(body: Any, layout: dict[str, Any], rng: random.Random) -> dict[str, list[str]]:
    """Some form a browser could send for the question, parts of it left blank."""
    question = body.question("?", layout)
    match body.kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            many = len(question.choices)
            size = rng.randint(0, many if body.kind is Kind.MULTIPLE else 1)
            return {"": [str(i) for i in rng.sample(range(many), size)]}
        case Kind.TRUE_FALSE:
            return {"": rng.choice([["0"], ["1"], [""], []])}
        case Kind.NUMERIC:
            return {"": [rng.choice(["", "abc", "3,14", "1e999", "60", str(body.answer)])]}
        case Kind.SHORT_ANSWER:
            return {"": [rng.choice(["", "sidu", "PMUD", "  strategia INTEGRATA. "])]}
        case _:
            many = len(question.choices) or len(question.prompts)
            values = ["", *map(str, range(many))]
            return {str(i): [rng.choice(values)] for i in range(len(question.prompts))}


@given(bodies, st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_a_score_lies_between_nothing_and_one(body: Any, rng: random.Random) -> None:
    layout = body.layout(rng)
    response = body.read(some_fields(body, layout, rng), layout, "ro")
    score = body.score(response)
    assert isinstance(score, Fraction)
    assert 0 <= score <= 1
    assert len(body.review(response, layout).lines) >= 1
    assert body.complete(response) or score < 1


@given(bodies, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_a_blank_is_worth_nothing(body: Any, rng: random.Random) -> None:
    layout = body.layout(rng)
    assert body.read({}, layout, "ro") is None
    assert body.read({"": [""], "0": [""]}, layout, "ro") is None
    assert body.score(None) == 0
    assert not body.complete(None)
    assert not any(body.shown(None, layout).places)


@given(bodies, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_what_was_answered_is_shown_again(body: Any, rng: random.Random) -> None:
    """A saved answer put back into its form gives the same answer."""
    layout = body.layout(rng)
    response = body.read(some_fields(body, layout, rng), layout, "ro")
    shown = body.shown(response, layout)
    again = {"": [str(i) for i in shown.chosen]} if shown.chosen else {"": [shown.text]}
    again |= {str(i): [str(at)] for i, at in enumerate(shown.places) if at is not None}
    assert body.read(again, layout, "ro") == response


@given(multiples)
@settings(max_examples=40, deadline=None)
def test_choosing_everything_is_never_better_than_guessing(body: Choice) -> None:
    keys = [option.key for option in body.options]
    every = [
        body.score({"chosen": [k for k, on in zip(keys, mask, strict=True) if on]})
        for mask in product((False, True), repeat=len(keys))
    ]
    assert body.score({"chosen": keys}) == 0
    assert sum(every, Fraction(0)) / len(every) > 0
    assert every.count(Fraction(1)) == 1, "only the right set is worth the whole point"


@pytest.mark.parametrize("many", range(3, 7))
def test_steps_all_at_one_place_are_worth_nothing(many: int) -> None:
    body = Ordering(steps(many))
    for place in range(many):
        assert body.score({"ranks": {f"s{i}": place for i in range(many)}}) == 0
    assert body.score({"ranks": {f"s{i}": i for i in range(many)}}) == 1
    assert body.score({"ranks": {f"s{i}": many - i for i in range(many)}}) == 0
    scores = Counter(
        body.score({"ranks": dict(zip((s.key for s in body.steps), order, strict=True))})
        for order in permutations(range(many))
    )
    assert scores[Fraction(1)] == 1


def test_one_exchange_of_neighbours_costs_two_of_all_pairs() -> None:
    ranks = {"s0": 1, "s1": 0, "s2": 2, "s3": 3}
    assert Ordering(steps(4)).score({"ranks": ranks}) == Fraction(2, 3)


def test_two_steps_at_one_place_are_a_wrong_pair_and_no_complete_answer() -> None:
    body = Ordering(steps(3))
    tied = {"ranks": {"s0": 0, "s1": 1, "s2": 1}}
    assert body.score(tied) == Fraction(1, 3)
    assert not body.complete(tied)


def test_equal_right_hand_texts_are_offered_once_and_count_for_each() -> None:
    twins = (Pair("a", "OI", "evaluează"), Pair("b", "ADR", "evaluează"), Pair("c", "AM", "decide"))
    body = Matching(twins, (Step("d", "plătește"), Step("e", "decide")))
    layout = body.layout(random.Random(3))
    question = body.question("?", layout)
    assert sorted(question.choices) == ["decide", "evaluează", "plătește"]
    place = {text: str(i) for i, text in enumerate(question.choices)}
    lefts = {"OI": "evaluează", "ADR": "evaluează", "AM": "decide"}
    fields = {str(i): [place[lefts[text]]] for i, text in enumerate(question.prompts)}
    assert body.score(body.read(fields, layout, "ro")) == 1
    wrong = {str(i): [place["plătește"]] for i in range(3)}
    response = body.read(wrong, layout, "ro")
    assert body.score(response) == 0
    assert [line.text for line in body.review(response, layout).lines][3:] == ["plătește"]


@pytest.mark.parametrize(
    ("typed", "score"),
    [
        ("37,5", 1),
        ("37.5", 1),
        ("37,55", 1),
        ("37,45", 1),
        ("37,5500001", 0),
        ("+37,5 %", 1),
        ("-37,5", 0),
        ("37,50000000000000000000000000000001", 1),
        ("1e999", 0),
        ("NaN", 0),
        ("inf", 0),
        ("３７", 0),
        ("0x25", 0),
        ("37_5", 0),
        ("9" * 40, 0),
        ("9" * 199, 0),
        ("-0", 0),
    ],
)
def test_numbers_at_their_edges(typed: str, score: int) -> None:
    body = Numeric(Decimal("37.5"), Decimal("0.05"), "why")
    response = body.read({"": [typed]}, {}, "ro")
    assert response is not None
    assert response["text"] == typed, "nothing typed is lost"
    assert body.score(response) == score
    assert body.shown(response, {}).text == typed


def test_zero_is_answered_by_zero_whatever_its_sign() -> None:
    body = Numeric(Decimal(0), Decimal(0), "why")
    for typed in ("0", "-0", "0,000", "+0"):
        assert body.score(body.read({"": [typed]}, {}, "ro")) == 1, typed


@pytest.mark.parametrize(
    "typed", ["SIDU", "sidu.", " „Sidu” ", "Strategia  integrata", "strategia-integrată"]
)
def test_short_answers_forgive_what_does_not_matter(typed: str) -> None:
    body = ShortAnswer(("SIDU", "strategia integrată"), "why")
    assert body.score(body.read({"": [typed]}, {}, "ro")) == 1


def test_a_recognised_mistake_is_named_and_only_then() -> None:
    body = Numeric(Decimal(45), Decimal(0), "why", "", (Mistake("27", "numărul"),))
    lines = body.review({"text": "27", "value": "27"}, {}).lines
    assert [(line.text, line.correct, line.chosen) for line in lines] == [
        ("45", True, False),
        ("27", False, True),
    ]
    assert len(body.review({"text": "45", "value": "45"}, {}).lines) == 1


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (Choice(options(1, 3)), {"": ["4"]}),
        (Choice(options(1, 3)), {"": ["-1"]}),
        (Choice(options(1, 3)), {"": ["0", "1"]}),
        (Choice(options(1, 3)), {"": ["o0"]}),
        (Choice(options(1, 3)), {"": ["٣"]}),
        (Choice(options(2, 2), many=True), {"": ["0", "99999999999999999999"]}),
        (TrueFalse(True, "", ""), {"": ["2"]}),
        (TrueFalse(True, "", ""), {"": ["0", "1"]}),
        (Ordering(steps(3)), {"0": ["3"]}),
        (Ordering(steps(3)), {"0": ["0", "1"]}),
        (Matching(pairs(3)), {"0": ["3"]}),
        (Numeric(Decimal(1), Decimal(0), ""), {"": ["1", "2"]}),
        (ShortAnswer(("a",), ""), {"": ["a", "b"]}),
    ],
)
def test_what_was_never_offered_is_refused(body: Any, fields: dict[str, list[str]]) -> None:
    with pytest.raises(Refusal) as refused:
        body.read(fields, body.layout(random.Random(1)), "ro")
    assert refused.value.code == "response-unknown"


def test_a_text_too_long_is_refused_and_not_cut() -> None:
    with pytest.raises(Refusal) as refused:
        ShortAnswer(("a",), "").read({"": ["x" * 201]}, {}, "ro")
    assert refused.value.code == "response-too-long"


@given(bodies, st.sampled_from(list(Use)))
@settings(max_examples=100, deadline=None)
def test_an_item_comes_back_from_json_as_it_was(body: Any, use: Use) -> None:
    item = Item(
        "cheie",
        "Stem *em*",
        body,
        "Explicație",
        "rezultat",
        3,
        ("M1-01",),
        "lectie#titlu",
        ("calcul",),
        use,
    )
    assert from_json(item.to_json()) == item
    case = replace(item, body=Case((item, replace(item, key="doi"))))
    assert from_json(case.to_json()) == case
    assert case.questions == (item, replace(item, key="doi"))
    upper = item.map_text(str.upper, str.upper)
    assert upper.key == item.key
    assert upper.stem == "STEM *EM*"


def place_of_right(layout: dict[str, Any]) -> int:
    place: int = layout["order"].index(0)
    return place


def place_of_first_pair(layout: dict[str, Any]) -> int:
    place: int = layout["right"].index(0)
    return place


@pytest.mark.parametrize(
    ("body", "size", "place"),
    [
        (Choice(options(1, 3)), 4, place_of_right),
        (Choice(options(1, 1)), 2, place_of_right),
        (Choice(options(1, 5), many=True), 6, place_of_right),
        (Ordering(steps(3)), 3, place_of_right),
        (Ordering(steps(5)), 5, place_of_right),
        (Matching(pairs(4), (Step("d", "rest"),)), 5, place_of_first_pair),
    ],
)
def test_where_a_thing_stands_tells_nothing(
    body: Any, size: int, place: Callable[[dict[str, Any]], int]
) -> None:
    """χ² over 2,000 draws: the right option, the first step, the first pair are anywhere."""
    found = Counter(place(body.layout(random.Random(seed))) for seed in range(2_000))
    expected = 2_000 / size
    chi2 = sum((found[i] - expected) ** 2 / expected for i in range(size))
    assert chi2 < CHI2_01[size - 1], found


@given(bodies, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_a_question_shows_nothing_of_its_key(body: Any, rng: random.Random) -> None:
    """What the page gets holds no key of a part, no explanation and no answer."""
    shown = repr(body.question("?", body.layout(rng)))
    assert "why" not in shown
    for secret in ("'o0'", "'s0'", "'p0'", "SIDU", "tolerance", "correct"):
        assert secret not in shown
