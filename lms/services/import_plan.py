"""What bringing a list of people in would do, row by row. Nothing here touches the database.

:class:`Planner` is given everything that is known already and judges each row alone, then the
rows against one another. A row it is not sure of becomes an error that names the reason: a list
is repaired in a minute, two people merged into one account are not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol

from lms.domain.errors import Refusal
from lms.domain.text import fold, mixes_scripts
from lms.services import departments
from lms.services.account_names import clean_email, clean_name, clean_staff_number, key_of


class Row(Protocol):
    """One row of a list as it was read (:class:`lms.interop.tables.PersonRow`)."""

    @property
    def line(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def staff_number(self) -> str: ...
    @property
    def department(self) -> str: ...
    @property
    def problems(self) -> Sequence[str]: ...


class RowState(StrEnum):
    NEW = "new"
    PRESENT = "already-there"
    CHANGED = "changed"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Change:
    """``field`` is ``name``, ``email``, ``staff_number`` or ``department``."""

    field: str
    old: str | None
    new: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row cannot be brought in: a code and plain values for its sentence."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row, cleaned where it could be, and what becomes of it."""

    line: int
    state: RowState
    name: str
    email: str | None
    staff_number: str | None
    department: str | None
    person_id: int | None = None
    department_id: int | None = None
    """None also for a department that is still to be made."""
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    """Worth a look, no error: ``suspended``, ``same-name``, ``mixed-scripts``."""


@dataclass(frozen=True, slots=True)
class ImportPlan:
    rows: tuple[PlannedRow, ...]
    new_departments: tuple[str, ...]
    """Named in the list and not there yet: made below the root."""
    root_name: str
    fingerprint: str
    """Equal plans, equal fingerprints: shown with the preview, compared when applying."""

    def count(self, state: RowState) -> int:
        return sum(row.state is state for row in self.rows)

    def of(self, state: RowState) -> tuple[PlannedRow, ...]:
        return tuple(row for row in self.rows if row.state is state)


@dataclass(frozen=True, slots=True)
class KnownPerson:
    id: int
    name: str
    name_key: str
    email: str | None
    email_key: str | None
    staff_number: str | None
    staff_key: str | None
    department_id: int | None
    is_admin: bool
    is_suspended: bool


@dataclass(frozen=True, slots=True)
class KnownDepartment:
    id: int
    parent_id: int | None
    name: str
    name_key: str


class Planner:
    """The rules of the import, over what is known now."""

    def __init__(
        self,
        people: Iterable[KnownPerson],
        known_departments: Iterable[KnownDepartment],
        *,
        touches_administrators: bool,
    ) -> None:
        self.touches_administrators = touches_administrators
        self.by_email: dict[str, KnownPerson] = {}
        self.by_staff: dict[str, KnownPerson] = {}
        self.names: set[str] = set()
        for person in people:
            self.names.add(person.name_key)
            if person.email_key:
                self.by_email[person.email_key] = person
            if person.staff_key:
                self.by_staff[person.staff_key] = person
        self.departments = {d.id: d for d in known_departments}
        self.root = next((d for d in self.departments.values() if d.parent_id is None), None)
        self.by_name: dict[str, list[KnownDepartment]] = {}
        for department in self.departments.values():
            self.by_name.setdefault(department.name_key, []).append(department)

    def plan(self, rows: Sequence[Row]) -> ImportPlan:
        planned = _refuse_twins([self._judge(row) for row in rows])
        created: dict[str, str] = {}
        for row in planned:
            if _makes_department(row) and row.department:
                created.setdefault(fold(row.department), row.department)
        new = tuple(created.values())
        return ImportPlan(
            tuple(planned), new, self.root.name if self.root else "", _fingerprint(planned, new)
        )

    def _judge(self, row: Row) -> PlannedRow:
        problems = [Problem(code) for code in row.problems]

        def clean(cleaner: Callable[[str], str | None], text: str) -> str | None:
            try:
                return cleaner(text)
            except Refusal as refusal:
                problems.append(Problem(refusal.code, refusal.params))
                return None

        name = clean(clean_name, row.name) or ""
        email = clean(clean_email, row.email)
        staff_number = clean(clean_staff_number, row.staff_number)
        department = clean(_clean_department, row.department)
        place = self._place(department, problems) if department else None
        if not problems and email is None and staff_number is None:
            problems.append(Problem("account-name-missing"))
        person = None if problems else self._match(name, email, staff_number, problems)
        planned = PlannedRow(
            line=row.line,
            state=RowState.ERROR if problems else RowState.NEW,
            name=name,
            email=email,
            staff_number=staff_number,
            department=place.name if place else department,
            person_id=person.id if person else None,
            department_id=place.id if place else None,
            problems=tuple(problems),
            notes=self._notes(name, person, bool(problems)),
        )
        return self._compare(planned, person) if person else planned

    def _place(self, text: str, problems: list[Problem]) -> KnownDepartment | None:
        """The department meant by its name, or by ``Direcția A > Serviciul B``."""
        *above, last = (fold(part) for part in text.split(">"))
        found = self.by_name.get(fold(text), [])
        if not found:
            found = [d for d in self.by_name.get(last, []) if self._hangs_below(d, above)]
        if len(found) == 1:
            return found[0]
        if found:
            problems.append(Problem("department-ambiguous", {"department": text}))
        elif above:
            problems.append(Problem("department-unknown", {"department": text}))
        elif self.root is None:
            problems.append(Problem("root-missing"))
        return None

    def _hangs_below(self, department: KnownDepartment, above: list[str]) -> bool:
        current: KnownDepartment | None = department
        for name in reversed(above):
            current = self.departments.get(current.parent_id or 0) if current else None
            if current is None or current.name_key != name:
                return False
        return True

    def _match(
        self, name: str, email: str | None, staff_number: str | None, problems: list[Problem]
    ) -> KnownPerson | None:
        """Whose row this is. Both names of the account must point to one person."""
        by_email = self.by_email.get(key_of(email) or "")
        by_staff = self.by_staff.get(key_of(staff_number) or "")
        if by_email and by_staff and by_email is not by_staff:
            both = {"first": by_email.name, "second": by_staff.name}
            problems.append(Problem("row-claims-two", both))
            return None
        person = by_email or by_staff
        if person and not (by_email and by_staff) and not _share_a_word(name, person.name_key):
            # A mailbox or a number handed on to a colleague: their badges must not go with it.
            problems.append(Problem("name-of-another", {"other": person.name}))
            return None
        return person

    def _compare(self, row: PlannedRow, person: KnownPerson) -> PlannedRow:
        here = self.departments.get(person.department_id or 0)
        changes: list[Change] = []
        if _is_better_name(row.name, person.name):
            changes.append(Change("name", person.name, row.name))
        if row.email and key_of(row.email) != person.email_key:
            changes.append(Change("email", person.email, row.email))
        if row.staff_number and key_of(row.staff_number) != person.staff_key:
            changes.append(Change("staff_number", person.staff_number, row.staff_number))
        if row.department and (
            row.department_id is None or row.department_id != person.department_id
        ):
            changes.append(Change("department", here.name if here else None, row.department))
        if changes and person.is_admin and not self.touches_administrators:
            return _refused(row, Problem("administrator-only"))
        state = RowState.CHANGED if changes else RowState.PRESENT
        return replace(row, state=state, changes=tuple(changes))

    def _notes(self, name: str, person: KnownPerson | None, is_error: bool) -> tuple[str, ...]:
        notes = []
        if person and person.is_suspended:
            notes.append("suspended")
        if not person and not is_error and fold(name) in self.names:
            notes.append("same-name")
        if mixes_scripts(name):
            notes.append("mixed-scripts")
        return tuple(notes)


