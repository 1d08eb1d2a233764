"""The administrator's page: how the installation stands, and the record of what was done."""

from __future__ import annotations

import platform
from importlib.metadata import version

from flask import Response, current_app, request

from lms import __version__
from lms.domain.access import Action
from lms.services import audit_lines, condition
from lms.services.paging import read_page
from lms.web.admin.acting import page
from lms.web.admin.room import ROOM
from lms.web.admin.sentences import VERBS
from lms.web.blueprint import db_session
from lms.web.clock import now
from lms.web.rendering import url

PARTS = ("Flask", "SQLAlchemy", "Werkzeug")


@ROOM.get("/system", Action.ADMINISTER)
def status() -> Response:
    """Versions, the database with its known weakness, figures, the record newest first."""
    return page(
        "system.html",
        database=condition.database_facts(db_session()),
        mended=".".join(map(str, condition.WAL_RACE_MENDED)),
        counts=condition.counts(db_session(), now()),
        versions=[
            ("Parcurs", __version__),
            ("Python", platform.python_version()),
            *((part, version(part)) for part in PARTS),
        ],
        workers=current_app.extensions["lms"].settings.workers,
        record=audit_lines.list_lines(db_session(), page=read_page(request.args.get("page"))),
        verbs=VERBS,
        address=lambda number: url("admin.status", page=number) + "#record",
    )
