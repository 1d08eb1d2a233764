"""Publishing: the pointer moves, what people did stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from factories.courses import (
    InlineRenderer,
    a_check,
    a_course,
    a_lesson,
    a_quiz,
    an_item,
    make_attempt,
    make_completion,
    make_published,
    with_module,
)
from factories.people import make_enrolment, make_person
from sessions import NOW
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from statements import statements

from lms.domain.authoring import AuthoredCourse, AuthoredModule, CriterionRule
from lms.domain.curriculum import CriterionKind, Manifest
from lms.domain.errors import Conflict, Refusal
from lms.domain.items import Case, Choice, Option
from lms.models import Attempt, AttemptItem, AuditEntry, Course, ModuleCompletion, Publication
from lms.models import Manifest as ManifestRow
from lms.services import authoring, publishing, rendering
from lms.services.course_store import store_course
from lms.services.curriculum import manifest_of, published
from lms.services.draft_manifest import build_manifest

LATER = NOW + timedelta(days=1)
OPTION = Option("da", "Da", "Așa este.", correct=True)


def _store(session: Session, course: AuthoredCourse) -> Course:
    store_course(session, course, InlineRenderer(), NOW)
    return authoring.get_course(session, course.key)


def _changed(session: Session, **module: object) -> Course:
    """The course with other contents in its first module, not yet published."""
    return _store(session, with_module(a_course(), 1, **module))


def _module_one() -> AuthoredModule:
    return a_course().modules[0]


def test_the_manifest_says_all_a_page_needs(session: Session) -> None:
    items = (*_module_one().items, an_item("m1-x", tags=("lung",), difficulty=3))
    course = with_module(
        a_course(),
        1,
        items=items,
        activities=(*_module_one().activities[:2], a_quiz("m1-test", items=("m1-i1",))),
    )
    manifest = build_manifest(session, _store(session, course))
    one, two = manifest.modules
    assert (one.number, two.number, one.title, one.badge.symbol) == (1, 2, "Modulul m1", "compass")
    assert [c.key for c in one.criteria] == ["read:m1-a", "read:m1-b", "pass:m1-test"]
    assert one.activities[2].questions == 3
    assert one.activities[0].en == {"title": "First lesson"} and one.en == {"title": "Module m1"}
    assert manifest.checks.keys() == {"m1-c1", "m2-c1"}
    assert len(manifest.pool_of(one)) == 5
    picked = next(item for item in manifest.pool if item.key == "m1-x")
    assert (picked.outcome, picked.difficulty, picked.tags, picked.size) == (
        *("roluri", 3, ("lung",), 1),
    )
    assert manifest.glossary[0].text == "Programul <em>operațional</em>."
    assert manifest.assets.keys() == {"m1/img/m1.svg", "m2/img/m2.svg", "files/x.csv"}
    assert Manifest.from_json(manifest.to_json()) == manifest


def test_publishing_moves_the_pointer_and_is_recorded(session: Session) -> None:
    course, trainer = _store(session, a_course()), make_person(session, "Radu Florea")
    with pytest.raises(Refusal, match="not-found"):
        published(session, "por")
    done = publishing.publish(session, course, trainer, "  Prima   ediție ", NOW)
    assert course.manifest_id == done.manifest_id
    assert published(session, "por") == done
    (line,) = publishing.history(session, course)
    assert (line.kind, line.number, line.note, line.actor) == (
        *("publish", 1, "Prima ediție", "Radu Florea"),
    )
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.verb, entry.subject, entry.actor_id) == (
        *("course.publish", "course:por", trainer.id),
    )


def test_nothing_to_publish(session: Session) -> None:
    make_published(session)
    session.commit()
    course = authoring.get_course(session, "por")
    with pytest.raises(Refusal, match="nothing-to-publish"):
        publishing.publish(session, course, None, "", LATER)
    assert session.scalar(select(func.count()).select_from(ManifestRow)) == 1
    assert publishing.preview(session, course).difference.is_empty
    assert publishing.count_changes(session, course) == 0


def test_a_draft_with_problems_is_not_published_and_says_why(session: Session) -> None:
    lesson = a_lesson("m1-a", body="[acolo](lesson:nu-e) ![x](img/nu.svg)\n\n::: check nimic")
    course = _changed(session, activities=(lesson, a_quiz("m1-test", count=9)))
    with pytest.raises(Refusal, match="cannot-publish") as refused:
        publishing.publish(session, course, None, "", NOW)
    codes = {problem.code for problem in refused.value.params["problems"]}
    assert codes == {"lesson-unknown", "file-unknown", "check-unknown", "draw-too-small"}
    assert course.manifest_id is None
    assert session.scalar(select(func.count()).select_from(Publication)) == 0
    assert {problem.code for problem in publishing.preview(session, course).problems} == codes


def test_links_of_questions_are_judged_as_those_of_lessons(session: Session) -> None:
    broken = (
        an_item("m1-i1", stem="Ce este [asta](term:nu-este)?"),
        an_item("m1-i2", explanation="Vezi [acolo](lesson:nu-e) și ![x](img/nu.svg)."),
        an_item("m1-i3", body=Choice((OPTION, replace(OPTION, text="[S](source:S9)")), many=True)),
        an_item("m1-i4", body=Case((an_item("m1-i4-1", stem="[f](file:nu.csv)"),))),
        a_check("m1-c1", outcome="nici-unul"),
        an_item("m1-i6", lesson="nu-e", outcome=""),
    )
    course = _changed(session, items=broken)
    found = publishing.preview(session, course).problems
    assert [(p.code, p.part, p.key) for p in found] == [
        ("term-unknown", "item", "m1-i1"),
        ("lesson-unknown", "item", "m1-i2"),
        ("file-unknown", "item", "m1-i2"),
        ("source-unknown", "item", "m1-i3"),
        ("file-unknown", "item", "m1-i4"),
        ("outcome-unknown", "check", "m1-c1"),
    ]
    assert {p.module for p in found} == {"Modulul m1"}
    with pytest.raises(Refusal, match="cannot-publish"):
        publishing.publish(session, course, None, "", NOW)


def test_the_preview_tells_what_changes(session: Session) -> None:
    make_published(session)
    items = (an_item("m1-i1", stem="Altă  întrebare?"), *_module_one().items[2:])
    course = _changed(session, items=items, activities=(*_module_one().activities, a_lesson("n")))
    delta = publishing.preview(session, course)
    told = {(c.kind, c.part, delta.title_of(c)) for c in delta.difference.changes}
    assert told == {
        ("changed", "item", "Altă întrebare?"),
        ("removed", "item", "Este adevărat că m1-i2?"),
        ("added", "lesson", "Lecția n"),
    }
    assert [[c.key for c in change.added] for change in delta.difference.criteria] == [["read:n"]]
    assert publishing.count_changes(session, course) == 4


def test_the_preview_tells_whom_it_concerns(session: Session) -> None:
    live = make_published(session)
    module, quiz = live.manifest.modules[0], live.manifest.by_activity["m1-test"][1]
    course = authoring.get_course(session, "por")
    enrolled = [
        make_enrolment(session, make_person(session, name), course)
        for name in ("Șerban", "Ana", "Ion", "Zoe")
    ]
    ended = make_enrolment(session, make_person(session, "Plecat"), course, ended_at=NOW)
    for enrolment in (enrolled[1], ended):
        make_completion(session, enrolment, live, module.id)
    make_attempt(session, enrolled[0], live, quiz)
    make_attempt(session, enrolled[2], live, quiz, points=(1, 1))
    rules = (*_module_one().criteria, CriterionRule("read", "n"))
    course = _changed(
        session, criteria=rules, activities=(*_module_one().activities, a_lesson("n"))
    )
    delta = publishing.preview(session, course)
    (impact,) = delta.criteria
    assert (impact.keep.count, impact.keep.names) == (1, ("Ana",))
    assert impact.see.names == ("Ion", "Șerban", "Zoe")
    assert [(s.name, s.quiz) for s in delta.mid_attempt] == [("Șerban", "Testul m1-test")]
    assert delta.enrolled == 4


def test_the_preview_takes_a_constant_number_of_queries(session: Session) -> None:
    make_published(session)
    course = _changed(session, activities=(*_module_one().activities, a_lesson("n")))
    session.commit()
    counts = []
    for number in range(2):
        for _ in range(10 * number):
            make_enrolment(session, make_person(session), course)
        session.commit()
        _ = course.key
        with statements(session) as sent:
            publishing.preview(session, course)
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 8


def test_what_was_previewed_is_what_is_published(session: Session) -> None:
    course = _store(session, a_course())
    state = publishing.preview(session, course).state
    _changed(session, title="Între timp")
    with pytest.raises(Conflict, match="draft-changed"):
        publishing.publish(session, course, None, "", NOW, expected=state)
    publishing.publish(
        session, course, None, "", NOW, expected=publishing.preview(session, course).state
    )


def test_undo_goes_back_and_forth(session: Session) -> None:
    first = make_published(session)
    course = _changed(session, title="Doi")
    second = publishing.publish(session, course, None, "", LATER)
    _changed(session, title="Trei")
    third = publishing.publish(session, course, None, "", LATER)
    assert [p.manifest.number for p in (first, second, third)] == [1, 2, 3]
    assert publishing.undo(session, course, None, LATER).manifest_id == second.manifest_id
    assert publishing.undo(session, course, None, LATER).manifest_id == first.manifest_id
    with pytest.raises(Refusal, match="nothing-to-undo"):
        publishing.undo(session, course, None, LATER)
    # The drafts are where they were: publishing brings them back as a new publication.
    assert publishing.preview(session, course).difference.changes[0].title == "Trei"
    fourth = publishing.publish(session, course, None, "", LATER)
    assert fourth.manifest.number == 4
    assert publishing.undo(session, course, None, LATER).manifest_id == first.manifest_id
    kinds = [line.kind for line in publishing.history(session, course)]
    assert kinds == ["undo", "publish", "undo", "undo", "publish", "publish", "publish"]


def test_undo_pressed_twice_undoes_once(session: Session) -> None:
    make_published(session)
    course = _changed(session, title="Doi")
    seen = publishing.publish(session, course, None, "", LATER).manifest_id
    publishing.undo(session, course, None, LATER, expected=seen)
    with pytest.raises(Conflict, match="published-meanwhile"):
        publishing.undo(session, course, None, LATER, expected=seen)


def test_publishing_and_undoing_leave_people_alone(session: Session) -> None:
    """Attempts keep versions and draw, completions stand, criteria may come and go."""
    live = make_published(session)
    course = authoring.get_course(session, "por")
    enrolment = make_enrolment(session, make_person(session), course)
    make_completion(session, enrolment, live, live.manifest.modules[0].id)
    quiz = live.manifest.by_activity["m1-test"][1]
    attempt = make_attempt(session, enrolment, live, quiz)
    session.commit()

    def state() -> list[object]:
        session.expire_all()
        rows = [
            session.execute(select(table.__table__)).all()
            for table in (Attempt, AttemptItem, ModuleCompletion)
        ]
        return [tuple(row) for table in rows for row in table]

    before = state()
    course = _changed(
        session,
        items=tuple(an_item(f"m1-i{n}", stem="Reparată?") for n in (1, 2)),
        activities=(a_lesson("m1-a"), a_quiz("m1-test", pass_percent=90)),
        criteria=(CriterionRule("pass", "m1-test"),),
    )
    publishing.publish(session, course, None, "", LATER)
    session.commit()
    assert state() == before
    publishing.undo(session, course, None, LATER)
    session.commit()
    assert state() == before
    assert manifest_of(session, attempt.manifest_id) == live.manifest


def test_a_repaired_item_reaches_new_draws_only_after_publication(session: Session) -> None:
    live = make_published(session)
    course, author = authoring.get_course(session, "por"), make_person(session)
    enrolment = make_enrolment(session, make_person(session), course)
    attempt = make_attempt(session, enrolment, live, live.manifest.by_activity["m1-test"][1])
    held = [item.item_version_id for item in attempt.items]
    piece = rendering.prepare_one(an_item("m1-i1", stem="Reparată?"), InlineRenderer())
    authoring.save(session, course, piece, expected=1, author=author, now=LATER)
    assert published(session, "por").manifest == live.manifest
    after = publishing.publish(session, course, author, "", LATER).manifest
    (new,) = [item for item in after.pool if item.key == "m1-i1"]
    assert new.version_id not in held
    session.expire_all()
    assert [item.item_version_id for item in attempt.items] == held


def test_archived_things_leave_the_next_publication(session: Session) -> None:
    make_published(session)
    course, author = authoring.get_course(session, "por"), make_person(session)
    authoring.archive_activity(session, course, "m1-b", author=author, now=LATER)
    authoring.archive_item(session, course, "m1-i4", author=author, now=LATER)
    manifest = publishing.publish(session, course, author, "", LATER).manifest
    assert "m1-b" not in manifest.by_activity
    assert "m1-i4" not in {item.key for item in manifest.pool}
    one = manifest.modules[0]
    assert [c.activity for c in one.criteria if c.kind is CriterionKind.READ] == ["m1-a"]


def test_a_note_has_its_limits(session: Session) -> None:
    course = _store(session, a_course())
    for note, code in (("x" * 501, "text-too-long"), ("a\x00b", "text-unclean")):
        with pytest.raises(Refusal, match=code):
            publishing.publish(session, course, None, note, NOW)


def test_a_module_that_was_taken_out_goes_with_its_bank(session: Session) -> None:
    make_published(session)
    course = _store(session, replace(a_course(), modules=a_course().modules[:1]))
    manifest = publishing.publish(session, course, None, "", LATER).manifest
    assert [m.key for m in manifest.modules] == ["m1"]
    assert {item.module for item in manifest.pool} == {"m1"}
    assert manifest.checks.keys() == {"m1-c1"}
