"""Signing in and staying signed in: one rule for every door, one revocable row per browser.

The password door has three steps, so that hashing holds no transaction open::

    challenge = sign_in.begin(session, account, address, now)   # counts the try; commit
    right = passwords.verify(challenge.password_hash, password)     # no transaction
    token = sign_in.finish(session, challenge, right, now)      # or Refusal; commit
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from lms.domain.access import Viewer
from lms.domain.errors import NotFound, Refusal
from lms.domain.text import fold, is_clean
from lms.models import Department, Person, SignIn, UtcDateTime
from lms.services import access_codes, throttle, viewers
from lms.services.account_names import EMAIL_LENGTH
from lms.services.viewers import HELD, may_sign_in, not_suspended

__all__ = [
    "Challenge",
    "SignedIn",
    "begin",
    "confirm",
    "find_person",
    "find_session",
    "finish",
    "leave",
    "list_open",
    "may_sign_in",
    "open",
    "open_with_code",
    "purge",
    "revoke",
    "revoke_all",
    "settle",
    "signed_in",
    "who",
]

LIFETIME = timedelta(days=30)
"""Of a sign-in on one's own computer, however often it is used."""
LIFETIME_SHARED = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who makes this request, by which sign-in."""

    sign_in_id: int | None
    """None in a host application, which keeps its own."""
    person_id: int
    person_uuid: str
    name: str
    language: str
    is_admin: bool
    is_shared: bool
    signed_in_at: datetime
    expires_at: datetime
    has_password: bool
    department_path: str
    """Empty for a person without a department."""
    viewer: Viewer


@dataclass(frozen=True, slots=True)
class Challenge:
    """A counted try, waiting for the outcome."""

    person_id: int | None
    password_hash: str | None = field(repr=False)
    account: str = field(repr=False)
    """What is counted: the person, or the name nobody has."""
    address: str = field(repr=False)


def find_person(session: Session, account: str) -> Person | None:
    """The person with this e-mail address or staff number, however it is typed."""
    key = _account_key(account)
    if not key:
        return None
    # An e-mail address has an @ and a staff number has none, so at most one person answers.
    return session.scalar(select(Person).where(_IS_CALLED), {"key": key})


def begin(session: Session, account: str, address: str, now: datetime) -> Challenge:
    """Count a try to sign in. The entrance commits before the password is looked at.

    Known, unknown and suspended accounts behave alike. Raises ``TooMany("too-many-tries")``.
    """
    key = _account_key(account)
    # Nothing is asked here that depends on who was found: the time it took would tell.
    found = session.connection().execute(_BY_NAME, {"key": key}).one_or_none() if key else None
    if found is None:
        return _counted(session, Challenge(None, None, f"nobody:{key}", address), now)
    person, password_hash = found
    return _counted(session, Challenge(person, password_hash, f"person:{person}", address), now)


def confirm(session: Session, person: Person, address: str, now: datetime) -> Challenge:
    """Count a try of somebody signed in to give their own password again: no side door."""
    password_hash = person.password_hash if may_sign_in(person) else None
    challenge = Challenge(person.id, password_hash, f"person:{person.id}", address)
    return _counted(session, challenge, now)


def finish(
    session: Session,
    challenge: Challenge,
    right: bool,
    now: datetime,
    *,
    is_shared: bool = False,
    renewed_hash: str | None = None,
) -> str:
    """Open a sign-in when the password was right; the token for the cookie.

    Raises ``Refusal("sign-in-failed")``, the same for a wrong password, an unknown account and a
    suspended one, also when the account was suspended or its password changed while the hash was
    computed. ``renewed_hash`` replaces a hash made with older parameters.
    """
    token, opened = _new(is_shared, now)
    given = {
        **opened,
        **throttle.stale_since(now),
        "now": now,
        "person": challenge.person_id,
        "password_hash": challenge.password_hash,
    }
    found = session.connection().execute(_OPEN_IF_STILL_SO, given).first() if right else None
    if found is None:
        raise Refusal("sign-in-failed")
    person_id, has_codes, is_due = found
    _forget_failures(session, challenge, now)
    if renewed_hash is not None:
        session.get_one(Person, person_id).password_hash = renewed_hash
    if has_codes:
        access_codes.withdraw(session, [person_id], now=now)
    if is_due:
        purge(session, now)
    return token


def settle(session: Session, challenge: Challenge, right: bool, now: datetime) -> None:
    """Whoever gave their own password again was right, and their failures are forgotten.

    Raises ``Refusal("current-password-wrong")`` otherwise, as :func:`finish` does.
    """
    person = session.get(Person, challenge.person_id, populate_existing=True, with_for_update=HELD)
    if (
        not right
        or person is None
        or not may_sign_in(person)
        or person.password_hash is None
        or person.password_hash != challenge.password_hash
    ):
        raise Refusal("current-password-wrong")
    _forget_failures(session, challenge, now)


def open(  # noqa: A001  # called sign_in.open; the builtin is not used here
    session: Session, person: Person, is_shared: bool, now: datetime
) -> str:
    """A new sign-in and its token, which is stored only as a hash.

    Raises ``Refusal("sign-in-failed")`` when the person may not sign in.
    """
    if not may_sign_in(person):
        raise Refusal("sign-in-failed")
    purge(session, now)
    token, opened = _new(is_shared, now)
    session.flush()
    session.connection().execute(_OPEN, {**opened, "person_id": person.id})
    return token


def open_with_code(
    session: Session, secret: str, now: datetime, *, address: str, is_shared: bool = False
) -> str:
    """Use a code or a link up and open a sign-in; the token. Refusals of ``redeem``."""
    person = access_codes.redeem(session, secret, now, address=address)
    return open(session, person, is_shared, now)


def find_session(session: Session, token: str, now: datetime) -> SignedIn | None:
    """Who holds this token, with the rights they have now, in one query.

    None for an unknown, ended or expired one, and for a suspended person.
    """
    if not token or len(token) > 200 or not is_clean(token):
        return None
    given = {"token_hash": _token_hash(token), "now": now}
    row = session.connection().execute(_BY_TOKEN, given).one_or_none()
    return signed_in(row) if row else None


def list_open(session: Session, person_id: int, now: datetime) -> list[SignIn]:
    """A person's browsers that are signed in, newest first."""
    statement = select(SignIn).where(SignIn.person_id == person_id, *_is_open(now))
    return list(session.scalars(statement.order_by(SignIn.created_at.desc(), SignIn.id.desc())))


