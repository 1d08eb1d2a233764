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

from sqlalchemy import Row, and_, bindparam, case, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from lms.domain.errors import TooMany
from lms.models import Throttle, UtcDateTime

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

_Counted = Row[int, str, str, datetime, int]
_Upsert = ReturningInsert[int, str, str, datetime, int]
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
    rows = {(r.scope, r.subject): r for r in _make(session, _keys(counters, ""), now, _LOCK)}
    pairs = [(c.limit, rows[c.limit.scope, c.subject]) for c in counters]
    waits = [_remaining(limit, row, now) for limit, row in pairs]
    longest = max(waits, default=timedelta(0))
    if longest > timedelta(0):
        raise TooMany("too-many-tries", seconds=ceil(longest.total_seconds()))
    if pairs:
        session.connection().execute(_COUNT, [_one_more(*pair, now) for pair in pairs])


def _one_more(limit: Limit, row: _Counted, now: datetime) -> dict[str, Any]:
    is_over = _is_over(row, now)
    tries = 1 if is_over else row.tries + 1
    begins = now if is_over or tries >= limit.tries else row.window_started_at
    return {"row": row.id, "tries": tries, "begins": begins}


def forgive(session: Session, counters: Sequence[Counter]) -> None:
    """Take one counted try back: it was no failure."""
    if counters:
        session.connection().execute(_FORGIVE, _keys(counters))


def clear(session: Session, counters: Sequence[Counter]) -> None:
    """Forget the failures of these counters."""
    if counters:
        session.connection().execute(_CLEAR, _keys(counters))


def remember(session: Session, account: str, address: str, now: datetime) -> None:
    """Note that the account was signed in to from this address."""
    key = {"scope": _KNOWN, "subject": _hash(account, address)}
    _make(session, [key], now, _NOTE)


def is_known(session: Session, account: str, address: str, now: datetime) -> bool:
    """Whether the account was signed in to from this address lately."""
    given = {"subject": _hash(account, address), "since": now - KNOWN_FOR}
    return session.connection().execute(_IS_KNOWN, given).first() is not None


def purge(session: Session, now: datetime) -> None:
    """Delete what no longer counts."""
    given = {"window": now - WINDOW, "known": now - KNOWN_FOR}
    session.connection().execute(_PURGE, given)


def _hash(*parts: str) -> str:
    # Lone surrogates may stand in what a stranger typed; they must count, not crash.
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()


def _is_over(row: _Counted, now: datetime) -> bool:
    """Its window has passed, or lies ahead because the clock was set back: nobody waits for that.
    Servers whose clocks differ a little still share one count."""
    return not row.window_started_at - _SKEW <= now < row.window_started_at + WINDOW


def _remaining(limit: Limit, row: _Counted, now: datetime) -> timedelta:
    if _is_over(row, now) or row.tries < limit.tries:
        return timedelta(0)
    until: datetime = row.window_started_at + limit.wait(row.tries)
    return until - now


def _keys(counters: Sequence[Counter], prefix: str = "of_") -> list[dict[str, str]]:
    # Rows are made, locked and changed always in one order, or two servers would wait for each
    # other. What finds a row of an UPDATE may not be called like a column: hence a prefix.
    pairs = sorted((c.limit.scope, c.subject) for c in counters)
    return [{f"{prefix}scope": scope, f"{prefix}subject": subject} for scope, subject in pairs]


def _make(
    session: Session, keys: Sequence[dict[str, str]], now: datetime, statements: dict[str, _Upsert]
) -> Sequence[_Counted]:
    """These rows, made if need be, and held until the transaction ends."""
    if not keys:
        return []
    given = [{**key, "window_started_at": now, "count": 0} for key in keys]
    statement = statements[session.get_bind().dialect.name]
    return session.connection().execute(statement, given).all()


def _upsert(insert: Any, *, moves: bool) -> _Upsert:
    """Make a row; one that is there stays as it is, or ``moves`` to this moment."""
    statement = insert(Throttle)
    began = statement.excluded if moves else Throttle
    upsert: _Upsert = statement.on_conflict_do_update(
        index_elements=[Throttle.scope, Throttle.subject],
        set_={"window_started_at": began.window_started_at},
    ).returning(
        Throttle.id,
        Throttle.scope,
        Throttle.subject,
        Throttle.window_started_at,
        Throttle.count.label("tries"),
    )
    return upsert


_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_LOCK = {name: _upsert(insert, moves=False) for name, insert in _INSERTS.items()}
_NOTE = {name: _upsert(insert, moves=True) for name, insert in _INSERTS.items()}
_MOMENT = UtcDateTime()
_ONE = and_(Throttle.scope == bindparam("of_scope"), Throttle.subject == bindparam("of_subject"))
_COUNT = (
    update(Throttle)
    .where(Throttle.id == bindparam("row"))
    .values(count=bindparam("tries"), window_started_at=bindparam("begins", type_=_MOMENT))
)
_FORGIVE = (
    update(Throttle)
    .where(_ONE)
    .values(count=case((Throttle.count > 0, Throttle.count - 1), else_=0))
)
_CLEAR = update(Throttle).where(_ONE).values(count=0)
_IS_KNOWN = select(Throttle.id).where(
    Throttle.scope == _KNOWN,
    Throttle.subject == bindparam("subject"),
    Throttle.window_started_at > bindparam("since", type_=_MOMENT),
)
_STALE = or_(
    and_(
        Throttle.scope != _KNOWN,
        Throttle.window_started_at <= bindparam("window", type_=_MOMENT),
    ),
    Throttle.window_started_at <= bindparam("known", type_=_MOMENT),
)
_PURGE = delete(Throttle).where(
    # What somebody holds is left for the next sweep: they may be waiting for what we hold.
    Throttle.id.in_(select(Throttle.id).where(_STALE).with_for_update(skip_locked=True))
)
"""Every door asks these: composed once, and executed without the ORM, which would cost more than
the database does."""
