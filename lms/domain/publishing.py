"""Publishing: what a publication would change, what stands in its way, what an undo goes back to.

A publication takes nothing away. Attempts keep the versions and the draw they were started with,
completions and badges stand; new criteria are shown to those who have not completed the module.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from enum import StrEnum

from lms.domain.curriculum import Activity, Criterion, CriterionKind, Manifest, Module
from lms.domain.errors import Refusal
from lms.domain.quizzes import largest_shortfall


class ChangeKind(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    MOVED = "moved"
    """In another place or module, with the same content."""


class Part(StrEnum):
    COURSE = "course"
    """Texts of the course itself, its glossary, sources and files."""
    MODULE = "module"
    LESSON = "lesson"
    QUIZ = "quiz"
    EXERCISE = "exercise"
    ITEM = "item"
    CHECK = "check"
    """An item used as a self-check."""


@dataclass(frozen=True, slots=True)
class Change:
    kind: ChangeKind
    part: Part
    key: str
    module: str = ""
    """Key of the module, the new one for something that moved; empty for the course's own."""
    title: str = ""
    """As authored; empty for items, whose words are not in a manifest."""


@dataclass(frozen=True, slots=True)
class CriteriaChange:
    """One module whose criteria would be others than those now published."""

    module: Module
    """As it would be published."""
    added: tuple[Criterion, ...]
    removed: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """From what is published to what would be."""

    changes: tuple[Change, ...]
    criteria: tuple[CriteriaChange, ...]
    """Only of modules that are published already: a new module is new as a whole."""

    @property
    def is_empty(self) -> bool:
        return not self.changes and not self.criteria


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a draft cannot be published; the web floor has the sentence for ``code``.

    Codes: ``course-empty``, ``module-empty``, ``module-without-criteria``, ``criterion-unknown``,
    ``quiz-empty``, ``draw-too-small`` (``missing`` questions), ``quiz-item-unknown``,
    ``lesson-unknown``, ``term-unknown``, ``source-unknown``, ``check-unknown``, ``file-unknown``,
    ``outcome-unknown``.
    """

    code: str
    part: Part = Part.COURSE
    """Of what there is too little or too much; ``key`` says of which one."""
    key: str = ""
    module: str = ""
    """Title of the module; empty for a test of the whole course."""
    title: str = ""
    """Of the lesson or test, the beginning of a question; empty for the module's own."""
    detail: str = ""
    """What is missing: a key, a code, a path."""
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Links:
    """What a lesson, an exercise or a question refers to."""

    terms: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    lessons: tuple[str, ...] = ()
    """``key`` or ``key#anchor``."""
    files: tuple[str, ...] = ()
    """Names in the course's ``files/``."""
    images: tuple[str, ...] = ()
    """Paths within the module's ``img/``."""
    checks: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    """Keys of the module's outcomes."""


@dataclass(frozen=True, slots=True)
class Text:
    """A lesson, an exercise or a question of the draft, as the search for broken links reads it."""

    part: Part
    key: str
    module: str
    """Key of the module it stands in."""
    title: str
    """The beginning of a question."""
    links: Links


@dataclass(frozen=True, slots=True)
class Move:
    """One move of the published pointer, as the history keeps it."""

    kind: str
    """``publish`` or ``undo``."""
    manifest_id: int


def same_content(one: Manifest, other: Manifest) -> bool:
    """Whether two publications would show the same; their numbers do not count."""
    return replace(one, number=0).to_json() == replace(other, number=0).to_json()


def undo_target(history: Iterable[Move]) -> int:
    """Where an undo leads: the manifest that was published before the present one.

    ``history`` in order. Undone publications are passed over, so that undoing twice goes back two
    steps and publishing after an undo can be undone to what was seen before.
    Raises Refusal("nothing-to-undo").
    """
    stack: list[int] = []
    for move in history:
        if move.kind == "publish":
            stack.append(move.manifest_id)
        else:
            stack.pop()
    if len(stack) < 2:
        raise Refusal("nothing-to-undo")
    return stack[-2]


def compare(old: Manifest | None, new: Manifest) -> Difference:
    """What publishing ``new`` would change; everything is new where nothing is published."""
    changes = [
        *_course_changes(old, new),
        *_module_changes(old, new),
        *_activity_changes(old, new),
        *_item_changes(old, new),
    ]
    return Difference(tuple(changes), tuple(_criteria_changes(old, new)))


