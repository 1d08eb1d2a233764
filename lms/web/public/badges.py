"""A badge its holder has made public: what was earned, and how anyone can check it."""

from __future__ import annotations

from typing import Any

from flask import Response

from lms.services import credentials
from lms.web.blueprint import PUBLIC, db_session
from lms.web.course_words import Words, named_criteria
from lms.web.public.room import ROOM
from lms.web.rendering import render


@ROOM.get("/b/<uuid:slug>", PUBLIC)
def badge(slug: Any) -> Response:
    """Open to everyone who has the address; neither e-mail nor department stand here.

    A badge that was never shared, or no longer, looks like one that never was.
    """
    page = credentials.get_shared(db_session(), str(slug))
    return render(
        "lms/public/badge.html",
        page=page,
        credential=page.credential,
        course=page.manifest,
        module=page.module,
        w=Words(page.manifest),
        criteria=named_criteria(page.manifest, page.module, page.evidence),
    )
