"""Authors in the browser: saved versions, no lost edits, nothing reached through another course."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from factories.courses import (
    InlineRenderer,
    a_check,
    a_course,
    a_lesson,
    a_module,
    a_quiz,
    an_item,
    make_published,
)
from factories.people import make_person
from sessions import NOW
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.domain.errors import Conflict, NotFound, Refusal
from lms.domain.items import Choice
from lms.interop.markdown_document import Rendered
from lms.models import Activity, AuditEntry, Course, Item, ItemVersion, Module, Person
from lms.services import authoring
from lms.services.course_dump import dump_course
from lms.services.course_store import store_course
from lms.services.draft_rows import (
    get_activity,
    get_item,
    get_lesson,
    get_module,
    get_quiz,
    taken_keys,
)
from lms.services.outline import State, list_items, outline
from lms.services.rendering import Draft, Piece, prepare_one

LATER = NOW + timedelta(days=1)


@pytest.fixture
def course(session: Session) -> Course:
    make_published(session)
    return authoring.get_course(session, "por")


@pytest.fixture
def author(session: Session) -> Person:
    return make_person(session, "Radu Florea")


def _piece(draft: Draft) -> Piece:
    return prepare_one(draft, InlineRenderer())


def _keys(session: Session, course: Course, module: int = 0) -> list[str]:
    return [activity.key for activity in dump_course(session, course).modules[module].activities]


def test_a_saved_lesson_is_a_new_version_by_its_author(
    session: Session, course: Course, author: Person
) -> None:
    held = get_lesson(session, course, "m1-b")
    text = replace(held.value, title="Titlu nou", body="::: law\n*Legea*\n:::")
    number = authoring.save(
        session, course, _piece(text), expected=held.number, author=author, now=LATER
    )
    after = get_lesson(session, course, "m1-b")
    assert (number, after.number, after.value) == (2, 2, text)
    assert (after.version.author_id, after.version.created_at) == (author.id, LATER)
    assert "<em>Legea</em>" in Rendered.from_json(after.version.rendered).html
    before = after.row.versions[0]
    assert before.source["title"] == "Lecția m1-b"


def test_saving_the_same_again_makes_no_version(
    session: Session, course: Course, author: Person
) -> None:
    held = get_lesson(session, course, "m1-b")
    same = _piece(held.value)
    assert authoring.save(session, course, same, expected=1, author=author, now=LATER) == 1


@pytest.mark.parametrize("kind", ["lesson", "quiz", "item", "module"])
def test_the_second_of_two_authors_is_told(
    session: Session, course: Course, author: Person, kind: str
) -> None:
    """Each started from version 1; the second one's text is refused, not merged or lost."""
    drafts: dict[str, Callable[[str], Any]] = {
        "lesson": lambda text: _piece(a_lesson("m1-a", title=text)),
        "quiz": lambda text: _piece(replace(a_quiz("m1-test"), title=text)),
        "item": lambda text: _piece(an_item("m1-i1", stem=text)),
        "module": lambda text: a_module("m1", title=text),
    }
    store = authoring.save_module if kind == "module" else authoring.save

    def save(expected: int, text: str) -> int:
        what = drafts[kind](text)
        return store(session, course, what, expected=expected, author=author, now=LATER)

    assert save(1, "Unu") == 2
    with pytest.raises(Conflict, match="edited-meanwhile") as refused:
        save(1, "Doi")
    assert refused.value.params["number"] == 2
    assert save(1, "Unu") == 2, "the button pressed twice is no conflict"
    assert save(2, "Doi") == 3


def test_a_new_lesson_stands_before_the_test(
    session: Session, course: Course, author: Person
) -> None:
    piece = _piece(a_lesson("", title="Țintă și măsură: a 2-a"))
    key = authoring.add(session, course, "m1", piece, author=author, now=LATER)
    later = LATER + timedelta(hours=1)
    again = authoring.add(session, course, "m1", piece, author=author, now=later)
    assert (key, again) == ("tinta-si-masura-a-2-a", "tinta-si-masura-a-2-a-2")
    assert _keys(session, course) == ["m1-a", "m1-b", key, again, "m1-test"]


def test_adding_pressed_twice_adds_once(session: Session, course: Course, author: Person) -> None:
    soon = LATER + timedelta(seconds=2)
    for draft in (a_lesson("", title="Nouă"), a_quiz("", count=1), an_item("", stem="Nouă?")):
        piece = _piece(draft)
        keys = {
            authoring.add(session, course, "m1", piece, author=author, now=now)
            for now in (LATER, soon)
        }
        assert len(keys) == 1
        other = make_person(session)
        assert authoring.add(session, course, "m1", piece, author=other, now=soon) not in keys
    module = a_module("", title="Bugetul", short="Buget")
    keys = {
        authoring.add_module(session, course, module, author=author, now=now)
        for now in (LATER, soon)
    }
    assert len(keys) == 1


