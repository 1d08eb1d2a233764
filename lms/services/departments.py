"""The town hall's tree: directorates, services, offices, with their heads and deputies.

A department knows its ``path`` (``/1/4/``), so "this one and everything below" is a prefix.
Whoever heads one sees the people of its whole subtree; whoever heads the root is HR.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, false, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from lms.domain.errors import Conflict, NotFound, Refusal
from lms.domain.text import fold
from lms.models import Department, DepartmentHead, Person
from lms.services import audit
from lms.services.account_names import Cleaned, one_line
from lms.services.addressed import get_addressed

NAME_LENGTH = 200
PATH_LENGTH = 400
HEAD, DEPUTY = "head", "deputy"


@dataclass(frozen=True, slots=True)
class Node:
    """One line of the drawn tree."""

    department: Department
    depth: int
    """0 for the root."""
    people: int
    """Who belongs to it directly, suspended ones included."""
    heads: tuple[DepartmentHead, ...]
    """The head first, then deputies by name."""


def add_root(session: Session, name: str, *, actor: Person | None, now: datetime) -> Department:
    """The institution itself. Raises ``Conflict("root-exists")``."""
    if find_root(session) is not None:
        raise Conflict("root-exists")
    return _add(session, None, name, actor, now)


def add(
    session: Session, parent: Department, name: str, *, actor: Person | None, now: datetime
) -> Department:
    """A department below another.

    Raises NotFound, ``department-name-missing`` and the refusals of ``one_line``,
    ``Conflict("department-exists")`` for a sibling of the same name, ``department-too-deep``.
    """
    _hold(session, parent)
    return _add(session, parent, name, actor, now)


def find_root(session: Session) -> Department | None:
    return session.scalar(select(Department).where(Department.is_root.is_(True)))


def get(session: Session, uuid: str) -> Department:
    """A department by its uuid. Raises NotFound."""
    return get_addressed(session, uuid, select(Department).where(Department.uuid == uuid))


def find_by_way(session: Session, way: Sequence[str]) -> list[Department]:
    """Departments whose way down from the root ends in these folded names; one if it is clear."""
    found: list[Department] = []
    at: list[str] = []
    for node in list_tree(session):
        at = [*at[: node.depth], node.department.name_key]
        if way and at[-len(way) :] == list(way):
            found.append(node.department)
    return found


def find_below(session: Session, parent: Department, key: str) -> Department | None:
    """The department of this folded name directly below another."""
    return session.scalar(
        select(Department).where(Department.parent_id == parent.id, Department.name_key == key)
    )


def hold(session: Session) -> None:
    """Let nobody else change the tree until this transaction ends: a path holds its whole way, and
    two moves at once could close a ring. On SQLite the one writer does so already.

    Comes before people's rows are locked; who does it after them may be told to try again."""
    root = select(Department.id).where(Department.is_root.is_(True))
    session.execute(root.with_for_update(key_share=True))


def rename(
    session: Session, department: Department, name: str, *, actor: Person | None, now: datetime
) -> None:
    """Another name or spelling; refusals as for :func:`add`."""
    cleaned = clean_name(name)
    _hold(session, department)
    old = department.name
    if cleaned.text == old:
        return
    _check_free(session, department.parent_id, cleaned, department)
    department.name, department.name_key = cleaned
    _record(session, "department.rename", department, actor, now, old=old, new=cleaned.text)
    session.flush()


def move(
    session: Session,
    department: Department,
    parent: Department,
    *,
    actor: Person | None,
    now: datetime,
) -> None:
    """Hang a department, with all below it, under another.

    Raises NotFound, ``Conflict`` with ``root-stays``, ``department-cycle``, ``department-exists``,
    ``department-too-deep``, ``department-gone`` for ``parent``.
    """
    if department.is_root:
        raise Conflict("root-stays")
    _hold(session, department)
    if not _is_there(session, parent):
        raise Conflict("department-gone", field="parent")
    if parent.id == department.parent_id:
        return
    old_path, new_path = department.path, f"{parent.path}{department.id}/"
    if parent.path.startswith(old_path):
        raise Conflict("department-cycle")
    name = Cleaned(department.name, department.name_key)
    _check_free(session, parent.id, name, department)
    inside = select(Department).where(within([old_path]))
    below = session.scalars(inside.execution_options(populate_existing=True)).all()
    _check_depth(max(len(one.path) for one in below) - len(old_path) + len(new_path))
    department.parent = parent
    for one in below:
        one.path = new_path + one.path[len(old_path) :]
    _record(session, "department.move", department, actor, now, parent=parent.uuid)
    session.flush()


