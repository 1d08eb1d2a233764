"""The rows of a draft: what is not archived, each thing with its newest version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session, aliased, defer

from lms.domain.authoring import AuthoredExercise, AuthoredLesson, AuthoredQuiz
from lms.domain.errors import NotFound
from lms.domain.items import Item as QuizItem
from lms.models import Activity, ActivityVersion, Course, Item, ItemVersion, Module
from lms.services import drafts
from lms.services.drafts import Json
from lms.services.rendering import Known, Piece

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Held(Generic[V]):
    """A thing of the draft in the hands of its author."""

    row: Any
    """Activity or Item; archived when its ``archived_at`` is set."""
    module: Module
    version: Any
    """The newest ActivityVersion or ItemVersion; its ``number`` is what a save expects."""
    value: V
    """As authored."""

    @property
    def number(self) -> int:
        number: int = self.version.number
        return number


def get_module(session: Session, course: Course, key: str) -> Module:
    """A module of this course's draft. Raises NotFound, also for an archived one."""
    module = session.scalar(
        select(Module).where(
            Module.course_id == course.id, Module.key == key, Module.archived_at.is_(None)
        )
    )
    if module is None:
        raise NotFound()
    return module


def get_lesson(session: Session, course: Course, key: str) -> Held[AuthoredLesson]:
    """A lesson of this course with its newest version. Raises NotFound."""
    return get_activity(session, course, key, "lesson")


def get_quiz(session: Session, course: Course, key: str) -> Held[AuthoredQuiz]:
    """A test of this course with its newest version. Raises NotFound."""
    return get_activity(session, course, key, "quiz")


def get_exercise(session: Session, course: Course, key: str) -> Held[AuthoredExercise]:
    """An exercise of this course with its newest version. Raises NotFound."""
    return get_activity(session, course, key, "exercise")


def get_activity(session: Session, course: Course, key: str, kind: str = "") -> Held[Any]:
    """A lesson, test or exercise of this course, archived ones too, in one query. Raises NotFound."""
    query = (
        select(Activity, ActivityVersion, Module)
        .join(ActivityVersion, ActivityVersion.activity_id == Activity.id)
        .join(Module, Module.id == Activity.module_id)
        .where(Activity.course_id == course.id, Activity.key == key)
        .order_by(ActivityVersion.number.desc())
        .limit(1)
    )
    row = session.execute(query.where(Activity.kind == kind) if kind else query).first()
    if row is None:
        raise NotFound()
    activity, version, module = row
    value = drafts.activity_of(activity.kind, key, version.source)
    return Held(activity, module, version, value)


def get_course_test(session: Session, course: Course, key: str) -> tuple[Activity, AuthoredQuiz]:
    """A test of the whole course in its newest version, archived ones too. Raises NotFound."""
    row = session.execute(
        select(Activity, ActivityVersion)
        .join(ActivityVersion, ActivityVersion.activity_id == Activity.id)
        .where(Activity.course_id == course.id, Activity.key == key, Activity.module_id.is_(None))
        .order_by(ActivityVersion.number.desc())
        .limit(1)
    ).first()
    if row is None:
        raise NotFound()
    return row[0], drafts.quiz_of(key, row[1].source)


def get_item(session: Session, course: Course, key: str) -> Held[QuizItem]:
    """A question of this course, archived ones too, in one query. Raises NotFound."""
    row = session.execute(
        select(Item, ItemVersion, Module)
        .join(ItemVersion, ItemVersion.item_id == Item.id)
        .join(Module, Module.id == Item.module_id)
        .where(Item.course_id == course.id, Item.key == key)
        .order_by(ItemVersion.number.desc())
        .limit(1)
    ).first()
    if row is None:
        raise NotFound()
    item, version, module = row
    return Held(item, module, version, drafts.item_of(version.source))


def list_modules(session: Session, course_id: int) -> list[Module]:
    """Modules of the draft in their order, without archived ones."""
    query = select(Module).where(Module.course_id == course_id, Module.archived_at.is_(None))
    return list(session.scalars(query.order_by(Module.position, Module.id)))


