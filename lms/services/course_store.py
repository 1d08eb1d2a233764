"""Storing a whole course as drafts: new versions of exactly what changed.

The JSON shapes of drafts and versions are listed in :mod:`lms.services.drafts`. Three steps, so
that no transaction waits for the renderer::

    known = known_versions(session, authored.key)            # a short read
    prepared = rendering.prepare(authored, renderer, known)  # no database
    report = store(session, prepared, now=now)               # one writing transaction

Three rules keep people's work when files are loaded again. A part whose file says what it said at
the last load is left alone, whatever was changed in the browser since. What was born in the
browser is never archived by a load. And since versions are immutable, what a changed file does
replace is still there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.domain.authoring import AuthoredCourse
from lms.domain.errors import Refusal
from lms.models import (
    Activity,
    ActivityVersion,
    Asset,
    Course,
    Item,
    ItemVersion,
    Module,
    Person,
)
from lms.services.draft_rows import known_versions as known_versions
from lms.services.draft_rows import new_version
from lms.services.drafts import Json, fingerprint
from lms.services.rendering import (
    NOTHING_KNOWN,
    Known,
    Piece,
    Prepared,
    PreparedModule,
    Renderer,
    prepare,
)

_SHORT: Final = 16
"""Characters of a remembered hash: they tell a file's states apart, nothing hangs on more."""


PARTS: Final = ("module", "lesson", "quiz", "exercise", "item")
"""Kinds of parts that files may cease to name."""


