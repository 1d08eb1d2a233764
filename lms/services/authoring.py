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
from lms.services.draft_uses import require_unnamed
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


def save(
    session: Session, course: Course, piece: Piece, *, expected: int, author: Person, now: datetime
) -> int:
    """A new version of a lesson, test, exercise or question; returns the number of the newest one.

    ``expected`` is the number the author started from. Saving what is there already (pressing
    twice) makes no version and is no conflict. Attempts keep the version of a question they were
    drawn with, open ones too; what learners said of their sheets keeps the rubric it was said with.
    Raises NotFound, Conflict("edited-meanwhile", number), Conflict("module-archived"),
    Refusal("draft-invalid", faults), Refusal("item-named", where).
    """
    _require_rendered(piece)
    held: Held[Any] = (
        get_item(session, course, piece.key)
        if piece.kind == "item"
        else get_activity(session, course, piece.key, piece.kind)
    )
    if held.module.archived_at is not None:
        raise Conflict("module-archived")
    lock(session, held.row)
    newest = newest_number(session, held.row)
    if newest == held.number and piece.content_hash == held.version.content_hash:
        return newest
    if expected != newest:
        raise Conflict("edited-meanwhile", number=newest)
    _require_valid(session, held.module, piece)
    if piece.kind == "item" and piece.source["use"] != held.value.use:
        require_unnamed(session, course, piece.key)
    session.add(new_version(session, held.row, piece, newest + 1, (now, author.id)))
    session.flush()
    return newest + 1


def add(
    session: Session,
    course: Course,
    module_key: str,
    piece: Piece,
    *,
    author: Person,
    now: datetime,
) -> str:
    """A new lesson, test, exercise or question of a module; returns its key.

    The key is made from the title, a question's from its first words. A lesson stands after the
    last lesson, an exercise after the last lesson or exercise, a test and a question at the end.
    Pressed twice, it is added once. Raises NotFound, Refusal("draft-invalid", faults).
    """
    _require_rendered(piece)
    module = locked_module(session, course, module_key)
    _require_valid(session, module, piece)
    if twin := _twin(session, module, piece, author, now):
        return twin
    is_item = piece.kind == "item"
    words = " ".join(piece.source["stem"].split()[:6]) if is_item else piece.source["title"]
    piece = _with_key(piece, rules.key_from(words, taken_keys(session, course)))
    place = _placed_item if is_item else _placed_activity
    row = place(session, module, piece)
    session.add(row)
    session.flush()
    session.add(new_version(session, row, piece, 1, (now, author.id)))
    session.flush()
    return row.key


# -- within --------------------------------------------------------------------------------------


def _placed_item(session: Session, module: Module, piece: Piece) -> Item:
    last = session.scalars(select(Item.position).where(Item.module_id == module.id)).all()
    return Item(
        course_id=module.course_id,
        module_id=module.id,
        key=piece.key,
        position=max(last, default=0) + 1,
    )


def _placed_activity(session: Session, module: Module, piece: Piece) -> Activity:
    """The new row, the others moved to make room for it."""
    row = Activity(
        course_id=module.course_id,
        module_id=module.id,
        key=piece.key,
        kind=piece.kind,
        position=0,
    )
    rows = list_activities(session, module)
    before = ("lesson",) if piece.kind == "lesson" else ("lesson", "exercise")
    known = [place for place, other in enumerate(rows, 1) if other.kind in before]
    # After the last lesson (and exercise), hence before the test that closes most modules.
    at = len(rows) if piece.kind == "quiz" else (known[-1] if known else 0)
    for position, other in enumerate([*rows[:at], row, *rows[at:]], 1):
        other.position = position
    return row


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


def _with_key(piece: Piece, key: str) -> Piece:
    if piece.kind != "item":
        return replace(piece, key=key)
    source = {**piece.source, "key": key}
    rendered = {**(piece.rendered or {}), "key": key}
    return Piece(piece.kind, key, source, fingerprint(piece.kind, source), rendered)


def _require_rendered(piece: Piece) -> None:
    if piece.rendered is None:
        raise ValueError("a rendered piece is wanted here")


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
