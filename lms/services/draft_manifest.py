"""From drafts to the manifest they would be published as."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.domain.curriculum import (
    Activity,
    ActivityKind,
    Badge,
    CoursePlace,
    Criterion,
    CriterionKind,
    Manifest,
    Module,
    Outcome,
    Term,
)
from lms.domain.items import Item, Use
from lms.domain.publishing import Links, Part, Text
from lms.domain.quizzes import PoolItem, QuizSettings
from lms.domain.text import normalise
from lms.models import Activity as ActivityRow
from lms.models import ActivityVersion, Course, ItemVersion
from lms.models import Module as ModuleRow
from lms.services import drafts
from lms.services.draft_rows import latest_activities, latest_items, list_modules
from lms.services.rendering import REFERENCES

LABEL = 90
"""Characters of a question shown where it has no other name."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be published now, with what a manifest does not hold."""

    manifest: Manifest
    texts: tuple[Text, ...]
    """Lessons and exercises."""
    questions: Mapping[int, tuple[str, Item]]
    """Version id of a question → key of its module, and the question as written."""


def read_draft(session: Session, course: Course) -> Draft:
    """The course's drafts as a manifest without a number. Three queries."""
    modules = list_modules(session, course.id)
    keys = {module.id: module.key for module in modules}
    pool: list[PoolItem] = []
    checks: dict[str, int] = {}
    questions: dict[int, tuple[str, Item]] = {}
    for row, version in latest_items(session, course.id):
        if row.module_id not in keys:
            continue  # of a module that was archived
        item = drafts.item_of(version.source)
        questions[version.id] = (keys[row.module_id], item)
        if item.use is Use.SELF_CHECK:
            checks[item.key] = version.id
        else:
            pool.append(_pool_item(item, version.id, keys[row.module_id]))
    sizes = {item.key: item.size for item in pool}
    activities: dict[int | None, list[tuple[ActivityRow, ActivityVersion]]] = defaultdict(list)
    texts = []
    for activity, activity_version in latest_activities(session, course.id):
        activities[activity.module_id].append((activity, activity_version))
        if activity.kind != "quiz" and activity.module_id in keys:
            texts.append(_text(keys[activity.module_id], activity, activity_version))
    manifest = Manifest(
        number=0,
        key=course.key,
        title=course.draft["title"],
        summary=course.draft["summary"],
        workshop=course.draft["workshop"],
        language=course.draft["language"],
        modules=tuple(
            _module(module, number, activities[module.id], sizes)
            for number, module in enumerate(modules, 1)
        ),
        before=_tests(activities[None], CoursePlace.BEFORE, course, sizes),
        after=_tests(activities[None], CoursePlace.AFTER, course, sizes),
        pool=tuple(pool),
        checks=checks,
        glossary=tuple(
            Term(t["key"], t["term"], t["html"], t["long"], t["en"])
            for t in course.draft["glossary"]
        ),
        sources=drafts.sources_of(course.draft),
        to_verify=drafts.to_verify_of(course.draft),
        assets=_assets(course.draft["assets"], modules),
        en=_without_titles(course.draft["en"]),
    )
    return Draft(manifest, tuple(texts), questions)


def _tests(
    versions: list[tuple[ActivityRow, ActivityVersion]],
    place: CoursePlace,
    course: Course,
    sizes: Mapping[str, int],
) -> tuple[Activity, ...]:
    """The tests of the whole course that stand there."""
    titles: Mapping[str, str] = course.draft["en"].get("activities", {})
    here = [pair for pair in versions if pair[1].source.get("place") == place]
    return tuple(_activity(*pair, sizes, titles) for pair in here)


def _without_titles(english: Mapping[str, Any]) -> dict[str, Any]:
    """Activities carry their English titles themselves."""
    return {name: text for name, text in english.items() if name != "activities"}


def build_manifest(session: Session, course: Course) -> Manifest:
    """What would be published now; its number is 0 until it is."""
    return read_draft(session, course).manifest


def label_of(stem: str) -> str:
    """The beginning of a question, for lists; Markdown as it was written."""
    line = normalise(stem[: 2 * LABEL])
    return line if len(line) <= LABEL else line[: LABEL - 1].rstrip() + "…"


def _pool_item(item: Item, version_id: int, module: str) -> PoolItem:
    return PoolItem(
        key=item.key,
        version_id=version_id,
        module=module,
        outcome=item.outcome,
        difficulty=item.difficulty,
        tags=item.tags,
        size=len(item.questions),
    )


