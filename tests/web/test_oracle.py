"""One truth: the learner's page, the manager's page, the file and the badges agree with raw rows."""

from __future__ import annotations

import csv
import io
import random
import re

import pytest
from attempts import right_fields
from oracle import Verdict, reckon
from sqlalchemy import select
from world import House

from lms.domain.errors import Conflict
from lms.domain.items.kinds import Question
from lms.models import Credential, Enrolment
from lms.services import learning, quizzes, reading

PEOPLE = ("employee", "colleague", "other")


def live(house: House, chance: random.Random, steps: int) -> None:
    """A random history: reading, starting, answering well or badly, sending, waiting."""
    at = house.published()
    lessons = [a.key for m in at.manifest.modules for a in m.lessons]
    tests = [a.key for m in at.manifest.modules for a in m.quizzes]
    for _ in range(steps):
        role = chance.choice(PEOPLE)
        with house.database() as session:
            person = house.world.person[role]
            enrolled = learning.get_enrolled(session, person, at.manifest.key)
            match chance.choice(("read", "read", "sit", "sit", "peek", "wait")):
                case "read":
                    reading.mark_read(session, enrolled, chance.choice(lessons), house.clock())
                case "peek":
                    key = chance.choice(lessons)
                    reading.note_place(session, enrolled, key, "", 40, house.clock())
                case "sit":
                    _sit(house, session, enrolled, chance.choice(tests), chance)
                case "wait":
                    house.clock.forward(minutes=chance.randint(1, 30))
            session.commit()


def _sit(house, session, enrolled, key, chance) -> None:  # type: ignore[no-untyped-def]
    try:
        attempt = quizzes.start(session, enrolled, key, "ro", house.clock())
    except Conflict:
        return
    sat = quizzes.sitting(session, enrolled.person_id, attempt.uuid)
    for slot in sat.slots:
        if chance.random() < 0.1:
            continue
        fields = guess(slot.body.question(slot.item.stem, slot.row.layout), chance)
        if chance.random() < 0.7:
            fields = right_fields(slot.item, slot.row.layout)
        quizzes.answer(
            session,
            enrolled.person_id,
            attempt.uuid,
            slot.row.position,
            fields,
            sequence=slot.sequence,
            key=f"{attempt.uuid}-{slot.row.position}-{slot.sequence}",
            now=house.clock(),
        )
    if chance.random() < 0.8:
        quizzes.submit(session, enrolled.person_id, enrolled, attempt.uuid, house.clock())


def guess(question: Question, chance: random.Random) -> dict[str, list[str]]:
    """Some answer to a question, from what its page shows."""
    match question.kind:
        case "single" | "multiple":
            return {"": [str(chance.randrange(len(question.choices)))]}
        case "true-false":
            return {"": [chance.choice("01")]}
        case "numeric":
            return {"": [chance.choice(("37,5", "60", "abc"))]}
        case "short-answer":
            return {"": [chance.choice(("sidu", "PMUD"))]}
        case "ordering":
            places = list(range(len(question.prompts)))
            chance.shuffle(places)
            return {str(i): [str(p)] for i, p in enumerate(places)}
        case _:
            many = len(question.choices)
            return {str(i): [str(chance.randrange(many))] for i in range(len(question.prompts))}


@pytest.mark.parametrize("seed", range(6))
def test_every_surface_agrees_with_the_raw_rows(house: House, seed: int) -> None:
    chance = random.Random(seed)
    live(house, chance, 90)
    at = house.published()
    truth: dict[str, Verdict] = {}
    with house.database() as session:
        for role in PEOPLE:
            truth[role] = reckon(session, house.world.enrolment[role])
    done = {
        role: [m for m in at.manifest.modules if truth[role].complete([c.key for c in m.criteria])]
        for role in PEOPLE
    }
    assert any(done.values()), "a history in which nobody completes anything proves little"
    _home_agrees(house, truth, done)
    _files_agree(house, done)
    _badges_agree(house, done, len(at.manifest.modules))


def _home_agrees(house, truth, done) -> None:  # type: ignore[no-untyped-def]
    at = house.published()
    for role in PEOPLE:
        with house.database() as session:
            enrolled = learning.get_enrolled(session, house.world.person[role], at.manifest.key)
            ledger = learning.read_ledger(session, enrolled)
            route = learning.overview(enrolled, ledger, house.clock().date())
        assert set(ledger.met) == truth[role].met
        assert [p.module for p in route.modules if p.completed_at] == done[role]
        for _, activity in at.manifest.route():
            assert route.best_percent(activity) == truth[role].best.get(activity.key)
        page = house.client(role).get("/").get_data(as_text=True)
        assert re.search(rf"\b{len(done[role])}\b", page)
        assert page.count("lms-stop lms-stop-done") == len(done[role])


def _files_agree(house, done) -> None:  # type: ignore[no-untyped-def]
    body = house.client("hr").get("/team/export.csv").data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(body), delimiter=";"))[1:]
    found = {row[0]: int(row[-3]) for row in rows}
    page = house.client("hr").get("/team").get_data(as_text=True)
    for role in PEOPLE:
        name = f"Persoana {role.title()}"
        assert found[name] == len(done[role])
        line = page.split(name, 1)[1].split("</tr>", 1)[0]
        assert line.count("lms-cell-done") == len(done[role])


def _badges_agree(house, done, modules) -> None:  # type: ignore[no-untyped-def]
    with house.database() as session:
        for role in PEOPLE:
            issued = session.scalars(
                select(Credential.achievement)
                .join(Enrolment)
                .where(Enrolment.id == house.world.enrolment[role])
            ).all()
            wanted = {f"module:{m.key}" for m in done[role]}
            if len(done[role]) == modules:
                wanted.add(f"course:{house.published().manifest.key}")
            assert sorted(issued) == sorted(wanted)
