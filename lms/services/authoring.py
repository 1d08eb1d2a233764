"""Writing a course in the browser: lessons, tests, questions, modules and their order.

A save takes two steps, so that no transaction waits for the renderer: the view builds an authored
value and has it rendered (:func:`lms.services.rendering.prepare_one`), then a function here judges
and stores it. Everything is reached through its course: the id of another course's lesson is not
found, whoever asks. Nothing a learner sees changes before the course is published.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.domain import draft_rules as rules
from lms.domain.errors import Conflict, NotFound
from lms.domain.items import Option, Use
from lms.interop.course_files import part_key
from lms.models import Activity, ActivityVersion, Course, Item, ItemVersion, Module, Person
from lms.services import drafts
from lms.services.arranging import add_module as add_module
from lms.services.arranging import archive_activity as archive_activity
from lms.services.arranging import archive_item as archive_item
from lms.services.arranging import archive_module as archive_module
from lms.services.arranging import move as move
from lms.services.arranging import reorder as reorder
from lms.services.arranging import reorder_modules as reorder_modules
from lms.services.arranging import restore_activity as restore_activity
from lms.services.arranging import restore_item as restore_item
from lms.services.arranging import save_module as save_module
from lms.services.draft_rows import (
    Held,
    get_activity,
    get_item,
    latest_items,
    list_activities,
    lock,
    locked_module,
    new_version,
    newest_number,
    taken_keys,
)
from lms.services.drafts import fingerprint
from lms.services.rendering import Piece

TWICE = timedelta(minutes=1)
"""Within it, the same author adding the same again has pressed twice."""


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

    ``expected`` is the number the author started from. Saving what is there already (pressing
    twice) makes no version and is no conflict.
    Raises NotFound, Conflict("edited-meanwhile", number), Refusal("draft-invalid", faults).
    """
    return _save(session, course, piece, "lesson", expected, author, now)


def save_quiz(
    session: Session, course: Course, piece: Piece, *, expected: int, author: Person, now: datetime
) -> int:
    """A new version of a test; as :func:`save_lesson`."""
    return _save(session, course, piece, "quiz", expected, author, now)


def save_exercise(
    session: Session, course: Course, piece: Piece, *, expected: int, author: Person, now: datetime
) -> int:
    """A new version of a workbook exercise; as :func:`save_lesson`. What learners said of their
    sheets keeps the rubric it was said with."""
    return _save(session, course, piece, "exercise", expected, author, now)


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

    Pressed twice, it is added once. Raises NotFound, Refusal("draft-invalid", faults).
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


def add_exercise(
    session: Session,
    course: Course,
    module_key: str,
    piece: Piece,
    *,
    author: Person,
    now: datetime,
) -> str:
    """A new workbook exercise after the module's last lesson; as :func:`add_lesson`."""
    return _add_activity(session, course, module_key, piece, "exercise", author, now)


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
    module = locked_module(session, course, module_key)
    _require_valid(session, module, piece)
    if twin := _twin(session, module, piece, author, now):
        return twin
    words = " ".join(piece.source["stem"].split()[:6])
    piece = _with_key(piece, rules.key_from(words, taken_keys(session, course)))
    last = session.scalars(select(Item.position).where(Item.module_id == module.id)).all()
    row = Item(
        course_id=course.id, module_id=module.id, key=piece.key, position=max(last, default=0) + 1
    )
    return _born(session, row, piece, author, now)


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
    lock(session, held.row)
    newest = newest_number(session, held.row)
    if newest == held.number and piece.content_hash == held.version.content_hash:
        return newest
    if expected != newest:
        raise Conflict("edited-meanwhile", number=newest)
    _require_valid(session, held.module, piece)
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
    module = locked_module(session, course, module_key)
    _require_valid(session, module, piece)
    if twin := _twin(session, module, piece, author, now):
        return twin
    piece = _with_key(piece, rules.key_from(piece.source["title"], taken_keys(session, course)))
    row = Activity(course_id=course.id, module_id=module.id, key=piece.key, kind=kind, position=0)
    rows = list_activities(session, module)
    before = ("lesson",) if kind == "lesson" else ("lesson", "exercise")
    known = [place for place, other in enumerate(rows, 1) if other.kind in before]
    # After the last lesson (and exercise), hence before the test that closes most modules.
    at = len(rows) if kind == "quiz" else (known[-1] if known else 0)
    for position, other in enumerate([*rows[:at], row, *rows[at:]], 1):
        other.position = position
    return _born(session, row, piece, author, now)


def _twin(
    session: Session, module: Module, piece: Piece, author: Person, now: datetime
) -> str | None:
    """The key of the same thing, added by the same author a moment ago."""
    row, version = (Item, ItemVersion) if piece.kind == "item" else (Activity, ActivityVersion)
    parent = ItemVersion.item_id if piece.kind == "item" else ActivityVersion.activity_id
    recent = session.execute(
        select(row.key, version.source)
        .join(version, parent == row.id)
        .where(
            row.module_id == module.id,
            row.archived_at.is_(None),
            version.number == 1,
            version.author_id == author.id,
            version.created_at >= now - TWICE,
        )
    )
    wanted = {**piece.source, "key": ""}
    return next((key for key, source in recent if {**source, "key": ""} == wanted), None)


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
    elif piece.kind == "exercise":
        rules.require_exercise(drafts.exercise_of(piece.key, piece.source), outcomes)
    elif piece.kind == "item":
        rules.require_item(drafts.item_of(piece.source), outcomes)
    else:
        pool = {
            row.key
            for row, version in latest_items(session, module.course_id)
            if row.module_id == module.id and version.source["use"] == Use.QUIZ
        }
        rules.require_quiz(drafts.quiz_of(piece.key, piece.source), outcomes, pool)
