"""The cells of the team's table. A page has six hundred; what they can say is drawn once each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from flask import current_app, request
from jinja2 import Environment
from markupsafe import Markup

from lms.domain.completion import ModuleProgress, ModuleState
from lms.web import i18n
from lms.web.clock import ZONE

Said = tuple[str, date | None, bool]
"""Kind, the date that matters, and whether something overdue was begun."""

MOST = 20_000
"""Drawn cells kept per process: twelve modules, two languages and two years of days fit."""

_drawn: WeakKeyDictionary[Environment, dict[Any, str]] = WeakKeyDictionary()


def drawer() -> Callable[[Iterable[ModuleProgress]], Markup]:
    """Draws a person's cells, in this request's language. Nothing of the person is kept."""
    templates: Environment = current_app.extensions["lms"].templates
    macro: Any = templates.get_template("lms/manage/_cell.html").module
    known = _drawn.setdefault(templates, {})
    if len(known) > MOST:
        known.clear()
    language, root = i18n.language(), request.script_root

    def cell(progress: ModuleProgress) -> str:
        module = progress.module
        label = module.en.get("short", module.short) if language == "en" else module.short
        key = (*said(progress), label, language, root)
        drawn = known.get(key)
        if drawn is None:
            drawn = known[key] = str(macro.cell_of(*key[:4]))
        return drawn

    return lambda cells: Markup("".join(map(cell, cells)))  # noqa: S704 - our template escaped it


def said(progress: ModuleProgress) -> Said:
    """What the cell of one module has to say."""
    if progress.completed_at:
        return "done", progress.completed_at.astimezone(ZONE).date(), False
    is_begun = progress.state is ModuleState.IN_PROGRESS
    if progress.overdue:
        return "overdue", progress.due_on, is_begun
    return ("current" if is_begun else "none"), None, False
