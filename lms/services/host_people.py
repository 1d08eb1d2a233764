"""People of a host application: finding, admitting and keeping them up to date.

A person belongs to a host by ``subject``, ``<provider>:<the host's own id>``: two hosts over one
database never mistake one another's people. Their particulars are copied by a POST; their roles
are read from the claim in every request and stored nowhere.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import false, literal, null, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from lms.domain.claims import Claim, ClaimError, Role, with_roles
from lms.domain.errors import Conflict, Forbidden, NotFound, Refusal
from lms.domain.text import fold, is_clean
from lms.models import AuditEntry, Course, Department, Person, UtcDateTime
from lms.services import audit, departments, people, sign_in
from lms.services.account_names import (
    EMAIL_LENGTH,
    NAME_LENGTH,
    clean_email,
    clean_name,
    contains_cnp,
)
from lms.services.people import Details
from lms.services.sign_in import SignedIn
from lms.services.viewers import may_sign_in

log = logging.getLogger("lms.host")
SUBJECT = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}:[^\r\n]{1,150}")
"""``<provider>:<the host's own id>``, as somebody types it."""
INSTITUTION = "Instituția"
"""What the root of the tree is called until somebody names it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A person of the host as we know them; ``person`` is None for a newcomer."""

    person: SignedIn | None = None
    is_suspended: bool = False
    is_current: bool = False
    """Whether what the host says of them is what we have copied."""


def key_of(provider: str, claim: Claim) -> str:
    """How our records name a person of a host."""
    return f"{provider}:{claim.subject}"


def find(session: Session, provider: str, claim: Claim, now: datetime) -> Arrival:
    """Who this is and what they may do in this request.

    One query; a second one when the claim makes somebody trainer, manager or HR.
    """
    key = key_of(provider, claim)
    if not is_clean(key):
        return Arrival()
    nothing = (null(), false(), literal(now, UtcDateTime()), literal(now, UtcDateTime()))
    statement = sign_in.who(*nothing).add_columns(Person.suspended_at, Person.claim_hash)
    row = session.execute(statement.where(Person.subject == key)).one_or_none()
    if row is None:
        return Arrival()
    if row.suspended_at is not None:
        return Arrival(is_suspended=True)
    known = sign_in.signed_in(row)
    current = row.claim_hash == claim.fingerprint
    return Arrival(_with_rights(session, known, claim, is_current=current), is_current=current)


def _with_rights(session: Session, person: SignedIn, claim: Claim, *, is_current: bool) -> SignedIn:
    # While the department is not the one the host names now, nobody is its head.
    place = person.department_path if is_current or claim.department is None else ""
    viewer = with_roles(
        person.viewer,
        claim,
        department=place,
        root=_root_path(session) if {Role.HR, Role.MANAGER} & claim.roles else "",
        courses=_taught(session, claim),
    )
    return replace(
        person,
        viewer=viewer,
        is_admin=viewer.is_admin,
        language=claim.language or person.language,
    )


def _root_path(session: Session) -> str:
    return session.scalar(select(Department.path).where(Department.is_root.is_(True))) or ""


def _taught(session: Session, claim: Claim) -> list[int]:
    if claim.has(Role.TRAINER):
        return list(session.scalars(select(Course.id)))
    if not claim.courses:
        return []
    # Courses are few; what a host names may be no key at all, and as many as it likes.
    known = session.execute(select(Course.id, Course.key))
    return [row.id for row in known if row.key in claim.courses]


def acting(session: Session, person: SignedIn) -> Person:
    """The row of who acts, with the rights of this request: a host's administrator is one.

    The right is put on the loaded object only; nothing of it is written.
    """
    row = session.get_one(Person, person.person_id)
    if person.is_admin and not row.is_admin:
        set_committed_value(row, "is_admin", True)
    return row


def admit(
    session: Session,
    provider: str,
    claim: Claim,
    *,
    link_by_email: bool,
    institution: str,
    language: str,
    now: datetime,
) -> Person:
    """The person of this claim, made with their first visit, brought up to date with later ones.

    ``link_by_email``: the host has verified its addresses, so a person whom HR brought in before
    is recognised by theirs, and one address means one person of this host: a second one is kept
    out (:func:`note_second`). ``language`` is a newcomer's when the host names none. Raises
    ``Forbidden("account-suspended")``, ``Conflict("address-of-another")``,
    ``Conflict("address-joined")``, ``ClaimError`` for a personal code as subject, and ``Conflict``
    where another request makes the same person or department. What cannot be stored of a name, an
    address or a department is left out, with a line in the log.
    """
    key = key_of(provider, claim)
    known = session.scalar(
        select(Person).where(Person.subject == key).options(joinedload(Person.department))
    )
    # A department that nothing is copied of may have been removed by HR since: it stays so.
    is_copied = known is not None and known.claim_hash == claim.fingerprint
    place = None if is_copied else _place(session, claim, institution, now)
    if known is None:
        known = _newcomer(session, provider, claim, place, link_by_email, language, now)
    if not may_sign_in(known):
        raise Forbidden("account-suspended")
    if known.claim_hash != claim.fingerprint:
        _copy(session, known, claim, place, now)
    return known


