"""What every page of the room begins with: the course one teaches, and the way to write to it."""

from __future__ import annotations

from flask import current_app

from lms.domain.access import Action, Subject, may
from lms.domain.errors import NotFound
from lms.models import Course, Module, Person
from lms.models.engine import begin_write
from lms.services import authoring
from lms.services.picture_sizes import find_size
from lms.services.rendering import Renderer
from lms.web.blueprint import db_session
from lms.web.identity import me
from lms.web.lesson_text import Texts
from lms.web.rendering import url


def taught(key: str) -> Course:
    """A course the reader is a trainer of. Raises NotFound for everybody else's as for none."""
    course = authoring.get_course(db_session(), key)
    if not may(me().viewer, Action.TEACH, Subject(course_id=course.id)):
        raise NotFound()
    return course


def author() -> Person:
    return db_session().get_one(Person, me().person_id)


def renderer() -> Renderer:
    """The process that renders Markdown. Ask it while no transaction is open."""
    found: Renderer = current_app.extensions["lms"].renderer
    return found


def let_go() -> None:
    """End the reading of this request, so that nothing waits while a text is rendered."""
    db_session().rollback()


def write_anew(key: str) -> Course:
    """Begin the writing transaction of a save; what was read before has to be read again."""
    let_go()
    begin_write(db_session())
    return taught(key)


def draft_texts(course: Course, module: Module) -> Texts:
    """Texts of a draft: links lead to the editor, pictures come from the draft's files."""
    key, folder, files = course.key, module.draft["folder"], course.draft["assets"]
    return Texts(
        lesson=lambda lesson: url("teach.lesson", course=key, key=lesson),
        file=lambda name: url("teach.file", course=key, path=f"files/{name}"),
        image=lambda path: url("teach.file", course=key, path=f"{folder}/img/{path}"),
        size=lambda path: find_size(db_session(), files, f"{folder}/img/{path}"),
        glossary="",
    )