def remove(
    session: Session, department: Department, *, actor: Person | None, now: datetime
) -> None:
    """Remove an empty department.

    Raises NotFound, ``Conflict("root-stays")`` or
    ``Conflict("department-not-empty", people=, departments=)``.
    """
    if department.is_root:
        raise Conflict("root-stays")
    _hold(session, department)
    # Nobody comes into it before we are through (PostgreSQL).
    session.refresh(department, with_for_update=True)
    people = _how_many(session, Person.department_id == department.id)
    below = _how_many(session, Department.parent_id == department.id)
    if people or below:
        raise Conflict("department-not-empty", people=people, departments=below)
    _record(session, "department.remove", department, actor, now, name=department.name)
    session.execute(delete(DepartmentHead).where(DepartmentHead.department_id == department.id))
    session.delete(department)
    session.flush()


def appoint(
    session: Session,
    department: Department,
    person: Person,
    role: str,
    *,
    actor: Person | None,
    now: datetime,
) -> None:
    """Make a person head or deputy. A department has one head: the new one takes the place.

    Raises NotFound, ``Refusal("role-unknown")`` and ``Conflict("person-suspended")``.
    """
    if role not in (HEAD, DEPUTY):
        raise Refusal("role-unknown")
    if person.suspended_at is not None:
        raise Conflict("person-suspended", name=person.name)
    _hold(session, department)
    heads = list_heads(session, department)
    mine = next((h for h in heads if h.person_id == person.id), None)
    if mine is not None and mine.role == role:
        return
    for former in heads:
        if role == HEAD and former.role == HEAD:
            session.delete(former)
            _record(
                session, "department.dismiss", department, actor, now, person=former.person.uuid
            )
    if mine is None:
        session.add(DepartmentHead(department=department, person=person, role=role))
    else:
        mine.role = role
    _record(session, f"department.appoint-{role}", department, actor, now, person=person.uuid)
    session.flush()


def dismiss(
    session: Session,
    department: Department,
    person: Person,
    *,
    actor: Person | None,
    now: datetime,
) -> None:
    """End somebody's place as head or deputy; twice is the same. Raises NotFound."""
    _hold(session, department)
    for head in list_heads(session, department):
        if head.person_id == person.id:
            session.delete(head)
            _record(session, "department.dismiss", department, actor, now, person=person.uuid)
    session.flush()


def list_heads(session: Session, department: Department) -> list[DepartmentHead]:
    """Head first, then deputies by name."""
    found = session.scalars(
        select(DepartmentHead)
        .where(DepartmentHead.department_id == department.id)
        .options(joinedload(DepartmentHead.person))
    )
    return sorted(found, key=_rank)


def list_tree(session: Session) -> list[Node]:
    """The whole tree as it is drawn, in three queries however large it is."""
    departments = list(session.scalars(select(Department)))
    counted = select(Person.department_id, func.count()).group_by(Person.department_id)
    people = {row[0]: row[1] for row in session.execute(counted)}
    heads: dict[int, list[DepartmentHead]] = {}
    for head in session.scalars(select(DepartmentHead).options(joinedload(DepartmentHead.person))):
        heads.setdefault(head.department_id, []).append(head)
    return [
        Node(d, depth, people.get(d.id, 0), tuple(sorted(heads.get(d.id, []), key=_rank)))
        for d, depth in _in_order(departments)
    ]


