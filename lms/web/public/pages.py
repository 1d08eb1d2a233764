"""Pages that say how things are: accessibility, privacy, contact."""

from __future__ import annotations

from flask import Response, current_app

from lms.web.blueprint import PUBLIC
from lms.web.public.room import ROOM
from lms.web.rendering import render


@ROOM.get("/accessibility", PUBLIC)
def accessibility() -> Response:
    return render("lms/public/accessibility.html")


@ROOM.get("/privacy", PUBLIC)
def privacy() -> Response:
    return render("lms/public/privacy.html")


@ROOM.get("/contact", PUBLIC)
def contact() -> Response:
    settings = current_app.extensions["lms"].settings
    return render("lms/public/contact.html", contact=settings.contact)
