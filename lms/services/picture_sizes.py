"""How large the pictures of a course are: a page leaves their room before they have come."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.interop.picture_size import HEAD, Size, size_of
from lms.models import Asset
from lms.services.kept import Kept

KEPT = 5_000
_sizes: Kept[tuple[Size | None]] = Kept(KEPT)
"""By content, which never changes."""


def find_size(session: Session, files: Mapping[str, str], path: str) -> Size | None:
    """The size of the picture ``path`` among a course's ``files`` (path → SHA-256); None where it
    has none.

    No query once a process has seen the picture; at most one for all beside it (``…/img/``).
    """
    sha256 = files.get(path)
    if sha256 is None:
        return None
    known = _sizes.get(session, sha256)
    if known is None:
        folder = path[: path.rindex("/") + 1]
        beside = {sha for name, sha in files.items() if name.startswith(folder)}
        _read(session, {sha for sha in beside if _sizes.get(session, sha) is None})
        known = _sizes.get(session, sha256) or (None,)
    return known[0]


def _read(session: Session, wanted: set[str]) -> None:
    head = func.substr(Asset.data, 1, HEAD)
    with session.no_autoflush:
        for sha256, data in session.execute(
            select(Asset.sha256, head).where(Asset.sha256.in_(wanted))
        ):
            _sizes.put(session, sha256, (size_of(data),))
