"""Writing a course in the browser: lessons, tests, questions, modules and their order.

A save takes two steps, so that no transaction waits for the renderer: the view builds an authored
value and has it rendered (:func:`lms.services.rendering.prepare_one`), then a function here judges
and stores it. Everything is reached through its course: the id of another course's lesson is not
found, whoever asks. Nothing a learner sees changes before the course is published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from lms.domain import draft_rules as rules
from lms.domain.authoring import AuthoredModule
from lms.domain.errors import Conflict, NotFound, Refusal
from lms.domain.items import Option, Use
from lms.interop.course_files import part_key
from lms.models import Activity, ActivityVersion, Course, Item, ItemVersion, Module, Person
from lms.services import audit, drafts
from lms.services.draft_rows import (
    Held,
    get_activity,
    get_item,
    get_module,
    latest_items,
    list_modules,
    new_version,
)
from lms.services.drafts import fingerprint
from lms.services.rendering import Piece


def get_course(session: Session, key: str) -> Course:
    """A course, published or not. Raises NotFound."""
    course = session.scalar(select(Course).where(Course.key == key))
    if course is None:
        raise NotFound()
    return course


def option(text: str, why: str, correct: bool) -> Option:
    """An option with its stable key: reordering options moves nobody's saved answer."""
    return Option(part_key(text), text, why, correct)


# -- saving --------------------------------------------------------------------------------------


def save_lesson(
    session: Session, course: Course, piece: Piece, *, expected: int, author: Person, now: datetime
) -> int:
    """A new version of a lesson; returns the number of the newest one.

    ``expected`` is the number the author started from. The same text again makes no version.
    Raises NotFound, Conflict("edited-meanwhile", number), Refusal("draft-invalid", faults).
    """
    return _save(session, course, piece, "lesson", expected, author, now)


def save_quiz(
    session: Session, course: Course, piece: Piece, *, expected: int, author: Person, now: datetime
) -> int:
    """A new version of a test; as :func:`save_lesson`."""
    return _save(session, course, piece, "quiz", expected, author, now)


def save_item(
    session: Session, course: Course, piece: Piece, *, expected: int, author: Person, now: datetime
) -> int:
    """A new version of a question; as :func:`save_lesson`.

    Attempts keep the version they were drawn with, open ones too; those started after the next
    publication are asked the new one.
    """
    return _save(session, course, piece, "item", expected, author, now)


def add_lesson(
    session: Session,
    course: Course,
    module_key: str,
    piece: Piece,
    *,
    author: Person,
    now: datetime,
) -> str:
    """A new lesson after the module's last one; returns its key, made from the title.

    Raises NotFound, Refusal("draft-invalid", faults).
    """
    return _add_activity(session, course, module_key, piece, "lesson", author, now)


def add_quiz(
    session: Session,
    course: Course,
    module_key: str,
    piece: Piece,
    *,
    author: Person,
    now: datetime,
) -> str:
    """A new test at the module's end; as :func:`add_lesson`."""
    return _add_activity(session, course, module_key, piece, "quiz", author, now)


def add_item(
    session: Session,
    course: Course,
    module_key: str,
    piece: Piece,
    *,
    author: Person,
    now: datetime,
) -> str:
    """A new question in the module's bank; returns its key, made from the question's words."""
    _require_kind(piece, "item")
    module = _locked_module(session, course, module_key)
    _require_valid(session, module, piece)
    words = " ".join(piece.source["stem"].split()[:6])
    piece = _with_key(piece, rules.key_from(words, _taken(session, course)))
    last = session.scalars(select(Item.position).where(Item.module_id == module.id)).all()
    row = Item(
        course_id=course.id, module_id=module.id, key=piece.key, position=max(last, default=0) + 1
    )
    return _born(session, row, piece, author, now)


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

    Its activities and items are not looked at, its folder stays. Raises NotFound,
    Conflict("edited-meanwhile", number), Refusal("draft-invalid", faults).
    """
    row = _locked_module(session, course, module.key)
    revision: int = row.draft["revision"]
    if expected != revision:
        raise Conflict("edited-meanwhile", number=revision)
    rules.require_module(module)
    texts = {**drafts.module_texts(module), "folder": row.draft["folder"]}
    if texts == {name: row.draft[name] for name in texts}:
        return revision
    row.draft = {**row.draft, **texts, "revision": revision + 1}
    _note(session, author, "module.save", course, row.key, now)
    session.flush()
    return revision + 1


def add_module(
    session: Session, course: Course, module: AuthoredModule, *, author: Person, now: datetime
) -> str:
    """A new module at the course's end, still without activities; returns its key."""
    _lock(session, course)
    rules.require_module(module)
    key = rules.key_from(module.title, _taken(session, course))
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