def _text(module: str, row: ActivityRow, version: ActivityVersion) -> Text:
    rendered, source = version.rendered, version.source
    images = [path for path, _alt in rendered["images"]]
    links = _links({**rendered, "images": images}, rendered["checks"], source["outcomes"])
    return Text(Part(row.kind), row.key, module, source["title"], links)


def question_texts(session: Session, draft: Draft) -> list[Text]:
    """The questions, for the search for broken links. One query: what they refer to stands in
    their rendered versions, which the rest of the draft does without.

    The lesson to read again is no such link: where it is gone, learners are shown none.
    """
    named = [ItemVersion.content[name].label(name) for name in (*REFERENCES, "images")]
    rows = session.execute(
        select(ItemVersion.id, *named).where(ItemVersion.id.in_(draft.questions))
    )
    found = {row.id: row for row in rows}
    texts = []
    for version_id, (module, item) in draft.questions.items():
        part = Part.CHECK if item.use is Use.SELF_CHECK else Part.ITEM
        outcomes = dict.fromkeys(q.outcome for q in (item, *item.questions) if q.outcome)
        links = _links(found[version_id]._asdict(), (), outcomes)
        texts.append(Text(part, item.key, module, label_of(item.stem), links))
    return texts


def _links(rendered: Mapping[str, Any], checks: Iterable[str], outcomes: Iterable[str]) -> Links:
    return Links(
        terms=tuple(rendered["terms"]),
        sources=tuple(rendered["sources"]),
        lessons=tuple(rendered["lessons"]),
        files=tuple(rendered["files"]),
        images=tuple(rendered["images"]),
        checks=tuple(checks),
        outcomes=tuple(outcomes),
    )


def _module(
    row: ModuleRow,
    number: int,
    versions: list[tuple[ActivityRow, ActivityVersion]],
    sizes: Mapping[str, int],
) -> Module:
    draft = row.draft
    titles: Mapping[str, str] = draft["en"].get("activities", {})
    activities = tuple(_activity(*pair, sizes, titles) for pair in versions)
    return Module(
        id=row.id,
        key=row.key,
        number=number,
        title=draft["title"],
        short=draft["short"],
        summary=draft["summary"],
        minutes=draft["minutes"],
        outcomes=tuple(Outcome(**outcome) for outcome in draft["outcomes"]),
        criteria=_criteria(draft["criteria"], activities),
        badge=Badge(**draft["badge"]),
        activities=activities,
        en=_without_titles(draft["en"]),
    )


def _criteria(
    rules: list[dict[str, str]], activities: tuple[Activity, ...]
) -> tuple[Criterion, ...]:
    """Rules as written to criteria; ``read: lessons`` is every lesson there is now."""
    found: dict[Criterion, None] = {}
    for rule in rules:
        kind = CriterionKind(rule["kind"])
        if kind is CriterionKind.READ and rule["target"] == "lessons":
            lessons = [a.key for a in activities if a.kind is ActivityKind.LESSON]
            found.update((Criterion(kind, key), None) for key in lessons)
        else:
            found[Criterion(kind, rule["target"])] = None
    return tuple(found)


def _activity(
    row: ActivityRow,
    version: ActivityVersion,
    sizes: Mapping[str, int],
    titles: Mapping[str, str],
) -> Activity:
    source = version.source
    settings = QuizSettings.from_json(source["settings"]) if row.kind == "quiz" else None
    questions = 0
    if settings:
        questions = sum(rule.count for rule in settings.draw)
        questions += sum(sizes.get(key, 1) for key in settings.items)
    return Activity(
        id=row.id,
        key=row.key,
        kind=ActivityKind(row.kind),
        version_id=version.id,
        title=source["title"],
        minutes=source["minutes"],
        summary=source.get("summary", ""),
        as_of=source.get("as_of", ""),
        quiz=settings,
        questions=questions,
        en={"title": titles[row.key]} if row.key in titles else {},
    )


def _assets(paths: Mapping[str, str], modules: list[ModuleRow]) -> dict[str, str]:
    """Paths as pages ask for them: by the module's key, since folders are renumbered."""
    homes = {module.draft["folder"]: module.key for module in modules} | {"files": "files"}
    found = {}
    for path, sha256 in paths.items():
        folder, _, rest = path.partition("/")
        if folder in homes:
            found[f"{homes[folder]}/{rest}"] = sha256
    return found