def _course_changes(old: Manifest | None, new: Manifest) -> list[Change]:
    if old is None:
        return [Change(ChangeKind.ADDED, Part.COURSE, new.key, title=new.title)]
    bare = [
        replace(m, number=0, modules=(), before=(), after=(), pool=(), checks={})
        for m in (old, new)
    ]
    if bare[0] == bare[1]:
        return []
    return [Change(ChangeKind.CHANGED, Part.COURSE, new.key, title=new.title)]


def _module_changes(old: Manifest | None, new: Manifest) -> list[Change]:
    before = old.by_module if old else {}
    order = _moved([m.key for m in old.modules] if old else [], [m.key for m in new.modules])
    changes = []
    for module in new.modules:
        was = before.get(module.key)
        if was is None:
            kind = ChangeKind.ADDED
        elif _module_texts(was) != _module_texts(module):
            kind = ChangeKind.CHANGED
        elif module.key in order:
            kind = ChangeKind.MOVED
        else:
            continue
        changes.append(Change(kind, Part.MODULE, module.key, module.key, module.title))
    gone = [m for m in before.values() if m.key not in new.by_module]
    changes += [Change(ChangeKind.REMOVED, Part.MODULE, m.key, m.key, m.title) for m in gone]
    return changes


def _module_texts(module: Module) -> Module:
    """The module without its activities (told one by one), its criteria and its number."""
    return replace(module, activities=(), criteria=(), number=0)


def _activity_changes(old: Manifest | None, new: Manifest) -> list[Change]:
    before = old.by_activity if old else {}
    moved: set[str] = set()
    for module in new.modules:
        was = old.by_module.get(module.key) if old else None
        now = [a.key for a in module.activities]
        moved |= _moved([a.key for a in was.activities] if was else [], now)
    changes = []
    for module, activity in new.route():
        known = before.get(activity.key)
        if known is None:
            kind = ChangeKind.ADDED
        elif known[1] != activity:
            kind = ChangeKind.CHANGED
        elif known[0].key != module.key or activity.key in moved:
            kind = ChangeKind.MOVED
        else:
            continue
        changes.append(_activity_change(kind, module, activity))
    changes += [
        _activity_change(ChangeKind.REMOVED, module, activity)
        for key, (module, activity) in before.items()
        if key not in new.by_activity and key not in new.tests
    ]
    return [*_course_tests(old, new), *changes]


def _course_tests(old: Manifest | None, new: Manifest) -> list[Change]:
    """Changes of the tests that stand beside the modules."""
    before = {a.key: (old.place_of(a), a) for a in (*old.before, *old.after)} if old else {}
    after = {a.key: (new.place_of(a), a) for a in (*new.before, *new.after)}
    changes = []
    for key, (place, test) in after.items():
        was = before.get(key)
        if was == (place, test):
            continue
        if was is None:
            is_elsewhere = old is not None and key in old.by_activity
            kind = ChangeKind.MOVED if is_elsewhere else ChangeKind.ADDED
        else:
            kind = ChangeKind.MOVED if was[1] == test else ChangeKind.CHANGED
        changes.append(_activity_change(kind, None, test))
    gone = [test for key, (_, test) in before.items() if key not in new.tests]
    return changes + [_activity_change(ChangeKind.REMOVED, None, test) for test in gone]


def _activity_change(kind: ChangeKind, module: Module | None, activity: Activity) -> Change:
    home = module.key if module else ""
    return Change(kind, Part(activity.kind), activity.key, home, activity.title)


def _moved(before: list[str], after: list[str]) -> set[str]:
    """The fewest keys, of those in both lists, that were taken elsewhere."""
    was = [key for key in before if key in set(after)]
    now = [key for key in after if key in set(before)]
    kept: set[str] = set()
    for start, _, size in SequenceMatcher(None, was, now, autojunk=False).get_matching_blocks():
        kept |= set(was[start : start + size])
    return set(was) - kept


def _item_changes(old: Manifest | None, new: Manifest) -> list[Change]:
    pools = [{p.key: p for p in m.pool} if m else {} for m in (old, new)]
    checks = [dict(m.checks) if m else {} for m in (old, new)]
    changes = []
    for key, there in {**pools[0], **pools[1]}.items():
        was, now = pools[0].get(key), pools[1].get(key)
        changes += _keyed(Part.ITEM, key, there.module, was, now)
    for key in checks[0].keys() | checks[1].keys():
        changes += _keyed(Part.CHECK, key, "", checks[0].get(key), checks[1].get(key))
    return sorted(changes, key=lambda change: (change.module, change.part, change.key))


