"""The tree of a course as its authors see it: what is in the draft, and what of it is published."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.domain import publishing as rules
from lms.domain.curriculum import Activity, Manifest
from lms.domain.publishing import ChangeKind, Part
from lms.models import Activity as ActivityRow
from lms.models import Course, Item
from lms.services import drafts
from lms.services.curriculum import manifest_of
from lms.services.draft_manifest import Draft, label_of, read_draft
from lms.services.draft_rows import latest_items, list_modules


class State(StrEnum):
    """Where a thing of the draft stands towards what is published."""

    PUBLISHED = "published"
    CHANGED = "changed"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class ActivityLine:
    key: str
    kind: str
    title: str
    minutes: int
    state: State


@dataclass(frozen=True, slots=True)
class ModuleLine:
    key: str
    title: str
    number: int
    state: State
    activities: tuple[ActivityLine, ...]
    items: int
    """Questions for tests."""
    checks: int
    """Self-checks."""
    archived: tuple[tuple[str, str], ...]
    """(key, kind) of lessons and tests that were taken out."""


@dataclass(frozen=True, slots=True)
class Outline:
    course_id: int
    key: str
    title: str
    is_published: bool
    changes: int
    """How many things differ from what is published."""
    modules: tuple[ModuleLine, ...]
    tests: tuple[ActivityLine, ...]
    """Of the whole course."""
    archived: tuple[tuple[str, str], ...]
    """(key, kind) of those that were taken out."""


@dataclass(frozen=True, slots=True)
class ItemLine:
    key: str
    label: str
    """The beginning of the question."""
    kind: str
    use: str
    outcome: str
    difficulty: int
    number: int
    """Of the newest version."""
    state: State


def outline(session: Session, course: Course) -> Outline:
    """The whole tree, in a constant number of queries."""
    draft = read_draft(session, course)
    live = _live(session, course)
    difference = rules.compare(live, draft.manifest)
    states = {(c.part, c.key): _state(c.kind) for c in difference.changes}
    archived: dict[int | None, list[tuple[str, str]]] = defaultdict(list)
    gone = select(ActivityRow).where(
        ActivityRow.course_id == course.id, ActivityRow.archived_at.is_not(None)
    )
    for row in session.scalars(gone.order_by(ActivityRow.position, ActivityRow.id)):
        archived[row.module_id].append((row.key, row.kind))
    checks = _checks(session, course, draft)
    pool = Counter(item.module for item in draft.manifest.pool)
    modules = tuple(
        ModuleLine(
            key=module.key,
            title=module.title,
            number=module.number,
            state=states.get((Part.MODULE, module.key), State.PUBLISHED),
            activities=tuple(_line(activity, states) for activity in module.activities),
            items=pool[module.key],
            checks=checks[module.id],
            archived=tuple(archived[module.id]),
        )
        for module in draft.manifest.modules
    )
    changes = len(difference.changes) + len(difference.criteria)
    return Outline(
        course_id=course.id,
        key=course.key,
        title=draft.manifest.title,
        is_published=live is not None,
        changes=changes,
        modules=modules,
        tests=tuple(_line(a, states) for a in (*draft.manifest.before, *draft.manifest.after)),
        archived=tuple(archived[None]),
    )


def _line(activity: Activity, states: Mapping[tuple[Part, str], State]) -> ActivityLine:
    state = states.get((Part(activity.kind), activity.key), State.PUBLISHED)
    return ActivityLine(activity.key, activity.kind, activity.title, activity.minutes, state)


def list_items(session: Session, course: Course, module_key: str) -> list[ItemLine]:
    """The bank of one module, in its order. Raises NotFound through an unknown module's absence:
    the list of a module that is not there is empty."""
    homes = {module.id for module in list_modules(session, course.id) if module.key == module_key}
    live = _live(session, course)
    published = {p.key: p.version_id for p in live.pool} | live.checks if live else {}
    lines = []
    for row, version in latest_items(session, course.id):
        if row.module_id not in homes:
            continue
        item = drafts.item_of(version.source)
        known = published.get(item.key)
        state = State.NEW if known is None else State.CHANGED
        lines.append(
            ItemLine(
                key=item.key,
                label=label_of(item.stem),
                kind=item.kind,
                use=item.use,
                outcome=item.outcome,
                difficulty=item.difficulty,
                number=version.number,
                state=State.PUBLISHED if known == version.id else state,
            )
        )
    return lines


def _live(session: Session, course: Course) -> Manifest | None:
    return manifest_of(session, course.manifest_id) if course.manifest_id else None


def _checks(session: Session, course: Course, draft: Draft) -> Counter[int]:
    homes = session.execute(select(Item.key, Item.module_id).where(Item.course_id == course.id))
    return Counter(module_id for key, module_id in homes if key in draft.manifest.checks)


def _state(kind: ChangeKind) -> State:
    return State.NEW if kind is ChangeKind.ADDED else State.CHANGED
