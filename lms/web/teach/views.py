"""The courses one teaches, a course as a tree, where its people are, files of the draft."""

from __future__ import annotations

from flask import Response, request

from lms.domain.access import Action
from lms.domain.errors import NotFound
from lms.models import Course
from lms.services import curriculum, drafts, outline, publishing, teaching_overview
from lms.services.teaching_overview import WherePeopleAre
from lms.web.blueprint import db_session
from lms.web.identity import me
from lms.web.rendering import attachment, render, to
from lms.web.teach import course_tests as course_tests
from lms.web.teach import exercises as exercises
from lms.web.teach import items as items
from lms.web.teach import lessons as lessons
from lms.web.teach import modules as modules
from lms.web.teach import publishing as publishing_views
from lms.web.teach import quizzes as quizzes
from lms.web.teach.loading import taught
from lms.web.teach.room import ROOM

__all__ = [
    "course_tests",
    "exercises",
    "items",
    "lessons",
    "modules",
    "publishing_views",
    "quizzes",
]


@ROOM.get("/", Action.TEACH)
def courses() -> Response:
    """The courses the reader teaches; of a single one its page at once."""
    session = db_session()
    mine = [session.get_one(Course, course_id) for course_id in me().viewer.teaches]
    if len(mine) == 1:
        return to("teach.course", course=mine[0].key)
    trees = [outline.outline(session, course) for course in mine]
    return render("lms/teach/courses.html", trees=sorted(trees, key=lambda tree: tree.title))


@ROOM.get("/<course>", Action.TEACH)
def course(course: str) -> Response:
    """A course's modules, what of them is published, and how many people are where."""
    session = db_session()
    home = taught(course)
    where = _where(home)
    tree = outline.outline(session, home)
    return render(
        "lms/teach/course.html",
        course=home,
        outline=tree,
        at_work=_at_work(tree, request.args.get("open", "")),
        where={counts.module.key: counts for counts in where.modules} if where else {},
        enrolled=where.enrolled if where else 0,
        to_verify=drafts.to_verify_of(home.draft),
        history=publishing.history(session, home)[:1],
    )


def _at_work(tree: outline.Outline, asked: str) -> str:
    """The key of the one module that stands open: where one comes from, the only one there is, else
    the first that differs from what is published; empty when all are as learners see them."""
    keys = [module.key for module in tree.modules]
    if asked in keys or len(keys) == 1:
        return asked if asked in keys else keys[0]
    return next((module.key for module in tree.modules if _is_touched(module)), "")


def _is_touched(module: outline.ModuleLine) -> bool:
    states = {module.state, *(activity.state for activity in module.activities)}
    return states != {outline.State.PUBLISHED}


@ROOM.get("/<course>/people", Action.TEACH)
def people(course: str) -> Response:
    """How many people are where, by module, lesson and test: numbers, never names or answers."""
    home = taught(course)
    return render("lms/teach/people.html", course=home, where=_where(home))


def _where(course: Course) -> WherePeopleAre | None:
    """None for a course that is not published yet."""
    if course.manifest_id is None:
        return None
    return teaching_overview.where_people_are(db_session(), course.id)


@ROOM.get("/<course>/file/<path:path>", Action.TEACH)
def file(course: str, path: str) -> Response:
    """A picture or download of the draft, for its trainers only."""
    home = taught(course)
    sha256 = home.draft["assets"].get(path)
    asset = curriculum.find_asset(db_session(), home.id, sha256) if sha256 else None
    if asset is None:
        raise NotFound()
    response = Response(asset.data, content_type=asset.media_type)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if not asset.media_type.startswith("image/"):
        response.headers["Content-Disposition"] = attachment(path.rpartition("/")[2])
    return response
