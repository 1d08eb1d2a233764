"""For everyone."""

from __future__ import annotations

from flask import Response, g, jsonify
from sqlalchemy import text

from lms.web.blueprint import PUBLIC, db_session
from lms.web.public import pages as pages
from lms.web.public.room import ROOM


@ROOM.get("/healthz", PUBLIC)
def health() -> Response:
    """200 when the service can read its records; says nothing else to strangers."""
    db_session().execute(text("SELECT 1"))
    g.lms_public = True
    response: Response = jsonify({"status": "ok"})
    response.headers["Cache-Control"] = "no-store"
    return response
