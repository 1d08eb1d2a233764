"""Writing a workbook exercise: task, data, rubric, with a preview beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import Response, request

from lms.domain import draft_rules
from lms.domain.access import Action
from lms.domain.authoring import AuthoredExercise
from lms.domain.draft_rules import key_from
from lms.domain.errors import Conflict, NotFound, Refusal
from lms.domain.rubrics import FEWEST_CRITERIA, LEVELS, MOST_CRITERIA, Rubric, RubricCriterion
from lms.models import Course, Module, Person
from lms.services import authoring, outline
from lms.services.draft_rows import Held, get_exercise, get_module
from lms.services.rendering import prepare_one
from lms.web import i18n
from lms.web.assessments import LEVEL_NAMES
from lms.web.blueprint import commit, db_session
from lms.web.clock import now, today
from lms.web.rendering import notice, render, to
from lms.web.sentences import sentence
from lms.web.teach.forms import (
    ExerciseForm,
    Told,
    choices_of,
    count_of,
    expected_of,
    lines_of,
    one_line,
    step_of,
)
from lms.web.teach.loading import author, let_go, renderer, taught, write_anew
from lms.web.teach.previews import ExercisePreview, exercise_preview
from lms.web.teach.room import ROOM

NOTHING = RubricCriterion("", "", ("",) * LEVELS)


@dataclass
class Desk:
    """An exercise being written: where it belongs, and what is stored of it."""

    course: Course
    module: Module
    held: Held[AuthoredExercise] | None
    """None for a new one."""

    @property
    def stored(self) -> AuthoredExercise:
        if self.held is not None:
            return self.held.value
        rubric = (NOTHING,) * FEWEST_CRITERIA
        return AuthoredExercise("", "", 30, today().isoformat(), "", "", "", rubric)


def _desk(course_key: str, key: str, module_key: str) -> Desk:
    course = taught(course_key)
    if not key:
        return Desk(course, get_module(db_session(), course, module_key), None)
    held = get_exercise(db_session(), course, key)
    return Desk(course, held.module, held)


@ROOM.get("/<course>/module/<module>/new-exercise", Action.TEACH)
def new_exercise(course: str, module: str) -> Response:
    desk = _desk(course, "", module)
    return _page(desk, _form(desk), desk.stored.rubric)


@ROOM.post("/<course>/module/<module>/new-exercise", Action.TEACH, opens_transaction=False)
def add_exercise(course: str, module: str) -> Response:
    return _posted(course, "", module)


@ROOM.get("/<course>/exercise/<key>", Action.TEACH)
def exercise(course: str, key: str) -> Response:
    """The editor. What stands beside it was rendered when it was saved."""
    home = taught(course)
    held = get_exercise(db_session(), home, key)
    desk = Desk(home, held.module, held)
    preview = exercise_preview(home, held.module, held.version.rendered)
    return _page(desk, _form(desk), desk.stored.rubric, preview=preview)


@ROOM.post("/<course>/exercise/<key>", Action.TEACH, opens_transaction=False)
def save_exercise(course: str, key: str) -> Response:
    """Save, or do what another button of the form says; the form comes back with every text."""
    return _posted(course, key, "")


def _posted(course: str, key: str, module: str) -> Response:
    desk = _desk(course, key, module)
    form, rubric = _form(desk, posted=True), _rubric()
    word, place = step_of(request.form)
    if word in ("save", "save-publish"):
        try:
            return _save(desk, form, rubric, word)
        except NotFound:
            raise
        except Refusal as refusal:
            return _refused(_again(course, key, module), form, rubric, refusal)
    if word == "add-criterion" and len(rubric) < MOST_CRITERIA:
        rubric = (*rubric, NOTHING)
    elif word == "remove" and 0 <= place < len(rubric):
        rubric = (*rubric[:place], *rubric[place + 1 :])
    return _previewed(_again(course, key, module), form, rubric)


def _again(course: str, key: str, module: str) -> Desk:
    let_go()
    return _desk(course, key, module)


def _form(desk: Desk, *, posted: bool = False) -> ExerciseForm:
    stored = desk.stored
    form = ExerciseForm(
        request.form if posted else None,
        title=stored.title,
        minutes=stored.minutes,
        as_of=datetime.fromisoformat(stored.as_of).date(),
        summary=stored.summary,
        outcomes=list(stored.outcomes),
        task=stored.task,
        example=stored.example,
    )
    form.outcomes.choices = choices_of((o["key"], o["text"]) for o in desk.module.draft["outcomes"])
    return form


def _rubric() -> Rubric:
    """The rows of the form; a criterion keeps its key, a new one gets one from its title."""
    return tuple(
        RubricCriterion(
            request.form.get(f"rubric-{n}-key", ""),
            one_line(request.form.get(f"rubric-{n}-title")),
            tuple(one_line(request.form.get(f"rubric-{n}-levels-{m}")) for m in range(LEVELS)),
        )
        for n in range(min(count_of(request.form, "rubric"), MOST_CRITERIA))
    )


def _written(desk: Desk, form: ExerciseForm, rubric: Rubric) -> AuthoredExercise:
    known = {criterion.key for criterion in desk.stored.rubric if criterion.key}
    taken: set[str] = set()
    named = []
    for criterion in rubric:
        kept = criterion.key in known and criterion.key not in taken
        key = criterion.key if kept else key_from(criterion.title, known | taken)
        taken.add(key)
        named.append(replace(criterion, key=key))
    return replace(
        desk.stored,
        title=(form.title.data or "").strip(),
        minutes=form.minutes.data or 0,
        as_of=form.as_of.data.isoformat() if form.as_of.data else "",
        summary=one_line(form.summary.data),
        task=lines_of(request.form, "task"),
        example=lines_of(request.form, "example"),
        outcomes=tuple(form.outcomes.data or ()),
        rubric=tuple(named),
    )


def _save(desk: Desk, form: ExerciseForm, rubric: Rubric, word: str) -> Response:
    told = Told()
    if not form.validate():
        told.add_form(form)
        return _page(desk, form, rubric, told=told, status=400)
    written = _written(desk, form, rubric)
    outcomes = {outcome["key"] for outcome in desk.module.draft["outcomes"]}
    draft_rules.require_exercise(written, outcomes)
    course_key, module_key, key = desk.course.key, desk.module.key, written.key
    let_go()
    piece = prepare_one(written, renderer())
    course = write_anew(course_key)
    saved: dict[str, Any] = {"author": author(), "now": now()}
    if key:
        expected = expected_of(request.form)
        authoring.save(db_session(), course, piece, expected=expected, **saved)
    else:
        key = authoring.add(db_session(), course, module_key, piece, **saved)
    commit()
    notice("success", i18n.gettext("Saved. Learners see it once it is published."))
    if word == "save-publish":
        return to("teach.publish_preview", course=course_key)
    return to("teach.exercise", course=course_key, key=key)


def _refused(desk: Desk, form: ExerciseForm, rubric: Rubric, refusal: Refusal) -> Response:
    told = Told()
    if refusal.code == "draft-invalid":
        told.add_faults(form, refusal.params["faults"], {})
    return _page(desk, form, rubric, told=told, refusal=refusal, status=refusal.status)


def _previewed(desk: Desk, form: ExerciseForm, rubric: Rubric) -> Response:
    """The form after a button that saves nothing, with its texts rendered beside it."""
    written, places = _written(desk, form, rubric), (desk.course.key, desk.stored.key)
    module_key = desk.module.key
    let_go()
    try:
        rendered = prepare_one(written, renderer()).rendered or {}
    except Refusal as refusal:
        return _refused(_desk(*places, module_key), form, rubric, refusal)
    desk = _desk(*places, module_key)
    preview = exercise_preview(desk.course, desk.module, rendered)
    return _page(desk, form, rubric, preview=preview)


def _page(
    desk: Desk,
    form: ExerciseForm,
    rubric: Rubric,
    *,
    preview: ExercisePreview | None = None,
    told: Told | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    tree = outline.outline(db_session(), desk.course)
    clash = desk.held.value if isinstance(refusal, Conflict) and desk.held else None
    number = desk.held.number if desk.held else 0
    if request.method == "POST" and clash is None:
        number = expected_of(request.form) or number
    return render(
        "lms/teach/exercise.html",
        status,
        course=desk.course,
        module=desk.module,
        line=next((m for m in tree.modules if m.key == desk.module.key), None),
        outline=tree,
        key=desk.stored.key,
        archived=desk.held is not None and desk.held.row.archived_at is not None,
        stored_title=desk.stored.title,
        form=form,
        rubric=rubric,
        level_names=[i18n.gettext(name) for name in LEVEL_NAMES],
        most_criteria=MOST_CRITERIA,
        fewest_criteria=FEWEST_CRITERIA,
        expected=number,
        preview=preview,
        told=told or Told(),
        refusal=sentence(refusal) if refusal and not (told and told.fields) else "",
        clash=clash,
        saved_by=_saved_by(desk) if clash else "",
        saves_when_posted=request.method == "POST",
    )


def _saved_by(desk: Desk) -> str:
    author_id = desk.held.version.author_id if desk.held else None
    person = db_session().get(Person, author_id) if author_id else None
    return person.name if person else ""