def revoke(session: Session, person_id: int, sign_in_id: int, *, now: datetime) -> None:
    """End one of a person's own sign-ins; ending it twice is the same. Raises NotFound."""
    found = session.scalar(
        select(SignIn).where(SignIn.id == sign_in_id, SignIn.person_id == person_id)
    )
    if found is None:
        raise NotFound
    if found.revoked_at is None:
        found.revoked_at = now
        session.flush()


def leave(session: Session, former: SignedIn, *, now: datetime) -> None:
    """End the sign-in that a browser had until now.

    Nothing when it has expired since and was swept: its number may be that of the new one.
    """
    statement = update(SignIn).where(
        SignIn.id == former.sign_in_id,
        SignIn.created_at == former.signed_in_at,
        SignIn.revoked_at.is_(None),
    )
    session.execute(statement.values(revoked_at=now))


def revoke_all(
    session: Session, person_id: int, *, now: datetime, except_id: int | None = None
) -> int:
    """End every sign-in of a person, except perhaps the one they are asking from. How many."""
    statement = update(SignIn).where(SignIn.person_id == person_id, SignIn.revoked_at.is_(None))
    if except_id is not None:
        statement = statement.where(SignIn.id != except_id)
    ended = session.scalars(statement.values(revoked_at=now).returning(SignIn.id))
    return len(ended.all())


def purge(session: Session, now: datetime) -> None:
    """Delete sign-ins that have expired and counts that no longer count.

    Every new sign-in sweeps what is due, so nothing of this is kept for more than the thirty days of
    Law 190/2018 art. 5, whether or not background work runs. It waits for nobody: what another
    transaction holds is left for the next sweep.
    """
    session.connection().execute(_PURGE, {"now": now})
    throttle.purge(session, now)


