"""Tries counted in the database: shared by all workers, surviving restarts, naming nobody.

A try is counted before the password is looked at and taken back when it was right, so a thousand
tries at once cannot slip past the count together. Beyond the limit each further try makes the
next wait twice as long, up to a longest one: there is no lock that somebody must open, and a try
refused while waiting is not counted and prolongs nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy import ColumnElement, Update, and_, case, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lms.domain.errors import TooMany
from lms.models import Throttle

WINDOW = timedelta(minutes=15)
"""After so long without a counted try, counting starts anew."""
LONGEST_WAIT = timedelta(minutes=15)
KNOWN_FOR = timedelta(days=30)
"""How long an address counts as one's own after signing in from it (Law 190/2018 art. 5 allows
thirty days for what could be read as monitoring)."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How many tries are free within the window, and how long one waits after the next."""

    scope: str
    tries: int
    first_wait: timedelta

    def wait(self, count: int) -> timedelta:
        """How long after the ``count``-th try the next one is heard."""
        if count < self.tries:
            return timedelta(0)
        doublings = min(count - self.tries, 10)
        return min(self.first_wait * (1 << doublings), LONGEST_WAIT)


ACCOUNT_AT_ADDRESS = Limit("account-at-address", 10, timedelta(seconds=30))
"""One account from one address: whoever mistypes waits, and only there."""
ACCOUNT = Limit("account", 100, timedelta(seconds=30))
"""One account from everywhere, for guessing spread over many addresses. It does not hold at an
address where the person signed in lately, so strangers cannot keep them out of their own desk."""
ADDRESS = Limit("address", 300, timedelta(seconds=60))
"""All accounts from one address: a classroom of three hundred sits behind one."""
CODE_AT_ADDRESS = Limit("code-at-address", 300, timedelta(seconds=60))
"""One-time codes typed at one address."""
HELP_AT_ADDRESS = Limit("help-at-address", 60, timedelta(seconds=60))
"""Requests for a new code from one address."""

_KNOWN = "known"
_SKEW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Counter:
    """One limit applied to one thing; ``subject`` is already a hash."""

    limit: Limit
    subject: str


def counter(limit: Limit, *parts: str) -> Counter:
    """The counter of an account, an address or a pair of them."""
    return Counter(limit, _hash(*parts))


def count(session: Session, counters: Sequence[Counter], now: datetime) -> None:
    """Count one try on every counter, or on none.

    Raises ``TooMany("too-many-tries", seconds=…)`` when one of them is still waiting. The rows
    are locked while they are looked at: two servers cannot both take the last free try.
    """
    _make_rows(session, [(c.limit.scope, c.subject) for c in counters], now)
    rows = {(r.scope, r.subject): r for r in _locked(session, counters)}
    pairs = [(c.limit, rows[c.limit.scope, c.subject]) for c in counters]
    waits = [_remaining(limit, row, now) for limit, row in pairs]
    longest = max(waits, default=timedelta(0))
    if longest > timedelta(0):
        raise TooMany("too-many-tries", seconds=ceil(longest.total_seconds()))
    for limit, row in pairs:
        if _is_over(row, now):
            row.count, row.window_started_at = 0, now
        row.count += 1
        if row.count >= limit.tries:
            row.window_started_at = now
    session.flush()


def forgive(session: Session, counters: Sequence[Counter]) -> None:
    """Take one counted try back: it was no failure."""
    if counters:
        less = case((Throttle.count > 0, Throttle.count - 1), else_=0)
        session.execute(_setting(_any_of(counters), count=less))


def clear(session: Session, counters: Sequence[Counter]) -> None:
    """Forget the failures of these counters."""
    if counters:
        session.execute(_setting(_any_of(counters), count=0))


def remember(session: Session, account: str, address: str, now: datetime) -> None:
    """Note that the account was signed in to from this address."""
    subject = _hash(account, address)
    _make_rows(session, [(_KNOWN, subject)], now)
    row = and_(Throttle.scope == _KNOWN, Throttle.subject == subject)
    session.execute(_setting(row, window_started_at=now))


def is_known(session: Session, account: str, address: str, now: datetime) -> bool:
    """Whether the account was signed in to from this address lately."""
    found = select(Throttle.id).where(
        Throttle.scope == _KNOWN,
        Throttle.subject == _hash(account, address),
        Throttle.window_started_at > now - KNOWN_FOR,
    )
    return session.scalar(found) is not None


def purge(session: Session, now: datetime) -> None:
    """Delete what no longer counts."""
    gone = or_(
        and_(Throttle.scope != _KNOWN, Throttle.window_started_at <= now - WINDOW),
        Throttle.window_started_at <= now - KNOWN_FOR,
    )
    session.execute(delete(Throttle).where(gone).execution_options(synchronize_session=False))


def _hash(*parts: str) -> str:
    # Lone surrogates may stand in what a stranger typed; they must count, not crash.
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()


def _is_over(row: Throttle, now: datetime) -> bool:
    """Its window has passed, or lies ahead because the clock was set back: nobody waits for that.
    Servers whose clocks differ a little still share one count."""
    return not row.window_started_at - _SKEW <= now < row.window_started_at + WINDOW


def _remaining(limit: Limit, row: Throttle, now: datetime) -> timedelta:
    if _is_over(row, now) or row.count < limit.tries:
        return timedelta(0)
    return row.window_started_at + limit.wait(row.count) - now


def _setting(rows: ColumnElement[bool], **values: Any) -> Update:
    # Rows are read anew whenever they are looked at, so nothing in memory need follow.
    return (
        update(Throttle).where(rows).values(**values).execution_options(synchronize_session=False)
    )


def _any_of(counters: Sequence[Counter]) -> ColumnElement[bool]:
    return or_(
        *(and_(Throttle.scope == c.limit.scope, Throttle.subject == c.subject) for c in counters)
    )


def _make_rows(session: Session, keys: Sequence[tuple[str, str]], now: datetime) -> None:
    # Rows are made and locked always in one order, or two servers would wait for each other.
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    values = [
        {"scope": scope, "subject": subject, "window_started_at": now, "count": 0}
        for scope, subject in sorted(keys)
    ]
    session.execute(dialect.insert(Throttle).values(values).on_conflict_do_nothing())


def _locked(session: Session, counters: Sequence[Counter]) -> Sequence[Throttle]:
    statement = (
        select(Throttle)
        .where(_any_of(counters))
        .order_by(Throttle.scope, Throttle.subject)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.scalars(statement).all()
