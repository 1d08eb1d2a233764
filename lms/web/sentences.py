"""One sentence for every refusal. Rooms keep theirs beside their views."""

from __future__ import annotations

from importlib import import_module

from lms.domain.errors import Refusal
from lms.web import i18n

N_ = i18n.N_

COMMON = {
    "csrf": N_(
        "The page was open too long or the request did not come from it. Nothing was changed: "
        "go back, reload the page and try again."
    ),
    "not-found": N_(
        "The address may be mistyped, or the page is not yours to see. Nothing was lost."
    ),
    "not-allowed": N_("Your account does not include this. Nothing was changed."),
    "bad-query": N_("The address asks for something that does not exist. Nothing was changed."),
}
ROOMS = ("account", "learn", "teach", "manage", "admin")


def table() -> dict[str, str]:
    """Every known code with its English sentence."""
    found = dict(COMMON)
    for room in ROOMS:
        found.update(import_module(f"lms.web.{room}.sentences").SENTENCES)
    return found


def sentence(error: Refusal) -> str:
    """What to tell the reader; a code without a sentence is a mistake a test finds."""
    return i18n.gettext(table()[error.code], **error.params)
