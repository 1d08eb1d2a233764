"""A course whose test asks one question of every kind, with a mark in everything that is key."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from databases import Databases
from factories import courses as factory
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from world import House

from lms.domain.authoring import AuthoredCourse
from lms.domain.items import (
    Case,
    Choice,
    Item,
    Matching,
    Mistake,
    Numeric,
    Option,
    Ordering,
    Pair,
    ShortAnswer,
    Step,
    TrueFalse,
    Use,
)
from lms.domain.quizzes import QuizSettings
from lms.models.engine import prepare

MARK = "canarul"
"""Stands in every explanation, reason, accepted text and inner key."""
SECRET_NUMBERS = ("918273.645", "0.09182", "918274", "correct", "tolerance")


def single(key: str) -> Item:
    options = (
        Option(f"{MARK}-da", "Da", f"{MARK} de ce da", correct=True),
        Option(f"{MARK}-nu", "Nu", f"{MARK} de ce nu"),
        Option(f"{MARK}-poate", "Poate", f"{MARK} de ce poate"),
    )
    return _item(key, Choice(options))


def _item(key: str, body: object) -> Item:
    return Item(
        key,
        f"Întrebarea {key}?",
        body,  # type: ignore[arg-type]  # the caller gives a body
        explanation=f"{MARK} explicația {key}",
        outcome="roluri",
        lesson="m1-a",
        tags=(f"{MARK}-tag",),
    )


def every_kind() -> tuple[Item, ...]:
    """One item of every kind; the case brings two questions, so nine are asked."""
    multiple = Choice(
        (
            Option(f"{MARK}-x", "Ics", f"{MARK} x", correct=True),
            Option(f"{MARK}-y", "Igrec", f"{MARK} y", correct=True),
            Option(f"{MARK}-z", "Zet", f"{MARK} z"),
        ),
        many=True,
    )
    numeric = Numeric(
        Decimal("918273.645"),
        Decimal("0.09182"),
        f"{MARK} calculul",
        "lei",
        (Mistake("918274", f"{MARK} rotunjire"),),
    )
    steps = tuple(Step(f"{MARK}-{n}", f"Pasul {n}", f"{MARK} pas") for n in ("unu", "doi", "trei"))
    pairs = tuple(
        Pair(f"{MARK}-p{n}", f"Stânga {n}", f"Dreapta {n}", f"{MARK} pereche") for n in "abc"
    )
    short = ShortAnswer((f"{MARK} scurt",), f"{MARK} sigla", (Mistake(f"{MARK} alt", "nu"),))
    return (
        single("k-single"),
        _item("k-multiple", multiple),
        _item("k-true", TrueFalse(False, f"{MARK} da", f"{MARK} nu")),
        _item("k-numeric", numeric),
        _item("k-ordering", Ordering(steps)),
        _item("k-matching", Matching(pairs, (Step(f"{MARK}-d", "În plus", f"{MARK} plus"),))),
        _item("k-short", short),
        _item("k-case", Case((single("k-case-1"), single("k-case-2")))),
    )


def course(**settings: object) -> AuthoredCourse:
    """The world's course with that test in module 1; ``settings`` as of the test."""
    made = factory.a_course()
    module = made.modules[0]
    asked = every_kind()
    given = {"draw": (), "items": tuple(item.key for item in asked), **settings}
    quiz = factory.a_quiz("m1-test")
    quiz = replace(quiz, settings=QuizSettings(**given))  # type: ignore[arg-type]
    check = replace(single("m1-c1"), use=Use.SELF_CHECK)
    items = tuple(item for item in module.items if item.use is Use.QUIZ)
    return factory.with_module(
        made,
        1,
        activities=(*module.activities[:2], quiz),
        items=(*items, check, *asked),
    )


def publish(house: House, **settings: object) -> None:
    """Publish it in the house, in place of what is published there."""
    with house.database() as session:
        factory.make_published(session, course(**settings))
        session.commit()


def build(databases: Databases, built: str) -> str:
    """A copy of the world's database with that course published, to be copied for each test."""
    url = databases.new()
    databases.copy(built, url)
    engine = create_engine(url)
    prepare(engine)
    with Session(engine) as session:
        factory.make_published(session, course())
        session.commit()
    engine.dispose()
    return url