@dataclass(frozen=True, slots=True)
class StoreReport:
    """What a load did, counted in parts: the course, modules, lessons, tests, items."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    archived: int = 0
    kept: tuple[str, ...] = ()
    """Parts changed in the browser while their file stayed: ``lesson/<key>``, …"""

    @property
    def is_empty(self) -> bool:
        return not (self.new or self.changed or self.archived)


def store_course(
    session: Session,
    authored: AuthoredCourse,
    renderer: Renderer,
    now: datetime,
    author: Person | None = None,
    known: Known = NOTHING_KNOWN,
) -> StoreReport:
    """Render and store in one call, for the command line; renders before it touches ``session``.

    Raises Refusal for texts that cannot be rendered; then nothing was stored.
    """
    return store(session, prepare(authored, renderer, known), now=now, author=author)


def store(
    session: Session, prepared: Prepared, *, now: datetime, author: Person | None = None
) -> StoreReport:
    """Bring the course's drafts to what was prepared; loading the same again changes nothing.

    Raises Refusal("kind-changed", key) when the id of a lesson comes back as a test or the other
    way round: people's readings and attempts hang on it.
    """
    course = session.scalar(select(Course).where(Course.key == prepared.key).with_for_update())
    is_new = course is None
    if course is None:
        course = Course(key=prepared.key, draft={}, created_at=now)
        session.add(course)
        session.flush()
    load = _Load(session, course, now, author.id if author else None)
    load.read()
    load.files(prepared)
    load.course_texts(prepared, is_new)
    load.identities(prepared)
    for module in prepared.modules:
        load.module(module)
    load.tests(prepared)
    load.order(prepared)
    session.flush()
    return load.report()


@dataclass
class _Load:
    """One load of one course."""

    session: Session
    course: Course
    now: datetime
    author_id: int | None
    modules: dict[str, Module] = field(default_factory=dict)
    activities: dict[str, Activity] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    latest: dict[tuple[str, int], tuple[int, str]] = field(default_factory=dict)
    """(activity | item, id) → number and hash of the newest version."""
    loaded: dict[str, str] = field(default_factory=dict)
    """Part → what its file said at the last load."""
    born: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("new", "changed", "unchanged", "archived"), 0)
    )
    kept: list[str] = field(default_factory=list)

    def report(self) -> StoreReport:
        return StoreReport(**self.counts, kept=tuple(self.kept))

    def read(self) -> None:
        mine = self.course.id
        self.loaded |= self.course.draft.get("loaded", {})
        for module in self.session.scalars(select(Module).where(Module.course_id == mine)):
            self.modules[module.key] = module
            self.loaded |= module.draft.get("loaded", {})
        for activity in self.session.scalars(select(Activity).where(Activity.course_id == mine)):
            self.activities[activity.key] = activity
        for item in self.session.scalars(select(Item).where(Item.course_id == mine)):
            self.items[item.key] = item
        versions = [
            select(ActivityVersion.activity_id, ActivityVersion.number,
                   ActivityVersion.content_hash)
            .join(Activity).where(Activity.course_id == mine).order_by(ActivityVersion.number),
            select(ItemVersion.item_id, ItemVersion.number, ItemVersion.content_hash)
            .join(Item).where(Item.course_id == mine).order_by(ItemVersion.number),
        ]  # fmt: skip
        for table, query in zip(("activity", "item"), versions, strict=True):
            for thing_id, number, stored in self.session.execute(query):
                self.latest[table, thing_id] = (number, stored)

    # -- texts of the course and its modules --------------------------------------------------

    def files(self, prepared: Prepared) -> None:
        mine = self.course.id
        stored = set(self.session.scalars(select(Asset.sha256).where(Asset.course_id == mine)))
        for file in prepared.files:
            if file.sha256 not in stored:
                stored.add(file.sha256)
                name = file.path.rpartition("/")[2]
                self.session.add(
                    Asset(
                        course_id=mine,
                        sha256=file.sha256,
                        media_type=file.media_type,
                        name=name,
                        data=file.data,
                    )
                )

    def course_texts(self, prepared: Prepared, is_new: bool) -> None:
        part = f"course/{prepared.key}"
        said = (
            {
                part: _short(prepared.texts),
                "order": _short([module.key for module in prepared.modules]),
                "tests": _short([test.key for test in prepared.tests]),
            }
            | {f"quiz/{test.key}": test.content_hash[:_SHORT] for test in prepared.tests}
            | {f"asset/{file.path}": file.sha256[:_SHORT] for file in prepared.files}
        )
        before = self.course.draft
        assets = self._born_pictures(prepared) | prepared.texts["assets"]
        wanted = {**prepared.texts, "assets": assets}
        texts = self._newer(part, said[part], _bare(before), wanted, is_new)
        if before != (draft := {**texts, "loaded": said}):
            self.course.draft = draft

    def _born_pictures(self, prepared: Prepared) -> Json:
        """Pictures added in the browser; the files know nothing of them. With their module they
        move to its folder of now."""
        folders = {
            self.modules[module.key].draft["folder"]: module.texts["folder"]
            for module in prepared.modules
            if module.key in self.modules
        }
        born = {}
        for path, sha256 in self.course.draft.get("assets", {}).items():
            if f"asset/{path}" not in self.loaded:
                folder, slash, rest = path.partition("/")
                born[folders.get(folder, folder) + slash + rest] = sha256
        return born

    def _newer(self, part: str, said: str, before: Json, wanted: Json, is_new: bool) -> Json:
        """The texts that stand after the load."""
        if is_new:
            self.counts["new"] += 1
            return wanted
        if before == wanted:
            self.counts["unchanged"] += 1
        elif self.loaded.get(part) == said:
            self.counts["unchanged"] += 1
            self.kept.append(part)
        else:
            self.counts["changed"] += 1
            return wanted
        return before

    def identities(self, prepared: Prepared) -> None:
        """Rows for everything that has none, so that versions can refer to them."""
        for prepared_module in prepared.modules:
            module = self.modules.get(prepared_module.key)
            if module is None:
                self.born.add(f"module/{prepared_module.key}")
                module = Module(
                    course_id=self.course.id, key=prepared_module.key, position=0, draft={}
                )
                self.modules[module.key] = module
                self.session.add(module)
        self.session.flush()
        for prepared_module in prepared.modules:
            home = self.modules[prepared_module.key]
            for piece in prepared_module.activities:
                self._require_activity(home.id, piece)
            for piece in prepared_module.items:
                if piece.key not in self.items:
                    self.items[piece.key] = Item(
                        course_id=self.course.id, module_id=home.id, key=piece.key, position=0
                    )
                    self.session.add(self.items[piece.key])
        for piece in prepared.tests:
            self._require_activity(None, piece)
        self.session.flush()

    def _require_activity(self, home: int | None, piece: Piece) -> None:
        known = self.activities.get(piece.key)
        if known is None:
            self.activities[piece.key] = Activity(
                course_id=self.course.id,
                module_id=home,
                key=piece.key,
                kind=piece.kind,
                position=0,
            )
            self.session.add(self.activities[piece.key])
        elif known.kind != piece.kind:
            raise Refusal("kind-changed", key=piece.key)

    def module(self, prepared: PreparedModule) -> None:
        module = self.modules[prepared.key]
        part = f"module/{prepared.key}"
        said = {part: _short(prepared.texts), f"order/{prepared.key}": _order_of(prepared)}
        before = _bare(module.draft)
        revision = before.pop("revision", 0)
        texts = self._newer(part, said[part], before, prepared.texts, part in self.born)
        for piece in (*prepared.activities, *prepared.items):
            said[f"{piece.kind}/{piece.key}"] = piece.content_hash[:_SHORT]
            self._piece(piece)
        if before != texts:
            revision += 1
        if module.draft != (draft := {**texts, "revision": revision, "loaded": said}):
            module.draft = draft

    def tests(self, prepared: Prepared) -> None:
        """Those of the whole course."""
        for piece in prepared.tests:
            self._piece(piece)

    # -- versions -----------------------------------------------------------------------------

    def _piece(self, piece: Piece) -> None:
        table = "item" if piece.kind == "item" else "activity"
        row = self.items[piece.key] if table == "item" else self.activities[piece.key]
        number, stored = self.latest.get((table, row.id), (0, ""))
        part = f"{piece.kind}/{piece.key}"
        if stored == piece.content_hash:
            self.counts["unchanged"] += 1
        elif number and self.loaded.get(part) == piece.content_hash[:_SHORT]:
            self.counts["unchanged"] += 1
            self.kept.append(part)
        else:
            self.counts["changed" if number else "new"] += 1
            self.session.add(new_version(self.session, row, piece, number + 1, self._saved))

    @property
    def _saved(self) -> tuple[datetime, int | None]:
        return self.now, self.author_id

    # -- order and presence -------------------------------------------------------------------

    def order(self, prepared: Prepared) -> None:
        """Positions, modules and archiving, where the files' structure changed."""
        wanted = [module.key for module in prepared.modules]
        if self.loaded.get("order") != _short(wanted):
            others = [m for m in self.modules.values() if m.key not in wanted]
            self._place([self.modules[key] for key in wanted], others)
        for module in prepared.modules:
            if self.loaded.get(f"order/{module.key}") == _order_of(module):
                continue
            home = self.modules[module.key]
            for rows, pieces in ((self.activities, module.activities), (self.items, module.items)):
                self._settle(home.id, rows, [piece.key for piece in pieces])
        tests = [test.key for test in prepared.tests]
        if self.loaded.get("tests") != _short(tests):
            self._settle(None, self.activities, tests)
        said = (
            {
                f"{piece.kind}/{piece.key}"
                for module in prepared.modules
                for piece in (*module.activities, *module.items)
            }
            | {f"module/{key}" for key in wanted}
            | {f"quiz/{key}" for key in tests}
        )
        self._archive_gone(said)

    def _settle(self, home: int | None, rows: Any, keys: list[str]) -> None:
        others = [r for r in rows.values() if r.module_id == home and r.key not in keys]
        mine = [rows[key] for key in keys]
        for row in mine:
            row.module_id = home
        self._place(mine, others)

    def _place(self, first: Iterable[Any], others: Iterable[Any]) -> None:
        """What the files name, in their order, then what they do not know of."""
        first = list(first)
        for row in first:
            # Known to the files before and archived all the same: somebody took it out here.
            if _part(row) not in self.loaded:
                row.archived_at = None
        for position, row in enumerate([*first, *sorted(others, key=_position)], 1):
            row.position = position

    def _archive_gone(self, said: set[str]) -> None:
        tables: dict[str, Any] = {"module": self.modules, "item": self.items}
        for part in self.loaded.keys() - said:
            kind, _, key = part.partition("/")
            row = tables.get(kind, self.activities).get(key) if key else None
            if kind in PARTS and row and row.archived_at is None:
                row.archived_at = self.now
                self.counts["archived"] += 1
        for module in self.modules.values():
            # Forgotten by the files: from here on it belongs to whoever brings it back.
            if f"module/{module.key}" not in said and "loaded" in module.draft:
                module.draft = _bare(module.draft)


def _short(value: object) -> str:
    return fingerprint(value)[:_SHORT]


def _order_of(module: PreparedModule) -> str:
    return _short([[p.key for p in module.activities], [p.key for p in module.items]])


def _bare(draft: Json) -> Json:
    return {name: value for name, value in draft.items() if name != "loaded"}


def _part(row: Module | Activity | Item) -> str:
    if isinstance(row, Activity):
        return f"{row.kind}/{row.key}"
    return f"{'item' if isinstance(row, Item) else 'module'}/{row.key}"


def _position(row: Any) -> int:
    return int(row.position)
