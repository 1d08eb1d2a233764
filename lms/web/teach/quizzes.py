"""Building a test: what it draws from the bank, what is always asked, when it is passed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from flask import Response, request

from lms.domain import draft_rules
from lms.domain.access import Action
from lms.domain.authoring import AuthoredModule, AuthoredQuiz, CriterionRule
from lms.domain.errors import Conflict, NotFound, Refusal
from lms.domain.items import Use
from lms.domain.quizzes import DrawRule, QuizSettings, largest_shortfall
from lms.models import Course, Module, Person
from lms.services import authoring, outline
from lms.services.draft_manifest import build_manifest
from lms.services.draft_rows import Held, get_module, get_quiz
from lms.services.drafts import module_of
from lms.services.rendering import Piece, prepare_one
from lms.web import i18n
from lms.web.blueprint import commit, db_session
from lms.web.clock import now
from lms.web.rendering import notice, render, to
from lms.web.sentences import sentence
from lms.web.teach.forms import QuizForm, Told, count_of, expected_of, lines_of, step_of
from lms.web.teach.loading import author, let_go, renderer, taught, write_anew
from lms.web.teach.room import ROOM

SAVES = ("save", "save-publish")
MOST_RULES: Final = 20
"""Lines a button adds up to; what is stored may be more and is never cut."""
ALL_UP_TO: Final = 15
"""A test made in one step asks every question of the bank, up to so many."""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One line of the draw, as typed."""

    count: str = ""
    outcome: str = ""
    difficulty: str = ""
    tag: str = ""
    """Kept from the course files; shown, not edited here."""


@dataclass
class Desk:
    course: Course
    module: Module
    held: Held[AuthoredQuiz] | None

    @property
    def stored(self) -> AuthoredQuiz:
        if self.held is not None:
            return self.held.value
        return _from_bank(self.course, self.module, build_size(self.course, self.module))


def build_size(course: Course, module: Module) -> int:
    """How many single questions for tests the module's bank has."""
    pool = build_manifest(db_session(), course).pool
    return sum(1 for item in pool if item.module == module.key and item.size == 1)


def _from_bank(course: Course, module: Module, size: int) -> AuthoredQuiz:
    """The test one gets without saying anything: all questions, or a fair draw of many."""
    count = size if size <= ALL_UP_TO else ALL_UP_TO - 3
    title = i18n.catalogue(course.draft["language"]).ugettext(NAME_OF_TEST)
    settings = QuizSettings(draw=(DrawRule(count),) if count else ())
    return AuthoredQuiz("", title, max(5, count), "", settings)


NAME_OF_TEST = i18n.N_("Test of the module")


def _desk(course_key: str, key: str, module_key: str) -> Desk:
    course = taught(course_key)
    if not key:
        return Desk(course, get_module(db_session(), course, module_key), None)
    held = get_quiz(db_session(), course, key)
    return Desk(course, held.module, held)


@ROOM.get("/<course>/module/<module>/new-test", Action.TEACH)
def new_quiz(course: str, module: str) -> Response:
    desk = _desk(course, "", module)
    return _page(desk, _form(desk.stored), _rows(desk.stored), desk.stored.settings.items)


@ROOM.post("/<course>/module/<module>/new-test", Action.TEACH, opens_transaction=False)
def add_quiz(course: str, module: str) -> Response:
    return _posted(course, "", module)


@ROOM.get("/<course>/test/<key>", Action.TEACH)
def quiz(course: str, key: str) -> Response:
    desk = _desk(course, key, "")
    return _page(desk, _form(desk.stored), _rows(desk.stored), desk.stored.settings.items)


@ROOM.post("/<course>/test/<key>", Action.TEACH, opens_transaction=False)
def save_quiz(course: str, key: str) -> Response:
    return _posted(course, key, "")


@ROOM.post("/<course>/module/<module>/test-from-bank", Action.TEACH)
def quiz_from_bank(course: str, module: str) -> Response:
    """A test of all questions of the module, passing it completes the module: one press."""
    return add_quiz_from_bank(course, module)


def add_quiz_from_bank(course_key: str, module_key: str) -> Response:
    """Within an open writing transaction, which it commits; on to what publishing would change."""
    course = taught(course_key)
    module = get_module(db_session(), course, module_key)
    size = build_size(course, module)
    if not size:
        raise Refusal("bank-empty")
    # Without an introduction there is no text to render, so no transaction waits for it.
    piece = prepare_one(_from_bank(course, module, size), renderer())
    _store_new(course, module, piece, is_needed=True)
    commit()
    notice("success", i18n.gettext("The test asks the questions of this module. Publish it below."))
    return to("teach.publish_preview", course=course_key)


