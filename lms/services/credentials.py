"""Badges issued, shared by their holder, shown to the public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lms.domain.curriculum import Manifest, Module
from lms.domain.errors import NotFound
from lms.models import Course, Credential, CriterionMet, Enrolment, Person
from lms.models.base import new_uuid
from lms.services.curriculum import manifest_of
from lms.services.learning import Enrolled


@dataclass(frozen=True, slots=True)
class BadgePage:
    """A credential with the publication whose criteria were met."""

    credential: Credential
    manifest: Manifest
    module: Module | None
    """None for the badge of the whole course."""
    evidence: tuple[tuple[str, datetime], ...] = ()
    """(criterion key, when met)."""


def issue(session: Session, enrolled: Enrolled, module: Module | None, now: datetime) -> None:
    """Issue the badge of a completed module, or (None) of the course; once, whatever happens."""
    achievement = achievement_of(enrolled.course_key, module)
    exists = session.scalar(
        select(Credential.id).where(
            Credential.enrolment_id == enrolled.enrolment_id, Credential.achievement == achievement
        )
    )
    if exists is None:
        session.add(
            Credential(
                enrolment_id=enrolled.enrolment_id,
                achievement=achievement,
                module_id=module.id if module else None,
                manifest_id=enrolled.manifest_id,
                recipient_name=session.get_one(Person, enrolled.person_id).name,
                issued_at=now,
            )
        )
        session.flush()


def achievement_of(course_key: str, module: Module | None = None) -> str:
    """What a badge is for: a module, or (None) the whole course."""
    return f"module:{module.key}" if module else f"course:{course_key}"


def list_own(session: Session, person_id: int) -> list[BadgePage]:
    """The person's badges, oldest first."""
    rows = session.scalars(
        select(Credential)
        .join(Enrolment)
        .where(Enrolment.person_id == person_id)
        .order_by(Credential.issued_at, Credential.id)
    )
    return [_page(session, credential) for credential in rows]


def get_own(session: Session, person_id: int, uuid: str) -> BadgePage:
    """One of the person's own badges with its evidence. Raises NotFound."""
    credential = session.scalar(
        select(Credential)
        .join(Enrolment)
        .where(Enrolment.person_id == person_id, Credential.uuid == uuid)
    )
    if credential is None:
        raise NotFound()
    return _page(session, credential, with_evidence=True)


def get_shared(session: Session, slug: str) -> Credential:
    """A badge its holder has made public. Raises NotFound for anything else."""
    credential = session.scalar(_SHARED, {"slug": slug})
    if credential is None:
        raise NotFound()
    return credential


def page_of(session: Session, credential: Credential) -> BadgePage:
    """What is shown of a badge, with its evidence."""
    return _page(session, credential, with_evidence=True)


def _page(session: Session, credential: Credential, with_evidence: bool = False) -> BadgePage:
    manifest = manifest_of(session, credential.manifest_id)
    module = manifest.by_module_id.get(credential.module_id or 0)
    evidence: list[tuple[str, datetime]] = []
    if with_evidence and module is not None:
        wanted = {c.key for c in module.criteria}
        rows = session.connection().execute(_EVIDENCE, {"enrolment": credential.enrolment_id})
        evidence = [(criterion, met_at) for criterion, met_at in rows if criterion in wanted]
    return BadgePage(credential, manifest, module, tuple(evidence))


_SHARED = select(Credential).where(Credential.share_slug == bindparam("slug"))
_EVIDENCE = (
    select(CriterionMet.criterion, CriterionMet.met_at)
    .where(CriterionMet.enrolment_id == bindparam("enrolment"))
    .order_by(CriterionMet.met_at)
)
"""Composed once: the public page is the one that strangers may open as often as they like."""


def share(session: Session, person_id: int, uuid: str, now: datetime) -> str:
    """Make the badge public; returns its address word. Sharing again changes nothing."""
    credential = get_own(session, person_id, uuid).credential
    if credential.share_slug is None:
        credential.share_slug = new_uuid()
        credential.shared_at = now
        session.flush()
    return credential.share_slug


def unshare(session: Session, person_id: int, uuid: str) -> None:
    """Withdraw the public page; its address is gone for good."""
    credential = get_own(session, person_id, uuid).credential
    credential.share_slug = None
    credential.shared_at = None
    session.flush()


def course_of(session: Session, credential: Credential) -> str:
    """Key of the course a credential belongs to."""
    return session.execute(
        select(Course.key)
        .join(Enrolment, Enrolment.course_id == Course.id)
        .where(Enrolment.id == credential.enrolment_id)
    ).scalar_one()
