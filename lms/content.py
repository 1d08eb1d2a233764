"""Course files into the database and back, for the command line and the demonstration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from lms.domain.authoring import AuthoredCourse
from lms.faults import Fault
from lms.interop.course_check import CheckReport, check_course
from lms.interop.course_files import Problem, dump_course, read_folder
from lms.interop.markdown import Renderer
from lms.models import Course
from lms.models.engine import begin_write
from lms.services import completion, course_dump, course_store, publishing, rendering
from lms.services.authoring import get_course
from lms.services.course_store import StoreReport


class ContentFault(Fault):
    """A course cannot be loaded or written; ``problems`` says where it is wrong, when it is."""

    def __init__(self, text: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(text)
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Loaded:
    course: str
    report: StoreReport
    published: int | None
    """Number of the publication this load made; None when nothing was published."""


def course_folders(folders: Sequence[Path]) -> list[Path]:
    """The course folders meant: a folder of courses stands for all of them.

    Raises ContentFault when one of them holds no course.
    """
    found: list[Path] = []
    for folder in folders:
        if (folder / "course.yaml").is_file():
            found.append(folder)
            continue
        below = sorted(path.parent for path in folder.glob("*/course.yaml"))
        if not below:
            raise ContentFault(f"{folder} holds no course (no course.yaml).")
        found += below
    return found


def read(folder: Path) -> AuthoredCourse:
    """One course, whole. Raises ContentFault with every problem of its files."""
    reading = read_folder(folder)
    if reading.course is None or reading.problems:
        raise ContentFault(f"{folder} cannot be read.", reading.problems)
    return reading.course


def check(course: AuthoredCourse) -> CheckReport:
    """Whether a course may be published, as the check of its files says."""
    return check_course(course)


def load(
    engine: Engine, course: AuthoredCourse, renderer: Renderer, *, publish: bool, now: datetime
) -> Loaded:
    """Store what changed; publish when asked to and something did, or nothing ever was.

    Texts are rendered before the one writing transaction begins.
    """
    with Session(engine) as session:
        known = course_store.known_versions(session, course.key)
    prepared = rendering.prepare(course, renderer, known)
    with Session(engine) as session:
        begin_write(session)
        report = course_store.store(session, prepared, now=now)
        row = get_course(session, course.key)
        number = None
        # A load may change what no page shows (facts, a folder's name): that is no publication.
        shows = not report.is_empty and publishing.count_changes(session, row) > 0
        if publish and (row.manifest_id is None or shows):
            published = publishing.publish(session, row, None, "", now)
            completion.settle(session, published, now)
            number = published.manifest.number
        session.commit()
    return Loaded(course.key, report, number)


def dump(engine: Engine, key: str, folder: Path) -> list[str]:
    """Write a course's drafts to its files; returns the paths that changed. Raises ContentFault."""
    with Session(engine) as session:
        row = session.scalar(select(Course).where(Course.key == key))
        if row is None:
            raise ContentFault(f"There is no course {key!r} in the database.")
        authored = course_dump.dump_course(session, row)
    try:
        return dump_course(authored, folder)
    except ValueError as error:
        raise ContentFault(f"{folder}: {error}.") from None