def who(*sign_in: Any) -> Select[*tuple[Any, ...]]:
    """Everything a request must know of a person, in one statement; ``sign_in`` are the four
    columns of their sign-in. Whether they may come in is for the caller to ask."""
    return (
        select(
            *sign_in,
            Person.id,
            Person.uuid,
            Person.name,
            Person.language,
            Person.is_admin,
            Person.password_hash.is_not(None),
            func.coalesce(Department.path, ""),
            viewers.head_paths(),
            viewers.taught_courses(),
        )
        .select_from(Person)
        .outerjoin(Department, Department.id == Person.department_id)
    )


def signed_in(row: Row[*tuple[Any, ...]]) -> SignedIn:
    """The columns of :func:`who`, in their order."""
    return SignedIn(
        sign_in_id=row[0],
        is_shared=row[1],
        signed_in_at=row[2],
        expires_at=row[3],
        person_id=row[4],
        person_uuid=row[5],
        name=row[6],
        language=row[7],
        is_admin=row[8],
        has_password=row[9],
        department_path=row[10],
        viewer=viewers.viewer_from(row[4], row[8], row[11], row[12]),
    )


def _counted(session: Session, challenge: Challenge, now: datetime) -> Challenge:
    home = challenge.account, challenge.address
    throttle.count(session, _counters(*home), now, home=home)
    return challenge


def _forget_failures(session: Session, challenge: Challenge, now: datetime) -> None:
    home = challenge.account, challenge.address
    throttle.settle(session, _counters(*home), now, home=home)


def _new(is_shared: bool, now: datetime) -> tuple[str, dict[str, Any]]:
    """A token, and the row of its sign-in without the person."""
    token = secrets.token_urlsafe(32)
    return token, {
        "token_hash": _token_hash(token),
        "is_shared": is_shared,
        "created_at": now,
        "expires_at": now + (LIFETIME_SHARED if is_shared else LIFETIME),
    }


def _counters(account: str, address: str) -> list[throttle.Counter]:
    return [
        throttle.counter(throttle.ACCOUNT_AT_ADDRESS, account, address),
        throttle.counter(throttle.ACCOUNT, account),
        throttle.counter(throttle.ADDRESS, address),
    ]


def _account_key(account: str) -> str:
    if len(account) > 4 * EMAIL_LENGTH or not is_clean(account):
        return ""
    return fold(account)


def _is_open(now: Any) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return SignIn.revoked_at.is_(None), SignIn.expires_at > now


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


_NOW = bindparam("now", type_=UtcDateTime())
_EXPIRED = select(SignIn.id).where(SignIn.expires_at <= _NOW)
_IS_CALLED = or_(Person.email_key == bindparam("key"), Person.staff_key == bindparam("key"))
_BY_NAME = select(Person.id, case((not_suspended(), Person.password_hash))).where(_IS_CALLED)
_OPEN = insert(SignIn)
_COLUMNS = [SignIn.token_hash, SignIn.is_shared, SignIn.created_at, SignIn.expires_at]
_STILL_SO = (
    select(Person.id, *(bindparam(column.key, type_=column.type) for column in _COLUMNS))
    .where(
        Person.id == bindparam("person"),
        not_suspended(),
        Person.password_hash == bindparam("password_hash"),
    )
    .with_for_update(of=Person, **HELD)
)
_OPEN_IF_STILL_SO = (
    insert(SignIn)
    .from_select([SignIn.person_id, *_COLUMNS], _STILL_SO)
    .returning(
        SignIn.person_id,
        access_codes.has_unused(bindparam("person")),
        or_(_EXPIRED.exists(), throttle.HAS_STALE),
    )
)
_PURGE = delete(SignIn).where(SignIn.id.in_(_EXPIRED.with_for_update(skip_locked=True)))
_BY_TOKEN = (
    who(SignIn.id, SignIn.is_shared, SignIn.created_at, SignIn.expires_at)
    .join(SignIn, SignIn.person_id == Person.id)
    .where(
        SignIn.token_hash == bindparam("token_hash"),
        *_is_open(_NOW),
        not_suspended(),
    )
)
"""Asked at every request: composed once, and executed without the ORM, which would cost more than
the database does. The others at every sign-in."""
