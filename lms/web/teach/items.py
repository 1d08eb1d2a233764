"""The bank of a module: its questions, writing one, repairing one."""

from __future__ import annotations

from flask import Response, request

from lms.domain import draft_rules
from lms.domain.access import Action
from lms.domain.errors import NotFound, Refusal
from lms.domain.items import Item, Kind, Use
from lms.services import authoring, outline, teaching_overview
from lms.services.draft_rows import get_item, get_module, latest_activities
from lms.web import i18n
from lms.web.blueprint import commit, db_session
from lms.web.clock import now
from lms.web.rendering import notice, render, to
from lms.web.sentences import sentence
from lms.web.teach import items_sheet
from lms.web.teach.desks import Desk, desk_of, outcome_choices, page, rendered_apart, store
from lms.web.teach.forms import (
    ItemForm,
    Told,
    choices_with,
    gone,
    lines_of,
    step_of,
    words_of,
)
from lms.web.teach.items_sheet import EDITABLE, Sheet
from lms.web.teach.loading import author, let_go, taught
from lms.web.teach.previews import ItemPreview, item_preview
from lms.web.teach.quizzes import add_quiz_from_bank
from lms.web.teach.room import ROOM

SAVES = ("save", "save-next", "save-quiz")


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
    desk = desk_of(get_item, course, "", module)
    sheet = items_sheet.blank(_kind(request.args.get("kind", "")))
    return _page(desk, _form(desk), sheet)


@ROOM.post("/<course>/module/<module>/new-question", Action.TEACH, opens_transaction=False)
def add_item(course: str, module: str) -> Response:
    return _posted(course, "", module)


@ROOM.get("/<course>/question/<key>", Action.TEACH)
def item(course: str, key: str) -> Response:
    """The editor of a question; kinds it cannot write are shown as learners see them."""
    desk = desk_of(get_item, course, key)
    preview = item_preview(desk.course, desk.module, desk.version.content)
    sheet = items_sheet.from_item(desk.held.value) if desk.held and _is_editable(desk) else None
    return _page(desk, _form(desk), sheet, preview=preview)


@ROOM.post("/<course>/question/<key>", Action.TEACH, opens_transaction=False)
def save_item(course: str, key: str) -> Response:
    return _posted(course, key, "")


@ROOM.post("/<course>/question/<key>/archive", Action.TEACH)
def archive_item(course: str, key: str) -> Response:
    """Take it out of the draft, or put it back (``restore``)."""
    home = taught(course)
    change = authoring.restore_item if "restore" in request.form else authoring.archive_item
    try:
        change(db_session(), home, key, author=author(), now=now())
    except Refusal as refusal:
        if refusal.code != "item-named":
            raise
        let_go()
        notice("warning", sentence(refusal))
    commit()
    return to("teach.item", course=course, key=key)


def _kind(value: str) -> Kind:
    return Kind(value) if value in set(EDITABLE) else Kind.SINGLE


def _is_editable(desk: Desk[Item]) -> bool:
    return desk.held is None or desk.held.value.kind in EDITABLE


def _form(desk: Desk[Item], *, posted: bool = False) -> ItemForm:
    lessons = _lessons(desk)
    start = _start(desk.held.value) if desk.held else _like_the_last(desk, lessons)
    form = ItemForm(request.form if posted else None, **start)
    none, reference = i18n.gettext("none"), start["lesson"]
    form.outcome.choices = outcome_choices(desk, [start["outcome"]], first=none)
    lesson, _hash, anchor = reference.partition("#")
    title = dict(lessons).get(lesson) or gone(lesson)
    label = f"{title} – {anchor}" if anchor else title
    form.lesson.choices = choices_with([("", none), *lessons], reference, label)
    return form


def _lessons(desk: Desk[Item]) -> list[tuple[str, str]]:
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


def _like_the_last(desk: Desk[Item], lessons: list[tuple[str, str]]) -> dict[str, str]:
    """What a new question begins with: the choices made for the one before."""
    known = {key for key, _title in lessons}
    lesson, outcome, use = (request.args.get(name, "") for name in ("lesson", "outcome", "use"))
    return {
        "difficulty": "2",
        "outcome": outcome if outcome in desk.outcomes else next(iter(desk.outcomes), ""),
        "lesson": lesson if lesson in known else "",
        "use": use if use in set(Use) else Use.QUIZ.value,
    }


def _posted(course: str, key: str, module: str) -> Response:
    desk = desk_of(get_item, course, key, module)
    if not _is_editable(desk):
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
        told.add_refusal(form, refusal, items_sheet.places(sheet))
        desk = desk_of(get_item, course, key, module)
        return _page(desk, form, sheet, told=told, refusal=refusal)
    return _previewed(desk, form, items_sheet.press(sheet, request.form))


def _written(desk: Desk[Item], form: ItemForm, sheet: Sheet, told: Told) -> Item:
    """The question as written; what of it cannot be read at all is told."""
    body = items_sheet.body_of(sheet, told)
    facts = words_of(form.facts.data or "")
    known = {fact["code"] for fact in desk.course.draft["facts"]}
    unknown = [code for code in facts if code not in known]
    if unknown:
        text = i18n.gettext("The course has no fact with this code: %(code)s", code=unknown[0])
        told.add_to(form.facts, text)
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


def _save(desk: Desk[Item], form: ItemForm, sheet: Sheet, told: Told, word: str) -> Response:
    told.add_form(form)
    written, outcomes = _written(desk, form, sheet, told), set(desk.outcomes)
    told.judge(form, lambda: draft_rules.require_item(written, outcomes), items_sheet.places(sheet))
    if told.fields:
        return _page(desk, form, sheet, told=told)
    course_key, _key, module_key = desk.places
    key = store(desk, written)
    if word == "save-quiz":
        # One transaction: where no test can be made, the question is not stored either.
        return add_quiz_from_bank(course_key, module_key)
    commit()
    notice("success", i18n.gettext("Saved. Learners see it once it is published."))
    if word == "save-next":
        like: dict[str, str] = {"kind": sheet.kind, "use": written.use}
        like |= {"lesson": written.lesson, "outcome": written.outcome}
        return to("teach.new_item", course=course_key, module=module_key, **like)
    return to("teach.item", course=course_key, key=key)


def _previewed(desk: Desk[Item], form: ItemForm, sheet: Sheet) -> Response:
    """The form after a button that saves nothing, with the question rendered beside it."""
    unread = Told()
    written = _written(desk, form, sheet, unread)
    if unread.fields:
        return _page(desk, form, sheet)
    places = desk.places
    rendered, refusal = rendered_apart(written)
    desk = desk_of(get_item, *places)
    preview = item_preview(desk.course, desk.module, rendered) if rendered else None
    return _page(desk, form, sheet, preview=preview, refusal=refusal)


def _page(
    desk: Desk[Item],
    form: ItemForm,
    sheet: Sheet | None,
    *,
    preview: ItemPreview | None = None,
    told: Told | None = None,
    refusal: Refusal | None = None,
) -> Response:
    theirs = desk.theirs(refusal)
    return page(
        "lms/teach/item.html",
        desk,
        told=told,
        refusal=refusal,
        clash=item_preview(desk.course, desk.module, theirs.version.content) if theirs else None,
        kind=desk.held.value.kind if desk.held else None,
        form=form,
        sheet=sheet,
        preview=preview,
        counts=teaching_overview.item_counts(db_session(), desk.course.id).get(desk.key),
    )
