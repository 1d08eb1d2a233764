"""People: adding, changing, finding, suspending. Each administrative act leaves its record.

Whoever searches does it on folded keys, so „Ștefan”, „Stefan” and „STEFAN” find one another; the
same keys are what is unique, so a twin account by case, space or look-alike letter cannot exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, false, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from lms.domain.errors import Conflict, Forbidden, Refusal
from lms.domain.text import fold, is_clean
from lms.models import Department, Person
from lms.models.engine import is_gone
from lms.services import access_codes, audit, departments, passwords, sign_in
from lms.services.account_names import clean_email, clean_name, clean_staff_number
from lms.services.addressed import get_addressed
from lms.services.paging import Page, page_of
from lms.services.viewers import check_may_change, not_suspended

LANGUAGES = ("ro", "en")
QUERY_LENGTH = 100
"""Characters of a search; nobody's name is longer in practice."""


class Status(StrEnum):
    """Which people a list shows."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Details:
    """What HR keeps about a person, as typed into a form."""

    name: str
    email: str | None = None
    staff_number: str | None = None
    department: Department | None = None


def add(
    session: Session,
    details: Details,
    *,
    language: str = "ro",
    is_admin: bool = False,
    subject: str | None = None,
    actor: Person | None,
    now: datetime,
) -> Person:
    """A new person, without a password: they come in by a one-time code.

    ``subject`` is who they are in a host application. Raises the refusals of
    :mod:`lms.services.account_names`, ``account-name-missing`` when there is nothing to sign in
    with, ``Conflict("email-taken")`` / ``Conflict("staff-number-taken")``,
    ``Conflict("department-gone")`` for one that is removed at this moment, and
    ``Forbidden("administrator-only")`` when somebody else would make an administrator.
    """
    if is_admin:
        _check_makes_administrators(actor)
    person = Person(
        name="", name_key="", created_at=now, subject=subject, language=_language(language)
    )
    _fill(session, person, details)
    person.is_admin = is_admin
    session.add(person)
    _flush_unique(session)
    _record(session, "person.add", person, actor, now, is_admin=is_admin)
    session.flush()
    return person


def change(
    session: Session,
    person: Person,
    details: Details,
    *,
    actor: Person | None,
    now: datetime,
) -> None:
    """Other details; refusals as for :func:`add`.

    Another e-mail address or staff number withdraws the codes and links that are on their way to
    the old one.
    """
    check_may_change(actor, person)
    before = _kept(person)
    keys = person.email_key, person.staff_key
    with session.no_autoflush:
        _fill(session, person, details)
    _flush_unique(session)
    after = _kept(person)
    changes = {
        field: {"old": before[field], "new": after[field]}
        for field in before
        if before[field] != after[field]
    }
    if (person.email_key, person.staff_key) != keys:
        access_codes.withdraw(session, [person.id], now=now)
    if changes:
        _record(session, "person.change", person, actor, now, changes=changes)
        session.flush()


def suspend(session: Session, person: Person, *, actor: Person | None, now: datetime) -> None:
    """Close every door at once: open sign-ins end, codes and links are withdrawn.

    Raises ``Conflict("last-administrator")``, ``Forbidden("administrator-only")``.
    """
    check_may_change(actor, person)
    if person.suspended_at is not None:
        return
    _check_administrator_remains(session, person)
    person.suspended_at = now
    sign_in.revoke_all(session, person.id, now=now)
    access_codes.withdraw(session, [person.id], now=now)
    _record(session, "person.suspend", person, actor, now)
    session.flush()


def reinstate(session: Session, person: Person, *, actor: Person | None, now: datetime) -> None:
    """Let a suspended person in again; their password still holds."""
    check_may_change(actor, person)
    if person.suspended_at is None:
        return
    person.suspended_at = None
    _record(session, "person.reinstate", person, actor, now)
    session.flush()


def set_admin(
    session: Session, person: Person, is_admin: bool, *, actor: Person | None, now: datetime
) -> None:
    """Make somebody administrator, or no longer.

    Raises ``Forbidden("administrator-only")``, ``Conflict("last-administrator")``, and
    ``Conflict("person-suspended")`` for making a suspended person one.
    """
    _check_makes_administrators(actor)
    if person.is_admin == is_admin:
        return
    if not is_admin:
        _check_administrator_remains(session, person)
    elif person.suspended_at is not None:
        raise Conflict("person-suspended", name=person.name)
    person.is_admin = is_admin
    _record(session, "person.set-admin", person, actor, now, is_admin=is_admin)
    session.flush()


def set_language(session: Session, person: Person, language: str) -> None:
    """The language of a person's own pages. Raises ``Refusal("language-unknown")``."""
    person.language = _language(language)
    session.flush()


def check_password(person: Person, password: str) -> None:
    """Whether the person may choose this password (:func:`lms.services.passwords.check_new`)."""
    passwords.check_new(password, about=(person.name, person.email, person.staff_number))


