"""A module's own texts, outcomes and criteria; the order of things; taking out and putting back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from flask import Response, request

from lms.domain import draft_rules
from lms.domain.access import Action
from lms.domain.authoring import AuthoredModule, CriterionRule
from lms.domain.curriculum import Badge, Outcome
from lms.domain.draft_rules import MAX_SHORT, key_from
from lms.domain.errors import Conflict, NotFound, Refusal
from lms.models import Course, Module, Person
from lms.services import audit, authoring, outline
from lms.services.curriculum import manifest_of
from lms.services.draft_rows import get_activity, get_module, list_modules, lock
from lms.services.drafts import module_of
from lms.web import i18n
from lms.web.blueprint import commit, db_session
from lms.web.clock import now
from lms.web.rendering import notice, render, to
from lms.web.sentences import sentence
from lms.web.teach.forms import (
    ModuleForm,
    Told,
    choices_of,
    count_of,
    expected_of,
    lines_of,
    one_line,
    step_of,
)
from lms.web.teach.loading import author, taught
from lms.web.teach.quizzes import criteria_of, save_criteria
from lms.web.teach.room import ROOM

SYMBOLS: Final = (
    "compass", "bridge", "tree", "grid", "magnifier", "plan", "coins", "upload", "scales", "gear",
    "shield", "road",
)  # fmt: skip
"""Pictures of badges there are files for; ``summit`` is the course's own."""
MOST_OUTCOMES: Final = 20
"""Rows a button adds up to; what is stored may be more and is never cut."""
NEW_OUTCOMES: Final = 3


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    key: str = ""
    text: str = ""


@ROOM.get("/<course>/new-module", Action.TEACH)
def new_module(course: str) -> Response:
    home = taught(course)
    return _page(home, None, _form(home, None), [OutcomeRow()] * NEW_OUTCOMES)


@ROOM.post("/<course>/new-module", Action.TEACH)
def add_module(course: str) -> Response:
    return _posted(taught(course), None)


@ROOM.get("/<course>/module/<module>", Action.TEACH)
def module(course: str, module: str) -> Response:
    home = taught(course)
    row = get_module(db_session(), home, module)
    rows = [OutcomeRow(o["key"], o["text"]) for o in row.draft["outcomes"]]
    return _page(home, row, _form(home, row), [*rows, OutcomeRow()])


@ROOM.post("/<course>/module/<module>", Action.TEACH)
def save_module(course: str, module: str) -> Response:
    home = taught(course)
    return _posted(home, get_module(db_session(), home, module))


@ROOM.post("/<course>/module/<module>/move", Action.TEACH)
def move_module(course: str, module: str) -> Response:
    """One place up or down."""
    home = taught(course)
    keys = [row.key for row in list_modules(db_session(), home.id)]
    if module not in keys:
        raise NotFound()
    at = keys.index(module)
    keys.insert(min(max(at + _step(), 0), len(keys) - 1), keys.pop(at))
    authoring.reorder_modules(db_session(), home, keys)
    commit()
    return to("teach.course", course=course, open=module, _anchor=f"module-{module}")


@ROOM.post("/<course>/module/<module>/archive", Action.TEACH)
def archive_module(course: str, module: str) -> Response:
    """Take an empty module out of the draft: it would stand in the way of publishing."""
    home = taught(course)
    authoring.archive_module(db_session(), home, module, author=author(), now=now())
    commit()
    notice("success", i18n.gettext("The module has been taken out of the draft."))
    return to("teach.course", course=course)


@ROOM.post("/<course>/activity/<key>/move", Action.TEACH)
def move_activity(course: str, key: str) -> Response:
    """A lesson or test one place up or down within its module."""
    home = taught(course)
    module = get_activity(db_session(), home, key).module
    authoring.move(db_session(), home, key, _step())
    commit()
    return to("teach.course", course=course, open=module.key, _anchor=f"activity-{key}")


def _step() -> int:
    return -1 if request.form.get("to") == "up" else 1


