"""The bank of a module: its questions, writing one, repairing one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, request

from lms.domain import draft_rules
from lms.domain.access import Action
from lms.domain.errors import Conflict, NotFound, Refusal
from lms.domain.items import Item, Kind, Use
from lms.models import Course, Module, Person
from lms.services import authoring, outline, teaching_overview
from lms.services.draft_rows import Held, get_item, get_module, latest_activities
from lms.services.rendering import prepare_one
from lms.web import i18n
from lms.web.blueprint import commit, db_session
from lms.web.clock import now
from lms.web.rendering import notice, render, to
from lms.web.sentences import sentence
from lms.web.teach import items_sheet
from lms.web.teach.forms import (
    ItemForm,
    Told,
    choices_with,
    expected_of,
    lines_of,
    step_of,
    words_of,
)
from lms.web.teach.items_sheet import EDITABLE, Sheet
from lms.web.teach.loading import author, let_go, renderer, taught, write_anew
from lms.web.teach.previews import ItemPreview, item_preview
from lms.web.teach.quizzes import add_quiz_from_bank
from lms.web.teach.room import ROOM

SAVES = ("save", "save-next", "save-quiz")


@dataclass
class Desk:
    """A question being written: where it belongs, and what is stored of it."""

    course: Course
    module: Module
    held: Held[Item] | None

    @property
    def key(self) -> str:
        return self.held.value.key if self.held else ""


@ROOM.get("/<course>/module/<module>/bank", Action.TEACH)
def bank(course: str, module: str) -> Response:
    """Every question of a module: where it is asked, whether it is published, how it fares."""
    session = db_session()
    home = taught(course)
    row = get_module(session, home, module)
    lines = outline.list_items(session, home, module)
    tree = outline.outline(session, home)
    return render(
        "lms/teach/bank.html",
        course=home,
        module=row,
        outline=tree,
        line=next(m for m in tree.modules if m.key == module),
        questions=[line for line in lines if line.use == Use.QUIZ],
        checks=[line for line in lines if line.use == Use.SELF_CHECK],
        outcomes={o["key"]: o["text"] for o in row.draft["outcomes"]},
        counts=teaching_overview.item_counts(session, home.id),
        fewest=teaching_overview.FEWEST,
    )


@ROOM.get("/<course>/module/<module>/new-question", Action.TEACH)
def new_item(course: str, module: str) -> Response:
    """An empty question; kind, use and lesson of the last one are offered again."""
    desk = _desk(course, "", module)
    sheet = items_sheet.blank(_kind(request.args.get("kind", "")))
    return _page(desk, _form(desk), sheet)


@ROOM.post("/<course>/module/<module>/new-question", Action.TEACH, opens_transaction=False)
def add_item(course: str, module: str) -> Response:
    return _posted(course, "", module)


@ROOM.get("/<course>/question/<key>", Action.TEACH)
def item(course: str, key: str) -> Response:
    """The editor of a question; kinds it cannot write are shown as learners see them."""
    home = taught(course)
    held = get_item(db_session(), home, key)
    desk = Desk(home, held.module, held)
    preview = item_preview(home, held.module, held.version.content)
    if held.value.kind not in EDITABLE:
        return _page(desk, _form(desk), None, preview=preview)
    return _page(desk, _form(desk), items_sheet.from_item(held.value), preview=preview)


@ROOM.post("/<course>/question/<key>", Action.TEACH, opens_transaction=False)
def save_item(course: str, key: str) -> Response:
    return _posted(course, key, "")


@ROOM.post("/<course>/question/<key>/archive", Action.TEACH)
def archive_item(course: str, key: str) -> Response:
    """Take it out of the draft, or put it back (``restore``)."""
    home = taught(course)
    change = authoring.restore_item if "restore" in request.form else authoring.archive_item
    change(db_session(), home, key, author=author(), now=now())
    commit()
    return to("teach.item", course=course, key=key)


def _kind(value: str) -> Kind:
    return Kind(value) if value in set(EDITABLE) else Kind.SINGLE


def _desk(course_key: str, key: str, module_key: str) -> Desk:
    course = taught(course_key)
    if not key:
        return Desk(course, get_module(db_session(), course, module_key), None)
    held = get_item(db_session(), course, key)
    return Desk(course, held.module, held)


def _form(desk: Desk, *, posted: bool = False) -> ItemForm:
    lessons = _lessons(desk)
    start = _start(desk.held.value) if desk.held else _like_the_last(desk, lessons)
    form = ItemForm(request.form if posted else None, **start)
    nothing = ("", i18n.gettext("none"))
    outcomes = [(o["key"], o["text"]) for o in desk.module.draft["outcomes"]]
    outcome, reference = start["outcome"], start["lesson"]
    form.outcome.choices = choices_with([nothing, *outcomes], outcome, outcome)
    lesson, _hash, anchor = reference.partition("#")
    label = f"{dict(lessons).get(lesson, lesson)} – {anchor}" if anchor else lesson
    form.lesson.choices = choices_with([nothing, *lessons], reference, label)
    return form


def _lessons(desk: Desk) -> list[tuple[str, str]]:
    """Lessons of the course, those of the question's own module first."""
    rows = [
        (row, version)
        for row, version in latest_activities(db_session(), desk.course.id)
        if row.kind == "lesson"
    ]
    own = [(r.key, v.source["title"]) for r, v in rows if r.module_id == desk.module.id]
    return own + [(r.key, v.source["title"]) for r, v in rows if r.module_id != desk.module.id]


def _start(stored: Item) -> dict[str, str]:
    return {
        "stem": stored.stem,
        "explanation": stored.explanation,
        "outcome": stored.outcome,
        "difficulty": str(stored.difficulty),
        "lesson": stored.lesson,
        "use": str(stored.use),
        "tags": ", ".join(stored.tags),
        "facts": ", ".join(stored.facts),
    }


