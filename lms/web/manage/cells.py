"""The rows of the team's table. A page has six hundred cells; what they can say is drawn once each."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from flask import current_app, request
from jinja2 import Environment
from markupsafe import Markup, escape

from lms.domain.completion import ModuleProgress, ModuleState
from lms.domain.curriculum import Module
from lms.services.reports import Row
from lms.web import i18n
from lms.web.clock import ZONE

Said = tuple[str, date | None, bool]
"""Kind, the date that matters, and whether something overdue was begun."""

MOST = 20_000
"""Drawn cells kept per application: twelve modules, two languages and two years of days fit."""
GAP = "\N{OBJECT REPLACEMENT CHARACTER}"
STAND_INS = tuple(f"{GAP}{place}" for place in range(5))
"""For the things of a person in the frame of a row. A host's own template may put them in another
order, twice or not at all."""

_drawn: WeakKeyDictionary[Environment, dict[Any, str]] = WeakKeyDictionary()


def drawer(modules: Sequence[Module], address: Callable[[str], str]) -> Callable[[Row], Markup]:
    """Draws a person's row, in this request's language. Nothing of the person is kept.

    ``address`` is that of a person's page, by uuid.
    """
    templates: Environment = current_app.extensions["lms"].templates
    macros: Any = templates.get_template("lms/manage/_row.html").module
    known = _drawn.setdefault(templates, {})
    if len(known) > MOST:
        known.clear()
    language, root = i18n.language(), request.script_root
    labels = [m.en.get("short", m.short) if language == "en" else m.short for m in modules]
    frame = _frame(str(macros.row_of(*STAND_INS, len(modules))))

    def cell(progress: ModuleProgress, label: str) -> str:
        key = (*said(progress), label, language, root)
        drawn = known.get(key)
        if drawn is None:
            drawn = known[key] = str(macros.cell_of(*key[:4]))
        return drawn

    def row(of: Row) -> Markup:
        text = frame.format(
            escape(address(of.person_uuid)),
            escape(of.name),
            escape(of.department),
            "".join(map(cell, of.cells, labels)),
            of.done,
        )
        return Markup(text)  # noqa: S704 - escaped here or by a template

    return row


def _frame(drawn: str) -> str:
    """What ``str.format`` fills, of a row that was drawn with stand-ins."""
    return re.sub(f"{GAP}(.)", r"{\1}", drawn.replace("{", "{{").replace("}", "}}"))


def said(progress: ModuleProgress) -> Said:
    """What the cell of one module has to say."""
    if progress.completed_at:
        return "done", progress.completed_at.astimezone(ZONE).date(), False
    is_begun = progress.state is ModuleState.IN_PROGRESS
    if progress.overdue:
        return "overdue", progress.due_on, is_begun
    return ("current" if is_begun else "none"), None, False