@ROOM.post("/<course>/activity/<key>/archive", Action.TEACH)
def archive_activity(course: str, key: str) -> Response:
    """Take a lesson or test out of the draft, or put it back (``restore``)."""
    home = taught(course)
    held = get_activity(db_session(), home, key)
    saved: dict[str, Any] = {"author": author(), "now": now()}
    if "restore" in request.form:
        authoring.restore_activity(db_session(), home, key, **saved)
        _recall(home, held.module, key, held.row.kind)
    else:
        authoring.archive_activity(db_session(), home, key, **saved)
        _forget(home, held.module, key)
    commit()
    return to(f"teach.{held.row.kind}", course=course, key=key)


def _forget(course: Course, row: Module, key: str) -> None:
    """Nothing can be completed by what is no longer there."""
    lock(db_session(), row)
    criteria = criteria_of(row)
    left = [rule for rule in criteria if rule.target != key]
    if left and left != criteria:
        save_criteria(course, row, left)


def _recall(course: Course, row: Module, key: str, kind: str) -> None:
    """Put back, it counts again as it does in what is published; a first test always does."""
    lock(db_session(), row)
    criteria = criteria_of(row)
    live = None
    if course.manifest_id is not None:
        live = manifest_of(db_session(), course.manifest_id).by_module_id.get(row.id)
    if live is not None:
        back = [CriterionRule(str(c.kind), key) for c in live.criteria if c.activity == key]
    else:
        has_test = any(rule.kind == "pass" for rule in criteria)
        back = [CriterionRule("pass", key)] if kind == "quiz" and not has_test else []
    missing = [
        rule
        for rule in back
        if rule not in criteria and CriterionRule(rule.kind, "lessons") not in criteria
    ]
    if missing:
        save_criteria(course, row, [*criteria, *missing])


def _form(course: Course, row: Module | None) -> ModuleForm:
    posted = request.form if request.method == "POST" else None
    if row is not None:
        draft = row.draft
        form = ModuleForm(
            posted,
            title=draft["title"],
            short=draft["short"],
            summary=draft["summary"],
            minutes=draft["minutes"],
            badge_title=draft["badge"]["title"],
            symbol=draft["badge"]["symbol"],
        )
        current = draft["badge"]["symbol"]
    else:
        count = len(list_modules(db_session(), course.id))
        current = SYMBOLS[count % len(SYMBOLS)]
        form = ModuleForm(posted, minutes=30, symbol=current)
    symbols = [*SYMBOLS] if current in SYMBOLS else [*SYMBOLS, current]
    form.symbol.choices = choices_of((name, _symbol_name(name)) for name in symbols)
    return form


N_ = i18n.N_
SYMBOL_NAMES = {
    "compass": N_("compass"),
    "bridge": N_("bridge"),
    "tree": N_("tree"),
    "grid": N_("grid"),
    "magnifier": N_("magnifying glass"),
    "plan": N_("plan"),
    "coins": N_("coins"),
    "upload": N_("upload"),
    "scales": N_("scales"),
    "gear": N_("gear"),
    "shield": N_("shield"),
    "road": N_("road"),
    "summit": N_("summit"),
}


def _symbol_name(name: str) -> str:
    return i18n.gettext(SYMBOL_NAMES.get(name, name))


def _posted(course: Course, row: Module | None) -> Response:
    form, told = _form(course, row), Told()
    rows = _posted_rows()
    word, _place = step_of(request.form)
    if word == "add-outcome" and len(rows) < MOST_OUTCOMES:
        rows = [*rows, OutcomeRow()]
        return _page(course, row, form, rows, focus=f"outcomes-{len(rows) - 1}-text")
    if word != "save":
        return _page(course, row, form, rows)
    written = _written(row, form, rows)
    names = _names(rows) | {"badge/title": "badge_title", "badge/symbol": "symbol"}
    told.add_form(form)
    told.judge(form, lambda: draft_rules.require_module(written), names)
    if told.fields:
        return _page(course, row, form, rows, told=told)
    try:
        key = _save(course, row, written)
    except Refusal as refusal:
        return _page(course, row, form, rows, told=told, refusal=refusal)
    commit()
    if row is None:
        notice("success", i18n.gettext("The module has been added. Write its first lesson."))
        return to("teach.new_lesson", course=course.key, module=key)
    notice("success", i18n.gettext("Saved. Learners see it once it is published."))
    return to("teach.course", course=course.key, open=key, _anchor=f"module-{key}")