def latest_activities(
    session: Session, course_id: int
) -> Sequence[tuple[Activity, ActivityVersion]]:
    """Activities of the draft by position, each with its newest version, in one query."""
    older = aliased(ActivityVersion)
    newest = (
        select(func.max(older.number))
        .where(older.activity_id == Activity.id)
        .correlate(Activity)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Activity, ActivityVersion)
        .join(ActivityVersion, ActivityVersion.activity_id == Activity.id)
        .where(
            Activity.course_id == course_id,
            Activity.archived_at.is_(None),
            ActivityVersion.number == newest,
        )
        .order_by(Activity.position, Activity.id)
    )
    return [(activity, version) for activity, version in rows]


def latest_items(session: Session, course_id: int) -> Sequence[tuple[Item, ItemVersion]]:
    """Items of the draft by position, each with its newest version, in one query."""
    older = aliased(ItemVersion)
    newest = (
        select(func.max(older.number))
        .where(older.item_id == Item.id)
        .correlate(Item)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Item, ItemVersion)
        .join(ItemVersion, ItemVersion.item_id == Item.id)
        .where(
            Item.course_id == course_id,
            Item.archived_at.is_(None),
            ItemVersion.number == newest,
        )
        .options(defer(ItemVersion.content))  # half of the bank's size, and not looked at here
        .order_by(Item.position, Item.id)
    )
    return [(item, version) for item, version in rows]


def known_versions(session: Session, course_key: str) -> Known:
    """What is stored already, so that it is not rendered again."""
    activities = session.execute(
        select(Activity.kind, Activity.key, ActivityVersion.content_hash)
        .join(Activity, Activity.id == ActivityVersion.activity_id)
        .join(Course, Course.id == Activity.course_id)
        .where(Course.key == course_key)
    )
    items = session.execute(
        select(Item.key, ItemVersion.content_hash)
        .join(Item, Item.id == ItemVersion.item_id)
        .join(Course, Course.id == Item.course_id)
        .where(Course.key == course_key)
    )
    return frozenset(
        [(kind, key, stored) for kind, key, stored in activities]
        + [("item", key, stored) for key, stored in items]
    )


def new_version(
    session: Session,
    row: Activity | Item,
    piece: Piece,
    number: int,
    saved: tuple[datetime, int | None],
) -> ActivityVersion | ItemVersion:
    """The version row of a piece; ``saved`` is when and by whom (a person's id)."""
    common = {
        "number": number,
        "content_hash": piece.content_hash,
        "source": piece.source,
        "created_at": saved[0],
        "author_id": saved[1],
    }
    rendered = piece.rendered or _rendered_before(session, row, piece.content_hash)
    if isinstance(row, Item):
        return ItemVersion(item_id=row.id, content=rendered, **common)
    return ActivityVersion(activity_id=row.id, rendered=rendered, **common)


def _rendered_before(session: Session, row: Activity | Item, content_hash: str) -> Json:
    """What an earlier version with the same content looked like."""
    if isinstance(row, Item):
        query = select(ItemVersion.content).where(
            ItemVersion.item_id == row.id, ItemVersion.content_hash == content_hash
        )
    else:
        query = select(ActivityVersion.rendered).where(
            ActivityVersion.activity_id == row.id, ActivityVersion.content_hash == content_hash
        )
    rendered: Json = session.scalars(query.limit(1)).one()
    return rendered


def locked_module(session: Session, course: Course, key: str) -> Module:
    """A module of the draft, locked for changing what it holds. Raises NotFound."""
    module = get_module(session, course, key)
    lock(session, module)
    return module


def lock(session: Session, row: Course | Module | Activity | Item) -> None:
    """Serialise authors of one thing, and see its newest state."""
    session.refresh(row, with_for_update=True)


def newest_number(session: Session, row: Activity | Item) -> int:
    table = ItemVersion if isinstance(row, Item) else ActivityVersion
    column = ItemVersion.item_id if isinstance(row, Item) else ActivityVersion.activity_id
    numbers = session.scalars(select(table.number).where(column == row.id))
    return max(numbers, default=0)


def list_activities(session: Session, module: Module) -> list[Activity]:
    query = select(Activity).where(Activity.module_id == module.id, Activity.archived_at.is_(None))
    return list(session.scalars(query.order_by(Activity.position, Activity.id)))


def taken_keys(session: Session, course: Course) -> set[str]:
    """Every key of the course, archived ones too: an old key would bring old answers back."""
    keys = [
        select(table.key).where(table.course_id == course.id) for table in (Module, Activity, Item)
    ]
    return set(session.scalars(union_all(*keys)))