def test_a_new_test_built_from_new_questions(
    session: Session, course: Course, author: Person
) -> None:
    options = (
        authoring.option("Da", "Așa este.", True),
        authoring.option("Nu", "Fals.", False),
    )
    item = an_item("", stem="Cine *conduce* programul acesta, de fapt?", body=Choice(options))
    key = authoring.add(session, course, "m1", _piece(item), author=author, now=LATER)
    assert key == "cine-conduce-programul-acesta-de-fapt"
    held = get_item(session, course, key)
    assert (held.value.key, held.version.content["key"]) == (key, key)
    quiz = a_quiz("", draw=(), items=(key, "m1-i1"))
    test = authoring.add(session, course, "m1", _piece(quiz), author=author, now=LATER)
    assert _keys(session, course)[-1] == test
    assert get_quiz(session, course, test).value.settings.items == (key, "m1-i1")


def test_a_test_takes_only_questions_of_its_module_that_are_for_tests(
    session: Session, course: Course, author: Person
) -> None:
    for key in ("m2-i1", "m1-c1", "nu-e"):
        with pytest.raises(Refusal, match="draft-invalid") as refused:
            authoring.add(
                session, course, "m1", _piece(a_quiz("", items=(key,))), author=author, now=LATER
            )
        (fault,) = refused.value.params["faults"]
        assert (fault.at, fault.code) == ("items", "unknown")


def test_a_draft_is_judged_also_when_it_is_saved(
    session: Session, course: Course, author: Person
) -> None:
    bad = _piece(a_lesson("m1-a", outcomes=("altul",)))
    with pytest.raises(Refusal, match="draft-invalid"):
        authoring.save(session, course, bad, expected=1, author=author, now=LATER)
    assert get_lesson(session, course, "m1-a").number == 1


def test_modules_are_added_and_edited(session: Session, course: Course, author: Person) -> None:
    key = authoring.add_module(
        session, course, a_module("", title="Bugetul", short="Buget"), author=author, now=LATER
    )
    dumped = dump_course(session, course).modules
    assert (key, dumped[2].folder, dumped[2].activities) == ("bugetul", "03-bugetul", ())
    edited = replace(dumped[2], title="Buget și achiziții")
    assert authoring.save_module(session, course, edited, expected=1, author=author, now=LATER) == 2
    assert get_module(session, course, key).draft["title"] == "Buget și achiziții"
    verbs = session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)).all()
    assert verbs[-2:] == ["module.add", "module.save"]


def test_moving_step_by_step_and_as_a_whole(session: Session, course: Course) -> None:
    authoring.move(session, course, "m1-test", -1)
    assert _keys(session, course) == ["m1-a", "m1-test", "m1-b"]
    authoring.move(session, course, "m1-a", -1)
    authoring.move(session, course, "m1-b", 1)
    assert _keys(session, course) == ["m1-a", "m1-test", "m1-b"]
    authoring.reorder(session, course, "m1", ["m1-b", "m1-a", "m1-test"])
    assert _keys(session, course) == ["m1-b", "m1-a", "m1-test"]
    authoring.reorder_modules(session, course, ["m2", "m1"])
    assert [module.key for module in dump_course(session, course).modules] == ["m2", "m1"]


@pytest.mark.parametrize(
    "keys",
    [
        ["m1-a", "m1-b"],
        ["m1-a", "m1-b", "m1-test", "m1-test"],
        ["m1-a", "m1-b", "m2-a"],
        ["m1-a", "m1-b", "m1-test", "alt-a"],
        ["m1-a", "m1-a", "m1-test"],
        [],
    ],
)
def test_reordering_takes_the_modules_own_and_all_of_them(
    session: Session, course: Course, keys: list[str]
) -> None:
    with pytest.raises(Refusal, match="reorder-incomplete"):
        authoring.reorder(session, course, "m1", keys)
    assert _keys(session, course) == ["m1-a", "m1-b", "m1-test"]


def test_taken_out_and_brought_back(session: Session, course: Course, author: Person) -> None:
    authoring.archive_activity(session, course, "m1-a", author=author, now=LATER)
    authoring.archive_activity(session, course, "m1-a", author=author, now=LATER)
    assert _keys(session, course) == ["m1-b", "m1-test"]
    assert get_activity(session, course, "m1-a").row.archived_at == LATER
    with pytest.raises(NotFound):
        authoring.move(session, course, "m1-a", 1)
    authoring.restore_activity(session, course, "m1-a", author=author, now=LATER)
    assert _keys(session, course) == ["m1-a", "m1-b", "m1-test"]
    authoring.archive_item(session, course, "m1-i1", author=author, now=LATER)
    assert "m1-i1" not in {line.key for line in list_items(session, course, "m1")}
    authoring.restore_item(session, course, "m1-i1", author=author, now=LATER)
    verbs = session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)).all()
    assert verbs[-4:] == ["lesson.archive", "lesson.restore", "item.archive", "item.restore"]


