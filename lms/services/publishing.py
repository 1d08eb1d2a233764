"""Publishing a course: what would change for whom, the publication itself, and its undoing.

A publication writes an immutable manifest and moves the course's pointer; an undo moves the
pointer back. Neither touches attempts, readings, completions or badges.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.domain import publishing as rules
from lms.domain.curriculum import Manifest
from lms.domain.errors import Conflict, Refusal
from lms.domain.publishing import (
    Change,
    CriteriaChange,
    Difference,
    Move,
    Part,
    Problem,
)
from lms.domain.text import is_clean, normalise
from lms.models import (
    Attempt,
    Course,
    Enrolment,
    ItemVersion,
    ModuleCompletion,
    Person,
    Publication,
)
from lms.models import Manifest as ManifestRow
from lms.services import audit
from lms.services.curriculum import Published, manifest_of, mark_fresh
from lms.services.draft_manifest import Draft, label_of, question_texts, read_draft
from lms.services.drafts import fingerprint

NAMES = 12
"""How many people a preview names; the rest is a number."""
NOTE_LENGTH = 500


@dataclass(frozen=True, slots=True)
class People:
    count: int
    names: tuple[str, ...]
    """The first of them by name."""


@dataclass(frozen=True, slots=True)
class CriteriaImpact:
    """Whom new criteria of one module concern."""

    change: CriteriaChange
    keep: People
    """Have completed the module: their completion and badge stand."""
    see: People
    """Have not completed it: the new criteria are theirs to meet."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """An attempt under way: it goes on with the version it was started with."""

    name: str
    quiz: str


@dataclass(frozen=True, slots=True)
class Delta:
    """What publishing now would change, and for whom."""

    difference: Difference
    labels: Mapping[str, str]
    """Key of an item that changed → the beginning of its question."""
    criteria: tuple[CriteriaImpact, ...]
    mid_attempt: tuple[Sitting, ...]
    enrolled: int
    problems: tuple[Problem, ...]
    """Empty when it can be published."""
    is_first: bool
    state: str
    """Fingerprint of what was previewed: given to :func:`publish`, it publishes that or nothing."""

    def title_of(self, change: Change) -> str:
        """What a list calls the thing that changed."""
        if change.part in (Part.ITEM, Part.CHECK):
            return self.labels.get(change.key, change.key)
        return change.title


@dataclass(frozen=True, slots=True)
class HistoryLine:
    kind: str
    """``publish`` or ``undo``."""
    number: int
    """Of the publication that was shown from then on."""
    manifest_id: int
    note: str
    at: datetime
    actor: str
    """Empty for the command line."""


def preview(session: Session, course: Course) -> Delta:
    """What publishing now would change. A constant number of queries."""
    draft = read_draft(session, course)
    live = manifest_of(session, course.manifest_id) if course.manifest_id else None
    difference = rules.compare(live, draft.manifest)
    enrolled = _enrolled(session, course.id)
    return Delta(
        difference=difference,
        labels=_labels(session, difference, draft, live),
        criteria=_impacts(session, difference, enrolled),
        mid_attempt=_mid_attempt(session, course.id, (live, draft.manifest)),
        enrolled=len(enrolled),
        problems=_problems(session, draft),
        is_first=live is None,
        state=_state(draft.manifest),
    )


def count_changes(session: Session, course: Course) -> int:
    """How many things differ from what is published."""
    live = manifest_of(session, course.manifest_id) if course.manifest_id else None
    difference = rules.compare(live, read_draft(session, course).manifest)
    return len(difference.changes) + len(difference.criteria)


def publish(
    session: Session,
    course: Course,
    actor: Person | None,
    note: str,
    now: datetime,
    expected: str = "",
) -> Published:
    """Show the drafts to everyone from now on.

    ``expected`` is the ``state`` of a preview. Raises Conflict("draft-changed") when the drafts
    have moved on since, Refusal("nothing-to-publish"), Refusal("cannot-publish", problems=(…)).
    """
    note = _clean_note(note)
    session.refresh(course, with_for_update=True)
    draft = read_draft(session, course)
    if expected and expected != _state(draft.manifest):
        raise Conflict("draft-changed")
    _require_publishable(session, course, draft)
    newest = session.scalar(
        select(func.max(ManifestRow.number)).where(ManifestRow.course_id == course.id)
    )
    manifest = replace(draft.manifest, number=(newest or 0) + 1)
    row = ManifestRow(
        course_id=course.id,
        number=manifest.number,
        content=manifest.to_json(),
        note=note,
        created_at=now,
        author_id=actor.id if actor else None,
    )
    session.add(row)
    session.flush()
    mark_fresh(session, row.id)
    _move(session, course, row.id, manifest.number, "publish", actor, now)
    return Published(course.id, row.id, manifest)


def undo(
    session: Session,
    course: Course,
    actor: Person | None,
    now: datetime,
    expected: int | None = None,
) -> Published:
    """Show again what was published before; the drafts stay as they are.

    ``expected`` is the manifest id the reader saw as published: pressing twice undoes once.
    Raises Conflict("published-meanwhile"), Refusal("nothing-to-undo").
    """
    session.refresh(course, with_for_update=True)
    if expected is not None and expected != course.manifest_id:
        raise Conflict("published-meanwhile")
    moves = session.execute(
        select(Publication.kind, Publication.manifest_id)
        .where(Publication.course_id == course.id)
        .order_by(Publication.id)
    )
    target = rules.undo_target(Move(kind, manifest_id) for kind, manifest_id in moves)
    manifest = manifest_of(session, target)
    _move(session, course, target, manifest.number, "undo", actor, now)
    return Published(course.id, target, manifest)


def history(session: Session, course: Course) -> list[HistoryLine]:
    """Every move of the published pointer, newest first. One query."""
    rows = session.execute(
        select(Publication, ManifestRow.number, ManifestRow.note, Person.name)
        .join(ManifestRow, ManifestRow.id == Publication.manifest_id)
        .outerjoin(Person, Person.id == Publication.actor_id)
        .where(Publication.course_id == course.id)
        .order_by(Publication.id.desc())
    )
    return [
        HistoryLine(move.kind, number, move.manifest_id, note, move.at, name or "")
        for move, number, note, name in rows
    ]


def _move(
    session: Session,
    course: Course,
    manifest_id: int,
    number: int,
    kind: str,
    actor: Person | None,
    now: datetime,
) -> None:
    course.manifest_id = manifest_id
    session.add(
        Publication(
            course_id=course.id,
            manifest_id=manifest_id,
            kind=kind,
            at=now,
            actor_id=actor.id if actor else None,
        )
    )
    audit.record(
        session,
        actor=actor,
        verb=f"course.{kind}",
        subject=f"course:{course.key}",
        now=now,
        number=number,
    )
    session.flush()


def _require_publishable(session: Session, course: Course, draft: Draft) -> None:
    found = _problems(session, draft)
    if found:
        raise Refusal("cannot-publish", problems=found, count=len(found))
    if course.manifest_id is None:
        return
    if rules.same_content(manifest_of(session, course.manifest_id), draft.manifest):
        raise Refusal("nothing-to-publish")


def _problems(session: Session, draft: Draft) -> tuple[Problem, ...]:
    return rules.problems(draft.manifest, [*draft.texts, *question_texts(session, draft)])


def _state(manifest: Manifest) -> str:
    return fingerprint(replace(manifest, number=0).to_json())


def _clean_note(note: str) -> str:
    if not is_clean(note):
        raise Refusal("text-unclean", field="note")
    if len(note) > NOTE_LENGTH:
        raise Refusal("text-too-long", field="note", limit=NOTE_LENGTH)
    return normalise(note)


def _labels(
    session: Session, difference: Difference, draft: Draft, live: Manifest | None
) -> dict[str, str]:
    """How to call the items that changed, also those that are no longer in the drafts."""
    keys = [c.key for c in difference.changes if c.part in (Part.ITEM, Part.CHECK)]
    written = {item.key: item.stem for _module, item in draft.questions.values()}
    stems = {key: written[key] for key in keys if key in written}
    gone = [key for key in keys if key not in stems]
    if gone and live is not None:
        versions = {item.key: item.version_id for item in live.pool} | live.checks
        sources = session.scalars(
            select(ItemVersion.source).where(ItemVersion.id.in_([versions[key] for key in gone]))
        )
        stems |= {source["key"]: source["stem"] for source in sources}
    return {key: label_of(stem) for key, stem in stems.items()}


def _enrolled(session: Session, course_id: int) -> dict[int, str]:
    """Enrolment id → name of everyone following the course now, by name."""
    rows = session.execute(
        select(Enrolment.id, Person.name)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.course_id == course_id, Enrolment.ended_at.is_(None))
        .order_by(Person.name_key, Enrolment.id)
    )
    return {row.id: row.name for row in rows}


def _impacts(
    session: Session, difference: Difference, enrolled: Mapping[int, str]
) -> tuple[CriteriaImpact, ...]:
    changed = [change.module.id for change in difference.criteria]
    if not changed:
        return ()
    completed: dict[int, set[int]] = {module_id: set() for module_id in changed}
    rows = session.execute(
        select(ModuleCompletion.module_id, ModuleCompletion.enrolment_id).where(
            ModuleCompletion.module_id.in_(changed)
        )
    )
    for module_id, enrolment_id in rows:
        completed[module_id].add(enrolment_id)
    return tuple(
        CriteriaImpact(
            change,
            keep=_people(n for e, n in enrolled.items() if e in completed[change.module.id]),
            see=_people(n for e, n in enrolled.items() if e not in completed[change.module.id]),
        )
        for change in difference.criteria
    )


def _people(names: Iterable[str]) -> People:
    every = list(names)
    return People(len(every), tuple(every[:NAMES]))


def _mid_attempt(
    session: Session, course_id: int, manifests: tuple[Manifest | None, ...]
) -> tuple[Sitting, ...]:
    titles = {a.id: a.title for m in manifests if m for _, a in m.activities()}
    rows = session.execute(
        select(Person.name, Attempt.activity_id)
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.course_id == course_id, Attempt.state == "open")
        .order_by(Person.name_key, Attempt.id)
    )
    return tuple(Sitting(name, titles.get(activity_id, "")) for name, activity_id in rows)