# -- order and presence --------------------------------------------------------------------------


def reorder(session: Session, course: Course, module_key: str, keys: Sequence[str]) -> None:
    """Put the module's lessons and tests in this order.

    ``keys`` are all of them, each once; anything else (one of another course, one missing because
    somebody has just added it) is Refusal("reorder-incomplete") and changes nothing.
    """
    module = _locked_module(session, course, module_key)
    rows = {row.key: row for row in _activities(session, module)}
    if len(keys) != len(rows) or set(keys) != rows.keys():
        raise Refusal("reorder-incomplete")
    for position, key in enumerate(keys, 1):
        rows[key].position = position
    session.flush()


def move(session: Session, course: Course, key: str, step: int) -> None:
    """Move a lesson or test by one place (-1 up, +1 down); at the end it stays. Raises NotFound."""
    held = get_activity(session, course, key)
    keys = [row.key for row in _activities(session, held.module)]
    if key not in keys or step not in (-1, 1):
        raise NotFound()
    at = keys.index(key)
    to = min(max(at + step, 0), len(keys) - 1)
    keys.insert(to, keys.pop(at))
    reorder(session, course, held.module.key, keys)


def reorder_modules(session: Session, course: Course, keys: Sequence[str]) -> None:
    """Put the course's modules in this order; as :func:`reorder`."""
    _lock(session, course)
    rows = {row.key: row for row in list_modules(session, course.id)}
    if len(keys) != len(rows) or set(keys) != rows.keys():
        raise Refusal("reorder-incomplete")
    for position, key in enumerate(keys, 1):
        rows[key].position = position
    session.flush()


def archive_activity(
    session: Session, course: Course, key: str, *, author: Person, now: datetime
) -> None:
    """Take a lesson or test out of the draft; what people did with it stays. Raises NotFound."""
    _set_archived(session, course, get_activity(session, course, key).row, now, author, now)


def restore_activity(
    session: Session, course: Course, key: str, *, author: Person, now: datetime
) -> None:
    _set_archived(session, course, get_activity(session, course, key).row, None, author, now)


def archive_item(
    session: Session, course: Course, key: str, *, author: Person, now: datetime
) -> None:
    """Take a question out of the draft's bank. Raises NotFound."""
    _set_archived(session, course, get_item(session, course, key).row, now, author, now)


def restore_item(
    session: Session, course: Course, key: str, *, author: Person, now: datetime
) -> None:
    _set_archived(session, course, get_item(session, course, key).row, None, author, now)


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
    kind = "item" if isinstance(row, Item) else row.kind
    verb = f"{kind}.{'restore' if at is None else 'archive'}"
    _note(session, author, verb, course, row.key, now)
    session.flush()


# -- within --------------------------------------------------------------------------------------


def _save(
    session: Session,
    course: Course,
    piece: Piece,
    kind: str,
    expected: int,
    author: Person,
    now: datetime,
) -> int:
    _require_kind(piece, kind)
    held: Held[Any] = (
        get_item(session, course, piece.key)
        if kind == "item"
        else get_activity(session, course, piece.key, kind)
    )
    _lock(session, held.row)
    newest = _newest_number(session, held.row)
    if expected != newest:
        raise Conflict("edited-meanwhile", number=newest)
    _require_valid(session, held.module, piece)
    if newest == held.number and piece.content_hash == held.version.content_hash:
        return newest
    session.add(new_version(session, held.row, piece, newest + 1, (now, author.id)))
    session.flush()
    return newest + 1


