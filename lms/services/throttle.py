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

from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    bindparam,
    case,
    delete,
    exists,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session
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
LIMITS = (ACCOUNT_AT_ADDRESS, ACCOUNT, ADDRESS, CODE_AT_ADDRESS, HELP_AT_ADDRESS)
"""Every one of them; the counts of others would never be swept."""

_Counted = Row[int, str, str, datetime, int]
_Moment = ColumnElement[datetime] | InstrumentedAttribute[datetime]
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


def count(
    session: Session,
    counters: Sequence[Counter],
    now: datetime,
    *,
    home: tuple[str, str] | None = None,
) -> None:
    """Count one try on every counter, or on none.

    ``home`` are the account and the address of the try: where these are known to belong together,
    the limit of the account alone does not hold, though the try is counted on it.

    Raises ``TooMany("too-many-tries", seconds=…)`` when one of them is still waiting. The rows
    are locked while they are looked at: two servers cannot both take the last free try.
    """
    limits = {(c.limit.scope, c.subject): c.limit for c in counters}
    rows = _make(session, [{**key, "count": 1} for key in _keys(counters)], now, _COUNT)
    pairs = [(limits[row.scope, row.subject], row) for row in rows]
    waits = [(limit, _had_to_wait(limit, row, now)) for limit, row in pairs]
    if home and any(wait for limit, wait in waits if limit is ACCOUNT):
        at_home = is_known(session, *home, now)
        waits = [one for one in waits if not (at_home and one[0] is ACCOUNT)]
    longest = max((wait for _, wait in waits), default=timedelta(0))
    if longest:
        _move(session, [(row.id, row.tries - 1, row.window_started_at) for row in rows])
        raise TooMany("too-many-tries", seconds=ceil(longest.total_seconds()))
    anew = [(row.id, 1, now) for _, row in pairs if _is_over(row, now)]
    full = [(row.id, row.tries, now) for limit, row in pairs if row.tries >= limit.tries]
    _move(session, [*full, *anew])


def settle(
    session: Session,
    counters: Sequence[Counter],
    now: datetime,
    *,
    home: tuple[str, str] | None = None,
) -> None:
    """The try counted on these was right: it is taken back where it stands among many people's,
    and elsewhere all failures are forgotten. ``home`` are the account and the address that are
    known to belong together from now on."""
    keys = _keys(counters)
    if home:
        keys.append({"scope": _KNOWN, "subject": _hash(*home)})
    _make(session, [{**key, "count": 0} for key in keys], now, _SETTLE)


def is_known(session: Session, account: str, address: str, now: datetime) -> bool:
    """Whether the account was signed in to from this address lately."""
    given = {"subject": _hash(account, address), "since": now - KNOWN_FOR}
    return session.connection().execute(_IS_KNOWN, given).first() is not None


def purge(session: Session, now: datetime) -> None:
    """Delete what no longer counts."""
    session.connection().execute(_PURGE, stale_since(now))


def stale_since(now: datetime) -> dict[str, datetime]:
    """The parameters of :data:`HAS_STALE`."""
    return {"window": now - WINDOW, "known": now - KNOWN_FOR}


def _hash(*parts: str) -> str:
    # Lone surrogates may stand in what a stranger typed; they must count, not crash.
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()


def _is_over(row: _Counted, now: datetime) -> bool:
    """Its window has passed, or lies ahead because the clock was set back: nobody waits for that.
    Servers whose clocks differ a little still share one count."""
    return not row.window_started_at - _SKEW <= now < row.window_started_at + WINDOW


def _had_to_wait(limit: Limit, row: _Counted, now: datetime) -> timedelta:
    """How much too early the try came that was counted last."""
    earlier = row.tries - 1
    if _is_over(row, now) or earlier < limit.tries:
        return timedelta(0)
    until: datetime = row.window_started_at + limit.wait(earlier)
    return max(until - now, timedelta(0))


def _keys(counters: Sequence[Counter]) -> list[dict[str, Any]]:
    # Rows are made, locked and changed always in one order (and what is known after them), or
    # two servers would wait for each other.
    pairs = sorted((c.limit.scope, c.subject) for c in counters)
    return [{"scope": scope, "subject": subject} for scope, subject in pairs]


def _make(
    session: Session,
    keys: Sequence[dict[str, Any]],
    now: datetime,
    statements: dict[str, _Upsert],
) -> Sequence[_Counted]:
    """These rows, made or changed, and held until the transaction ends."""
    if not keys:
        return []
    given = [{**key, "window_started_at": now} for key in keys]
    statement = statements[session.get_bind().dialect.name]
    return session.connection().execute(statement, given).all()


def _move(session: Session, changes: Sequence[tuple[int, int, datetime]]) -> None:
    """Give these rows another count and another beginning of their windows."""
    if changes:
        given = [{"row": row, "tries": tries, "began": began} for row, tries, began in changes]
        session.connection().execute(_MOVE, given)


def _upserts(tries: ColumnElement[int], began: _Moment) -> dict[str, _Upsert]:
    """Make a row, or give one that is there this count, in a window that began then."""
    return {
        name: insert(Throttle)
        .on_conflict_do_update(
            index_elements=[Throttle.scope, Throttle.subject],
            set_={"count": tries, "window_started_at": began},
        )
        .returning(
            Throttle.id,
            Throttle.scope,
            Throttle.subject,
            Throttle.window_started_at,
            Throttle.count.label("tries"),
        )
        for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
    }


_MOMENT = UtcDateTime()
_IS_OF_MANY = or_(*(Throttle.scope == limit.scope for limit in (ADDRESS, CODE_AT_ADDRESS)))
"""Many people's tries stand there: nobody's success forgets the others' failures."""
_COUNT = _upserts(Throttle.count + 1, Throttle.window_started_at)
_SETTLE = _upserts(
    case((and_(_IS_OF_MANY, Throttle.count > 0), Throttle.count - 1), else_=0),
    case(
        (Throttle.scope == _KNOWN, literal_column("excluded.window_started_at", _MOMENT)),
        else_=Throttle.window_started_at,
    ),
)
_MOVE = (
    update(Throttle)
    .where(Throttle.id == bindparam("row"))
    .values(count=bindparam("tries"), window_started_at=bindparam("began", type_=_MOMENT))
)
_IS_KNOWN = select(Throttle.id).where(
    Throttle.scope == _KNOWN,
    Throttle.subject == bindparam("subject"),
    Throttle.window_started_at > bindparam("since", type_=_MOMENT),
)
_STALE = or_(
    and_(
        # Not "all but known": of those there are many, and an index finds these among them.
        Throttle.scope.in_([limit.scope for limit in LIMITS]),
        Throttle.window_started_at <= bindparam("window", type_=_MOMENT),
    ),
    Throttle.window_started_at <= bindparam("known", type_=_MOMENT),
)
HAS_STALE = exists().where(_STALE)
"""Whether there is anything to purge."""
_PURGE = delete(Throttle).where(
    # What somebody holds is left for the next sweep: they may be waiting for what we hold.
    Throttle.id.in_(select(Throttle.id).where(_STALE).with_for_update(skip_locked=True))
)
"""Every door asks these: composed once, and executed without the ORM, which would cost more than
the database does."""
