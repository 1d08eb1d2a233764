"""Counting tries: enough for a classroom, too few for a guesser, a lock for nobody."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from sessions import NOW
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from lms.domain.errors import TooMany
from lms.models import Throttle
from lms.models.engine import begin_write
from lms.services import throttle
from lms.services.throttle import Limit, counter

FEW = Limit("few", 3, timedelta(seconds=30))


def tries_until_refused(session: Session, limit: Limit, now: datetime, subject: str = "x") -> int:
    for number in range(1000):
        try:
            throttle.count(session, [counter(limit, subject)], now)
        except TooMany:
            return number
    raise AssertionError("never refused")


def wait_of(session: Session, limit: Limit, now: datetime, subject: str = "x") -> int:
    with pytest.raises(TooMany) as refused:
        throttle.count(session, [counter(limit, subject)], now)
    assert refused.value.code == "too-many-tries"
    seconds: int = refused.value.params["seconds"]
    return seconds


def test_the_limits_promised() -> None:
    assert timedelta(minutes=15) == throttle.WINDOW
    assert throttle.ACCOUNT_AT_ADDRESS.tries == 10
    assert throttle.ADDRESS.tries == 300


def test_so_many_are_free_and_the_next_waits(session: Session) -> None:
    assert tries_until_refused(session, FEW, NOW) == 3
    assert wait_of(session, FEW, NOW) == 30


def test_waits_grow_to_a_longest_one_and_end(session: Session) -> None:
    tries_until_refused(session, FEW, NOW)
    moment, waits = NOW, []
    for _ in range(6):
        waits.append(wait_of(session, FEW, moment))
        moment += timedelta(seconds=waits[-1])
        throttle.count(session, [counter(FEW, "x")], moment)
    assert waits == [30, 60, 120, 240, 480, 900]


@pytest.mark.parametrize("heard", [30, 31, 600])
def test_what_is_refused_prolongs_nothing(session: Session, heard: int) -> None:
    tries_until_refused(session, FEW, NOW)
    for second in range(30):
        wait_of(session, FEW, NOW + timedelta(seconds=second))
    throttle.count(session, [counter(FEW, "x")], NOW + timedelta(seconds=heard))


def test_after_the_window_all_tries_are_free_again(session: Session) -> None:
    assert tries_until_refused(session, FEW, NOW) == 3
    assert tries_until_refused(session, FEW, NOW + throttle.WINDOW) == 3


def test_the_window_opens_with_the_first_try_and_does_not_slide(session: Session) -> None:
    throttle.count(session, [counter(FEW, "x")], NOW)
    later = NOW + throttle.WINDOW - timedelta(seconds=1)
    throttle.count(session, [counter(FEW, "x")], later)
    assert tries_until_refused(session, FEW, NOW + throttle.WINDOW) == 3


def test_a_clock_set_back_makes_nobody_wait_for_it(session: Session) -> None:
    tries_until_refused(session, FEW, NOW)
    throttle.count(session, [counter(FEW, "x")], NOW - timedelta(hours=1))


def test_servers_with_differing_clocks_share_one_count(session: Session) -> None:
    behind = NOW - timedelta(seconds=5)
    throttle.count(session, [counter(FEW, "x")], NOW)
    throttle.count(session, [counter(FEW, "x")], behind)
    throttle.count(session, [counter(FEW, "x")], NOW)
    assert wait_of(session, FEW, behind) == 35


def test_counts_are_apart_by_limit_and_by_subject(session: Session) -> None:
    tries_until_refused(session, FEW, NOW)
    throttle.count(session, [counter(FEW, "y")], NOW)
    throttle.count(session, [counter(throttle.ADDRESS, "x")], NOW)
    # ("ab", "c") and ("a", "bc") are two things.
    assert counter(FEW, "ab", "c") != counter(FEW, "a", "bc")


def test_a_refused_try_counts_nowhere(session: Session) -> None:
    tries_until_refused(session, FEW, NOW)
    with pytest.raises(TooMany):
        throttle.count(session, [counter(throttle.ADDRESS, "a"), counter(FEW, "x")], NOW)
    session.commit()
    counts = {row.scope: row.count for row in session.scalars(select(Throttle))}
    assert counts == {"few": 3, "address": 0}


def test_a_right_try_forgets_the_failures_of_an_account(session: Session) -> None:
    tries_until_refused(session, FEW, NOW)
    throttle.settle(session, [counter(FEW, "x")], NOW)
    assert tries_until_refused(session, FEW, NOW) == 3


@pytest.mark.parametrize("limit", [throttle.ADDRESS, throttle.CODE_AT_ADDRESS])
def test_a_right_try_takes_only_itself_back_among_many_peoples(
    session: Session, limit: throttle.Limit
) -> None:
    tries_until_refused(session, limit, NOW)
    throttle.settle(session, [counter(limit, "x")], NOW)
    assert tries_until_refused(session, limit, NOW) == 1
    throttle.settle(session, [counter(limit, "nobody")], NOW)
    for _ in range(limit.tries + 9):
        throttle.settle(session, [counter(limit, "x")], NOW)
    assert tries_until_refused(session, limit, NOW) == limit.tries


def test_a_right_try_does_not_begin_a_window_anew(session: Session) -> None:
    throttle.count(session, [counter(throttle.ADDRESS, "x")], NOW)
    later = NOW + throttle.WINDOW - timedelta(minutes=1)
    throttle.settle(session, [counter(throttle.ADDRESS, "x")], later)
    assert session.scalars(select(Throttle.window_started_at)).all() == [NOW]


def test_one_that_waits_and_one_whose_time_is_over(session: Session) -> None:
    """One try, two counts: the one is full with this very try, the other begins anew."""
    for moment in (NOW - throttle.WINDOW, NOW, NOW):
        subjects = ["old"] if moment < NOW else ["x"]
        throttle.count(session, [counter(FEW, s) for s in subjects], moment)
    later = NOW + timedelta(minutes=1)
    throttle.count(session, [counter(FEW, "old"), counter(FEW, "x")], later)
    found = {r.subject: (r.count, r.window_started_at) for r in session.scalars(select(Throttle))}
    assert found == {
        counter(FEW, "old").subject: (1, later),
        counter(FEW, "x").subject: (3, later),
    }


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_whichever_of_two_waits_the_try_does(session: Session, order: str) -> None:
    tries_until_refused(session, FEW, NOW, "b")
    with pytest.raises(TooMany):
        throttle.count(session, [counter(FEW, subject) for subject in order], NOW)


def test_at_ones_own_address_the_other_limits_hold(session: Session) -> None:
    """A whole town hall may sit behind it: who fills the account's count is not free to guess."""
    home = ("person:1", "a")
    throttle.settle(session, [], NOW, home=home)
    tries_until_refused(session, throttle.ACCOUNT, NOW)
    counters = [counter(throttle.ACCOUNT, "x"), counter(FEW, "x")]
    for _ in range(FEW.tries):
        throttle.count(session, counters, NOW, home=home)
    with pytest.raises(TooMany):
        throttle.count(session, counters, NOW, home=home)


