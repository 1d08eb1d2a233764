"""The main menu: only what exists, and only what this person may open."""

from __future__ import annotations

from flask import request

from lms.domain.access import Action, may
from lms.services.sign_in import SignedIn
from lms.web import i18n
from lms.web.rendering import url

N_ = i18n.N_
ENTRIES: tuple[tuple[str, str, Action], ...] = (
    ("learn.home", N_("My course"), Action.LEARN),
    ("learn.badges", N_("Badges"), Action.LEARN),
    ("learn.glossary", N_("Glossary"), Action.LEARN),
    ("manage.team", N_("My team"), Action.SEE_TEAM),
    ("teach.courses", N_("Courses"), Action.TEACH),
    ("admin.people", N_("People"), Action.MANAGE_PEOPLE),
    ("admin.status", N_("System"), Action.ADMINISTER),
)


def links(person: SignedIn) -> list[tuple[str, str, bool]]:
    """Address, label and whether the reader is there, for the person's entries."""
    room_and_view = ".".join((request.endpoint or "").split(".")[-2:])
    return [
        (url(endpoint), i18n.gettext(label), endpoint == room_and_view)
        for endpoint, label, action in ENTRIES
        if may(person.viewer, action)
    ]
