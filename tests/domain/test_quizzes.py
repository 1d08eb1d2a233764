"""Tests: what is drawn and how fairly, when one may start, when the time is over, what passes."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.domain.errors import Refusal
from lms.domain.quizzes import (
    GRACE,
    AttemptFacts,
    AttemptState,
    DrawRule,
    PoolItem,
    QuizSettings,
    StartState,
    deadline,
    draw,
    grade,
    is_over,
    is_passed,
    largest_shortfall,
    may_start,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
BUCHAREST = ZoneInfo("Europe/Bucharest")


def item(
    key: str,
    outcome: str = "a",
    difficulty: int = 2,
    tags: tuple[str, ...] = (),
    size: int = 1,
) -> PoolItem:
    return PoolItem(key, int(key[1:]), "m", outcome, difficulty, tags, size)


def pool(many: int, **more: object) -> list[PoolItem]:
    return [item(f"i{number}", **more) for number in range(many)]  # type: ignore[arg-type]  # for tests


def quiz(*rules: DrawRule, **more: object) -> QuizSettings:
    return QuizSettings(draw=rules, **more)  # type: ignore[arg-type]  # for tests


def test_the_same_seed_gives_the_same_draw_and_another_one_another() -> None:
    settings_ = quiz(DrawRule(12))
    draws = [[i.key for i in draw(pool(24), settings_, seed)] for seed in (7, 7, 8)]
    assert draws[0] == draws[1] != draws[2]
    assert len(set(draws[0])) == 12


def test_every_question_is_drawn_as_often_and_stands_anywhere() -> None:
    drawn, first = Counter[str](), Counter[str]()
    for seed in range(2_000):
        keys = [i.key for i in draw(pool(12), quiz(DrawRule(6)), seed)]
        drawn.update(keys)
        first[keys[0]] += 1
    # χ² with 11 degrees of freedom: one fair draw in a thousand lies beyond 31.3. For being drawn
    # the questions of one draw exclude each other, which only makes the figure smaller.
    assert sum((drawn[f"i{n}"] - 1_000) ** 2 / 1_000 for n in range(12)) < 31.3
    assert sum((first[f"i{n}"] - 2_000 / 12) ** 2 / (2_000 / 12) for n in range(12)) < 31.3


def test_rules_are_filled_by_what_carries_all_their_marks() -> None:
    bank = [
        *pool(4, outcome="a", difficulty=1),
        *(item(f"j{n}", "b", 3, ("calcul",)) for n in range(10, 14)),
    ]
    wanted = quiz(DrawRule(2, outcome="a"), DrawRule(1, outcome="b", difficulty=3, tag="calcul"))
    for seed in range(50):
        found = Counter(i.outcome for i in draw(bank, wanted, seed))
        assert found == {"a": 2, "b": 1}


def test_fixed_questions_are_always_in_and_never_twice() -> None:
    wanted = quiz(DrawRule(3), items=("i0", "i5"))
    for seed in range(50):
        keys = [i.key for i in draw(pool(8), wanted, seed)]
        assert {"i0", "i5"} <= set(keys)
        assert len(keys) == len(set(keys)) == 5


@given(st.integers(0, 5), st.integers(3, 12), st.integers(1, 6), st.integers(0, 2**31))
@settings(max_examples=150, deadline=None)
def test_a_case_is_taken_whole_and_only_where_it_fits(
    cases: int, singles: int, count: int, seed: int
) -> None:
    bank = [
        *(item(f"c{n}", size=2 + n % 3) for n in range(100, 100 + cases)),
        *(item(f"i{n}") for n in range(singles)),
    ]
    wanted = quiz(DrawRule(count))
    if largest_shortfall(bank, wanted):
        return
    drawn = draw(bank, wanted, seed)
    assert sum(i.size for i in drawn) == count
    assert len({i.key for i in drawn}) == len(drawn)


rules = st.builds(
    DrawRule,
    st.integers(1, 4),
    st.sampled_from(["", "a", "b"]),
    st.sampled_from([0, 1, 2]),
    st.sampled_from(["", "t"]),
)
banks = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.integers(1, 2),
        st.sampled_from([(), ("t",)]),
        st.sampled_from([1, 1, 1, 2, 3]),
    ),
    min_size=1,
    max_size=30,
)


@given(banks, st.lists(rules, min_size=1, max_size=3), st.integers(0, 999))
@settings(max_examples=300, deadline=None)
def test_a_bank_that_passed_the_check_never_fails_a_draw(
    bank: list[tuple[str, int, tuple[str, ...], int]], made: list[DrawRule], seed: int
) -> None:
    """What publishing proves is what the learner gets, whatever was drawn before."""
    stock = [item(f"i{n}", o, d, t, s) for n, (o, d, t, s) in enumerate(bank)]
    wanted = quiz(*made)
    if largest_shortfall(stock, wanted) <= 0:
        assert sum(i.size for i in draw(stock, wanted, seed)) == sum(r.count for r in made)


@pytest.mark.parametrize(
    "wanted",
    [quiz(DrawRule(5)), quiz(DrawRule(1, outcome="z")), quiz(items=("gone",)), quiz()],
)
def test_a_draw_that_cannot_be_filled_is_refused_not_shortened(wanted: QuizSettings) -> None:
    with pytest.raises(Refusal) as refused:
        draw(pool(4), wanted, 1)
    assert refused.value.code == "bank-too-small"


def made(number: int, minutes_ago: float = 60, **more: object) -> AttemptFacts:
    ended = NOW - timedelta(minutes=minutes_ago)
    given_ = {"submitted_at": ended, "passed": False, **more}
    return AttemptFacts(number, AttemptState.SUBMITTED, ended - timedelta(minutes=9), **given_)  # type: ignore[arg-type]  # for tests


def test_one_waits_after_a_failure_to_the_second() -> None:
    rule = QuizSettings(wait_minutes=10)
    failed = made(1, minutes_ago=10)
    assert may_start(rule, [failed], NOW).state is StartState.MAY_START
    early = may_start(rule, [failed], NOW - timedelta(seconds=1))
    assert (early.state, early.wait_until) == (StartState.WAIT, NOW)


def test_the_latest_failure_counts_whatever_order_they_come_in() -> None:
    rule = QuizSettings(wait_minutes=10)
    start = may_start(rule, [made(2, minutes_ago=1), made(1, minutes_ago=50)], NOW)
    assert (start.state, start.number) == (StartState.WAIT, 3)


def test_who_has_passed_may_try_again_at_once_also_after_failing_then() -> None:
    rule = QuizSettings(wait_minutes=10)
    passed, failed = made(1, 30, passed=True), made(2, 1)
    assert may_start(rule, [passed], NOW).state is StartState.MAY_START
    assert may_start(rule, [passed, failed], NOW).state is StartState.MAY_START


def test_an_open_attempt_is_resumed_and_uses_up_its_number() -> None:
    rule = QuizSettings(attempts=2, wait_minutes=10)
    open_ = AttemptFacts(2, AttemptState.OPEN, NOW)
    start = may_start(rule, [made(1, 1), open_], NOW)
    assert (start.state, start.number, start.attempts_left) == (StartState.RESUME, 2, 0)


def test_attempts_run_out_and_say_how_many_are_left() -> None:
    rule = QuizSettings(attempts=2, wait_minutes=0)
    assert may_start(rule, [], NOW).attempts_left == 2
    assert may_start(rule, [made(1)], NOW).attempts_left == 1
    over = may_start(rule, [made(1), made(2)], NOW)
    assert (over.state, over.attempts_left) == (StartState.NO_MORE, 0)
    more_than_now_allowed = may_start(QuizSettings(attempts=1), [made(1), made(2)], NOW)
    assert more_than_now_allowed.attempts_left == 0
    assert may_start(QuizSettings(attempts=0), [made(n) for n in range(1, 99)], NOW).number == 99


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # Hypothesis adds the zone
    st.integers(1, 600),
    st.floats(-60, 60, allow_nan=False),
)
@settings(max_examples=400, deadline=None)
def test_a_time_limit_lasts_its_real_minutes(
    started: datetime, minutes: int, off_seconds: float
) -> None:
    """Counted in UTC: an hour that the clock skips or repeats is an hour all the same."""
    ends = deadline(QuizSettings(time_limit_minutes=minutes), started)
    assert ends is not None
    assert ends - started == timedelta(minutes=minutes)
    moment = ends + timedelta(seconds=off_seconds)
    assert is_over(ends, moment) is (moment > ends + GRACE)
    assert is_over(ends, moment.astimezone(BUCHAREST)) is is_over(ends, moment)


@pytest.mark.parametrize(
    "change", [datetime(2027, 3, 28, 0, 50, tzinfo=UTC), datetime(2026, 10, 25, 0, 50, tzinfo=UTC)]
)
def test_a_test_across_the_change_of_the_clock(change: datetime) -> None:
    started = change.astimezone(BUCHAREST)
    ends = deadline(QuizSettings(time_limit_minutes=30), started.astimezone(UTC))
    assert ends is not None
    assert not is_over(ends, change + timedelta(minutes=30, seconds=10))
    assert is_over(ends, change + timedelta(minutes=30, seconds=10, microseconds=1))


def test_without_a_limit_no_time_is_over() -> None:
    assert deadline(QuizSettings(), NOW) is None
    assert not is_over(None, NOW + timedelta(days=4_000))


def test_a_pass_mark_is_reached_exactly_or_missed() -> None:
    third = Fraction(1, 3)
    assert is_passed(QuizSettings(pass_percent=70), grade([Fraction(1)] * 7 + [Fraction(0)] * 3))
    assert not is_passed(QuizSettings(pass_percent=67), grade([third, third, Fraction(1), third]))
    assert is_passed(QuizSettings(pass_percent=50), grade([third, 1 - third]))
    thirds = [third, third, third, *[Fraction(1)] * 6]
    assert grade(thirds) == Fraction(7, 9)
    assert grade([]) == 0


@given(st.lists(st.fractions(0, 1), min_size=1, max_size=20), st.integers(1, 100))
@settings(max_examples=150, deadline=None)
def test_a_grade_is_a_share_and_the_percentage_shown_never_flatters(
    scores: list[Fraction], mark: int
) -> None:
    value = grade(scores)
    assert 0 <= value <= 1
    shown = int(value * 100)
    if shown >= mark:
        assert is_passed(QuizSettings(pass_percent=mark), value)
    if not is_passed(QuizSettings(pass_percent=mark), value):
        assert shown < mark


def test_settings_come_back_from_json() -> None:
    full = QuizSettings(75, (DrawRule(2, "a", 1, "t"),), ("i1",), 5, 3, 40)
    assert QuizSettings.from_json(full.to_json()) == full


def test_a_rule_of_one_module_draws_nothing_of_another() -> None:
    pool = [PoolItem(f"{m}{n}", n, m, "o", 1) for m in ("a", "b") for n in range(3)]
    settings = QuizSettings(
        draw=(DrawRule(2, outcome="o", module="a"), DrawRule(1, outcome="o", module="b"))
    )
    for seed in range(20):
        assert sorted(i.module for i in draw(pool, settings, seed)) == ["a", "a", "b"]
    # The same outcome in two modules is two outcomes: neither takes the other's questions.
    assert largest_shortfall(pool, settings) <= 0
    more = QuizSettings(draw=(DrawRule(4, outcome="o", module="a"),))
    assert largest_shortfall(pool, more) == 1
