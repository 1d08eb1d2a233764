"""Completion: which criteria are met, what is due when, what comes next."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.domain import completion
from lms.domain.completion import ModuleState, Place
from lms.domain.curriculum import (
    Activity,
    ActivityKind,
    Badge,
    Criterion,
    CriterionKind,
    Manifest,
    Module,
)
from lms.domain.quizzes import QuizSettings

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TODAY = date(2026, 3, 2)


def module(number: int, *extra: Criterion) -> Module:
    """Two lessons and a test; all three complete it."""
    first = number * 10
    activities = (
        Activity(first, f"m{number}-a", ActivityKind.LESSON, first, "A", 7),
        Activity(first + 1, f"m{number}-b", ActivityKind.LESSON, first + 1, "B", 7),
        Activity(
            first + 2,
            f"m{number}-t",
            ActivityKind.QUIZ,
            first + 2,
            "T",
            15,
            quiz=QuizSettings(),
        ),
    )
    criteria = (
        Criterion(CriterionKind.READ, f"m{number}-a"),
        Criterion(CriterionKind.READ, f"m{number}-b"),
        Criterion(CriterionKind.PASS, f"m{number}-t"),
        *extra,
    )
    badge = Badge("Insigna", "compass")
    return Module(
        number, f"m{number}", number, "Modul", "M", "", 40, (), criteria, badge, activities
    )


def course(*modules: Module) -> Manifest:
    return Manifest(1, "por", "Curs", "", "", "ro", modules or (module(1), module(2)))


def progress(met: set[str], *, due: date | None = None, today: date = TODAY, **more: object):  # type: ignore[no-untyped-def]  # for tests
    given_ = {"started": False, "completed_at": None, **more}
    return completion.module_progress(module(1), met=met, due=due, today=today, **given_)  # type: ignore[arg-type]  # for tests


ALL = {"read:m1-a", "read:m1-b", "pass:m1-t"}


@given(st.sets(st.sampled_from(sorted(ALL | {"read:m2-a", "pass:gone"}))))
def test_a_module_is_complete_with_all_its_criteria_and_no_others(met: set[str]) -> None:
    assert completion.is_complete(module(1), met) is (met >= ALL)
    line = progress(met)
    assert line.met == len(met & ALL)
    assert 0 <= line.percent <= 99, "not 100 before the completion is written down"


def test_a_module_without_criteria_is_never_complete_by_itself() -> None:
    empty = Module(1, "m", 1, "M", "M", "", 5, (), (), Badge("", "tree"), ())
    assert not completion.is_complete(empty, {"read:x"})


def test_the_three_states() -> None:
    assert progress(set()).state is ModuleState.NOT_STARTED
    assert progress(set(), started=True).state is ModuleState.IN_PROGRESS
    assert progress({"read:m1-a"}).state is ModuleState.IN_PROGRESS
    done = progress(ALL, completed_at=NOW)
    assert (done.state, done.percent, done.delta) == (ModuleState.DONE, 100, ())


def test_what_is_published_later_takes_nothing_away_and_is_shown() -> None:
    line = progress({"read:m1-a"}, completed_at=NOW, due=TODAY - timedelta(days=9))
    assert (line.state, line.percent, line.overdue) == (ModuleState.DONE, 100, False)
    assert [c.key for c in line.delta] == ["read:m1-b", "pass:m1-t"]
    assert progress({"read:m1-a"}).delta == ()


@pytest.mark.parametrize(("days", "overdue"), [(-1, False), (0, False), (1, True)])
def test_late_begins_the_day_after(days: int, overdue: bool) -> None:
    due = date(2026, 6, 14)
    assert progress(set(), due=due, today=due + timedelta(days=days)).overdue is overdue


def test_days_are_those_of_the_institution() -> None:
    """At 23:59 in Bucharest nobody is late yet, at midnight they are, in both halves of the year
    and on the days on which the clock changes."""
    zone = ZoneInfo("Europe/Bucharest")
    for due in (
        date(2026, 1, 15),
        date(2026, 7, 15),
        date(2026, 10, 25),
        date(2027, 3, 27),
        date(2027, 3, 28),
    ):
        midnight = datetime(due.year, due.month, due.day, tzinfo=zone) + timedelta(days=1)
        before = (midnight.astimezone(UTC) - timedelta(seconds=1)).astimezone(zone).date()
        after = midnight.astimezone(UTC).astimezone(zone).date()
        assert not progress(set(), due=due, today=before).overdue
        assert progress(set(), due=due, today=after).overdue


def test_due_dates_count_days_also_over_the_change_of_the_clock_and_leap_days() -> None:
    assert completion.due_on(date(2027, 3, 27), 1) == date(2027, 3, 28)
    assert completion.due_on(date(2028, 2, 28), 1) == date(2028, 2, 29)
    assert completion.due_on(date(2018, 5, 17), 0) == date(2018, 5, 17)


def step(met=(), completed=(), places=(), attempts=None):  # type: ignore[no-untyped-def]  # for tests
    return completion.next_step(
        course(), met=set(met), completed=completed, places=places, open_attempts=attempts or {}
    )


def test_the_first_step_is_the_first_lesson() -> None:
    found = step()
    assert found is not None
    assert (found.module.key, found.activity.key, found.resumed) == ("m1", "m1-a", False)


def test_an_open_test_comes_before_everything() -> None:
    place = Place("m1-a", "x", 40, NOW)
    found = step(places=[place], attempts={"m2-t": NOW, "gone": NOW + timedelta(days=1)})
    assert found is not None
    assert (found.activity.key, found.resumed) == ("m2-t", True)


def test_the_lesson_left_last_is_resumed_where_it_was_left() -> None:
    places = [
        Place("m2-a", "later", 70, NOW),
        Place("m1-a", "early", 10, NOW - timedelta(days=1)),
        Place("removed", "", 50, NOW + timedelta(days=1)),
    ]
    found = step(places=places)
    assert found is not None
    assert (found.activity.key, found.anchor, found.percent) == ("m2-a", "later", 70)


def test_what_is_read_or_in_a_finished_module_is_not_resumed() -> None:
    places = [Place("m1-a", "x", 40, NOW), Place("m2-a", "y", 40, NOW - timedelta(days=1))]
    found = step(met={"read:m2-a"}, completed={1}, places=places)
    assert found is not None
    assert found.activity.key == "m2-b"


def test_when_all_is_done_nothing_comes_next() -> None:
    assert step(completed={1, 2}) is None
    assert completion.is_course_complete(course(), {1, 2})
    assert not completion.is_course_complete(course(), {1})
    assert not completion.is_course_complete(Manifest(1, "p", "C", "", "", "ro", ()), {1})


@given(st.sets(st.sampled_from(sorted(c.key for m in course().modules for c in m.criteria))))
def test_following_the_next_step_always_ends(met: set[str]) -> None:
    """Doing what "continue" says finishes every course, from wherever one stands."""
    known = set(met)
    for _ in range(10):
        completed = {m.id for m in course().modules if completion.is_complete(m, known)}
        following = step(met=known, completed=completed)
        if following is None:
            assert completed == {1, 2}
            return
        kind = "pass" if following.activity.kind is ActivityKind.QUIZ else "read"
        wanted = f"{kind}:{following.activity.key}"
        assert wanted not in known
        known.add(wanted)
    raise AssertionError("continue leads in circles")
