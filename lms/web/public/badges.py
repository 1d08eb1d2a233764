"""A badge its holder has made public: what was earned, and how anyone can check it."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from flask import Response, current_app, request
from jinja2 import Environment
from markupsafe import Markup

from lms.models import Credential
from lms.services import credentials
from lms.services.curriculum import manifest_of
from lms.web import i18n
from lms.web.blueprint import PUBLIC, db_session
from lms.web.course_words import Words, named_criteria
from lms.web.public.room import ROOM
from lms.web.rendering import draw, render

MOST = 500
"""Drawn badges kept per process."""

_drawn: WeakKeyDictionary[Environment, dict[Any, Markup]] = WeakKeyDictionary()


@ROOM.get("/b/<uuid:slug>", PUBLIC)
def badge(slug: Any) -> Response:
    """Open to everyone who has the address; neither e-mail nor department stand here.

    A badge that was never shared, or no longer, looks like one that never was.
    """
    credential = credentials.get_shared(db_session(), str(slug))
    course = manifest_of(db_session(), credential.manifest_id)
    return render(
        "lms/public/badge.html",
        credential=credential,
        course=course,
        module=course.by_module_id.get(credential.module_id or 0),
        w=Words(course),
        body=_body(credential),
    )


def _body(credential: Credential) -> Markup:
    """What the page says: the same to everybody for as long as the record, read for every request,
    says the same. Its evidence never changes."""
    state = current_app.extensions["lms"]
    known = _drawn.setdefault(state.templates, {})
    record = (credential.uuid, credential.manifest_id, credential.recipient_name)
    revoked = (credential.revoked_at, credential.revoked_reason)
    key = (*record, *revoked, i18n.language(), request.script_root)
    if key not in known:
        if len(known) >= MOST:
            known.clear()
        known[key] = _draw(credential)
    return known[key]


def _draw(credential: Credential) -> Markup:
    page = credentials.page_of(db_session(), credential)
    html = draw(
        "lms/public/_badge.html",
        credential=credential,
        course=page.manifest,
        module=page.module,
        w=Words(page.manifest),
        criteria=named_criteria(page.manifest, page.module, page.evidence),
    )
    return Markup(html)  # noqa: S704 - our own template escaped it
