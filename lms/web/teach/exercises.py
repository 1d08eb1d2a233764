"""Workbook exercises as their author sees them: the sheet as learners will see it."""

from __future__ import annotations

from flask import Response

from lms.domain.access import Action
from lms.services import outline
from lms.services.draft_rows import get_exercise
from lms.web.blueprint import db_session
from lms.web.rendering import render
from lms.web.teach.loading import taught
from lms.web.teach.previews import exercise_preview
from lms.web.teach.room import ROOM


@ROOM.get("/<course>/exercise/<key>", Action.TEACH)
def exercise(course: str, key: str) -> Response:
    """What was stored when it was saved, as learners will see it."""
    home = taught(course)
    held = get_exercise(db_session(), home, key)
    tree = outline.outline(db_session(), home)
    return render(
        "lms/teach/exercise.html",
        course=home,
        module=held.module,
        line=next((m for m in tree.modules if m.key == held.module.key), None),
        outline=tree,
        key=key,
        archived=held.row.archived_at is not None,
        title=held.value.title,
        preview=exercise_preview(home, held.module, held.version.rendered),
    )