def _store_new(course: Course, module: Module, piece: Piece, *, is_needed: bool) -> str:
    session, moment = db_session(), now()
    key = authoring.add(session, course, module.key, piece, author=author(), now=moment)
    rule, criteria = CriterionRule("pass", key), criteria_of(module)
    if is_needed and rule not in criteria:  # pressed twice it is there already
        save_criteria(course, module, [*criteria, rule])
    return key


def criteria_of(module: Module) -> list[CriterionRule]:
    """What completes the module, as written."""
    return [CriterionRule(rule["kind"], rule["target"]) for rule in module.draft["criteria"]]


def save_criteria(course: Course, module: Module, criteria: list[CriterionRule]) -> None:
    """Store what completes the module; all else it says stays."""
    value: AuthoredModule = module_of(module.key, module.draft, (), ())
    authoring.save_module(
        db_session(),
        course,
        replace(value, criteria=tuple(criteria)),
        expected=module.draft["revision"],
        author=author(),
        now=now(),
    )


def _form(stored: AuthoredQuiz | None) -> QuizForm:
    if stored is None:
        return QuizForm(request.form)
    settings = stored.settings
    return QuizForm(
        title=stored.title,
        minutes=stored.minutes,
        intro=stored.intro,
        pass_percent=settings.pass_percent,
        wait_minutes=settings.wait_minutes,
        time_limit_minutes=settings.time_limit_minutes or None,
        attempts=settings.attempts or None,
    )


def _rows(stored: AuthoredQuiz) -> list[RuleRow]:
    rows = [
        RuleRow(
            str(rule.count), rule.outcome, str(rule.difficulty) if rule.difficulty else "", rule.tag
        )
        for rule in stored.settings.draw
    ]
    return rows or [RuleRow()]


def _posted_rows() -> list[RuleRow]:
    posted = request.form
    rows = [
        RuleRow(*(posted.get(f"draw-{place}-{name}", "").strip()[:200] for name in
                  ("count", "outcome", "difficulty", "tag")))
        for place in range(count_of(posted, "rules"))
    ]  # fmt: skip
    word, place = step_of(posted)
    if word == "add-rule" and len(rows) < MOST_RULES:
        rows.append(RuleRow())
    if word == "remove-rule" and 0 <= place < len(rows):
        del rows[place]
    return rows or [RuleRow()]


def _posted(course: str, key: str, module: str) -> Response:
    desk = _desk(course, key, module)
    form, rows = _form(None), _posted_rows()
    fixed = tuple(dict.fromkeys(request.form.getlist("items")))
    word, _place = step_of(request.form)
    told = Told()
    try:
        if word in SAVES:
            return _save(desk, form, rows, fixed, told, word)
    except NotFound:
        raise
    except Refusal as refusal:
        let_go()
        if refusal.code == "draft-invalid":
            told.add_faults(form, refusal.params["faults"], _names(rows))
        desk = _desk(course, key, module)
        page = _page(desk, form, rows, fixed, told=told, refusal=refusal)
        page.status_code = refusal.status
        return page
    return _page(desk, form, rows, fixed)


def _names(rows: list[RuleRow]) -> dict[str, str]:
    """Where the rules' paths lie in the form: lines without a count are no part of the draw."""
    found = {}
    for number, place in enumerate(at for at, row in enumerate(rows) if row.count):
        for part in ("count", "outcome", "difficulty", "tag"):
            found[f"draw/{number}/{part}"] = f"draw/{place}/{part}"
    return found


def _draw(rows: list[RuleRow], told: Told) -> tuple[DrawRule, ...]:
    rules = []
    for place, row in enumerate(rows):
        if not row.count:
            continue
        if not (row.count.isascii() and row.count.isdigit() and len(row.count) <= 6):
            told.add(f"draw/{place}/count", i18n.gettext("Please write a whole number."))
            continue
        difficulty = int(row.difficulty) if row.difficulty in ("1", "2", "3") else 0
        rules.append(DrawRule(int(row.count), row.outcome, difficulty, row.tag))
    return tuple(rules)