def test_whatever_their_order_rows_are_held_in_one(session: Session) -> None:
    """Or two servers would wait for each other."""
    counters = [counter(limit, "x") for limit in throttle.LIMITS]
    assert counters != sorted(counters, key=lambda one: one.limit.scope)
    throttle.count(session, counters, NOW)
    made = session.scalars(select(Throttle.scope).order_by(Throttle.id)).all()
    assert made == sorted(made)
    throttle.settle(session, counters[::-1], NOW, home=("person:1", "a"))
    assert session.scalars(select(Throttle.scope).order_by(Throttle.id)).all() == [*made, "known"]


def test_counts_survive_a_restart(session: Session, engine: Engine) -> None:
    tries_until_refused(session, FEW, NOW)
    session.commit()
    session.close()
    engine.dispose()
    with Session(engine) as fresh:
        wait_of(fresh, FEW, NOW)


def test_the_table_names_nobody(session: Session) -> None:
    throttle.count(session, [counter(FEW, "ana@primaria.ro", "10.0.0.7")], NOW)
    throttle.settle(session, [], NOW, home=("person:1", "10.0.0.7"))
    for row in session.scalars(select(Throttle)):
        assert len(row.subject) == 64
        assert "ana" not in row.subject
        assert "10.0" not in row.subject


def test_what_a_stranger_types_cannot_break_the_count(session: Session) -> None:
    for subject in ("\x00", "\ud800", "x" * 1_000_000, "'; DROP TABLE lms_throttle; --"):
        throttle.count(session, [counter(FEW, subject)], NOW)
    assert len(session.scalars(select(Throttle)).all()) == 4


def test_an_address_is_known_for_a_while(session: Session) -> None:
    assert not throttle.is_known(session, "person:1", "a", NOW)
    throttle.settle(session, [], NOW, home=("person:1", "a"))
    throttle.settle(session, [], NOW + timedelta(days=1), home=("person:1", "a"))
    assert throttle.is_known(session, "person:1", "a", NOW + throttle.KNOWN_FOR)
    assert not throttle.is_known(session, "person:1", "b", NOW)
    later = NOW + throttle.KNOWN_FOR + timedelta(days=1)
    assert not throttle.is_known(session, "person:1", "a", later)


def test_purging_takes_only_what_no_longer_counts(session: Session) -> None:
    for limit in throttle.LIMITS:
        throttle.count(session, [counter(limit, "old")], NOW - throttle.WINDOW)
    throttle.count(session, [counter(throttle.ADDRESS, "new")], NOW)
    throttle.settle(session, [], NOW - timedelta(days=1), home=("person:1", "a"))
    throttle.settle(session, [], NOW - throttle.KNOWN_FOR, home=("person:2", "a"))
    throttle.purge(session, NOW)
    assert sorted(session.scalars(select(Throttle.scope))) == ["address", "known"]
    assert throttle.is_known(session, "person:1", "a", NOW)


def test_every_limit_is_swept() -> None:
    assert {one for one in vars(throttle).values() if isinstance(one, Limit)} == {*throttle.LIMITS}


def test_tries_at_once_cannot_slip_past_together(engine: Engine) -> None:
    heard, lock = [], threading.Lock()
    start = threading.Barrier(8)

    def guess() -> None:
        start.wait()
        for _ in range(3):
            with Session(engine) as session:
                begin_write(session)
                try:
                    throttle.count(session, [counter(FEW, "x")], NOW)
                except TooMany:
                    continue
                session.commit()
                with lock:
                    heard.append(1)

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(heard) == 3
