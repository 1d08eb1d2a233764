"""For everyone."""

from __future__ import annotations

from flask import Response, g, jsonify

from lms.services.health import check
from lms.web.blueprint import PUBLIC, db_session
from lms.web.public import pages as pages
from lms.web.public.room import ROOM


@ROOM.get("/healthz", PUBLIC)
def health() -> Response:
    """200 when the service can read its records; says nothing else to strangers."""
    check(db_session())
    g.lms_public = True
    response: Response = jsonify({"status": "ok"})
    response.headers["Cache-Control"] = "no-store"
    return response
