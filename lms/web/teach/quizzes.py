"""Building a test: what it draws from the bank, what is always asked, when it is passed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import Response, request

from lms.domain import draft_rules
from lms.domain.access import Action
from lms.domain.authoring import AuthoredModule, AuthoredQuiz, CriterionRule
from lms.domain.errors import NotFound, Refusal
from lms.domain.items import Use
from lms.domain.quizzes import DrawRule, QuizSettings, largest_shortfall
from lms.models import Course, Module
from lms.services import authoring, outline
from lms.services.draft_manifest import build_manifest
from lms.services.draft_rows import get_quiz, list_activities, locked_module
from lms.services.drafts import module_of
from lms.services.rendering import prepare_one
from lms.web import i18n
from lms.web.blueprint import commit, db_session
from lms.web.clock import now
from lms.web.rendering import notice, to
from lms.web.sentences import sentence
from lms.web.teach.desks import Desk, desk_of, outcome_choices, page, store
from lms.web.teach.forms import QuizForm, Told, count_of, gone, lines_of, step_of
from lms.web.teach.loading import author, let_go, renderer, taught
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


def _desk(course_key: str, key: str, module_key: str = "") -> Desk[AuthoredQuiz]:
    return desk_of(get_quiz, course_key, key, module_key)


def _stored(desk: Desk[AuthoredQuiz]) -> AuthoredQuiz:
    if desk.held is not None:
        return desk.held.value
    return _from_bank(desk.course, build_size(desk.course, desk.module))


def build_size(course: Course, module: Module) -> int:
    """How many single questions for tests the module's bank has."""
    pool = build_manifest(db_session(), course).pool
    return sum(1 for item in pool if item.module == module.key and item.size == 1)


def _from_bank(course: Course, size: int) -> AuthoredQuiz:
    """The test one gets without saying anything: all questions, or a fair draw of many."""
    count = size if size <= ALL_UP_TO else ALL_UP_TO - 3
    title = i18n.catalogue(course.draft["language"]).ugettext(NAME_OF_TEST)
    settings = QuizSettings(draw=(DrawRule(count),) if count else ())
    return AuthoredQuiz("", title, max(5, count), "", settings)


NAME_OF_TEST = i18n.N_("Test of the module")
NEEDED = i18n.N_("Passing this test is needed to complete the module")


@ROOM.get("/<course>/module/<module>/new-test", Action.TEACH)
def new_quiz(course: str, module: str) -> Response:
    return _opened(_desk(course, "", module))


@ROOM.post("/<course>/module/<module>/new-test", Action.TEACH, opens_transaction=False)
def add_quiz(course: str, module: str) -> Response:
    return _posted(course, "", module)


@ROOM.get("/<course>/test/<key>", Action.TEACH)
def quiz(course: str, key: str) -> Response:
    return _opened(_desk(course, key))


@ROOM.post("/<course>/test/<key>", Action.TEACH, opens_transaction=False)
def save_quiz(course: str, key: str) -> Response:
    return _posted(course, key, "")


@ROOM.post("/<course>/module/<module>/test-from-bank", Action.TEACH)
def quiz_from_bank(course: str, module: str) -> Response:
    """A test of all questions of the module, passing it completes the module: one press."""
    return add_quiz_from_bank(course, module)


def add_quiz_from_bank(course_key: str, module_key: str) -> Response:
    """Within an open writing transaction, which it commits; on to what publishing would change,
    or to the test the module has already. Raises NotFound, Refusal("bank-empty")."""
    course = taught(course_key)
    module = locked_module(db_session(), course, module_key)
    if made := _test_of(module):
        commit()
        text = i18n.gettext(
            "The module has this test already, so no second one was made. The questions are saved."
        )
        notice("success", text)  # the question typed before it is saved, and not kept for later
        return to("teach.quiz", course=course_key, key=made)
    size = build_size(course, module)
    if not size:
        raise Refusal("bank-empty")
    # Without an introduction there is no text to render, so no transaction waits for it.
    piece = prepare_one(_from_bank(course, size), renderer())
    key = authoring.add(db_session(), course, module_key, piece, author=author(), now=now())
    _need(course, module, key, wanted=True)
    commit()
    notice("success", i18n.gettext("The test asks the questions of this module. Publish it below."))
    return to("teach.publish_preview", course=course_key)


def _test_of(module: Module) -> str:
    """Key of the first test of the module; empty while it has none."""
    rows = list_activities(db_session(), module)
    return next((row.key for row in rows if row.kind == "quiz"), "")


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


