"""Workbook exercises: the task, the fictional project's data, and one's own judgement of the sheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from flask import Response, request
from markupsafe import Markup

from lms.domain.access import Action
from lms.domain.errors import Refusal
from lms.domain.rubrics import NOTE_LENGTH, TEAM_LENGTH
from lms.services import exercises, learning
from lms.services.exercises import Assessed, Judged
from lms.services.learning import Enrolled
from lms.web import i18n
from lms.web.assessments import LEVEL_NAMES, AssessmentForm, read_form
from lms.web.blueprint import commit, db_session
from lms.web.clock import now, today
from lms.web.course_words import Words
from lms.web.identity import me
from lms.web.learn.fields import new_key
from lms.web.learn.room import ROOM
from lms.web.learn.showing import Texts, neighbour, outline
from lms.web.rendering import notice, render, to, url
from lms.web.sentences import sentence


@dataclass(frozen=True, slots=True)
class CriterionView:
    """One group of the form."""

    key: str
    title: str
    levels: tuple[tuple[int, str, Markup], ...]
    """(number, its fixed name, the course's text)."""
    chosen: int


@dataclass(frozen=True, slots=True)
class Download:
    name: str
    href: str
    ending: str


@ROOM.get("/course/<course>/exercise/<key>", Action.LEARN)
def exercise(course: str, key: str) -> Response:
    """The sheet as it is published, with what its reader last said of their own."""
    return _page(learning.get_enrolled(db_session(), me().person_id, course), key)


def _page(
    enrolled: Enrolled, key: str, given: AssessmentForm | None = None, error: str = ""
) -> Response:
    """``given`` is what was sent and refused, with the reason in ``error``."""
    session, manifest = db_session(), enrolled.manifest
    module, activity = learning.get_activity(enrolled, key, "exercise")
    route = learning.overview(enrolled, learning.read_ledger(session, enrolled), today())
    rendered = exercises.sheet(session, activity)
    texts = Texts(manifest, module.key)
    made = exercises.list_own(session, enrolled, activity)
    cited = set(rendered["sources"])
    return render(
        "lms/learn/exercise.html",
        400 if error else 200,
        beside=outline(manifest, module, activity, route),
        course=manifest,
        w=Words(manifest),
        module=module,
        exercise=activity,
        as_of=date.fromisoformat(activity.as_of) if activity.as_of else None,
        task=texts.lesson(rendered["task_html"]),
        example=texts.lesson(rendered["example_html"]),
        downloads=[_download(manifest.key, name) for name in rendered["files"]],
        criteria=_criteria(rendered["rubric"], texts, given, made[0] if made else None),
        note=given.note if given else (made[0].note if made else ""),
        team=given.team if given else (made[0].team if made else ""),
        made=[(entry, _judged(entry, texts)) for entry in made],
        terms=[manifest.terms[t] for t in rendered["terms"] if t in manifest.terms],
        sources=[s for s in manifest.sources if s.code in cited],
        before=neighbour(module, activity, -1),
        after=neighbour(module, activity, 1),
        level_names=[i18n.gettext(name) for name in LEVEL_NAMES],
        note_length=NOTE_LENGTH,
        team_length=TEAM_LENGTH,
        error=error,
        new_key=new_key,
    )


def _criteria(
    rubric: list[dict[str, object]],
    texts: Texts,
    given: AssessmentForm | None,
    last: Assessed | None,
) -> list[CriterionView]:
    chosen = {j.key: str(j.level) for j in last.judged} if last else {}
    if given is not None:
        chosen = given.levels
    return [
        CriterionView(
            key=str(criterion["key"]),
            title=str(criterion["title"]),
            levels=tuple(
                (number, i18n.gettext(name), texts.item(text))
                for number, (name, text) in enumerate(
                    zip(LEVEL_NAMES, _levels(criterion), strict=True), 1
                )
            ),
            chosen=_number(chosen.get(str(criterion["key"]), "")),
        )
        for criterion in rubric
    ]


def _levels(criterion: dict[str, object]) -> list[str]:
    levels = criterion["levels"]
    return levels if isinstance(levels, list) else []


def _number(text: str) -> int:
    return int(text) if text in ("1", "2", "3") else 0


def _judged(entry: Assessed, texts: Texts) -> list[tuple[Judged, str, Markup]]:
    """(what was judged, the level's name, its text); criteria left out are not listed."""
    return [
        (judged, i18n.gettext(LEVEL_NAMES[judged.level - 1]), texts.item(judged.text))
        for judged in entry.judged
        if judged.level
    ]


def _download(course: str, name: str) -> Download:
    href = url("learn.file", course=course, path=f"files/{name}")
    return Download(name, href, PurePosixPath(name).suffix.removeprefix(".").upper())


@ROOM.post("/course/<course>/exercise/<key>/assessment", Action.LEARN)
def assess(course: str, key: str) -> Response:
    """Keep what one says of one's own sheet. A refused form comes back as it was sent."""
    session = db_session()
    enrolled = learning.get_enrolled(session, me().person_id, course)
    given = read_form({name: request.form.getlist(name) for name in request.form})
    try:
        stored = exercises.assess(
            session, enrolled, key, given.levels, given.note, given.team,
            idempotency_key=given.key or new_key(), now=now(),
        )  # fmt: skip
    except Refusal as refusal:
        if refusal.status != 400:
            raise
        session.rollback()
        return _page(enrolled, key, given, sentence(refusal))
    commit()
    notice(
        "success",
        i18n.gettext("Your self-assessment was saved at %(time)s.", time=i18n.show_time(stored)),
    )
    return to("learn.exercise", course=course, key=key, _anchor="assessment")
