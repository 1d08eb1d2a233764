"""Who may do what. One function answers for every page, export and command."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What a guard may ask for."""

    LEARN = "learn"
    TEACH = "teach"
    SEE_TEAM = "see-team"
    MANAGE_PEOPLE = "manage-people"
    ADMINISTER = "administer"


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person who asks, with the relations that give rights; read anew for every request."""

    person_id: int
    is_admin: bool = False
    heads: tuple[str, ...] = ()
    """Paths of the departments they head or stand in for, e.g. ``/1/4/``."""
    teaches: tuple[int, ...] = ()
    """Ids of the courses they are a trainer of."""

    @property
    def is_hr(self) -> bool:
        """Head of the root department: sees everyone and manages people."""
        return any(path.count("/") == 2 for path in self.heads)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked about: a person's department, a course. Empty for the room itself."""

    department: str = ""
    """Path of the person's department; empty when they have none."""
    course_id: int | None = None
    person_id: int | None = None


ROOM = Subject()


def may(viewer: Viewer, action: Action, subject: Subject = ROOM) -> bool:
    """Whether ``viewer`` may do ``action``, on ``subject`` or (ROOM) on anything at all."""
    match action:
        case Action.LEARN:
            return subject.person_id in (None, viewer.person_id)
        case Action.TEACH:
            if subject.course_id is None:
                return bool(viewer.teaches)
            return subject.course_id in viewer.teaches
        case Action.SEE_TEAM:
            if viewer.is_hr:
                return True
            if subject == ROOM:
                return bool(viewer.heads)
            return any(subject.department.startswith(path) for path in viewer.heads)
        case Action.MANAGE_PEOPLE:
            return viewer.is_hr or viewer.is_admin
        case Action.ADMINISTER:
            return viewer.is_admin


def team_paths(viewer: Viewer) -> tuple[str, ...] | None:
    """Department paths whose people the viewer sees; None for everyone.

    Sub-departments of a path already listed are left out.
    """
    if viewer.is_hr:
        return None
    return tuple(
        path
        for path in sorted(set(viewer.heads))
        if not any(path != other and path.startswith(other) for other in viewer.heads)
    )
