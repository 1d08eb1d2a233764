"""Arranging a course in the browser: modules, the order of things, taking out and bringing back.

Everything is reached through its course; nothing a learner sees changes before publication.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.domain import draft_rules as rules
from lms.domain.authoring import AuthoredModule
from lms.domain.errors import Conflict, NotFound, Refusal
from lms.models import Activity, Course, Item, Module, Person
from lms.services import audit, drafts
from lms.services.draft_rows import (
    get_activity,
    get_item,
    list_activities,
    list_modules,
    lock,
    locked_module,
    taken_keys,
)
from lms.services.draft_uses import require_unnamed, require_unused

ACTS = {
    "item": ("item.archive", "item.restore"),
    "lesson": ("lesson.archive", "lesson.restore"),
    "quiz": ("quiz.archive", "quiz.restore"),
    "exercise": ("exercise.archive", "exercise.restore"),
}
"""What taking out and putting back are called in the record, whole, so that each has its words."""


def save_module(
    session: Session,
    course: Course,
    module: AuthoredModule,
    *,
    expected: int,
    author: Person,
    now: datetime,
) -> int:
    """The module's own texts, outcomes and criteria; returns the new revision.

    Its activities and items stay as they are, and its folder. Raises NotFound,
    Conflict("edited-meanwhile", number), Refusal("draft-invalid", faults),
    Refusal("outcome-in-use", outcome, where).
    """
    row = locked_module(session, course, module.key)
    revision: int = row.draft["revision"]
    texts = {**drafts.module_texts(module), "folder": row.draft["folder"]}
    if _says(row, texts):
        return revision
    if expected != revision:
        raise Conflict("edited-meanwhile", number=revision)
    rules.require_module(module)
    kept = {outcome.key for outcome in module.outcomes}
    gone = {o["key"]: o["text"] for o in row.draft["outcomes"] if o["key"] not in kept}
    if gone:
        require_unused(session, course, row, gone)
    row.draft = {**row.draft, **texts, "revision": revision + 1}
    _note(session, author, "module.save", course, row.key, now)
    session.flush()
    return revision + 1


def _says(row: Module, texts: drafts.Json) -> bool:
    return texts == {name: row.draft[name] for name in texts}


def add_module(
    session: Session, course: Course, module: AuthoredModule, *, author: Person, now: datetime
) -> str:
    """A new module at the course's end, still without activities; returns its key.

    Pressed twice, it is added once: a last module that says the same is the one just added.
    """
    lock(session, course)
    rules.require_module(module)
    last = list_modules(session, course.id)[-1:]
    if last and _says(last[0], {**drafts.module_texts(module), "folder": last[0].draft["folder"]}):
        return last[0].key
    key = rules.key_from(module.title, taken_keys(session, course))
    rows = session.scalars(select(Module).where(Module.course_id == course.id)).all()
    position = max((row.position for row in rows), default=0) + 1
    numbers = [int(n) for row in rows if (n := row.draft["folder"].partition("-")[0]).isdigit()]
    folder = f"{max(numbers, default=0) + 1:02d}-{key}"
    texts = drafts.module_texts(replace(module, folder=folder))
    draft = {**texts, "revision": 1}
    session.add(Module(course_id=course.id, key=key, position=position, draft=draft))
    _note(session, author, "module.add", course, key, now)
    session.flush()
    return key


def archive_module(
    session: Session, course: Course, key: str, *, author: Person, now: datetime
) -> None:
    """Take an empty module out of the draft; completions and badges stay.

    Raises NotFound, Conflict("module-not-empty") while it holds anything that is not archived.
    """
    module = locked_module(session, course, key)
    items = select(Item.id).where(Item.module_id == module.id, Item.archived_at.is_(None))
    if list_activities(session, module) or session.scalar(items.limit(1)) is not None:
        raise Conflict("module-not-empty")
    module.archived_at = now
    _note(session, author, "module.archive", course, key, now)
    session.flush()


def reorder(session: Session, course: Course, module_key: str, keys: Sequence[str]) -> None:
    """Put the module's lessons and tests in this order.

    ``keys`` are all of them, each once; anything else (one of another course, one missing because
    somebody has just added it) is Refusal("reorder-incomplete") and changes nothing.
    """
    module = locked_module(session, course, module_key)
    rows = {row.key: row for row in list_activities(session, module)}
    if len(keys) != len(rows) or set(keys) != rows.keys():
        raise Refusal("reorder-incomplete")
    for position, key in enumerate(keys, 1):
        rows[key].position = position
    session.flush()


def move(session: Session, course: Course, key: str, step: int) -> None:
    """Move a lesson or test by one place (-1 up, +1 down); at the end it stays. Raises NotFound."""
    held = get_activity(session, course, key)
    keys = [row.key for row in list_activities(session, held.module)]
    if key not in keys or step not in (-1, 1):
        raise NotFound()
    at = keys.index(key)
    to = min(max(at + step, 0), len(keys) - 1)
    keys.insert(to, keys.pop(at))
    reorder(session, course, held.module.key, keys)


def reorder_modules(session: Session, course: Course, keys: Sequence[str]) -> None:
    """Put the course's modules in this order; as :func:`reorder`."""
    lock(session, course)
    rows = {row.key: row for row in list_modules(session, course.id)}
    if len(keys) != len(rows) or set(keys) != rows.keys():
        raise Refusal("reorder-incomplete")
    for position, key in enumerate(keys, 1):
        rows[key].position = position
    session.flush()


