"""Storing and dumping courses: idempotent, lossless, and nobody's work is overwritten unseen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from factories.courses import (
    InlineRenderer,
    a_course,
    a_lesson,
    a_quiz,
    all_kinds,
    an_item,
    with_course_tests,
    with_module,
)
from factories.people import make_person
from sessions import NOW
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from statements import statements

from lms.domain.authoring import AuthoredCourse
from lms.domain.errors import Refusal
from lms.interop.errors import TooLarge
from lms.interop.markdown_document import Rendered
from lms.models import Activity, ActivityVersion, Asset, Course, Item, ItemVersion
from lms.services import authoring, rendering
from lms.services.course_dump import dump_course
from lms.services.course_store import StoreReport, known_versions, store, store_course
from lms.services.draft_rows import get_item, get_lesson

LATER = NOW + timedelta(days=1)


def _load(session: Session, course: AuthoredCourse) -> StoreReport:
    return store_course(session, course, InlineRenderer(), NOW)


def _course(session: Session) -> Course:
    return authoring.get_course(session, "por")


def _rows(session: Session) -> tuple[int, int, int]:
    tables = (ActivityVersion, ItemVersion, Asset)
    counts = [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]
    return counts[0], counts[1], counts[2]


def test_what_was_stored_is_dumped_again_the_same(session: Session) -> None:
    course = with_module(a_course(), 1, items=(*a_course().modules[0].items, *all_kinds()))
    _load(session, course)
    session.commit()
    session.expire_all()
    assert dump_course(session, _course(session)) == course


def test_the_dump_takes_a_constant_number_of_queries(session: Session) -> None:
    _load(session, a_course(modules=5))
    session.commit()
    course = _course(session)
    with statements(session) as sent:
        dump_course(session, course)
    assert len(sent) == 4


def test_loading_the_same_again_changes_nothing(session: Session) -> None:
    first = _load(session, a_course())
    before = _rows(session)
    again = _load(session, a_course())
    assert first.new == 1 + 2 * (1 + 3 + 5)
    assert again == StoreReport(unchanged=first.new)
    assert again.is_empty and not first.is_empty
    assert _rows(session) == before


def test_only_what_changed_gets_a_version(session: Session) -> None:
    _load(session, a_course())
    lesson = a_lesson("m1-b", body="Alt text.")
    activities = a_course().modules[0].activities
    report = _load(session, with_module(a_course(), 1, activities=(*activities[:1], lesson)))
    assert (report.new, report.changed, report.archived) == (0, 1, 1)
    held = get_lesson(session, _course(session), "m1-b")
    assert (held.number, held.value.body) == (2, "Alt text.")
    rendered = Rendered.from_json(held.version.rendered)
    assert rendered.html == "<p>Alt text.</p>\n"
    gone = session.scalars(select(Activity).where(Activity.key == "m1-test")).one()
    assert gone.archived_at == NOW


def test_reordering_and_moving_between_modules_makes_no_versions(session: Session) -> None:
    course = a_course()
    _load(session, course)
    before = _rows(session)
    one, two = (module.activities for module in course.modules)
    course = with_module(course, 1, activities=(one[1], one[2]))
    course = with_module(course, 2, activities=(two[0], one[0], *two[1:]))
    report = _load(session, course)
    assert (report.new, report.changed, report.archived) == (0, 0, 0)
    assert _rows(session) == before
    assert dump_course(session, _course(session)) == course


def test_modules_are_reordered_renumbered_and_taken_out(session: Session) -> None:
    course = a_course(modules=3)
    _load(session, course)
    one, two, three = course.modules
    swapped = replace(course, modules=(replace(three, folder="01-m3"), one))
    report = _load(session, swapped)
    assert (report.new, report.changed, report.archived) == (0, 1, 1 + 3 + 5)
    dumped = dump_course(session, _course(session))
    assert dumped == swapped
    back = _load(session, course)
    assert dump_course(session, _course(session)) == course
    assert back.new == 0
    assert two.key in [module.key for module in course.modules]


def test_an_id_keeps_its_kind(session: Session) -> None:
    _load(session, a_course())
    changed = with_module(a_course(), 1, activities=(a_quiz("m1-a"),))
    with pytest.raises(Refusal, match="kind-changed"):
        _load(session, changed)


def test_known_texts_are_not_rendered_again(session: Session) -> None:
    _load(session, a_course())
    renderer = InlineRenderer()
    known = known_versions(session, "por")
    changed = with_module(
        a_course(), 2, activities=(a_lesson("m2-a", body="Cu totul nou."),), items=()
    )
    prepared = rendering.prepare(changed, renderer, known)
    assert renderer.texts == ["Cu totul nou.", "Programul *operațional*."]
    store(session, prepared, now=LATER)
    reverted = store(session, rendering.prepare(a_course(), InlineRenderer(), known), now=LATER)
    assert reverted.changed == 1
    held = get_lesson(session, _course(session), "m2-a")
    first = session.scalars(
        select(ActivityVersion).where(
            ActivityVersion.activity_id == held.row.id, ActivityVersion.number == 1
        )
    ).one()
    assert (held.number, held.version.rendered) == (3, first.rendered)


def test_a_text_that_cannot_be_rendered_says_which_and_stores_nothing(session: Session) -> None:
    course = with_module(a_course(), 1, items=(an_item("rau", stem="x" * 70_000),))
    with pytest.raises(TooLarge) as refused:
        rendering.prepare(course, _Numbering())
    assert refused.value.params["part"] == "item/rau"
    assert session.scalar(select(func.count()).select_from(Course)) == 0


class _Numbering(InlineRenderer):
    """Says which text was refused, as the renderer of the child process does."""

    def render_many(self, texts: object, *, inline: bool = False) -> list[Rendered]:
        done = []
        for index, text in enumerate(texts):  # type: ignore[call-overload]  # any iterable
            try:
                done += super().render_many([text], inline=inline)
            except Refusal as refusal:
                refusal.params["index"] = index
                raise
        return done


def test_files_are_kept_by_content_and_of_known_kinds(session: Session) -> None:
    _load(session, a_course())
    assets = session.scalars(select(Asset).order_by(Asset.name)).all()
    assert [(a.name, a.media_type) for a in assets] == [
        ("m1.svg", "image/svg+xml"),
        ("x.csv", "text/csv"),
    ]
    with pytest.raises(Refusal, match="file-type"):
        _load(session, replace(a_course(), assets={"files/x.exe": b"MZ"}))


def test_items_are_stored_as_markdown_and_as_inert_html(session: Session) -> None:
    hostile = an_item("rau", stem="<script>alert(1)</script> *bun*")
    _load(session, with_module(a_course(), 1, items=(hostile, *all_kinds())))
    held = get_item(session, _course(session), "rau")
    assert held.value == hostile
    content = held.version.content
    assert "<script" not in content["stem"] and "<em>bun</em>" in content["stem"]
    assert content["body"]["options"][0]["text"] == "Da, <strong>desigur</strong>"
    assert content["terms"] == ["por"]
    case = get_item(session, _course(session), "k-case").version.content
    assert case["body"]["children"][1]["stem"] == "<p>Este adevărat că k-case-1?</p>\n"


# -- loading over work done in the browser -------------------------------------------------------


def _edit(session: Session, key: str, body: str) -> None:
    course = _course(session)
    held = get_lesson(session, course, key)
    piece = rendering.prepare_one(replace(held.value, body=body), InlineRenderer())
    authoring.save(
        session, course, piece, expected=held.number, author=make_person(session), now=LATER
    )


def test_an_unchanged_file_leaves_what_was_edited_since(session: Session) -> None:
    _load(session, a_course())
    _edit(session, "m1-b", "Scris în browser.")
    report = _load(session, a_course())
    assert report.is_empty and report.kept == ("lesson/m1-b",)
    assert get_lesson(session, _course(session), "m1-b").value.body == "Scris în browser."


def test_a_changed_file_wins_and_the_edit_stays_among_the_versions(session: Session) -> None:
    _load(session, a_course())
    _edit(session, "m1-b", "Scris în browser.")
    first, _, test = a_course().modules[0].activities
    changed = with_module(
        a_course(), 1, activities=(first, a_lesson("m1-b", body="Din fișier."), test)
    )
    assert _load(session, changed).changed == 1
    held = get_lesson(session, _course(session), "m1-b")
    assert (held.number, held.value.body) == (3, "Din fișier.")


def test_what_was_dumped_and_loaded_again_is_settled(session: Session) -> None:
    _load(session, a_course())
    _edit(session, "m1-b", "Scris în browser.")
    dumped = dump_course(session, _course(session))
    assert _load(session, dumped).is_empty
    assert _load(session, dumped).kept == ()


def test_what_was_born_or_archived_in_the_browser_survives_a_load(session: Session) -> None:
    _load(session, a_course())
    course, author = _course(session), make_person(session)
    piece = rendering.prepare_one(a_lesson("", title="A mea"), InlineRenderer())
    authoring.add(session, course, "m1", piece, author=author, now=LATER)
    authoring.archive_activity(session, course, "m1-a", author=author, now=LATER)
    authoring.reorder(session, course, "m1", ["a-mea", "m1-test", "m1-b"])
    assert _load(session, a_course()).is_empty
    dumped = dump_course(session, course)
    assert [a.key for a in dumped.modules[0].activities] == ["a-mea", "m1-test", "m1-b"]
    # The files' structure changes: their order holds, yet neither decision is undone.
    activities = (*a_course().modules[0].activities, a_lesson("m1-c"))
    _load(session, with_module(a_course(), 1, activities=activities))
    dumped = dump_course(session, course)
    assert [a.key for a in dumped.modules[0].activities] == ["m1-b", "m1-test", "m1-c", "a-mea"]


def test_module_texts_edited_in_the_browser_stay(session: Session) -> None:
    _load(session, a_course())
    course, author = _course(session), make_person(session)
    module = replace(a_course().modules[0], title="Alt titlu")
    assert authoring.save_module(session, course, module, expected=1, author=author, now=LATER) == 2
    report = _load(session, a_course())
    assert report.kept == ("module/m1",)
    assert dump_course(session, course).modules[0].title == "Alt titlu"


def test_archived_items_come_back_with_their_file(session: Session) -> None:
    _load(session, a_course())
    without = with_module(a_course(), 1, items=a_course().modules[0].items[1:])
    assert _load(session, without).archived == 1
    assert _load(session, a_course()).new == 0
    row = session.scalars(select(Item).where(Item.key == "m1-i1")).one()
    assert row.archived_at is None


def test_tests_of_the_whole_course_are_stored_dumped_and_taken_out(session: Session) -> None:
    course = with_course_tests(a_course())
    first = _load(session, course)
    session.commit()
    rows = _rows(session)
    assert dump_course(session, _course(session)) == course
    homes = select(Activity.module_id).where(Activity.key.in_(["initial", "final"]))
    assert session.scalars(homes).all() == [None, None]
    again = _load(session, course)
    assert (again.is_empty, again.unchanged) == (True, first.new)
    assert _rows(session) == rows
    without = _load(session, replace(course, tests=course.tests[:1]))
    assert without.archived == 1
    assert [t.key for t in dump_course(session, _course(session)).tests] == ["initial"]
    _load(session, course)
    assert dump_course(session, _course(session)) == course
    assert _rows(session) == rows, "put back as it was, it needs no new version"


def test_a_test_may_move_from_its_module_to_the_course_and_back(session: Session) -> None:
    course = with_course_tests(a_course())
    _load(session, course)
    (before, after), lone = course.tests, course.modules[0].activities[:2]
    moved = replace(after, key="m1-test")
    there = replace(with_module(course, 1, activities=lone), tests=(before, moved))
    _load(session, there)
    assert dump_course(session, _course(session)) == there
    back = replace(course, tests=(before,))
    _load(session, back)
    assert dump_course(session, _course(session)) == back