def _newcomer(
    session: Session,
    provider: str,
    claim: Claim,
    place: Department | None,
    link_by_email: bool,
    language: str,
    now: datetime,
) -> Person:
    if contains_cnp(claim.subject):
        raise ClaimError(
            "identify gives a personal numeric code (CNP) as 'subject'; none is kept here "
            "(Law 190/2018). Give your own id of the person."
        )
    key = key_of(provider, claim)
    email = _email(claim)
    holder = _holder(session, email, lock=link_by_email)
    if holder is not None and link_by_email:
        if holder.subject == key:
            return holder  # this person's other tab was faster
        if (holder.subject or "").startswith(f"{provider}:"):
            raise Conflict("address-joined")
    if holder is None or holder.subject is not None:
        # Some people share a mailbox: the second of them is known by the host's id alone.
        shown = None if holder else email
        details = Details(_name(claim), email=shown, department=place)
        made = people.add(
            session,
            details,
            subject=key,
            language=claim.language or language,
            actor=None,
            now=now,
        )
        made.claim_hash = claim.fingerprint
        return made
    if not link_by_email:
        raise Conflict("address-of-another")
    holder.subject = key
    audit.record(session, actor=None, verb="person.link", subject=audit.subject_of(holder), now=now)
    return holder


def join(session: Session, person: Person, subject: str, now: datetime) -> None:
    """Give an account to the host's person ``subject`` (``host:7``), by whoever knows who that is.

    Also when the account belonged to another id of the host before. Their particulars are copied
    with the next visit. Raises ``Refusal("subject-unknown")``, ``Refusal("contains-cnp")``,
    ``Conflict("subject-taken", name=…)``.
    """
    if not is_clean(subject) or not SUBJECT.fullmatch(subject):
        raise Refusal("subject-unknown")
    if contains_cnp(subject):
        raise Refusal("contains-cnp", field="subject")
    holder = session.scalar(select(Person).where(Person.subject == subject))
    if holder is person:
        return
    if holder is not None:
        raise Conflict("subject-taken", name=holder.name)
    named = audit.subject_of(person)
    audit.record(
        session, actor=None, verb="person.link", subject=named, now=now, old=person.subject
    )
    person.subject, person.claim_hash = subject, None
    session.flush()


def note_second(session: Session, provider: str, claim: Claim, now: datetime) -> None:
    """Record that somebody was kept out because another of this host's people has the account
    with their address; once, however often they try. The caller commits: the refusal rolled back.
    """
    email, key = _email(claim), key_of(provider, claim)
    holder = _holder(session, email)
    if holder is None:
        return
    subject, verb = audit.subject_of(holder), "person.link-refused"
    noted = select(AuditEntry.details).where(AuditEntry.subject == subject, AuditEntry.verb == verb)
    if all(details.get("claimed_by") != key for details in session.scalars(noted)):
        audit.record(session, actor=None, verb=verb, subject=subject, now=now, claimed_by=key)
        session.flush()


def _copy(
    session: Session, person: Person, claim: Claim, place: Department | None, now: datetime
) -> None:
    email = _email(claim)
    holder = _holder(session, email)
    if holder is not None and holder is not person:
        log.warning("the address of person %s belongs to another one; left out", person.uuid)
        email = None
    details = Details(
        _name(claim),
        email=email if claim.email else person.email,
        staff_number=person.staff_number,
        department=person.department if claim.department is None else place,
    )
    people.change(session, person, details, actor=None, now=now)
    if claim.language:
        person.language = claim.language
    person.claim_hash = claim.fingerprint
    session.flush()


def _name(claim: Claim) -> str:
    """What to call them; a host that gives no name still has people."""
    storable = "".join(char for char in claim.name if is_clean(char))
    given = " ".join(storable.split())[:NAME_LENGTH]
    for name in (given, claim.email.partition("@")[0], f"Persoana {claim.subject}"):
        try:
            clean_name(name)
        except Refusal:
            continue
        return name
    return "Persoana"


def _email(claim: Claim) -> str | None:
    """The address, or none when it cannot be one: the host's records are not ours to judge."""
    try:
        cleaned = clean_email(claim.email)
    except Refusal:
        log.warning("a host's e-mail address is none (at most %d characters)", EMAIL_LENGTH)
        return None
    return cleaned.text if cleaned else None


def _holder(session: Session, email: str | None, *, lock: bool = False) -> Person | None:
    """Who has the address. ``lock``: as the row is now, after whoever is just joining it."""
    if not email:
        return None
    statement = select(Person).where(Person.email_key == fold(email))
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session.scalar(statement)


def _place(session: Session, claim: Claim, institution: str, now: datetime) -> Department | None:
    """The department the claim names, made where it is new; None for none and for what can be
    none: nobody is kept out for it."""
    named = re.split(r"\s+/\s+", claim.department or "")
    parts = [part for part in named if part.strip().strip("/")]
    if not parts:
        return None
    try:
        wanted = [departments.clean_name(part).key for part in parts]
        with session.begin_nested():
            return _find_or_make(session, parts, wanted, institution, now)
    except NotFound as error:  # the one above it was removed at this moment
        raise Conflict("department-gone", field="department") from error
    except Refusal as refusal:
        if refusal.code in ("department-exists", "root-exists"):
            raise  # somebody is making it at this moment; the entrance tries again
        log.warning("a host's department can be none here (%s): left out", refusal.code)
        return None


def _find_or_make(
    session: Session, parts: list[str], wanted: list[str], institution: str, now: datetime
) -> Department:
    """The department at the end of a way from the root. Never one of that name elsewhere in the
    tree: its head would see people who are not theirs (docs/decisions/0023)."""
    at = departments.find_root(session) or departments.add_root(
        session, institution or INSTITUTION, actor=None, now=now
    )
    start = 1 if wanted[0] == at.name_key else 0
    for part, key in zip(parts[start:], wanted[start:], strict=True):
        at = departments.find_below(session, at, key) or departments.add(
            session, at, part, actor=None, now=now
        )
    return at