def _save(course: Course, row: Module | None, written: AuthoredModule) -> str:
    session, moment = db_session(), now()
    if row is None:
        return authoring.add_module(session, course, written, author=author(), now=moment)
    expected = expected_of(request.form)
    authoring.save_module(session, course, written, expected=expected, author=author(), now=moment)
    return row.key


def _posted_rows() -> list[OutcomeRow]:
    return [
        OutcomeRow(
            request.form.get(f"outcomes-{place}-key", ""),
            lines_of(request.form, f"outcomes-{place}-text").strip(),
        )
        for place in range(count_of(request.form, "outcomes"))
    ]


def _names(rows: list[OutcomeRow]) -> dict[str, str]:
    written = [place for place, row in enumerate(rows) if row.text]
    return {
        f"outcomes/{number}/{part}": f"outcomes/{place}/text"
        for number, place in enumerate(written)
        for part in ("text", "key")
    }


def _written(row: Module | None, form: ModuleForm, rows: list[OutcomeRow]) -> AuthoredModule:
    stored = module_of(row.key, row.draft, (), ()) if row else _nothing()
    known = {outcome.key for outcome in stored.outcomes}
    outcomes: dict[str, Outcome] = {}
    for each in rows:
        if each.text:
            kept = each.key if each.key in known and each.key not in outcomes else ""
            key = kept or key_from(each.text, known | outcomes.keys())
            outcomes[key] = Outcome(key, each.text)
    title = (form.title.data or "").strip()
    return replace(
        stored,
        title=title,
        short=(form.short.data or "").strip() or title[:MAX_SHORT].strip(),
        summary=one_line(form.summary.data),
        minutes=form.minutes.data or 0,
        outcomes=tuple(outcomes.values()),
        badge=Badge((form.badge_title.data or "").strip() or title, form.symbol.data or ""),
    )


def _nothing() -> AuthoredModule:
    """A module about to be: every lesson is to be read; its test joins when it is made."""
    return AuthoredModule(
        key="",
        folder="",
        title="",
        short="",
        summary="",
        minutes=30,
        outcomes=(),
        criteria=(CriterionRule("read", "lessons"),),
        badge=Badge("", SYMBOLS[0]),
        activities=(),
    )


def _page(
    course: Course,
    row: Module | None,
    form: ModuleForm,
    rows: list[OutcomeRow],
    *,
    told: Told | None = None,
    refusal: Refusal | None = None,
    focus: str = "",
) -> Response:
    tree = outline.outline(db_session(), course)
    theirs = row if isinstance(refusal, Conflict) else None
    expected = row.draft["revision"] if row else 0
    if request.method == "POST" and theirs is None:
        expected = expected_of(request.form)
    status = refusal.status if refusal else (400 if told and told.fields else 200)
    return render(
        "lms/teach/module.html",
        status,
        course=course,
        module=row,
        outline=tree,
        line=next((m for m in tree.modules if row and m.key == row.key), None),
        form=form,
        rows=rows,
        titles={a.key: a.title for m in tree.modules for a in m.activities},
        expected=expected,
        told=told or Told(),
        refusal=sentence(refusal) if refusal and not (told and told.fields) else "",
        clash=_clash(course, theirs) if theirs else None,
        focus=focus,
        is_posted=request.method == "POST",
    )


@dataclass(frozen=True, slots=True)
class Clash:
    """Somebody else saved the module first: what it says now, beside one's own in the form."""

    draft: dict[str, Any]
    symbol: str
    """What the picture of its badge is called."""
    saved_by: str
    """Who last saved it in the browser, empty when the record names nobody. A load of the course
    files leaves no name: one since then is not seen here."""
    saved_at: datetime | None
    """None when the record holds no saving of it: it came with the course files."""


def _clash(course: Course, row: Module) -> Clash:
    verbs = ("module.add", "module.save")
    entry = audit.latest_of(db_session(), f"course:{course.key}", verbs, row.key)
    person = db_session().get(Person, entry.actor_id) if entry and entry.actor_id else None
    name = person.name if person else ""
    symbol = _symbol_name(row.draft["badge"]["symbol"])
    return Clash(row.draft, symbol, name, entry.at if entry else None)
