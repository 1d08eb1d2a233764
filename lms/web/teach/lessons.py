"""Writing a lesson: as cards or as Markdown, with a preview beside it; pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

from flask import Response, request

from lms.domain import cards as card_rules
from lms.domain import draft_rules
from lms.domain.access import Action
from lms.domain.authoring import AuthoredLesson
from lms.domain.cards import CardKind
from lms.domain.errors import Conflict, NotFound, Refusal
from lms.domain.items import Use
from lms.models import Course, Module, Person
from lms.services import authoring, outline, pictures
from lms.services.draft_rows import Held, get_lesson, get_module
from lms.services.rendering import prepare_one
from lms.web import i18n
from lms.web.blueprint import commit, db_session
from lms.web.clock import now, today
from lms.web.rendering import notice, render, to
from lms.web.sentences import sentence
from lms.web.teach import cards_sheet
from lms.web.teach.cards_sheet import Sheet
from lms.web.teach.forms import (
    LessonForm,
    Told,
    choices_of,
    expected_of,
    one_line,
    step_of,
)
from lms.web.teach.loading import author, let_go, renderer, taught, write_anew
from lms.web.teach.previews import LessonPreview, lesson_preview
from lms.web.teach.room import ROOM

SAVES = ("save", "save-questions", "save-publish")
KINDS = tuple(CardKind)
COMPARED = 3_000
"""Lines of two texts that are compared one by one."""


@dataclass
class Desk:
    """A lesson being written: where it belongs, and what is stored of it."""

    course: Course
    module: Module
    held: Held[AuthoredLesson] | None
    """None for a new one."""

    @property
    def stored(self) -> AuthoredLesson:
        if self.held is not None:
            return self.held.value
        outcomes = tuple(outcome["key"] for outcome in self.module.draft["outcomes"])
        only = outcomes if len(outcomes) == 1 else ()
        return AuthoredLesson("", "", 8, today().isoformat(), "", "", outcomes=only)


def _desk(course_key: str, key: str, module_key: str = "") -> Desk:
    course = taught(course_key)
    if not key:
        return Desk(course, get_module(db_session(), course, module_key), None)
    held = get_lesson(db_session(), course, key)
    return Desk(course, held.module, held)


@ROOM.get("/<course>/module/<module>/new-lesson", Action.TEACH)
def new_lesson(course: str, module: str) -> Response:
    desk = _desk(course, "", module)
    return _page(desk, _form(desk), cards_sheet.from_markdown(""))


@ROOM.post("/<course>/module/<module>/new-lesson", Action.TEACH, opens_transaction=False)
def add_lesson(course: str, module: str) -> Response:
    return _posted(course, "", module)


@ROOM.get("/<course>/lesson/<key>", Action.TEACH)
def lesson(course: str, key: str) -> Response:
    """The editor. What stands beside it was rendered when it was saved."""
    home = taught(course)
    held = get_lesson(db_session(), home, key)
    desk = Desk(home, held.module, held)
    preview = lesson_preview(desk.course, desk.module, held.version.rendered)
    sheet = cards_sheet.from_markdown(held.value.body)
    return _page(desk, _form(desk), sheet, preview=preview)


@ROOM.post("/<course>/lesson/<key>", Action.TEACH, opens_transaction=False)
def save_lesson(course: str, key: str) -> Response:
    """Save, or do what another button of the form says; the form comes back with every text."""
    return _posted(course, key, "")


def _posted(course: str, key: str, module: str) -> Response:
    desk = _desk(course, key, module)
    form = _form(desk, posted=True)
    sheet = cards_sheet.from_form(request.form)
    try:
        word, _place = step_of(request.form)
        if word == "picture" or (word != "preview" and _picture_waits(word)):
            sheet = _take_picture(desk, sheet)
            desk = _desk(course, key, module)
        if word in SAVES:
            return _save(desk, form, sheet, word)
        sheet = cards_sheet.press(sheet, request.form)
    except NotFound:
        raise
    except Refusal as refusal:
        return _refused(_desk_again(course, key, module), form, sheet, refusal)
    desk = _desk_again(course, key, module)
    return _previewed(desk, form, sheet)


def _desk_again(course: str, key: str, module: str) -> Desk:
    let_go()
    return _desk(course, key, module)


def _form(desk: Desk, *, posted: bool = False) -> LessonForm:
    stored = desk.stored
    form = LessonForm(
        request.form if posted else None,
        title=stored.title,
        minutes=stored.minutes,
        as_of=datetime.fromisoformat(stored.as_of).date(),
        summary=stored.summary,
        outcomes=list(stored.outcomes),
    )
    outcomes = desk.module.draft["outcomes"]
    form.outcomes.choices = choices_of((o["key"], o["text"]) for o in outcomes)
    return form


def _written(desk: Desk, form: LessonForm, sheet: Sheet) -> AuthoredLesson:
    body, stored = sheet.body, desk.stored
    if body == card_rules.join(card_rules.split(stored.body)):
        body = stored.body  # only blank lines differ: nothing was written
    return replace(
        stored,
        title=(form.title.data or "").strip(),
        minutes=form.minutes.data or 0,
        as_of=form.as_of.data.isoformat() if form.as_of.data else "",
        summary=one_line(form.summary.data),
        body=body,
        outcomes=tuple(form.outcomes.data or ()),
    )


def _save(desk: Desk, form: LessonForm, sheet: Sheet, word: str) -> Response:
    told = _judged(desk, form, sheet)
    course_key, module_key = desk.course.key, desk.module.key
    if told.fields:
        return _page(desk, form, sheet, told=told, status=400)
    written = _written(desk, form, sheet)
    key = desk.stored.key
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
    if word == "save-questions":
        return to("teach.new_item", course=course_key, module=module_key, lesson=key)
    if word == "save-publish":
        return to("teach.publish_preview", course=course_key)
    return to("teach.lesson", course=course_key, key=key)


def _judged(desk: Desk, form: LessonForm, sheet: Sheet) -> Told:
    """Everything to be mended, before anything is rendered."""
    told = Told()
    if not form.validate():
        told.add_form(form)
    cards_sheet.tell_unclosed(sheet, told)
    if not told.fields:
        outcomes = {outcome["key"] for outcome in desk.module.draft["outcomes"]}
        try:
            draft_rules.require_lesson(_written(desk, form, sheet), outcomes)
        except Refusal as refusal:
            told.add_faults(form, refusal.params["faults"], {})
    return told


def _picture_waits(word: str) -> bool:
    """Whether a picture was chosen that another button must not lose."""
    file = request.files.get("picture")
    chosen = file is not None and bool(file.filename)
    return chosen and (word in SAVES or bool(request.form.get("alt", "").strip()))


def _take_picture(desk: Desk, sheet: Sheet) -> Sheet:
    """Keep the chosen picture with the module and put it into the text."""
    file = request.files.get("picture")
    alt = request.form.get("alt", "").strip()
    if file is None or not file.filename:
        raise Refusal("picture-missing")
    if not alt:
        raise Refusal("picture-alt-missing")
    data = file.stream.read(pictures.MAX_BYTES + 1)
    module_key = desk.module.key
    course = write_anew(desk.course.key)
    path = pictures.add_picture(
        db_session(), course, module_key, file.filename, data, author=author(), now=now()
    )
    commit()
    return cards_sheet.with_picture(sheet, path, alt)


def _previewed(desk: Desk, form: LessonForm, sheet: Sheet) -> Response:
    """The form after a button that saves nothing, with its text rendered beside it."""
    written = _written(desk, form, sheet)
    places = (desk.course.key, desk.stored.key, desk.module.key)
    let_go()
    refusal = None
    rendered: dict[str, Any] | None = None
    try:
        rendered = prepare_one(written, renderer()).rendered
    except Refusal as caught:
        refusal = caught
    desk = _desk(*places)
    preview = lesson_preview(desk.course, desk.module, rendered) if rendered else None
    status = refusal.status if refusal else 200
    return _page(desk, form, sheet, preview=preview, refusal=refusal, status=status)


def _refused(desk: Desk, form: LessonForm, sheet: Sheet, refusal: Refusal) -> Response:
    told = Told()
    if refusal.code == "draft-invalid":
        told.add_faults(form, refusal.params["faults"], {})
    elif refusal.code.startswith("picture-"):
        name = "alt" if refusal.code == "picture-alt-missing" else "picture"
        told.add(name, sentence(refusal), i18n.gettext("Picture"))
    return _page(desk, form, sheet, told=told, refusal=refusal, status=refusal.status)


@dataclass(frozen=True)
class Clash:
    """Somebody else saved first: what they wrote, line by line against one's own."""

    name: str
    at: datetime
    title: str
    body: str
    lines: tuple[tuple[str, str], ...]
    """``both``, ``mine`` or ``theirs`` with a line of Markdown; empty for very long texts."""


