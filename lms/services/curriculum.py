"""What is published: courses, their manifests and their files, as every page reads them.

A manifest never changes once it is written, so each process parses it once and keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from lms.domain.curriculum import Manifest
from lms.domain.errors import NotFound
from lms.models import Asset, Course
from lms.models import Manifest as ManifestRow
from lms.services.kept import Kept

KEPT: Final = 32
"""Manifests kept per database and process: what is published and what open attempts still use."""

_FRESH: Final = "lms_fresh_manifests"


@dataclass(frozen=True, slots=True)
class Published:
    course_id: int
    manifest_id: int
    manifest: Manifest


_kept: Kept[Manifest] = Kept(KEPT)


def find_published(session: Session, course_key: str) -> Published | None:
    """The course as it is published now; None when there is none. One query at most two."""
    row = session.execute(
        select(Course.id, Course.manifest_id).where(
            Course.key == course_key, Course.manifest_id.is_not(None)
        )
    ).first()
    if row is None or row.manifest_id is None:
        return None
    return Published(row.id, row.manifest_id, manifest_of(session, row.manifest_id))


def published(session: Session, course_key: str) -> Published:
    """The course as it is published now. Raises NotFound."""
    found = find_published(session, course_key)
    if found is None:
        raise NotFound()
    return found


def list_published(session: Session) -> list[Published]:
    """Every published course, by key."""
    rows = session.connection().execute(_PUBLISHED).all()
    return [
        Published(row.id, row.manifest_id, manifest_of(session, row.manifest_id))
        for row in rows
        if row.manifest_id is not None
    ]


_PUBLISHED = (
    select(Course.id, Course.manifest_id)
    .where(Course.manifest_id.is_not(None))
    .order_by(Course.key)
)


def manifest_of(session: Session, manifest_id: int) -> Manifest:
    """A publication by its id, without a query once this process has read it. Raises NotFound."""
    is_fresh = manifest_id in session.info.get(_FRESH, ())
    known = None if is_fresh else _kept.get(session, manifest_id)
    if known is not None:
        return known
    content = session.scalar(select(ManifestRow.content).where(ManifestRow.id == manifest_id))
    if content is None:
        raise NotFound()
    manifest = Manifest.from_json(content)
    if not is_fresh:
        _kept.put(session, manifest_id, manifest)
    return manifest


def mark_fresh(session: Session, manifest_id: int) -> None:
    """Say that this session has written a manifest which it may still roll back.

    Until then nothing of it may be kept: after a rollback the same id is given to another one.
    """
    session.info.setdefault(_FRESH, set()).add(manifest_id)


def get_asset(session: Session, at: Published, path: str) -> Asset:
    """A picture or download of what is published (``<module key>/img/x.svg``), with its data.

    Files that only a draft uses are not found. Raises NotFound.
    """
    sha256 = at.manifest.assets.get(path)
    asset = find_asset(session, at.course_id, sha256) if sha256 else None
    if asset is None:
        raise NotFound()
    return asset


def find_asset(session: Session, course_id: int, sha256: str) -> Asset | None:
    """A stored file of the course by content, with its data."""
    return session.scalar(
        select(Asset)
        .where(Asset.course_id == course_id, Asset.sha256 == sha256)
        .options(undefer(Asset.data))
    )