def test_nothing_of_another_course_can_be_reached(
    session: Session, course: Course, author: Person
) -> None:
    """Every door, with a key that exists next door; the other course stays as it is."""
    modules = (
        a_module(
            "alt",
            criteria=a_module("m1").criteria,
            activities=(a_lesson("alt-a"), a_quiz("alt-test", count=1)),
            items=(an_item("alt-i"), a_check("alt-c1")),
        ),
    )
    another = replace(a_course("alt-curs"), modules=modules)
    store_course(session, another, InlineRenderer(), NOW)
    other = authoring.get_course(session, "alt-curs")
    before = dump_course(session, other)
    by = {"author": author, "now": LATER}
    lesson, quiz = _piece(a_lesson("alt-a", title="Furat")), _piece(a_quiz("alt-test", count=1))
    item = _piece(an_item("alt-i", stem="Furat?"))
    doors: list[Callable[[], object]] = [
        lambda: get_module(session, course, "alt"),
        lambda: get_lesson(session, course, "alt-a"),
        lambda: get_quiz(session, course, "alt-test"),
        lambda: get_item(session, course, "alt-i"),
        lambda: authoring.save(session, course, lesson, expected=1, **by),
        lambda: authoring.save(session, course, quiz, expected=1, **by),
        lambda: authoring.save(session, course, item, expected=1, **by),
        lambda: authoring.save_module(session, course, a_module("alt"), expected=1, **by),
        lambda: authoring.add(session, course, "alt", lesson, **by),
        lambda: authoring.add(session, course, "alt", quiz, **by),
        lambda: authoring.add(session, course, "alt", item, **by),
        lambda: authoring.reorder(session, course, "alt", ["alt-a", "alt-test"]),
        lambda: authoring.move(session, course, "alt-a", 1),
        lambda: authoring.archive_activity(session, course, "alt-a", **by),
        lambda: authoring.restore_activity(session, course, "alt-a", **by),
        lambda: authoring.archive_item(session, course, "alt-i", **by),
        lambda: authoring.restore_item(session, course, "alt-i", **by),
    ]
    for door in doors:
        with pytest.raises(NotFound):
            door()
    assert dump_course(session, other) == before
    assert list_items(session, course, "alt") == []
    count = session.scalar(select(func.count()).select_from(Activity))
    assert count == 2 * 3 + 2


def test_a_test_is_not_saved_over_a_lesson(
    session: Session, course: Course, author: Person
) -> None:
    with pytest.raises(NotFound):
        authoring.save(
            session, course, _piece(a_quiz("m1-a")), expected=1, author=author, now=LATER
        )
    with pytest.raises(NotFound):
        get_quiz(session, course, "m1-a")


def test_nothing_is_stored_unrendered(session: Session, course: Course, author: Person) -> None:
    piece = replace(_piece(a_lesson("m1-a", title="Alt titlu")), rendered=None)
    with pytest.raises(ValueError, match="rendered"):
        authoring.save(session, course, piece, expected=1, author=author, now=LATER)
    with pytest.raises(ValueError, match="rendered"):
        authoring.add(session, course, "m1", piece, author=author, now=LATER)


def test_versions_are_never_rewritten(session: Session, course: Course, author: Person) -> None:
    def rows() -> list[tuple[object, ...]]:
        session.expire_all()
        query = select(ItemVersion.__table__).order_by(ItemVersion.id)
        return [tuple(row) for row in session.execute(query)]

    before = rows()
    piece = _piece(an_item("m1-i1", stem="Reparată?"))
    authoring.save(session, course, piece, expected=1, author=author, now=LATER)
    assert rows()[: len(before)] == before and len(rows()) == len(before) + 1


def test_the_tree_shows_what_is_not_yet_published(
    session: Session, course: Course, author: Person
) -> None:
    assert outline(session, course).changes == 0
    lesson = _piece(a_lesson("m1-a", title="Alt titlu"))
    authoring.save(session, course, lesson, expected=1, author=author, now=LATER)
    new = _piece(a_lesson("", title="Nouă"))
    authoring.add(session, course, "m1", new, author=author, now=LATER)
    authoring.archive_activity(session, course, "m1-b", author=author, now=LATER)
    item = _piece(an_item("m1-i2", stem="Reparată?"))
    authoring.save(session, course, item, expected=1, author=author, now=LATER)
    tree = outline(session, course)
    one, two = tree.modules
    assert {(line.key, line.state) for line in one.activities} == {
        ("m1-a", State.CHANGED),
        ("noua", State.NEW),
        ("m1-test", State.PUBLISHED),
    }
    assert (one.items, one.checks, one.archived) == (4, 1, (("m1-b", "lesson"),))
    assert {line.state for line in two.activities} == {State.PUBLISHED}
    # Alt titlu, Nouă, m1-b gone, m1-i2, and the criteria of module 1.
    assert (tree.is_published, tree.changes) == (True, 5)
    lines = {line.key: line for line in list_items(session, course, "m1")}
    assert (lines["m1-i2"].state, lines["m1-i2"].number) == (State.CHANGED, 2)
    assert (lines["m1-i1"].state, lines["m1-c1"].use) == (State.PUBLISHED, "self-check")


def test_every_thing_has_its_own_key_in_the_course(session: Session, course: Course) -> None:
    """Keys made from titles avoid those of modules, items and archived things too."""
    taken = taken_keys(session, course)
    for table in (Module, Activity, Item):
        assert set(session.scalars(select(table.key))) <= taken
