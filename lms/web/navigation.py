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


BELOW = {"learn.badge": "learn.badges"}
"""Pages that belong to another entry than the first one of their room."""


def links(person: SignedIn) -> list[tuple[str, str, str]]:
    """Address, label and ``aria-current`` (page, true or empty) of the person's entries.

    ``true`` marks the entry under which the reader is, without being on its own page.
    """
    here = ".".join((request.endpoint or "").split(".")[-2:])
    allowed = [entry for entry in ENTRIES if may(person.viewer, entry[2])]
    under = BELOW.get(here) or next(
        (e for e, _, _ in allowed if e.split(".")[0] == here.split(".")[0]), ""
    )
    if here in {endpoint for endpoint, _, _ in allowed}:
        under = here
    return [
        (
            url(endpoint),
            i18n.gettext(label),
            "" if endpoint != under else "page" if endpoint == here else "true",
        )
        for endpoint, label, _ in allowed
    ]
