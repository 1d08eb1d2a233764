"""Tests of the whole course: seen here, written in the course's files."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from lms.domain.access import Action
from lms.services import authoring, outline
from lms.services.draft_rows import get_course_test, list_modules
from lms.web.blueprint import commit, db_session
from lms.web.clock import now
from lms.web.rendering import render, to
from lms.web.teach.loading import author, taught
from lms.web.teach.room import ROOM


@ROOM.get("/<course>/course-test/<key>", Action.TEACH)
def course_test(course: str, key: str) -> Response:
    """What it draws, module by module, and the rules it follows."""
    session, home = db_session(), taught(course)
    row, test = get_course_test(session, home, key)
    modules = {module.key: module.draft for module in list_modules(session, home.id)}
    return render(
        "lms/teach/course_test.html",
        course=home,
        outline=outline.outline(session, home),
        key=key,
        archived=row.archived_at is not None,
        test=test,
        draws=[
            (rule, modules.get(rule.module), _outcome(modules.get(rule.module), rule.outcome))
            for rule in test.settings.draw
        ],
    )


def _outcome(module: dict[str, Any] | None, key: str) -> str:
    outcomes = module["outcomes"] if module else []
    return next((str(o["text"]) for o in outcomes if o["key"] == key), key)


@ROOM.post("/<course>/course-test/<key>/archive", Action.TEACH)
def archive_course_test(course: str, key: str) -> Response:
    """Take it out of the draft, or put it back (``restore``)."""
    home = taught(course)
    get_course_test(db_session(), home, key)
    act = authoring.restore_activity if "restore" in request.form else authoring.archive_activity
    act(db_session(), home, key, author=author(), now=now())
    commit()
    return to("teach.course_test", course=course, key=key)
