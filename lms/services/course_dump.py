"""The drafts of a course as authored values: what course files are written from."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from lms.domain.authoring import AuthoredCourse, AuthoredModule
from lms.models import Asset, Course, Module
from lms.services import drafts
from lms.services.draft_rows import latest_activities, latest_items, list_modules


def dump_course(session: Session, course: Course) -> AuthoredCourse:
    """What is not archived, in order and in its newest version. Four queries."""
    activities: dict[int | None, list[Any]] = defaultdict(list)
    for activity, version in latest_activities(session, course.id):
        activities[activity.module_id].append(
            drafts.activity_of(activity.kind, activity.key, version.source)
        )
    items: dict[int, list[Any]] = defaultdict(list)
    for item, item_version in latest_items(session, course.id):
        items[item.module_id].append(drafts.item_of(item_version.source))
    modules = tuple(
        _module(module, activities[module.id], items[module.id])
        for module in list_modules(session, course.id)
    )
    tests = tuple(activities[None])
    return drafts.course_of(course.key, course.draft, modules, tests, _assets(session, course))


def _module(module: Module, activities: list[Any], items: list[Any]) -> AuthoredModule:
    return drafts.module_of(module.key, module.draft, tuple(activities), tuple(items))


def _assets(session: Session, course: Course) -> dict[str, bytes]:
    paths: dict[str, str] = course.draft["assets"]
    wanted = select(Asset).where(Asset.course_id == course.id, Asset.sha256.in_(paths.values()))
    rows = session.scalars(wanted.options(undefer(Asset.data)))
    stored = {asset.sha256: asset.data for asset in rows}
    return {path: stored[sha256] for path, sha256 in paths.items()}
