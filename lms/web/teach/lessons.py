"""Writing a lesson: as cards or as Markdown, with a preview beside it; pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from flask import Response, request

from lms.domain import cards as card_rules
from lms.domain import draft_rules
from lms.domain.access import Action
from lms.domain.authoring import AuthoredLesson
from lms.domain.cards import CardKind
from lms.domain.errors import NotFound, Refusal
from lms.domain.items import Use
from lms.services import outline, pictures
from lms.services.draft_rows import Held, get_lesson
from lms.web import i18n
from lms.web.blueprint import commit, db_session
from lms.web.clock import now, today
from lms.web.rendering import notice, to
from lms.web.sentences import sentence
from lms.web.teach import cards_sheet
from lms.web.teach.cards_sheet import Sheet
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
from lms.web.teach.forms import LessonForm, Told, step_of
from lms.web.teach.loading import author, let_go, write_anew
from lms.web.teach.previews import LessonPreview, lesson_preview
from lms.web.teach.room import ROOM

SAVES = ("save", "save-questions", "save-publish")
KINDS = tuple(CardKind)
COMPARED = 3_000
"""Lines of two texts that are compared one by one."""


def _desk(course_key: str, key: str, module_key: str = "") -> Desk[AuthoredLesson]:
    return desk_of(get_lesson, course_key, key, module_key)


def _stored(desk: Desk[AuthoredLesson]) -> AuthoredLesson:
    if desk.held is not None:
        return desk.held.value
    only = tuple(desk.outcomes) if len(desk.outcomes) == 1 else ()
    return AuthoredLesson("", "", 8, today().isoformat(), "", "", outcomes=only)


@ROOM.get("/<course>/module/<module>/new-lesson", Action.TEACH)
def new_lesson(course: str, module: str) -> Response:
    desk = _desk(course, "", module)
    return _page(desk, _form(desk), cards_sheet.from_markdown(""))


@ROOM.post(
    "/<course>/module/<module>/new-lesson",
    Action.TEACH,
    opens_transaction=False,
    takes_picture=True,
)
def add_lesson(course: str, module: str) -> Response:
    return _posted(course, "", module)


@ROOM.get("/<course>/lesson/<key>", Action.TEACH)
def lesson(course: str, key: str) -> Response:
    """The editor. What stands beside it was rendered when it was saved."""
    desk = _desk(course, key)
    preview = lesson_preview(desk.course, desk.module, desk.version.rendered)
    sheet = cards_sheet.from_markdown(_stored(desk).body)
    return _page(desk, _form(desk), sheet, preview=preview)


@ROOM.post("/<course>/lesson/<key>", Action.TEACH, opens_transaction=False, takes_picture=True)
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
        let_go()
        return _refused(_desk(course, key, module), form, sheet, refusal)
    return _previewed(desk, form, sheet)


def _form(desk: Desk[AuthoredLesson], *, posted: bool = False) -> LessonForm:
    stored = _stored(desk)
    form = LessonForm(request.form if posted else None, **fields_of(stored))
    form.outcomes.choices = outcome_choices(desk, stored.outcomes)
    return form


def _written(desk: Desk[AuthoredLesson], form: LessonForm, sheet: Sheet) -> AuthoredLesson:
    body, stored = sheet.body, _stored(desk)
    if body == card_rules.join(card_rules.split(stored.body)):
        body = stored.body  # only blank lines differ: nothing was written
    return replace(stored, body=body, **values_of(form, stored))


def _save(desk: Desk[AuthoredLesson], form: LessonForm, sheet: Sheet, word: str) -> Response:
    told = _judged(desk, form, sheet)
    if told.fields:
        return _page(desk, form, sheet, told=told)
    course_key, _key, module_key = desk.places
    key = store(desk, _written(desk, form, sheet))
    commit()
    notice("success", i18n.gettext("Saved. Learners see it once it is published."))
    if word == "save-questions":
        return to("teach.new_item", course=course_key, module=module_key, lesson=key)
    if word == "save-publish":
        return to("teach.publish_preview", course=course_key)
    return to("teach.lesson", course=course_key, key=key)


def _judged(desk: Desk[AuthoredLesson], form: LessonForm, sheet: Sheet) -> Told:
    """Everything to be mended, before anything is rendered."""
    told, written = Told(), _written(desk, form, sheet)
    cards_sheet.tell_unclosed(sheet, told)
    told.add_form(form)
    told.judge(form, lambda: draft_rules.require_lesson(written, set(desk.outcomes)))
    return told


def _picture_waits(word: str) -> bool:
    """Whether a picture was chosen that another button must not lose."""
    file = request.files.get("picture")
    chosen = file is not None and bool(file.filename)
    return chosen and (word in SAVES or bool(request.form.get("alt", "").strip()))


def _take_picture(desk: Desk[AuthoredLesson], sheet: Sheet) -> Sheet:
    """Keep the chosen picture with the module and put it into the text."""
    file = request.files.get("picture")
    if file is None or not file.filename:
        raise Refusal("picture-missing")
    if not sheet.alt.strip():
        raise Refusal("picture-alt-missing")
    data = file.stream.read(pictures.MAX_BYTES + 1)
    module_key = desk.module.key
    course = write_anew(desk.course.key)
    path = pictures.add_picture(
        db_session(), course, module_key, file.filename, data, author=author(), now=now()
    )
    commit()
    return cards_sheet.with_picture(sheet, path)


def _previewed(desk: Desk[AuthoredLesson], form: LessonForm, sheet: Sheet) -> Response:
    """The form after a button that saves nothing, with its text rendered beside it."""
    written, places = _written(desk, form, sheet), desk.places
    rendered, refusal = rendered_apart(written)
    desk = _desk(*places)
    preview = lesson_preview(desk.course, desk.module, rendered) if rendered else None
    return _page(desk, form, sheet, preview=preview, refusal=refusal)


def _refused(
    desk: Desk[AuthoredLesson], form: LessonForm, sheet: Sheet, refusal: Refusal
) -> Response:
    told = Told()
    told.add_refusal(form, refusal)
    if refusal.code.startswith("picture-"):
        name = "alt" if refusal.code == "picture-alt-missing" else "picture"
        told.add(name, sentence(refusal), i18n.gettext("Picture"))
    return _page(desk, form, sheet, told=told, refusal=refusal)


@dataclass(frozen=True)
class Clash:
    """Somebody else saved first: what they wrote, line by line against one's own."""

    title: str
    body: str
    lines: tuple[tuple[str, str], ...]
    """``both``, ``mine`` or ``theirs`` with a line of Markdown; empty for very long texts."""


