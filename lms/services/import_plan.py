"""What bringing a list of people in would do, row by row: the values of a preview."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class Row(Protocol):
    """One row of a list as it was read (:class:`lms.interop.tables_read.PersonRow`)."""

    @property
    def line(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def staff_number(self) -> str: ...
    @property
    def departments(self) -> tuple[str, ...]: ...
    @property
    def problems(self) -> tuple[str, ...]: ...
    @property
    def notices(self) -> tuple[str, ...]: ...


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
    name_key: str = ""
    email: str | None = None
    email_key: str | None = None
    staff_number: str | None = None
    staff_key: str | None = None
    department: str | None = None
    """The whole way to the department, from below the root; of a refused row, what it said."""
    person_id: int | None = None
    department_id: int | None = None
    """Below zero for one of the plan's new departments (:attr:`makes_department`)."""
    claims: frozenset[int] = frozenset()
    """Whoever has its e-mail address or its staff number now, also when the row is refused."""
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    """Worth a look, no error: ``suspended``, ``same-name``, ``mixed-scripts``,
    ``personal-code-removed``."""

    @property
    def makes_department(self) -> bool:
        """Whether its department is not there yet."""
        return self.department_id is not None and self.department_id < 0


@dataclass(frozen=True, slots=True)
class NewDepartment:
    """One the list names that is not there yet."""

    id: int
    name: str
    parent_id: int
    parent_name: str
    """Where it will be made: the whole way to it; often the root."""


@dataclass(frozen=True, slots=True)
class ImportPlan:
    rows: tuple[PlannedRow, ...]
    new_departments: tuple[NewDepartment, ...]
    """Parents before children."""
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
