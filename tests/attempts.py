"""Sitting a test as a browser without JavaScript does: its forms, the right answers, the key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from plain_form import PlainForm, form_of
from sqlalchemy import func, select
from world import House

from lms.domain import items
from lms.domain.items import Choice, Item, Kind, Matching, Numeric, Ordering, ShortAnswer, TrueFalse
from lms.models import Attempt, AttemptItem, ItemVersion, Response

Fields = dict[str, list[str]]


@dataclass(frozen=True)
class Asked:
    """One question of an attempt with its key."""

    position: int
    item: Item
    layout: dict[str, Any]

    @property
    def kind(self) -> Kind:
        return self.item.kind

    def right(self) -> Fields:
        """The right answer as form values by suffix."""
        return right_fields(self.item, self.layout)


def right_fields(item: Item, layout: dict[str, Any]) -> Fields:
    match item.body:
        case Choice(options=options):
            return {"": [str(i) for i, at in enumerate(layout["order"]) if options[at].correct]}
        case TrueFalse(answer=answer):
            return {"": ["0" if answer else "1"]}
        case Numeric(answer=number):
            return {"": [str(number).replace(".", ",")]}
        case ShortAnswer(accept=accept):
            return {"": [accept[0]]}
        case Ordering():
            return {str(i): [str(at)] for i, at in enumerate(layout["order"])}
        case Matching(pairs=pairs, distractors=others):
            rights = list(dict.fromkeys([p.right for p in pairs] + [d.text for d in others]))
            shown = [rights[at] for at in layout["right"]]
            return {
                str(i): [str(shown.index(pairs[at].right))] for i, at in enumerate(layout["left"])
            }
    raise AssertionError(item.kind)


def asked_in(house: House, uuid: str) -> list[Asked]:
    """The questions of an attempt, read from the database."""
    with house.database() as session:
        rows = session.execute(
            select(AttemptItem, ItemVersion)
            .join(Attempt, Attempt.id == AttemptItem.attempt_id)
            .join(ItemVersion, ItemVersion.id == AttemptItem.item_version_id)
            .where(Attempt.uuid == uuid)
            .order_by(AttemptItem.position)
        ).all()
        return [
            Asked(row.position, items.from_json(version.content).questions[row.child], row.layout)
            for row, version in rows
        ]


def start(house: House, client: FlaskClient, key: str = "m1-test", view: str = "one") -> str:
    """Press "start"; the uuid of the attempt."""
    path = f"/course/por/quiz/{key}"
    form = form_of(client.get(path), action="/start")
    answer = client.post(form.action, data=form.press(view, "view"))
    assert answer.status_code == 303
    found = re.search(r"/attempt/([0-9a-f-]{36})$", answer.headers["Location"])
    assert found, answer.headers["Location"]
    return found[1]


def fill(form: PlainForm, fields: Fields, prefix: str = "q") -> PlainForm:
    """Type the values of one question into its form."""
    for suffix, values in fields.items():
        form.fields.setlist(f"{prefix}-{suffix}" if suffix else prefix, values)
    return form


def answer(
    client: FlaskClient, uuid: str, position: int, fields: Fields, go: str = "summary"
) -> Any:
    """Open a question's page, answer it and press a button."""
    form = form_of(client.get(f"/attempt/{uuid}/{position}"), id="answer")
    fill(form, fields)
    return client.post(form.action, data={**form.fields.to_dict(flat=False), "go": go})


def answer_right(house: House, client: FlaskClient, uuid: str, *, wrong: int = 0) -> None:
    """Every question right, but the last ``wrong`` ones left out."""
    asked = asked_in(house, uuid)
    for question in asked[: len(asked) - wrong]:
        assert answer(client, uuid, question.position, question.right()).status_code == 303


def submit(client: FlaskClient, uuid: str) -> Any:
    form = form_of(client.get(f"/attempt/{uuid}/summary"), action="/submit")
    return client.post(form.action, data=form.fields)


def stored(house: House, uuid: str, position: int) -> list[dict[str, Any] | None]:
    """Every answer stored for a question, oldest first."""
    with house.database() as session:
        return list(
            session.scalars(
                select(Response.value)
                .join(AttemptItem, AttemptItem.id == Response.attempt_item_id)
                .join(Attempt, Attempt.id == AttemptItem.attempt_id)
                .where(Attempt.uuid == uuid, AttemptItem.position == position)
                .order_by(Response.sequence)
            )
        )


def count_attempts(house: House, role: str) -> int:
    with house.database() as session:
        return (
            session.scalar(
                select(func.count(Attempt.id)).where(
                    Attempt.enrolment_id == house.world.enrolment[role]
                )
            )
            or 0
        )
