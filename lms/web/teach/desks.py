"""What the editors of lessons, exercises, tests and questions do alike: a desk to write at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from flask import Response, request

from lms.domain.authoring import AuthoredText
from lms.domain.errors import Refusal
from lms.models import Course, Module, Person
from lms.services import authoring, outline
from lms.services.draft_rows import Held, get_module
from lms.services.rendering import Draft, prepare_one
from lms.web.blueprint import db_session
from lms.web.clock import now
from lms.web.rendering import render
from lms.web.sentences import sentence
from lms.web.teach.forms import (
    ExerciseForm,
    LessonForm,
    Told,
    choices_of,
    expected_of,
    gone,
    one_line,
)
from lms.web.teach.loading import author, let_go, renderer, taught, write_anew

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Desk(Generic[V]):
    """A thing being written: where it belongs, and what is stored of it."""

    course: Course
    module: Module
    held: Held[V] | None
    """None for a new one."""

    @property
    def key(self) -> str:
        """Empty for a new one."""
        return str(self.held.row.key) if self.held else ""

    @property
    def places(self) -> tuple[str, str, str]:
        """Where to find it again: keys of course, thing and module, as :func:`desk_of` wants them."""
        return self.course.key, self.key, self.module.key

    @property
    def version(self) -> Any:
        """The newest ActivityVersion or ItemVersion; None for a new one."""
        return self.held.version if self.held else None

    @property
    def is_archived(self) -> bool:
        return self.held is not None and self.held.row.archived_at is not None

    @property
    def outcomes(self) -> dict[str, str]:
        """What the module leads to: key → text."""
        return {outcome["key"]: outcome["text"] for outcome in self.module.draft["outcomes"]}

    def theirs(self, refusal: Refusal | None) -> Held[V] | None:
        """What somebody else saved first, when that is why a save was refused."""
        return self.held if refusal and refusal.code == "edited-meanwhile" else None


def desk_of(
    find: Callable[..., Held[V]], course_key: str, key: str, module_key: str = ""
) -> Desk[V]:
    """The desk of a thing ``find`` gives by its key; without a key of a new one in the module.

    Raises NotFound.
    """
    course = taught(course_key)
    if not key:
        return Desk(course, get_module(db_session(), course, module_key), None)
    held = find(db_session(), course, key)
    return Desk(course, held.module, held)


def rendered_apart(written: Draft) -> tuple[dict[str, Any] | None, Refusal | None]:
    """What is written as it would be stored rendered, or why not. No desk stays valid."""
    let_go()
    try:
        return prepare_one(written, renderer()).rendered, None
    except Refusal as refusal:
        return None, refusal


def store(desk: Desk[Any], written: Draft) -> str:
    """Render and save, or add, without committing; returns the key. No desk stays valid.

    Raises NotFound, Conflict and Refusal as :mod:`lms.services.authoring` does.
    """
    course_key, module_key, key = desk.course.key, desk.module.key, desk.key
    let_go()
    piece = prepare_one(written, renderer())
    course = write_anew(course_key)
    saved: dict[str, Any] = {"author": author(), "now": now()}
    if not key:
        return authoring.add(db_session(), course, module_key, piece, **saved)
    authoring.save(db_session(), course, piece, expected=expected_of(request.form), **saved)
    return key


def page(
    template: str,
    desk: Desk[Any],
    *,
    told: Told | None = None,
    refusal: Refusal | None = None,
    **context: Any,
) -> Response:
    """The editor's page: the module's tree, what is to be mended, who saved meanwhile."""
    tree = outline.outline(db_session(), desk.course)
    told, theirs = told or Told(), desk.theirs(refusal)
    number = desk.held.number if desk.held else 0
    if request.method == "POST" and theirs is None:
        number = expected_of(request.form) or number
    return render(
        template,
        refusal.status if refusal else (400 if told.fields else 200),
        course=desk.course,
        module=desk.module,
        outline=tree,
        line=next((m for m in tree.modules if m.key == desk.module.key), None),
        key=desk.key,
        archived=desk.is_archived,
        expected=number,
        told=told,
        refusal=sentence(refusal) if refusal and not told.fields else "",
        saved_by=_name_of(theirs) if theirs else "",
        saved_at=theirs.version.created_at if theirs else None,
        **context,
    )


def _name_of(held: Held[Any]) -> str:
    author_id = held.version.author_id
    person = db_session().get(Person, author_id) if author_id else None
    return person.name if person else ""


def fields_of(stored: AuthoredText) -> dict[str, Any]:
    """What the form of a lesson or an exercise begins with; :func:`values_of` reads it back."""
    return {
        "title": stored.title,
        "minutes": stored.minutes,
        "as_of": datetime.fromisoformat(stored.as_of).date(),
        "summary": stored.summary,
        "outcomes": list(stored.outcomes),
    }


def outcome_choices(desk: Desk[Any], chosen: Iterable[str], *, first: str = "") -> list[Any]:
    """The module's outcomes, then what was chosen and is none of them any more: it is seen, and
    refused when saved, instead of going unsaid. ``first`` is the label of choosing none."""
    known = desk.outcomes
    rest = {key: gone(key) for key in chosen if key and key not in known}
    none = {"": first} if first else {}
    return choices_of({**none, **known, **rest}.items())


def values_of(form: LessonForm | ExerciseForm, stored: AuthoredText) -> dict[str, Any]:
    """What the form says. The page lists the outcomes as the module does; a lesson or an exercise
    keeps the order its author gave them, and what is newly chosen comes last."""
    chosen = form.outcomes.data or []
    kept = [key for key in stored.outcomes if key in chosen]
    return {
        "title": (form.title.data or "").strip(),
        "minutes": form.minutes.data or 0,
        "as_of": form.as_of.data.isoformat() if form.as_of.data else "",
        "summary": one_line(form.summary.data),
        "outcomes": tuple(dict.fromkeys([*kept, *chosen])),
    }