def _opened(desk: Desk[AuthoredQuiz]) -> Response:
    stored = _stored(desk)
    return _page(desk, _form(stored), _rows(stored), stored.settings.items)


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
        told.add_refusal(form, refusal, _names(rows))
        if refusal.code == "only-criterion":
            told.add("needed", sentence(refusal), i18n.gettext(NEEDED))
        desk = _desk(course, key, module)
        return _page(desk, form, rows, fixed, told=told, refusal=refusal)
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
        count = int(row.count) if not told.of(f"draw-{place}-count") else 0
        difficulty = int(row.difficulty) if row.difficulty in ("1", "2", "3") else 0
        rules.append(DrawRule(count, row.outcome, difficulty, row.tag))
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
    desk: Desk[AuthoredQuiz],
    form: QuizForm,
    rows: list[RuleRow],
    fixed: tuple[str, ...],
    told: Told,
    word: str,
) -> Response:
    settings = _settings(form, rows, fixed, told)
    written = AuthoredQuiz(
        key=desk.key,
        title=(form.title.data or "").strip(),
        minutes=form.minutes.data or 0,
        intro=lines_of(request.form, "intro"),
        settings=settings,
    )
    outcomes, pool = set(desk.outcomes), {item.key for item in _pool(desk)}
    told.add_form(form)
    told.judge(form, lambda: draft_rules.require_quiz(written, outcomes, pool), _names(rows))
    if told.fields:
        return _page(desk, form, rows, fixed, told=told)
    course_key, _key, module_key = desk.places
    key = store(desk, written)
    course = taught(course_key)
    if _is_touched():
        module = locked_module(db_session(), course, module_key)
        _need(course, module, key, wanted="needed" in request.form)
    commit()
    notice("success", i18n.gettext("Saved. Learners see it once it is published."))
    if word == "save-publish":
        return to("teach.publish_preview", course=course_key)
    return to("teach.quiz", course=course_key, key=key)


def _is_touched() -> bool:
    """Whether the tick was changed on the page: the test's version says nothing of what completes
    the module, and a page made before somebody else changed that must not put it back."""
    return ("needed" in request.form) != (request.form.get("needed-was") == "1")


def _need(course: Course, module: Module, key: str, *, wanted: bool) -> None:
    """Bring the module's criteria to what is wanted: passing this test completes it, or not.

    Raises Refusal("only-criterion") where nothing else would complete it.
    """
    criteria, rule = criteria_of(module), CriterionRule("pass", key)
    if wanted == (rule in criteria):
        return
    left = [*criteria, rule] if wanted else [each for each in criteria if each != rule]
    if not left:
        raise Refusal("only-criterion")
    save_criteria(course, module, left)


def _tick(desk: Desk[AuthoredQuiz]) -> tuple[bool, bool]:
    """Whether the page shows the test as needed, and whether the draft says it is."""
    passes = [rule for rule in criteria_of(desk.module) if rule.kind == "pass"]
    is_needed = CriterionRule("pass", desk.key) in passes
    if request.method == "POST" and (not desk.key or _is_touched()):
        return "needed" in request.form, is_needed
    return (is_needed if desk.key else not passes), is_needed


def _pool(desk: Desk[AuthoredQuiz]) -> list[Any]:
    manifest = build_manifest(db_session(), desk.course)
    return [item for item in manifest.pool if item.module == desk.module.key]


def _page(
    desk: Desk[AuthoredQuiz],
    form: QuizForm,
    rows: list[RuleRow],
    fixed: tuple[str, ...],
    *,
    told: Told | None = None,
    refusal: Refusal | None = None,
) -> Response:
    theirs = desk.theirs(refusal)
    needed, needed_was = _tick(desk)
    settings = QuizSettings(draw=_draw(rows, Told()), items=fixed)
    items = outline.list_items(db_session(), desk.course, desk.module.key)
    bank = [item for item in items if item.use == Use.QUIZ]
    labels, asked = {item.key: item.label for item in items}, {item.key for item in bank}
    any_outcome, pool = i18n.gettext("any outcome"), _pool(desk)
    held = Counter({"": sum(item.size for item in pool)})
    for item in pool:
        held[item.outcome] += item.size if item.outcome else 0
    return page(
        "lms/teach/quiz.html",
        desk,
        told=told,
        refusal=refusal,
        clash=theirs.value if theirs else None,
        form=form,
        rows=rows,
        fixed=set(fixed),
        bank=bank,
        held=held,
        names=desk.outcomes,
        labels=labels,
        lost=[(key, gone(labels.get(key, key))) for key in fixed if key not in asked],
        shortfall=largest_shortfall(pool, settings),
        asked=sum(r.count for r in settings.draw),
        needed=needed,
        needed_was=needed_was,
        needed_label=i18n.gettext(NEEDED),
        outcomes=[outcome_choices(desk, [row.outcome], first=any_outcome) for row in rows],
        focus=request.method == "POST" and step_of(request.form)[0] == "add-rule",
    )
