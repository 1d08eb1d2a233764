"""The tree of departments."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial

import pytest
from factories.people import make_department, make_head, make_person, viewer_of
from hypothesis import given, settings
from hypothesis import strategies as st
from sessions import NOW
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session
from statements import statements

from lms.domain.errors import Conflict, NotFound, Refusal
from lms.models import AuditEntry, Base, Department, DepartmentHead
from lms.services import departments


@pytest.fixture
def root(session: Session) -> Department:
    return make_department(session, "Primăria Municipiului")


def code_of(refused: pytest.ExceptionInfo[Refusal]) -> str:
    return refused.value.code


def test_the_institution_is_named_once(session: Session) -> None:
    assert departments.find_root(session) is None
    root = departments.add_root(session, " Primăria  X ", actor=None, now=NOW)
    session.commit()
    assert departments.find_root(session) is root
    assert (root.name, root.path, root.is_root) == ("Primăria X", f"/{root.id}/", True)
    with pytest.raises(Conflict) as refused:
        departments.add_root(session, "Alta", actor=None, now=NOW)
    assert code_of(refused) == "root-exists"


@pytest.mark.parametrize("code", ["root-exists", "department-exists"])
def test_what_somebody_else_has_made_meanwhile_is_told_as_such(
    session: Session, root: Department, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """It was not there when we looked: the database is the one that knows."""
    departments.add(session, root, "Tehnic", actor=None, now=NOW)
    session.commit()
    monkeypatch.setattr(departments, "_check_free", lambda *given: None)
    monkeypatch.setattr(departments, "find_root", lambda session: None)
    add = departments.add_root if code == "root-exists" else partial(departments.add, parent=root)
    with pytest.raises(Conflict) as refused:
        add(session, name="TEHNIC", actor=None, now=NOW)
    assert code_of(refused) == code


def test_a_path_leads_from_the_root(session: Session, root: Department) -> None:
    economic = departments.add(session, root, "Direcția Economică", actor=None, now=NOW)
    budget = departments.add(session, economic, "Serviciul Buget", actor=None, now=NOW)
    session.commit()
    session.expire_all()
    assert budget.path == f"/{root.id}/{economic.id}/{budget.id}/"


def test_one_name_once_below_one_parent(session: Session, root: Department) -> None:
    economic = departments.add(session, root, "Direcția Economică", actor=None, now=NOW)
    with pytest.raises(Conflict) as refused:
        departments.add(session, root, " directia  ECONOMICA", actor=None, now=NOW)
    assert code_of(refused) == "department-exists"
    departments.add(session, economic, "Direcția Economică", actor=None, now=NOW)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "department-name-missing"),
        (" \u200b ", "department-name-missing"),
        ("x" * 201, "text-too-long"),
        ("x" * 1_000_000, "text-too-long"),
        ("a\x00b", "text-unclean"),
        ("\ud800", "text-unclean"),
    ],
)
def test_names_that_are_none(session: Session, root: Department, name: str, code: str) -> None:
    for act in (
        lambda: departments.add(session, root, name, actor=None, now=NOW),
        lambda: departments.rename(session, root, name, actor=None, now=NOW),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert code_of(refused) == code


def test_renaming(session: Session, root: Department) -> None:
    one = departments.add(session, root, "Economic", actor=None, now=NOW)
    departments.add(session, root, "Tehnic", actor=None, now=NOW)
    with pytest.raises(Conflict):
        departments.rename(session, one, "TEHNIC", actor=None, now=NOW)
    departments.rename(session, one, "ECONOMIC", actor=None, now=NOW)
    departments.rename(session, one, "Direcția Economică", actor=None, now=NOW)
    assert (one.name, one.name_key) == ("Direcția Economică", "directia economica")


def test_moving_takes_everything_below_along(session: Session, root: Department) -> None:
    a, b = make_department(session, "A", root), make_department(session, "B", root)
    a1 = make_department(session, "A1", a)
    a11 = make_department(session, "A11", a1)
    twin = make_department(session, "A2", a)
    session.commit()
    departments.move(session, a1, b, actor=None, now=NOW)
    # What is already loaded is right without being read again.
    assert a1.path == f"/{root.id}/{b.id}/{a1.id}/"
    assert a11.path == f"/{root.id}/{b.id}/{a1.id}/{a11.id}/"
    session.commit()
    session.expire_all()
    assert a11.path == f"/{root.id}/{b.id}/{a1.id}/{a11.id}/"
    assert a1.parent is b
    assert twin.path == f"/{root.id}/{a.id}/{twin.id}/"


def test_a_path_that_begins_alike_is_another_branch(session: Session, root: Department) -> None:
    """Department 1 must not take department 11 along."""
    made = [make_department(session, f"D{n}", root) for n in range(100)]
    short, longer = next(
        (a, b) for a in made for b in made if a is not b and str(b.id).startswith(str(a.id))
    )
    before = longer.path
    other = next(d for d in made if d not in (short, longer))
    departments.move(session, short, other, actor=None, now=NOW)
    session.commit()
    session.expire_all()
    assert longer.path == before
    below = select(Department).where(departments.within([short.path]))
    assert session.scalars(below).all() == [short]


def test_no_rings_and_the_root_stays(session: Session, root: Department) -> None:
    a = make_department(session, "A", root)
    a1 = make_department(session, "A1", a)
    for target in (a, a1):
        with pytest.raises(Conflict) as refused:
            departments.move(session, a, target, actor=None, now=NOW)
        assert code_of(refused) == "department-cycle"
    with pytest.raises(Conflict) as refused:
        departments.move(session, root, a, actor=None, now=NOW)
    assert code_of(refused) == "root-stays"


def test_moving_onto_a_namesake_is_refused(session: Session, root: Department) -> None:
    a, b = make_department(session, "A", root), make_department(session, "B", root)
    make_department(session, "Juridic", a)
    below_b = make_department(session, "juridic", b)
    with pytest.raises(Conflict) as refused:
        departments.move(session, below_b, a, actor=None, now=NOW)
    assert code_of(refused) == "department-exists"


def test_moving_to_where_it_hangs_changes_nothing(session: Session, root: Department) -> None:
    a = make_department(session, "A", root)
    departments.move(session, a, root, actor=None, now=NOW)
    assert session.scalars(select(AuditEntry)).all() == []


def test_a_tree_has_a_deepest_level(session: Session, root: Department) -> None:
    parent = root
    with pytest.raises(Conflict) as refused:  # noqa: PT012  # which level is the last depends on ids
        for number in range(400):
            parent = departments.add(session, parent, f"D{number}", actor=None, now=NOW)
    assert code_of(refused) == "department-too-deep"
    session.rollback()


def test_moving_too_deep_is_refused(session: Session, root: Department) -> None:
    deep = root
    while len(deep.path) < 390:
        deep = make_department(session, f"D{len(deep.path)}", deep)
    top = make_department(session, "Sus", root)
    make_department(session, "Jos", make_department(session, "Mijloc", top))
    session.commit()
    with pytest.raises(Conflict) as refused:
        departments.move(session, top, deep, actor=None, now=NOW)
    assert code_of(refused) == "department-too-deep"


def test_only_an_empty_department_is_removed(session: Session, root: Department) -> None:
    a = make_department(session, "A", root)
    a1 = make_department(session, "A1", a)
    person = make_person(session, department=a1, suspended_at=NOW)
    make_head(session, a1, person)
    with pytest.raises(Conflict) as refused:
        departments.remove(session, a, actor=None, now=NOW)
    assert refused.value.params == {"people": 0, "departments": 1}
    with pytest.raises(Conflict) as refused:
        departments.remove(session, a1, actor=None, now=NOW)
    assert refused.value.params == {"people": 1, "departments": 0}
    with pytest.raises(Conflict):
        departments.remove(session, root, actor=None, now=NOW)
    person.department = a
    session.flush()
    departments.remove(session, a1, actor=None, now=NOW)
    session.commit()
    assert session.scalars(select(Department.name)).all() == ["Primăria Municipiului", "A"]
    assert session.scalars(select(DepartmentHead)).all() == []


def test_heads_and_deputies(session: Session, root: Department) -> None:
    a = make_department(session, "A", root)
    ana, ion, eva = (make_person(session, name) for name in ("Ana", "Ion", "Eva"))
    for person, role in ((ana, "head"), (ion, "deputy"), (eva, "deputy"), (ion, "deputy")):
        departments.appoint(session, a, person, role, actor=None, now=NOW)
    session.commit()
    shown = [(h.person.name, h.role) for h in departments.list_heads(session, a)]
    assert shown == [("Ana", "head"), ("Eva", "deputy"), ("Ion", "deputy")]
    # The deputy becomes head: one head only, and no second row for the same person.
    departments.appoint(session, a, ion, "head", actor=None, now=NOW)
    session.commit()
    shown = [(h.person.name, h.role) for h in departments.list_heads(session, a)]
    assert shown == [("Ion", "head"), ("Eva", "deputy")]
    assert viewer_of(session, ana.id).heads == ()
    for _ in range(2):
        departments.dismiss(session, a, eva, actor=None, now=NOW)
    assert [h.person.name for h in departments.list_heads(session, a)] == ["Ion"]
    with pytest.raises(Refusal):
        departments.appoint(session, a, eva, "boss", actor=None, now=NOW)
    eva.suspended_at = NOW
    with pytest.raises(Conflict):
        departments.appoint(session, a, eva, "head", actor=None, now=NOW)


def test_the_tree_is_in_the_order_it_is_drawn(session: Session, root: Department) -> None:
    b, a = make_department(session, "B", root), make_department(session, "Ă", root)
    make_department(session, "A2", a)
    make_department(session, "A1", a)
    make_department(session, "B1", b)
    assert [(node.department.name, node.depth) for node in departments.list_tree(session)] == [
        ("Primăria Municipiului", 0), ("Ă", 1), ("A1", 2), ("A2", 2), ("B", 1), ("B1", 2),
    ]  # fmt: skip


def test_the_tree_is_read_in_three_queries_however_large(
    session: Session, root: Department
) -> None:
    for number in range(20):
        department = make_department(session, f"D{number:02}", root)
        make_head(session, department, make_person(session, f"Șef {number}"))
        make_person(session, department=department)
    session.commit()
    session.expunge_all()
    with statements(session) as sent:
        nodes = departments.list_tree(session)
        shown = [
            (n.department.name, n.depth, n.people, [h.person.name for h in n.heads]) for n in nodes
        ]
    assert len(sent) == 3
    assert shown[0] == ("Primăria Municipiului", 0, 0, [])
    assert shown[1] == ("D00", 1, 1, ["Șef 0"])
    assert len(shown) == 21


@pytest.mark.parametrize("uuid", ["", "x\x00", "\ud800", "00000000-0000-4000-8000-000000000000"])
def test_no_such_department(session: Session, uuid: str) -> None:
    with pytest.raises(NotFound):
        departments.get(session, uuid)


def test_every_change_leaves_its_record(session: Session, root: Department) -> None:
    actor, person = make_person(session, "HR"), make_person(session)
    a = departments.add(session, root, "A", actor=actor, now=NOW)
    b = departments.add(session, root, "B", actor=actor, now=NOW)
    departments.rename(session, a, "AA", actor=actor, now=NOW)
    departments.move(session, a, b, actor=actor, now=NOW)
    departments.appoint(session, a, person, "head", actor=actor, now=NOW)
    departments.dismiss(session, a, person, actor=actor, now=NOW)
    departments.remove(session, a, actor=actor, now=NOW)
    session.commit()
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [e.verb.removeprefix("department.") for e in entries] == [
        "add", "add", "rename", "move", "appoint-head", "dismiss", "remove",
    ]  # fmt: skip
    assert {e.actor_id for e in entries} == {actor.id}
    assert entries[4].details == {"person": person.uuid}


@settings(max_examples=25, deadline=None)
@given(moves=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), max_size=25))
def test_whatever_is_moved_every_path_follows_its_parents(moves: list[tuple[int, int]]) -> None:
    engine: Engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        tree = [make_department(session, "D0")]
        for number in range(1, 10):
            tree.append(make_department(session, f"D{number}", tree[number // 2]))
        for what, where in moves:
            ring = tree[where].path.startswith(tree[what].path)
            with pytest.raises(Conflict) if ring else nullcontext():
                departments.move(session, tree[what], tree[where], actor=None, now=NOW)
        session.commit()
        session.expire_all()
        for department in tree:
            above = department.parent.path if department.parent else "/"
            assert department.path == f"{above}{department.id}/"
        assert len(departments.list_tree(session)) == 10
    engine.dispose()