def within(paths: Iterable[str]) -> ColumnElement[bool]:
    """That ``Department.path`` is one of these or below it; false for no paths at all."""
    return or_(false(), *(Department.path.startswith(path, autoescape=True) for path in paths))


def clean_name(name: str) -> Cleaned:
    """A department's name as stored. Raises ``department-name-missing``."""
    cleaned = one_line(name, "department", NAME_LENGTH)
    if not cleaned.key:
        raise Refusal("department-name-missing", field="department")
    return cleaned


def add_many(
    session: Session,
    pairs: Sequence[tuple[Department, str]],
    *,
    actor: Person | None,
    now: datetime,
) -> list[Department]:
    """A new department for each (parent, name), in a fixed number of statements.

    The names are clean and known to be free; the caller holds the tree (:func:`hold`).
    """
    made = [
        Department(parent=parent, name=name, name_key=fold(name), path="") for parent, name in pairs
    ]
    session.add_all(made)
    session.flush()
    for department, (parent, name) in zip(made, pairs, strict=True):
        department.path = f"{parent.path}{department.id}/"
        _check_depth(len(department.path))
        _record(session, "department.add", department, actor, now, name=name)
    session.flush()
    return made


def _add(
    session: Session, parent: Department | None, name: str, actor: Person | None, now: datetime
) -> Department:
    cleaned = clean_name(name)
    _check_free(session, parent.id if parent else None, cleaned, None)
    department = Department(
        parent=parent,
        name=cleaned.text,
        name_key=cleaned.key,
        path="",
        is_root=True if parent is None else None,
    )
    session.add(department)
    try:
        session.flush()
    except IntegrityError as error:
        # Somebody else has made it since it was found missing (PostgreSQL).
        if parent is None:
            raise Conflict("root-exists") from error
        raise Conflict("department-exists", name=cleaned.text) from error
    department.path = f"{parent.path if parent else '/'}{department.id}/"
    _check_depth(len(department.path))
    _record(session, "department.add", department, actor, now, name=cleaned.text)
    session.flush()
    return department


def _check_free(
    session: Session, parent_id: int | None, name: Cleaned, itself: Department | None
) -> None:
    twin = session.scalar(
        select(Department).where(Department.parent_id == parent_id, Department.name_key == name.key)
    )
    if twin is not None and twin is not itself:
        raise Conflict("department-exists", name=twin.name)


def _check_depth(length: int) -> None:
    if length > PATH_LENGTH:
        raise Conflict("department-too-deep")


def _hold(session: Session, department: Department) -> None:
    """The tree held, and the department as it is now. Raises NotFound."""
    hold(session)
    if not _is_there(session, department):
        raise NotFound


def _is_there(session: Session, department: Department) -> bool:
    """Whether it has not been removed meanwhile; then it is as it is now."""
    found = select(Department).where(Department.id == department.id)
    return session.scalar(found.execution_options(populate_existing=True)) is not None


def _how_many(session: Session, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(condition)) or 0


def _in_order(departments: list[Department]) -> list[tuple[Department, int]]:
    """Depth first, siblings by name, each with its depth below the topmost given."""
    children: dict[int | None, list[Department]] = {}
    ids = {d.id for d in departments}
    for d in sorted(departments, key=lambda d: d.name_key):
        children.setdefault(d.parent_id if d.parent_id in ids else None, []).append(d)
    ordered: list[tuple[Department, int]] = []
    waiting = [(d, 0) for d in reversed(children.get(None, []))]
    while waiting:
        department, depth = waiting.pop()
        ordered.append((department, depth))
        waiting += [(d, depth + 1) for d in reversed(children.get(department.id, []))]
    return ordered


def _rank(head: DepartmentHead) -> tuple[bool, str]:
    return head.role != HEAD, head.person.name_key


def _record(
    session: Session,
    verb: str,
    department: Department,
    actor: Person | None,
    now: datetime,
    **details: str,
) -> None:
    subject = audit.subject_of(department)
    audit.record(session, actor=actor, verb=verb, subject=subject, now=now, **details)