def archive_activity(
    session: Session, course: Course, key: str, *, author: Person, now: datetime
) -> None:
    """Take a lesson, exercise or test out of the draft, also a test of the whole course; what
    people did with it stays. Raises NotFound."""
    _set_archived(session, course, _any_activity(session, course, key), now, author, now)


def restore_activity(
    session: Session, course: Course, key: str, *, author: Person, now: datetime
) -> None:
    """Put it back where it was. Raises NotFound, Conflict("module-archived")."""
    row = _any_activity(session, course, key)
    if row.module_id is not None:
        _require_home(session, row.module_id)
    _set_archived(session, course, row, None, author, now)


def _any_activity(session: Session, course: Course, key: str) -> Activity:
    wanted = select(Activity).where(Activity.course_id == course.id, Activity.key == key)
    row = session.scalar(wanted)
    if row is None:
        raise NotFound()
    return row


def archive_item(
    session: Session, course: Course, key: str, *, author: Person, now: datetime
) -> None:
    """Take a question out of the draft's bank. Raises NotFound, Refusal("item-named", where)."""
    row = get_item(session, course, key).row
    require_unnamed(session, course, key)
    _set_archived(session, course, row, now, author, now)


def restore_item(
    session: Session, course: Course, key: str, *, author: Person, now: datetime
) -> None:
    """Put it back into its module's bank. Raises NotFound, Conflict("module-archived")."""
    row = get_item(session, course, key).row
    _require_home(session, row.module_id)
    _set_archived(session, course, row, None, author, now)


def _require_home(session: Session, module_id: int) -> None:
    """In a module that was taken out, or is just being, nothing put back would ever be seen."""
    module = session.get_one(Module, module_id)
    lock(session, module)
    if module.archived_at is not None:
        raise Conflict("module-archived")


def _set_archived(
    session: Session,
    course: Course,
    row: Activity | Item,
    at: datetime | None,
    author: Person,
    now: datetime,
) -> None:
    if (row.archived_at is None) is (at is None):
        return
    row.archived_at = at
    taken_out, put_back = ACTS["item" if isinstance(row, Item) else row.kind]
    _note(session, author, put_back if at is None else taken_out, course, row.key, now)
    session.flush()


def _note(
    session: Session, author: Person, verb: str, course: Course, key: str, now: datetime
) -> None:
    subject = f"course:{course.key}"
    audit.record(session, actor=author, verb=verb, subject=subject, now=now, key=key)