def _clean_department(text: str) -> str | None:
    return departments.clean_name(text) if text.strip() else None


def _refused(row: PlannedRow, problem: Problem) -> PlannedRow:
    return replace(
        row, state=RowState.ERROR, person_id=None, changes=(), problems=(*row.problems, problem)
    )


def _makes_department(row: PlannedRow) -> bool:
    return row.state is not RowState.ERROR and bool(row.department) and row.department_id is None


def _share_a_word(name: str, name_key: str) -> bool:
    def words(text: str) -> set[str]:
        return set(text.replace("-", " ").split())

    return bool(words(fold(name)) & words(name_key))


def _is_better_name(new: str, old: str) -> bool:
    """Whether a differing name is worth writing over the old one.

    Exports often come in capitals or without diacritics; badges and certificates carry the name,
    so a poorer spelling of the same name is no change.
    """
    if fold(new) != fold(old):
        return True
    if new == old:
        return False
    marks_lost = sum(not c.isascii() for c in new) < sum(not c.isascii() for c in old)
    case_lost = new in (new.upper(), new.lower()) and old not in (old.upper(), old.lower())
    return not marks_lost and not case_lost


def _refuse_twins(rows: list[PlannedRow]) -> list[PlannedRow]:
    """Rows of one list that stand for the same account.

    The very same row again is left out and one kept; of rows that contradict each other none is
    kept, since nobody knows which is right.
    """
    rows = list(rows)
    for again in _groups(rows, _signature):
        problem = Problem("row-twice", {"line": rows[again[0]].line})
        for index in again[1:]:
            rows[index] = _refused(rows[index], problem)
    contradicting = [
        (code, twins)
        for code, key in (
            ("email-twice", lambda row: key_of(row.email)),
            ("staff-number-twice", lambda row: key_of(row.staff_number)),
            ("person-twice", lambda row: row.person_id),
        )
        for twins in _groups(rows, key)
    ]
    for code, twins in contradicting:
        for index in twins:
            others = [rows[other].line for other in twins if other != index]
            if rows[index].state is not RowState.ERROR:
                rows[index] = _refused(rows[index], Problem(code, {"lines": others[:5]}))
    return rows


def _groups(
    rows: Sequence[PlannedRow], key: Callable[[PlannedRow], Hashable | None]
) -> list[list[int]]:
    """Indexes of good rows with equal keys, where there are several."""
    groups: dict[Hashable, list[int]] = {}
    for index, row in enumerate(rows):
        value = key(row)
        if row.state is not RowState.ERROR and value is not None:
            groups.setdefault(value, []).append(index)
    return [twins for twins in groups.values() if len(twins) > 1]


def _signature(row: PlannedRow) -> tuple[str | None, ...]:
    return (fold(row.name), key_of(row.email), key_of(row.staff_number), key_of(row.department))


def _fingerprint(rows: Iterable[PlannedRow], new_departments: tuple[str, ...]) -> str:
    digest = hashlib.sha256(json.dumps(new_departments).encode())
    for row in rows:
        values = [
            row.line,
            row.state,
            row.name,
            row.email,
            row.staff_number,
            row.department,
            row.department_id,
            row.person_id,
            [[c.field, c.old, c.new] for c in row.changes],
            [p.code for p in row.problems],
        ]
        digest.update(json.dumps(values).encode())
    return digest.hexdigest()