def _clash(held: Held[AuthoredLesson], sheet: Sheet) -> Clash:
    author_id = held.version.author_id
    person = db_session().get(Person, author_id) if author_id else None
    theirs, mine = held.value.body.splitlines(), sheet.body.splitlines()
    name = person.name if person else ""
    lines = tuple(_compared(theirs, mine)) if max(len(theirs), len(mine)) <= COMPARED else ()
    return Clash(name, held.version.created_at, held.value.title, held.value.body, lines)


def _compared(theirs: list[str], mine: list[str]) -> Iterator[tuple[str, str]]:
    for kind, a, b, c, d in SequenceMatcher(None, theirs, mine).get_opcodes():
        if kind == "equal":
            yield from (("both", line) for line in theirs[a:b])
        else:
            yield from (("theirs", line) for line in theirs[a:b])
            yield from (("mine", line) for line in mine[c:d])


def _page(
    desk: Desk,
    form: LessonForm,
    sheet: Sheet,
    *,
    preview: LessonPreview | None = None,
    told: Told | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> Response:
    session, course, module = db_session(), desk.course, desk.module
    tree = outline.outline(session, course)
    clash = _clash(desk.held, sheet) if isinstance(refusal, Conflict) and desk.held else None
    number = desk.held.number if desk.held else 0
    if request.method == "POST" and clash is None:
        number = expected_of(request.form) or number
    return render(
        "lms/teach/lesson.html",
        status,
        course=course,
        module=module,
        line=next((m for m in tree.modules if m.key == module.key), None),
        outline=tree,
        key=desk.stored.key,
        archived=desk.held is not None and desk.held.row.archived_at is not None,
        stored_title=desk.stored.title,
        form=form,
        sheet=sheet,
        kinds=KINDS,
        checks=[
            (item.key, item.label)
            for item in outline.list_items(session, course, module.key)
            if item.use == Use.SELF_CHECK
        ],
        expected=number,
        preview=preview,
        told=told or Told(),
        refusal=sentence(refusal) if refusal and not (told and told.fields) else "",
        clash=clash,
        alt=request.form.get("alt", ""),
        saves_when_posted=request.method == "POST",
    )
