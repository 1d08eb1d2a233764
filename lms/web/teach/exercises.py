"""Writing a workbook exercise: task, data, rubric, with a preview beside it."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, request

from lms.domain import draft_rules
from lms.domain.access import Action
from lms.domain.authoring import AuthoredExercise
from lms.domain.draft_rules import key_from
from lms.domain.errors import NotFound, Refusal
from lms.domain.rubrics import FEWEST_CRITERIA, LEVELS, MOST_CRITERIA, Rubric, RubricCriterion
from lms.services.draft_rows import get_exercise
from lms.web import i18n
from lms.web.assessments import LEVEL_NAMES
from lms.web.blueprint import commit
from lms.web.clock import today
from lms.web.rendering import notice, to
from lms.web.teach.desks import (
    Desk,
    desk_of,
    fields_of,
    outcome_choices,
    page,
    rendered_apart,
    store,
    values_of,
)
from lms.web.teach.forms import (
    ExerciseForm,
    Told,
    count_of,
    lines_of,
    one_line,
    step_of,
)
from lms.web.teach.loading import let_go
from lms.web.teach.previews import ExercisePreview, exercise_preview
from lms.web.teach.room import ROOM

NOTHING = RubricCriterion("", "", ("",) * LEVELS)


def _desk(course_key: str, key: str, module_key: str = "") -> Desk[AuthoredExercise]:
    return desk_of(get_exercise, course_key, key, module_key)


def _stored(desk: Desk[AuthoredExercise]) -> AuthoredExercise:
    if desk.held is not None:
        return desk.held.value
    rubric = (NOTHING,) * FEWEST_CRITERIA
    return AuthoredExercise("", "", 30, today().isoformat(), "", "", "", rubric)


@ROOM.get("/<course>/module/<module>/new-exercise", Action.TEACH)
def new_exercise(course: str, module: str) -> Response:
    desk = _desk(course, "", module)
    return _page(desk, _form(desk), _stored(desk).rubric)


@ROOM.post("/<course>/module/<module>/new-exercise", Action.TEACH, opens_transaction=False)
def add_exercise(course: str, module: str) -> Response:
    return _posted(course, "", module)


@ROOM.get("/<course>/exercise/<key>", Action.TEACH)
def exercise(course: str, key: str) -> Response:
    """The editor. What stands beside it was rendered when it was saved."""
    desk = _desk(course, key)
    preview = exercise_preview(desk.course, desk.module, desk.version.rendered)
    return _page(desk, _form(desk), _stored(desk).rubric, preview=preview)


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
            let_go()
            told = Told()
            told.add_refusal(form, refusal)
            desk = _desk(course, key, module)
            return _page(desk, form, rubric, told=told, refusal=refusal)
    if word == "add-criterion" and len(rubric) < MOST_CRITERIA:
        rubric = (*rubric, NOTHING)
    elif word == "remove" and 0 <= place < len(rubric):
        rubric = (*rubric[:place], *rubric[place + 1 :])
    return _previewed(desk, form, rubric)


def _form(desk: Desk[AuthoredExercise], *, posted: bool = False) -> ExerciseForm:
    stored = _stored(desk)
    texts = {**fields_of(stored), "task": stored.task, "example": stored.example}
    form = ExerciseForm(request.form if posted else None, **texts)
    form.outcomes.choices = outcome_choices(desk, stored.outcomes)
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


def _written(desk: Desk[AuthoredExercise], form: ExerciseForm, rubric: Rubric) -> AuthoredExercise:
    stored = _stored(desk)
    known = {criterion.key for criterion in stored.rubric if criterion.key}
    taken: set[str] = set()
    named = []
    for criterion in rubric:
        kept = criterion.key in known and criterion.key not in taken
        key = criterion.key if kept else key_from(criterion.title, known | taken)
        taken.add(key)
        named.append(replace(criterion, key=key))
    return replace(
        stored,
        task=lines_of(request.form, "task"),
        example=lines_of(request.form, "example"),
        rubric=tuple(named),
        **values_of(form, stored),
    )


def _save(desk: Desk[AuthoredExercise], form: ExerciseForm, rubric: Rubric, word: str) -> Response:
    told, written = Told(), _written(desk, form, rubric)
    told.add_form(form)
    told.judge(form, lambda: draft_rules.require_exercise(written, set(desk.outcomes)))
    if told.fields:
        return _page(desk, form, rubric, told=told)
    course_key = desk.course.key
    key = store(desk, written)
    commit()
    notice("success", i18n.gettext("Saved. Learners see it once it is published."))
    if word == "save-publish":
        return to("teach.publish_preview", course=course_key)
    return to("teach.exercise", course=course_key, key=key)


def _previewed(desk: Desk[AuthoredExercise], form: ExerciseForm, rubric: Rubric) -> Response:
    """The form after a button that saves nothing, with its texts rendered beside it."""
    written, places = _written(desk, form, rubric), desk.places
    rendered, refusal = rendered_apart(written)
    desk = _desk(*places)
    preview = exercise_preview(desk.course, desk.module, rendered) if rendered else None
    return _page(desk, form, rubric, preview=preview, refusal=refusal)


def _page(
    desk: Desk[AuthoredExercise],
    form: ExerciseForm,
    rubric: Rubric,
    *,
    preview: ExercisePreview | None = None,
    told: Told | None = None,
    refusal: Refusal | None = None,
) -> Response:
    theirs = desk.theirs(refusal)
    return page(
        "lms/teach/exercise.html",
        desk,
        told=told,
        refusal=refusal,
        clash=theirs.value if theirs else None,
        stored_title=_stored(desk).title,
        form=form,
        rubric=rubric,
        level_names=[i18n.gettext(name) for name in LEVEL_NAMES],
        most_criteria=MOST_CRITERIA,
        fewest_criteria=FEWEST_CRITERIA,
        preview=preview,
        saves_when_posted=request.method == "POST",
    )