def _add_activity(
    session: Session,
    course: Course,
    module_key: str,
    piece: Piece,
    kind: str,
    author: Person,
    now: datetime,
) -> str:
    _require_kind(piece, kind)
    module = _locked_module(session, course, module_key)
    _require_valid(session, module, piece)
    piece = _with_key(piece, rules.key_from(piece.source["title"], _taken(session, course)))
    row = Activity(
        course_id=course.id, module_id=module.id, key=piece.key, kind=kind, position=0
    )
    rows = _activities(session, module)
    lessons = [place for place, other in enumerate(rows, 1) if other.kind == "lesson"]
    # A lesson comes after the last lesson, hence before the test that closes most modules.
    at = (lessons[-1] if lessons else 0) if kind == "lesson" else len(rows)
    for position, other in enumerate([*rows[:at], row, *rows[at:]], 1):
        other.position = position
    return _born(session, row, piece, author, now)


def _born(
    session: Session, row: Activity | Item, piece: Piece, author: Person, now: datetime
) -> str:
    session.add(row)
    session.flush()
    session.add(new_version(session, row, piece, 1, (now, author.id)))
    session.flush()
    return row.key


def _with_key(piece: Piece, key: str) -> Piece:
    if piece.kind != "item":
        return replace(piece, key=key)
    source = {**piece.source, "key": key}
    rendered = {**(piece.rendered or {}), "key": key}
    return Piece(piece.kind, key, source, fingerprint(piece.kind, source), rendered)


def _require_kind(piece: Piece, kind: str) -> None:
    if piece.kind != kind or piece.rendered is None:
        raise ValueError(f"a rendered {kind} is wanted here")


def _require_valid(session: Session, module: Module, piece: Piece) -> None:
    outcomes = {outcome["key"] for outcome in module.draft["outcomes"]}
    if piece.kind == "lesson":
        rules.require_lesson(drafts.lesson_of(piece.key, piece.source), outcomes)
    elif piece.kind == "item":
        rules.require_item(drafts.item_of(piece.source), outcomes)
    else:
        pool = {
            row.key
            for row, version in latest_items(session, module.course_id)
            if row.module_id == module.id and version.source["use"] == Use.QUIZ
        }
        rules.require_quiz(drafts.quiz_of(piece.key, piece.source), outcomes, pool)


def _locked_module(session: Session, course: Course, key: str) -> Module:
    """A module of the draft, locked for changing what it holds. Raises NotFound."""
    module = get_module(session, course, key)
    _lock(session, module)
    return module


def _lock(session: Session, row: Course | Module | Activity | Item) -> None:
    """Serialise authors of one thing, and see its newest state."""
    session.refresh(row, with_for_update=True)


def _newest_number(session: Session, row: Activity | Item) -> int:
    table = ItemVersion if isinstance(row, Item) else ActivityVersion
    column = ItemVersion.item_id if isinstance(row, Item) else ActivityVersion.activity_id
    numbers = session.scalars(select(table.number).where(column == row.id))
    return max(numbers, default=0)


def _activities(session: Session, module: Module) -> list[Activity]:
    query = select(Activity).where(Activity.module_id == module.id, Activity.archived_at.is_(None))
    return list(session.scalars(query.order_by(Activity.position, Activity.id)))


def _taken(session: Session, course: Course) -> set[str]:
    """Every key of the course, archived ones too: an old key would bring old answers back."""
    keys = [
        select(table.key).where(table.course_id == course.id) for table in (Module, Activity, Item)
    ]
    return set(session.scalars(union_all(*keys)))


def _note(
    session: Session, author: Person, verb: str, course: Course, key: str, now: datetime
) -> None:
    subject = f"course:{course.key}"
    audit.record(session, actor=author, verb=verb, subject=subject, now=now, key=key)