def _like_the_last(desk: Desk, lessons: list[tuple[str, str]]) -> dict[str, str]:
    """What a new question begins with: the choices made for the one before."""
    known = {key for key, _title in lessons}
    outcomes = [o["key"] for o in desk.module.draft["outcomes"]]
    lesson, outcome, use = (request.args.get(name, "") for name in ("lesson", "outcome", "use"))
    return {
        "difficulty": "2",
        "outcome": outcome if outcome in outcomes else "".join(outcomes[:1]),
        "lesson": lesson if lesson in known else "",
        "use": use if use in set(Use) else Use.QUIZ.value,
    }


def _posted(course: str, key: str, module: str) -> Response:
    desk = _desk(course, key, module)
    if desk.held is not None and desk.held.value.kind not in EDITABLE:
        raise Refusal("item-in-files")
    form = _form(desk, posted=True)
    sheet = items_sheet.from_form(request.form, _kind(request.form.get("kind", "")))
    word, _place = step_of(request.form)
    told = Told()
    try:
        if word in SAVES:
            return _save(desk, form, sheet, told, word)
    except NotFound:
        raise
    except Refusal as refusal:
        let_go()
        if refusal.code == "draft-invalid":
            told.add_faults(form, refusal.params["faults"], items_sheet.places(sheet))
        desk = _desk(course, key, module)
        return _page(desk, form, sheet, told=told, refusal=refusal, status=refusal.status)
    return _previewed(desk, form, items_sheet.press(sheet, request.form))


def _written(desk: Desk, form: ItemForm, sheet: Sheet, told: Told) -> Item | None:
    """The question as written; None, with the reasons told, while it cannot be read at all."""
    body = items_sheet.body_of(sheet, told)
    facts = words_of(form.facts.data or "")
    known = {fact["code"] for fact in desk.course.draft["facts"]}
    unknown = [code for code in facts if code not in known]
    if unknown:
        text = i18n.gettext("The course has no fact with this code: %(code)s", code=unknown[0])
        told.add_to(form.facts, text)
    if body is None or told.fields:
        return None
    return Item(
        key=desk.key,
        stem=lines_of(request.form, "stem"),
        body=body,
        explanation=lines_of(request.form, "explanation"),
        outcome=form.outcome.data or "",
        difficulty=int(form.difficulty.data or 2),
        facts=facts,
        lesson=form.lesson.data or "",
        tags=words_of(form.tags.data or ""),
        use=Use(form.use.data or Use.QUIZ),
    )


def _save(desk: Desk, form: ItemForm, sheet: Sheet, told: Told, word: str) -> Response:
    if not form.validate():
        told.add_form(form)
    written = _written(desk, form, sheet, told)
    if written is None:
        return _page(desk, form, sheet, told=told, status=400)
    draft_rules.require_item(written, {o["key"] for o in desk.module.draft["outcomes"]})
    course_key, module_key, key = desk.course.key, desk.module.key, desk.key
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
    if word == "save-quiz":
        write_anew(course_key)
        return add_quiz_from_bank(course_key, module_key)
    notice("success", i18n.gettext("Saved. Learners see it once it is published."))
    if word == "save-next":
        like: dict[str, str] = {"kind": sheet.kind, "use": written.use}
        like |= {"lesson": written.lesson, "outcome": written.outcome}
        return to("teach.new_item", course=course_key, module=module_key, **like)
    return to("teach.item", course=course_key, key=key)


def _previewed(desk: Desk, form: ItemForm, sheet: Sheet) -> Response:
    """The form after a button that saves nothing, with the question rendered beside it."""
    written = _written(desk, form, sheet, Told())
    if written is None:
        return _page(desk, form, sheet)
    course, key, module = desk.course.key, desk.key, desk.module.key
    let_go()
    rendered = None
    refusal = None
    try:
        rendered = prepare_one(written, renderer()).rendered
    except Refusal as caught:
        refusal = caught
    desk = _desk(course, key, module)
    preview = item_preview(desk.course, desk.module, rendered) if rendered else None
    status = refusal.status if refusal else 200
    return _page(desk, form, sheet, preview=preview, refusal=refusal, status=status)


def _page(
    desk: Desk,
    form: ItemForm,
    sheet: Sheet | None,
    *,
    preview: ItemPreview | None = None,
    told: Told | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    session, course, module = db_session(), desk.course, desk.module
    tree = outline.outline(session, course)
    line = next((m for m in tree.modules if m.key == module.key), None)
    clash = None
    number = desk.held.number if desk.held else 0
    if isinstance(refusal, Conflict) and desk.held is not None:
        clash = item_preview(course, module, desk.held.version.content)
    elif request.method == "POST":
        number = expected_of(request.form) or number
    return render(
        "lms/teach/item.html",
        status,
        course=course,
        module=module,
        outline=tree,
        line=line,
        key=desk.key,
        archived=desk.held is not None and desk.held.row.archived_at is not None,
        kind=desk.held.value.kind if desk.held else None,
        form=form,
        sheet=sheet,
        has_quiz=any(a.kind == "quiz" for a in line.activities) if line else False,
        expected=number,
        preview=preview,
        told=told or Told(),
        refusal=sentence(refusal) if refusal and not (told and told.fields) else "",
        clash=clash,
        saved_by=_name_of(desk) if clash else "",
        saved_at=desk.held.version.created_at if desk.held else None,
        counts=teaching_overview.item_counts(session, course.id).get(desk.key),
    )


def _name_of(desk: Desk) -> str:
    author_id = desk.held.version.author_id if desk.held else None
    person = db_session().get(Person, author_id) if author_id else None
    return person.name if person else ""
