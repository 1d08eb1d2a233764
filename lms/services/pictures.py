"""Pictures that trainers add to a draft from the browser."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from lms.domain.draft_rules import key_from
from lms.domain.errors import Refusal
from lms.models import Asset, Course, Person
from lms.services import audit, curriculum
from lms.services.draft_rows import get_module
from lms.services.rendering import MEDIA_TYPES

MAX_BYTES: Final = 1_000_000
"""A picture of a lesson. Larger ones are received as well (``LARGEST_WITH_PICTURE``), to be refused
beside the text they came with."""


def add_picture(
    session: Session,
    course: Course,
    module_key: str,
    name: str,
    data: bytes,
    *,
    author: Person,
    now: datetime,
) -> str:
    """Keep a picture in the module's ``img/``; returns how a lesson names it (``img/x.png``).

    What it is says its content, never its name; drawings (SVG) may carry scripts and come with
    the course files only, where they are checked. The same picture again is the same file.
    Raises NotFound, Refusal: ``picture-missing``, ``picture-type``, ``picture-too-large``.
    """
    kind = _kind_of(data)
    session.refresh(course, with_for_update=True)
    folder = f"{get_module(session, course, module_key).draft['folder']}/img/"
    sha256 = hashlib.sha256(data).hexdigest()
    files: dict[str, str] = course.draft["assets"]
    for path, stored in files.items():
        if stored == sha256 and path.startswith(folder):
            return f"img/{path.removeprefix(folder)}"
    taken = {path.removeprefix(folder).rpartition(".")[0] for path in files}
    named = f"{key_from(name.rpartition('.')[0] or name, taken)}.{kind}"
    if curriculum.find_asset(session, course.id, sha256) is None:
        session.add(
            Asset(
                course_id=course.id,
                sha256=sha256,
                media_type=MEDIA_TYPES[kind],
                name=named,
                data=data,
            )
        )
    course.draft = {**course.draft, "assets": {**files, folder + named: sha256}}
    audit.record(
        session,
        actor=author,
        verb="picture.add",
        subject=f"course:{course.key}",
        now=now,
        path=folder + named,
    )
    session.flush()
    return f"img/{named}"


def _kind_of(data: bytes) -> str:
    """The file's ending, by its first bytes."""
    if not data:
        raise Refusal("picture-missing")
    if len(data) > MAX_BYTES:
        raise Refusal("picture-too-large", limit=MAX_BYTES // 1000)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp"
    raise Refusal("picture-type")
