"""Badges and the printable certificate."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from lms.domain.access import Action
from lms.domain.completion import ModuleProgress
from lms.domain.curriculum import CriterionKind
from lms.domain.errors import NotFound
from lms.services import credentials, learning
from lms.web import i18n
from lms.web.blueprint import commit, db_session
from lms.web.clock import now, today
from lms.web.course_words import Words, duration, named_criteria
from lms.web.identity import me
from lms.web.learn.room import ROOM
from lms.web.rendering import attachment, draw, notice, render, to, url


@ROOM.get("/badges", Action.LEARN)
def badges() -> Response:
    """All badges of the reader, and those still to earn."""
    session = db_session()
    enrolled = learning.find_enrolled(session, me().person_id)
    route = None
    if enrolled is not None:
        route = learning.overview(enrolled, learning.read_ledger(session, enrolled), today())
    pages = credentials.list_own(session, me().person_id)
    earned = {page.credential.achievement for page in pages}
    return render(
        "lms/learn/badges.html",
        pages=[(page, Words(page.manifest)) for page in pages],
        route=route,
        w=Words(enrolled.manifest) if enrolled else None,
        todo=[p.module for p in route.modules if f"module:{p.module.key}" not in earned]
        if route
        else [],
        course_is_todo=route is not None and f"course:{route.enrolled.course_key}" not in earned,
    )


@ROOM.get("/badges/<uuid:uuid>", Action.LEARN)
def badge(uuid: Any) -> Response:
    """One badge: what it stands for, its evidence, and whether the public may see it."""
    page = credentials.get_own(db_session(), me().person_id, str(uuid))
    return render(
        "lms/learn/badge.html",
        page=page,
        credential=page.credential,
        course=page.manifest,
        module=page.module,
        w=Words(page.manifest),
        criteria=named_criteria(page.manifest, page.module, page.evidence),
        public_url=_public_url(page),
    )


def _public_url(page: credentials.BadgePage) -> str:
    slug = page.credential.share_slug
    return url("public.badge", slug=slug, _external=True) if slug else ""


@ROOM.get("/badges/<uuid:uuid>/badge.svg", Action.LEARN)
def badge_picture(uuid: Any) -> Response:
    """The badge as a picture to keep."""
    page = credentials.get_own(db_session(), me().person_id, str(uuid))
    response = Response(
        draw("lms/badge_picture.svg", page=page, w=Words(page.manifest)),
        mimetype="image/svg+xml",
    )
    if request.args.get("download") == "1":
        name = page.module.key if page.module else page.manifest.key
        response.headers["Content-Disposition"] = attachment(f"insigna-{name}.svg")
    return response


@ROOM.post("/badges/<uuid:uuid>/share", Action.LEARN)
def share(uuid: Any) -> Response:
    """Give the badge a public page."""
    credentials.share(db_session(), me().person_id, str(uuid), now())
    commit()
    notice("success", i18n.gettext("The badge now has a public page."))
    return to("learn.badge", uuid=uuid)


@ROOM.post("/badges/<uuid:uuid>/unshare", Action.LEARN)
def unshare(uuid: Any) -> Response:
    """Withdraw the public page."""
    credentials.unshare(db_session(), me().person_id, str(uuid))
    commit()
    notice("success", i18n.gettext("The public page is withdrawn."))
    return to("learn.badge", uuid=uuid)


@ROOM.get("/course/<course>/certificate", Action.LEARN)
def certificate(course: str) -> Response:
    """A sheet to print: modules finished, hours, criteria. Open from the first finished module."""
    session = db_session()
    enrolled = learning.get_enrolled(session, me().person_id, course)
    route = learning.overview(enrolled, learning.read_ledger(session, enrolled), today())
    done = [p for p in route.modules if p.completed_at]
    if not done:
        raise NotFound("certificate-too-early")
    return render(
        "lms/learn/certificate.html",
        route=route,
        course=enrolled.manifest,
        w=Words(enrolled.manifest),
        done=done,
        minutes=sum(p.module.minutes for p in done),
        completed_at=max(p.completed_at for p in done if p.completed_at),
        duration=duration,
        criteria=_kinds_of_criteria(done),
    )


def _kinds_of_criteria(done: list[ModuleProgress]) -> tuple[int, int]:
    """How many lessons were read and how many tests passed; what was added since is not claimed."""
    criteria = [c for p in done for c in p.module.criteria if c not in p.delta]
    read = sum(c.kind is CriterionKind.READ for c in criteria)
    return read, len(criteria) - read