def set_password(
    session: Session,
    person: Person,
    password_hash: str,
    *,
    keep_sign_in_id: int | None,
    now: datetime,
    is_own: bool = True,
) -> None:
    """A person's new password, already checked and hashed outside the transaction.

    ``is_own`` is False when it was set for them on the command line: the record says so.

    Every other sign-in of theirs ends, and codes and links still open are withdrawn.
    """
    if not password_hash.startswith("$argon2id$"):
        raise ValueError("a password is stored only as its hash")
    person.password_hash = password_hash
    sign_in.revoke_all(session, person.id, now=now, except_id=keep_sign_in_id)
    access_codes.withdraw(session, [person.id], now=now)
    if is_own:
        _record(session, "person.set-own-password", person, person, now)
    else:
        _record(session, "person.set-password", person, None, now)
    session.flush()


def get(session: Session, uuid: str) -> Person:
    """A person with their department, for HR and administrators. Raises NotFound."""
    person = select(Person).where(Person.uuid == uuid).options(joinedload(Person.department))
    return get_addressed(session, uuid, person)


def list_people(
    session: Session,
    *,
    query: str = "",
    department: Department | None = None,
    status: Status = Status.ACTIVE,
    page: int = 1,
) -> Page[Person]:
    """People by name, fifty to a page, with their departments.

    Every word of ``query`` must stand somewhere in the name, the e-mail address or the staff
    number; ``department`` means it and all below. Raises ``query-too-long``, ``query-unclean``,
    ``page-unknown``.
    """
    statement = matching(query, department, status).options(joinedload(Person.department))
    return page_of(session, statement.order_by(Person.name_key, Person.id), page)


def list_all(
    session: Session,
    *,
    department: Department | None = None,
    status: Status = Status.ACTIVE,
) -> list[Person]:
    """Everyone of a subtree by name, as for printing their codes."""
    statement = matching("", department, status).options(joinedload(Person.department))
    return list(session.scalars(statement.order_by(Person.name_key, Person.id)))


def matching(query: str, department: Department | None, status: Status) -> Select[Person]:
    """The people a search means, in no order."""
    statement = select(Person)
    for word in _words(query):
        statement = statement.where(
            or_(
                Person.name_key.contains(word, autoescape=True),
                Person.email_key.contains(word, autoescape=True),
                Person.staff_key.contains(word, autoescape=True),
            )
        )
    if department is not None:
        below = select(Department.id).where(departments.within([department.path]))
        statement = statement.where(Person.department_id.in_(below))
    if status is Status.ACTIVE:
        statement = statement.where(not_suspended())
    elif status is Status.SUSPENDED:
        statement = statement.where(~not_suspended())
    return statement


def _words(query: str) -> list[str]:
    if not is_clean(query):
        raise Refusal("query-unclean")
    if len(query) > QUERY_LENGTH:
        raise Refusal("query-too-long", limit=QUERY_LENGTH)
    return list(dict.fromkeys(fold(query).split()))


def _fill(session: Session, person: Person, details: Details) -> None:
    name, email = clean_name(details.name), clean_email(details.email)
    staff_number = clean_staff_number(details.staff_number)
    if email is None and staff_number is None and person.subject is None:
        raise Refusal("account-name-missing", field="email")
    email_key = email.key if email else None
    staff_key = staff_number.key if staff_number else None
    _check_free(session, person, email_key, staff_key)
    person.name, person.name_key = name
    person.email, person.email_key = email.text if email else None, email_key
    person.staff_number, person.staff_key = staff_number.text if staff_number else None, staff_key
    person.department = details.department


def _check_free(
    session: Session, person: Person, email_key: str | None, staff_key: str | None
) -> None:
    wanted = or_(
        false(),
        *([Person.email_key == email_key] if email_key else []),
        *([Person.staff_key == staff_key] if staff_key else []),
    )
    for other in session.scalars(select(Person).where(wanted)):
        if other is person:
            continue
        if email_key is not None and other.email_key == email_key:
            raise Conflict("email-taken", field="email", name=other.name)
        raise Conflict("staff-number-taken", field="staff_number", name=other.name)


def _flush_unique(session: Session) -> None:
    """Flush. On PostgreSQL somebody else may have taken the address since it was found free, or
    removed the department."""
    try:
        session.flush()
    except IntegrityError as error:
        if is_gone(error):
            raise Conflict("department-gone", field="department") from error
        raise Conflict("account-name-taken", field="email") from error


def _check_administrator_remains(session: Session, person: Person) -> None:
    """That somebody else administers. The rows are locked: two cannot step down past each other."""
    if not person.is_admin or person.suspended_at is not None:
        return
    active = session.scalars(
        select(Person.id)
        .where(Person.is_admin.is_(True), not_suspended())
        .order_by(Person.id)
        .with_for_update()
    ).all()
    if set(active) <= {person.id}:
        raise Conflict("last-administrator")


def _check_makes_administrators(actor: Person | None) -> None:
    if actor is not None and not actor.is_admin:
        raise Forbidden("administrator-only")


def _language(language: str) -> str:
    if language not in LANGUAGES:
        raise Refusal("language-unknown")
    return language


def _kept(person: Person) -> dict[str, str | None]:
    return {
        "name": person.name,
        "email": person.email,
        "staff_number": person.staff_number,
        "department": person.department.name if person.department else None,
    }


def _record(
    session: Session, verb: str, person: Person, actor: Person | None, now: datetime, **details: Any
) -> None:
    subject = audit.subject_of(person)
    audit.record(session, actor=actor, verb=verb, subject=subject, now=now, **details)
