"""What holds on to what in a draft: an outcome or a question that something names cannot go unsaid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from lms.domain.errors import Refusal
from lms.models import Course, Module
from lms.services import drafts
from lms.services.draft_manifest import label_of
from lms.services.draft_rows import latest_activities, latest_items

TOLD = 5
"""How many of the things in the way a refusal names."""


def require_unused(
    session: Session, course: Course, module: Module, gone: Mapping[str, str]
) -> None:
    """Outcomes (key → text) leave the module when nothing names them any more: no lesson, exercise
    or question of it, and no test that draws for them.

    Raises Refusal("outcome-in-use", outcome, where).
    """
    used: dict[str, list[str]] = {key: [] for key in gone}
    for activity, version in latest_activities(session, course.id):
        source, is_here = version.source, activity.module_id == module.id
        for key in _outcomes(activity.kind, source, is_here, module.key):
            if key in used:
                used[key].append(source["title"])
    for item, item_version in latest_items(session, course.id):
        if item.module_id != module.id:
            continue
        question = drafts.item_of(item_version.source)
        for key in {question.outcome, *(asked.outcome for asked in question.questions)}:
            if key in used:
                used[key].append(label_of(question.stem))
    for key, titles in used.items():
        if titles:
            raise Refusal("outcome-in-use", outcome=gone[key], where=_listed(titles))


def _outcomes(kind: str, source: Mapping[str, Any], is_here: bool, module: str) -> set[str]:
    """What a lesson, an exercise or a test names of the module's outcomes."""
    if kind != "quiz":
        return set(source["outcomes"]) if is_here else set()
    draw = source["settings"]["draw"]
    return {rule["outcome"] for rule in draw if is_here or rule.get("module") == module}


def require_unnamed(session: Session, course: Course, key: str) -> None:
    """A question leaves its tests, or a self-check its lessons, before it goes or becomes the other.

    Raises Refusal("item-named", where).
    """
    titles = [
        version.source["title"]
        for activity, version in latest_activities(session, course.id)
        if key in _items(activity.kind, version.source, version.rendered)
    ]
    if titles:
        raise Refusal("item-named", where=_listed(titles))


def _items(kind: str, source: Mapping[str, Any], rendered: Mapping[str, Any]) -> Iterable[str]:
    items: list[str] = source["settings"]["items"] if kind == "quiz" else rendered["checks"]
    return items


def _listed(titles: list[str]) -> str:
    """Without words, so that it stands in a sentence of any language: ``One; Two (+3)``."""
    more = len(titles) - TOLD
    return "; ".join(titles[:TOLD]) + (f" (+{more})" if more > 0 else "")