def _clash(held: Held[AuthoredLesson], sheet: Sheet) -> Clash:
    theirs, mine = held.value.body.splitlines(), sheet.body.splitlines()
    lines = tuple(_compared(theirs, mine)) if max(len(theirs), len(mine)) <= COMPARED else ()
    return Clash(held.value.title, held.value.body, lines)


def _compared(theirs: list[str], mine: list[str]) -> Iterator[tuple[str, str]]:
    for kind, a, b, c, d in SequenceMatcher(None, theirs, mine).get_opcodes():
        if kind == "equal":
            yield from (("both", line) for line in theirs[a:b])
        else:
            yield from (("theirs", line) for line in theirs[a:b])
            yield from (("mine", line) for line in mine[c:d])


def _page(
    desk: Desk[AuthoredLesson],
    form: LessonForm,
    sheet: Sheet,
    *,
    preview: LessonPreview | None = None,
    told: Told | None = None,
    refusal: Refusal | None = None,
) -> Response:
    theirs = desk.theirs(refusal)
    return page(
        "lms/teach/lesson.html",
        desk,
        told=told,
        refusal=refusal,
        clash=_clash(theirs, sheet) if theirs else None,
        stored_title=_stored(desk).title,
        form=form,
        sheet=sheet,
        kinds=KINDS,
        checks=[
            (item.key, item.label)
            for item in outline.list_items(db_session(), desk.course, desk.module.key)
            if item.use == Use.SELF_CHECK
        ],
        preview=preview,
        saves_when_posted=request.method == "POST",
    )
