"""Two people at the tree of departments in one moment.

On SQLite the second begins when the first has committed; on PostgreSQL it has read the tree before.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from factories.people import make_department, make_head, make_person
from import_rows import Typed
from sessions import NOW
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from waiting import wait_until_somebody_waits

from lms.domain.errors import Refusal
from lms.models import Department, Person
from lms.models.engine import begin_write
from lms.services import departments, people, people_import
from lms.services.people import Details

Act = Callable[[Session, Department], object]


@pytest.fixture(autouse=True)
def tree(session: Session) -> None:
    """``Primăria`` with A, which has A1, and B; Ana is A's deputy."""
    root = make_department(session, "Primăria")
    a = make_department(session, "A", root)
    make_department(session, "A1", a)
    make_department(session, "B", root)
    make_head(session, a, make_person(session, "Ana"), "deputy")
    session.commit()


def find(session: Session, name: str) -> Department:
    return session.scalars(select(Department).where(Department.name == name)).one()


def remove(session: Session, department: Department) -> None:
    departments.remove(session, department, actor=None, now=NOW)


def rename(session: Session, department: Department) -> None:
    departments.rename(session, department, "C", actor=None, now=NOW)


def hire(session: Session, department: Department) -> None:
    details = Details("Ion", "ion@demo.test", department=department)
    people.add(session, details, actor=None, now=NOW)


def add_below(session: Session, department: Department) -> None:
    departments.add(session, department, "Nou", actor=None, now=NOW)


def bring_in(session: Session, department: Department) -> None:
    """A list with a department that is new below this one."""
    way, at = ["Nou"], department
    while not at.is_root:
        way, at = [at.name, *way], at.parent or at
    rows = [Typed(2, "Ion", "ion@demo.test", departments=tuple(way))]
    plan = people_import.plan(session, rows, actor=None)
    people_import.apply(session, rows, plan.fingerprint, actor=None, now=NOW)


def move_to_b(session: Session, department: Department) -> None:
    departments.move(session, department, find(session, "B"), actor=None, now=NOW)


def move_to_a(session: Session, department: Department) -> None:
    departments.move(session, department, find(session, "A"), actor=None, now=NOW)


def move_to_b1(session: Session, department: Department) -> None:
    departments.move(session, department, find(session, "B1"), actor=None, now=NOW)


def move_b_here(session: Session, department: Department) -> None:
    departments.move(session, find(session, "B"), department, actor=None, now=NOW)


def promote(session: Session, department: Department) -> None:
    ana = session.scalars(select(Person).where(Person.name == "Ana")).one()
    departments.appoint(session, department, ana, "head", actor=None, now=NOW)


def dismiss(session: Session, department: Department) -> None:
    ana = session.scalars(select(Person).where(Person.name == "Ana")).one()
    departments.dismiss(session, department, ana, actor=None, now=NOW)


def meanwhile(engine: Engine, mine: tuple[Act, str], theirs: tuple[Act, str]) -> str:
    """What the second of two acts ends with, begun before the first has committed."""

    def second() -> str:
        with Session(engine) as session:
            try:
                begin_write(session)
                act, name = theirs
                drawn = {d.name: d for d in session.scalars(select(Department))}
                department = drawn.get(name)
                if department is None:
                    return "not-found"
                act(session, department)
                session.commit()
            except Refusal as refusal:
                return refusal.code
        return "done"

    with ThreadPoolExecutor(1) as pool, Session(engine) as session:
        begin_write(session)
        act, name = mine
        act(session, find(session, name))
        outcome: Future[str] = pool.submit(second)
        if engine.dialect.name == "postgresql":
            wait_until_somebody_waits(engine)
        session.commit()
        return outcome.result(30)


def paths_of(session: Session) -> dict[str, str]:
    """Path of each department in names, and that every one follows its parents."""
    found = {d.id: d for d in session.scalars(select(Department))}
    for department in found.values():
        parent = found.get(department.parent_id or 0)
        assert department.path == f"{parent.path if parent else '/'}{department.id}/"
    return {
        d.name: "/".join(found[int(part)].name for part in d.path.strip("/").split("/"))
        for d in found.values()
    }


@pytest.mark.parametrize("act", [hire, add_below, bring_in, move_b_here])
def test_a_department_somebody_is_just_coming_into_is_not_removed(
    engine: Engine, session: Session, act: Act
) -> None:
    assert meanwhile(engine, (act, "A1"), (remove, "A1")) == "department-not-empty"
    assert "A1" in paths_of(session)


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (hire, "department-gone"),
        (move_b_here, "department-gone"),
        (bring_in, "plan-changed"),
        (add_below, "not-found"),
        (move_to_b, "not-found"),
        (rename, "not-found"),
        (promote, "not-found"),
        (dismiss, "not-found"),
        (remove, "not-found"),
    ],
)
def test_a_department_that_is_just_removed_is_told_as_such(
    engine: Engine, session: Session, act: Act, told: str
) -> None:
    make_head(session, find(session, "A1"), make_person(session, "Eva"))
    ana = session.scalars(select(Person).where(Person.name == "Ana")).one()
    make_head(session, find(session, "A1"), ana, "deputy")
    session.commit()
    if engine.dialect.name == "sqlite":
        told = "not-found"
    assert meanwhile(engine, (remove, "A1"), (act, "A1")) == told
    assert sorted(paths_of(session)) == ["A", "B", "Primăria"]


@pytest.mark.parametrize("act", [add_below, bring_in])
@pytest.mark.parametrize("name", ["A", "A1"])
def test_what_is_added_below_a_moving_department_moves_with_it(
    engine: Engine, session: Session, act: Act, name: str
) -> None:
    """A path tells whose people a head sees: it must follow where the department is now."""
    assert meanwhile(engine, (move_to_b, "A"), (act, name)) in ("done", "plan-changed")
    session.expire_all()
    found = paths_of(session)
    assert found["A1"] == "Primăria/B/A/A1"
    if act is add_below:
        assert found["Nou"] == f"{found[name]}/Nou"


def test_what_has_just_come_below_moves_along(engine: Engine, session: Session) -> None:
    make_department(session, "B1", find(session, "B"))
    session.commit()
    assert meanwhile(engine, (move_to_b1, "A1"), (move_to_a, "B")) == "done"
    assert paths_of(session)["A1"] == "Primăria/A/B/B1/A1"


def test_of_two_moves_that_would_close_a_ring_one_is_refused(
    engine: Engine, session: Session
) -> None:
    assert meanwhile(engine, (move_to_b, "A"), (move_b_here, "A1")) == "department-cycle"
    assert paths_of(session)["A1"] == "Primăria/B/A/A1"
