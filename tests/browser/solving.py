"""The right answers of an attempt, read from the records beside the server, to play a good learner."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from lms.domain.items import Choice, Matching, Numeric, Ordering, ShortAnswer, TrueFalse
from lms.domain.items.kinds import Body, Layout
from lms.models import Attempt, Enrolment
from lms.services import quizzes


@dataclass(frozen=True)
class Right:
    """Form values of one question: suffix → display positions or text."""

    position: int
    kind: str
    values: dict[str, list[str]]


def right_answers(database: str, uuid: str) -> list[Right]:
    engine = create_engine(database)
    with Session(engine) as session:
        person = session.scalar(
            select(Enrolment.person_id).join(Attempt).where(Attempt.uuid == uuid)
        )
        assert person is not None
        sat = quizzes.sitting(session, person, uuid)
        found = [
            Right(s.row.position, str(s.body.kind), _values(s.body, s.row.layout))
            for s in sat.slots
        ]
    engine.dispose()
    return found


def _values(body: Body, layout: Layout) -> dict[str, list[str]]:
    match body:
        case Choice():
            shown = [body.options[place] for place in layout["order"]]
            return {"": [str(place) for place, option in enumerate(shown) if option.correct]}
        case TrueFalse():
            return {"": ["0" if body.answer else "1"]}
        case Numeric():
            return {"": [str(body.answer).replace(".", ",")]}
        case ShortAnswer():
            return {"": [body.accept[0]]}
        case Ordering():
            return {str(row): [str(step)] for row, step in enumerate(layout["order"])}
        case Matching():
            shown_texts = body.question("", layout).choices
            lefts = [body.pairs[place] for place in layout["left"]]
            return {str(r): [str(shown_texts.index(p.right))] for r, p in enumerate(lefts)}
    raise AssertionError(body)


def give(page: Page, right: Right, prefix: str) -> int:
    """Put an answer into the page as a person would; how many fields that took."""
    for suffix, values in right.values.items():
        name = f"{prefix}-{suffix}" if suffix else prefix
        control = page.locator(f"[name='{name}']")
        kind = control.first.evaluate("e => e.type || e.localName")
        for value in values:
            if kind in ("radio", "checkbox"):
                page.locator(f"[name='{name}'][value='{value}']").check()
            elif kind.startswith("select"):
                control.select_option(index=int(value) + 1)  # after "choose"
            else:
                control.fill(value)
    return sum(len(values) for values in right.values.values())