def _settings(
    form: QuizForm, rows: list[RuleRow], fixed: tuple[str, ...], told: Told
) -> QuizSettings:
    return QuizSettings(
        pass_percent=form.pass_percent.data or 0,
        draw=_draw(rows, told),
        items=fixed,
        wait_minutes=form.wait_minutes.data or 0,
        attempts=form.attempts.data or 0,
        time_limit_minutes=form.time_limit_minutes.data or 0,
    )


def _save(
    desk: Desk,
    form: QuizForm,
    rows: list[RuleRow],
    fixed: tuple[str, ...],
    told: Told,
    word: str,
) -> Response:
    if not form.validate():
        told.add_form(form)
    settings = _settings(form, rows, fixed, told)
    if told.fields:
        page = _page(desk, form, rows, fixed, told=told)
        page.status_code = 400
        return page
    written = AuthoredQuiz(
        key=desk.held.value.key if desk.held else "",
        title=(form.title.data or "").strip(),
        minutes=form.minutes.data or 0,
        intro=lines_of(request.form, "intro"),
        settings=settings,
    )
    outcomes = {outcome["key"] for outcome in desk.module.draft["outcomes"]}
    draft_rules.require_quiz(written, outcomes, {item.key for item in _pool(desk)})
    course_key, module_key, key = desk.course.key, desk.module.key, written.key
    let_go()
    piece = prepare_one(written, renderer())
    course = write_anew(course_key)
    module = get_module(db_session(), course, module_key)
    if key:
        saved: dict[str, Any] = {"author": author(), "now": now()}
        expected = expected_of(request.form)
        authoring.save(db_session(), course, piece, expected=expected, **saved)
        _need(course, module, key)
    else:
        key = _store_new(course, module, piece, is_needed="needed" in request.form)
    commit()
    notice("success", i18n.gettext("Saved. Learners see it once it is published."))
    if word == "save-publish":
        return to("teach.publish_preview", course=course_key)
    return to("teach.quiz", course=course_key, key=key)


def _need(course: Course, module: Module, key: str) -> None:
    """Bring the module's criteria to what the box says: passing this test completes it, or not."""
    criteria, rule = criteria_of(module), CriterionRule("pass", key)
    wanted = "needed" in request.form
    if wanted == (rule in criteria):
        return
    left = [*criteria, rule] if wanted else [each for each in criteria if each != rule]
    save_criteria(course, module, left)


def _pool(desk: Desk) -> list[Any]:
    manifest = build_manifest(db_session(), desk.course)
    return [item for item in manifest.pool if item.module == desk.module.key]


def _page(
    desk: Desk,
    form: QuizForm,
    rows: list[RuleRow],
    fixed: tuple[str, ...],
    *,
    told: Told | None = None,
    refusal: Refusal | None = None,
) -> Response:
    session, course, module = db_session(), desk.course, desk.module
    tree = outline.outline(session, course)
    key = desk.held.value.key if desk.held else ""
    clash = desk.held.value if isinstance(refusal, Conflict) and desk.held else None
    number = desk.held.number if desk.held else 0
    if request.method == "POST" and clash is None:
        number = expected_of(request.form) or number
    rule = CriterionRule("pass", key)
    passes = [c for c in criteria_of(module) if c.kind == "pass"]
    needed = ("needed" in request.form) if request.method == "POST" else (
        rule in passes if key else not passes
    )  # fmt: skip
    settings = QuizSettings(draw=_draw(rows, Told()), items=fixed)
    return render(
        "lms/teach/quiz.html",
        course=course,
        module=module,
        outline=tree,
        line=next((m for m in tree.modules if m.key == module.key), None),
        key=key,
        archived=desk.held is not None and desk.held.row.archived_at is not None,
        form=form,
        rows=rows,
        fixed=set(fixed),
        bank=[i for i in outline.list_items(session, course, module.key) if i.use == Use.QUIZ],
        shortfall=largest_shortfall(_pool(desk), settings),
        asked=sum(r.count for r in settings.draw),
        needed=needed,
        expected=number,
        told=told or Told(),
        refusal=sentence(refusal) if refusal and not (told and told.fields) else "",
        clash=clash,
        saved_by=_saved_by(desk) if clash else "",
        focus=step_of(request.form)[0] == "add-rule" if request.method == "POST" else False,
    )


def _saved_by(desk: Desk) -> str:
    author_id = desk.held.version.author_id if desk.held else None
    person = db_session().get(Person, author_id) if author_id else None
    return person.name if person else ""