def _keyed(part: Part, key: str, module: str, was: object, now: object) -> list[Change]:
    if was == now:
        return []
    kind = ChangeKind.CHANGED
    if was is None or now is None:
        kind = ChangeKind.ADDED if was is None else ChangeKind.REMOVED
    return [Change(kind, part, key, module)]


def _criteria_changes(old: Manifest | None, new: Manifest) -> list[CriteriaChange]:
    found = []
    for module in new.modules:
        was = old.by_module.get(module.key) if old else None
        if was is None:
            continue
        before, after = set(was.criteria), set(module.criteria)
        if before != after:
            added = tuple(c for c in module.criteria if c not in before)
            removed = tuple(c for c in was.criteria if c not in after)
            found.append(CriteriaChange(module, added, removed))
    return found


@dataclass(slots=True)
class _Search:
    manifest: Manifest
    found: list[Problem] = field(default_factory=list)

    def note(
        self,
        code: str,
        module: Module | None,
        thing: Activity | Text | None = None,
        detail: str = "",
        missing: int = 0,
    ) -> None:
        home = module.title if module else ""
        if thing is None:
            part, key, title = Part.MODULE, module.key if module else "", ""
        else:
            part = Part(thing.kind) if isinstance(thing, Activity) else thing.part
            key, title = thing.key, thing.title
        self.found.append(Problem(code, part, key, home, title, detail, missing))


def problems(manifest: Manifest, texts: Iterable[Text]) -> tuple[Problem, ...]:
    """What stands in the way of publishing; empty when nothing does.

    ``texts`` are all lessons, exercises and questions. Anchors are not judged: a link to a heading
    that was renamed still opens its lesson.
    """
    search = _Search(manifest)
    of_module: dict[str, list[Text]] = {}
    for text in texts:
        of_module.setdefault(text.module, []).append(text)
    if not manifest.modules:
        search.found.append(Problem("course-empty"))
    for module in manifest.modules:
        _judge_module(search, module)
        for text in of_module.get(module.key, ()):
            _judge_links(search, module, text)
        for activity in module.quizzes:
            _judge_quiz(search, module, activity)
    for activity in (*manifest.before, *manifest.after):
        _judge_quiz(search, None, activity)
    return tuple(search.found)


def _judge_module(search: _Search, module: Module) -> None:
    if not module.activities:
        search.note("module-empty", module)
        return
    if not module.criteria:
        search.note("module-without-criteria", module)
    lessons = {a.key for a in module.lessons}
    quizzes = {a.key for a in module.quizzes}
    for criterion in module.criteria:
        known = lessons if criterion.kind is CriterionKind.READ else quizzes
        if criterion.activity not in known:
            search.note("criterion-unknown", module, detail=criterion.key)


def _judge_quiz(search: _Search, module: Module | None, quiz: Activity) -> None:
    settings = quiz.quiz
    if settings is None or not (settings.draw or settings.items):
        search.note("quiz-empty", module, quiz)
        return
    pool = search.manifest.pool_of(module)
    known = {item.key for item in pool}
    unknown = [key for key in settings.items if key not in known]
    for key in unknown:
        search.note("quiz-item-unknown", module, quiz, key)
    short = largest_shortfall(pool, settings) if not unknown else 0
    if short > 0:
        search.note("draw-too-small", module, quiz, missing=short)


def _judge_links(search: _Search, module: Module, text: Text) -> None:
    manifest, links = search.manifest, text.links
    lessons = {a.key for m in manifest.modules for a in m.lessons}
    wanted: list[tuple[str, Iterable[str], Iterable[str]]] = [
        ("lesson-unknown", (link.partition("#")[0] for link in links.lessons), lessons),
        ("term-unknown", links.terms, manifest.terms),
        ("source-unknown", links.sources, {s.code for s in manifest.sources}),
        ("check-unknown", links.checks, manifest.checks),
        ("file-unknown", (f"files/{name}" for name in links.files), manifest.assets),
        ("file-unknown", (f"{module.key}/img/{path}" for path in links.images), manifest.assets),
        ("outcome-unknown", links.outcomes, {outcome.key for outcome in module.outcomes}),
    ]
    for code, used, known in wanted:
        for name in dict.fromkeys(used):
            if name not in known:
                search.note(code, module, text, name)
