"""The rules by which a list of people is brought in. Nothing here touches the database.

:class:`Planner` is given everything that is known already and judges each row alone, then the
rows against one another. A row it is not sure of becomes an error that names the reason: a list
is repaired in a minute, two people merged into one account are not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace

from lms.domain.errors import Refusal
from lms.domain.text import fold, is_clean, mixes_scripts, normalise
from lms.services import departments
from lms.services.account_names import (
    Cleaned,
    clean_email,
    clean_name,
    clean_staff_number,
    key_of,
)
from lms.services.import_places import BELOW, Ambiguous, Place, Places
from lms.services.import_plan import (
    Change,
    ImportPlan,
    KnownPerson,
    NewDepartment,
    PlannedRow,
    Problem,
    Row,
    RowState,
)

NO_NAME = "no-name"
_JUDGED_HERE = frozenset({NO_NAME, "duplicate-email", "duplicate-staff-number"})
"""Codes of the reader that need the other rows or the accounts to be judged."""


class Planner:
    """The rules of the import, over what is known now."""

    def __init__(
        self, people: Iterable[KnownPerson], places: Places, *, touches_administrators: bool
    ) -> None:
        self.places = places
        self.touches_administrators = touches_administrators
        self.by_email: dict[str, KnownPerson] = {}
        self.by_staff: dict[str, KnownPerson] = {}
        self.names: set[str] = set()
        self.good_names: set[str] = set()
        """Names of departments already found clean; a list repeats few of them."""
        for person in people:
            self.names.add(person.name_key)
            if person.email_key:
                self.by_email[person.email_key] = person
            if person.staff_key:
                self.by_staff[person.staff_key] = person

    def plan(self, rows: Sequence[Row]) -> ImportPlan:
        judged = [self._judge(row) for row in rows]
        self.places.forget()
        settled = [self._still_means(row, done) for row, done in zip(rows, judged, strict=True)]
        planned = refuse_twins(settled)
        made = self.places.needed(
            row.department_id
            for row in planned
            if row.state is not RowState.ERROR and row.department_id is not None
        )
        new = tuple(self._new_department(place) for place in made)
        return ImportPlan(tuple(planned), new, _fingerprint(planned, new))

    def _judge(self, row: Row) -> PlannedRow:
        problems = [Problem(code) for code in row.problems if code not in _JUDGED_HERE]
        if problems:
            return self._broken(row, problems)

        def clean(cleaner: Callable[[str], Cleaned | None], text: str) -> Cleaned | None:
            try:
                return cleaner(text)
            except Refusal as refusal:
                problems.append(Problem(refusal.code, refusal.params))
                return None

        nameless = NO_NAME in row.problems or not row.name
        name = None if nameless else clean(clean_name, row.name)
        email = clean(clean_email, row.email)
        staff_number = clean(clean_staff_number, row.staff_number)
        for part in _parts(row):
            if part not in self.good_names and clean(departments.clean_name, part):
                self.good_names.add(part)
        if not problems and email is None and staff_number is None:
            problems.append(Problem("no-account"))
        person = None if problems else self._match(name, email, staff_number, problems)
        place = None if problems else self._place(row, problems)
        if problems:
            return self._broken(row, problems)
        planned = PlannedRow(
            line=row.line,
            state=RowState.NEW,
            name=name.text if name else person.name if person else "",
            name_key=name.key if name else person.name_key if person else "",
            email=email.text if email else None,
            email_key=email.key if email else None,
            staff_number=staff_number.text if staff_number else None,
            staff_key=staff_number.key if staff_number else None,
            department=self.places.way(place) if place else None,
            person_id=person.id if person else None,
            department_id=place.id if place else None,
            claims=frozenset([person.id] if person else []),
        )
        planned = replace(planned, notes=self._notes(row, planned, person))
        return self._compare(planned, person, nameless=nameless) if person else planned

    def _broken(self, row: Row, problems: Sequence[Problem]) -> PlannedRow:
        """A broken row as it was read, so that it can be found and mended.

        Its keys stay: another row that stands for the same account is not the right one just
        because this one has a fault.
        """
        email_key, staff_key = _raw_key(row.email), _raw_key(row.staff_number)
        people = self.by_email.get(email_key or ""), self.by_staff.get(staff_key or "")
        return PlannedRow(
            line=row.line,
            state=RowState.ERROR,
            name=row.name,
            email=row.email or None,
            email_key=email_key,
            staff_number=row.staff_number or None,
            staff_key=staff_key,
            department=BELOW.join(_parts(row)) or None,
            claims=frozenset(person.id for person in people if person),
            problems=tuple(problems),
            notes=tuple(row.notices),
        )

    def _place(self, row: Row, problems: list[Problem]) -> Place | None:
        names = _parts(row)
        try:
            place = self.places.find(names)
        except Ambiguous:
            problems.append(Problem("department-ambiguous", {"department": BELOW.join(names)}))
            return None
        if names and place is None:
            problems.append(Problem("root-missing"))
        return place

    def _still_means(self, row: Row, planned: PlannedRow) -> PlannedRow:
        """What one row has the plan make may change what another one's department means."""
        if planned.state is RowState.ERROR or planned.department_id is None:
            return planned
        problems: list[Problem] = []
        place = self._place(row, problems)
        if place is not None and place.id == planned.department_id:
            return planned
        names = {"department": BELOW.join(_parts(row))}
        return _refused(planned, Problem("department-ambiguous", names))

    def _match(
        self,
        name: Cleaned | None,
        email: Cleaned | None,
        staff_number: Cleaned | None,
        problems: list[Problem],
    ) -> KnownPerson | None:
        """Whose row this is. Both names of the account must point to one person."""
        by_email = self.by_email.get(email.key) if email else None
        by_staff = self.by_staff.get(staff_number.key) if staff_number else None
        if by_email and by_staff and by_email is not by_staff:
            both = {"first": by_email.name, "second": by_staff.name}
            problems.append(Problem("row-claims-two", both))
            return None
        person = by_email or by_staff
        if person is None:
            if name is None:
                problems.append(Problem(NO_NAME))
            return None
        if name and not (by_email and by_staff) and not _share_a_word(name.key, person.name_key):
            # A mailbox or a number handed on to a colleague: their badges must not go with it.
            problems.append(Problem("name-of-another", {"other": person.name}))
            return None
        return person

    def _compare(self, row: PlannedRow, person: KnownPerson, *, nameless: bool) -> PlannedRow:
        changes: list[Change] = []
        if row.name_key != person.name_key or _is_better_spelling(row.name, person.name):
            changes.append(Change("name", person.name, row.name))
        if row.email and row.email_key != person.email_key:
            changes.append(Change("email", person.email, row.email))
        if row.staff_number and row.staff_key != person.staff_key:
            changes.append(Change("staff_number", person.staff_number, row.staff_number))
        if nameless and changes:
            # Without a name nothing tells a new number from somebody else's mailbox.
            return _refused(row, Problem(NO_NAME))
        if row.department and row.department_id != person.department_id:
            here = self.places.get(person.department_id)
            changes.append(
                Change("department", self.places.way(here) if here else None, row.department)
            )
        if changes and person.is_admin and not self.touches_administrators:
            return _refused(row, Problem("administrator-only"))
        state = RowState.CHANGED if changes else RowState.PRESENT
        return replace(row, state=state, changes=tuple(changes))

    def _notes(self, row: Row, planned: PlannedRow, person: KnownPerson | None) -> tuple[str, ...]:
        notes = list(row.notices)
        if person and person.is_suspended:
            notes.append("suspended")
        if not person and planned.name_key in self.names:
            notes.append("same-name")
        if "mixed-scripts" not in notes and mixes_scripts(planned.name):
            notes.append("mixed-scripts")
        return tuple(notes)

    def _new_department(self, place: Place) -> NewDepartment:
        parent = self.places.get(place.parent_id)
        if parent is None:
            raise ValueError("a planned department always hangs under another")
        return NewDepartment(place.id, place.name, parent.id, self.places.way(parent))


def refuse_twins(rows: Sequence[PlannedRow]) -> list[PlannedRow]:
    """The rows, with those refused that stand for an account another row stands for.

    The very same row again is left out and one kept; of rows that contradict each other none is
    kept, since nobody knows which is right.
    """
    kept = list(rows)
    again: set[int] = set()
    good = [index for index, row in enumerate(kept) if row.state is not RowState.ERROR]
    for first, *others in _groups(kept, good, lambda row: [_signature(row)]):
        again.update(others)
        for index in others:
            kept[index] = _refused(kept[index], Problem("row-twice", {"line": kept[first].line}))
    different = [index for index in range(len(kept)) if index not in again]
    for code, keys in _TWIN_KEYS:
        for twins in _groups(rows, different, keys):
            for index in twins:
                others = [rows[other].line for other in twins if other != index]
                if kept[index].state is not RowState.ERROR:
                    kept[index] = _refused(kept[index], Problem(code, {"lines": others[:5]}))
    return kept


def _groups(
    rows: Sequence[PlannedRow],
    indexes: Iterable[int],
    keys: Callable[[PlannedRow], Iterable[Hashable | None]],
) -> list[list[int]]:
    """Indexes of rows that have a key in common, where there are several."""
    groups: dict[Hashable, list[int]] = {}
    for index in indexes:
        for key in keys(rows[index]):
            if key is not None:
                groups.setdefault(key, []).append(index)
    return [twins for twins in groups.values() if len(twins) > 1]


_TWIN_KEYS: tuple[tuple[str, Callable[[PlannedRow], Iterable[Hashable | None]]], ...] = (
    ("email-twice", lambda row: [row.email_key]),
    ("staff-number-twice", lambda row: [row.staff_key]),
    ("person-twice", lambda row: row.claims),
)


def _signature(row: PlannedRow) -> Hashable:
    return row.name_key, row.email_key, row.staff_key, row.department_id


def _raw_key(text: str) -> str | None:
    """The key of a text that may be no address or number at all."""
    return key_of(text) if is_clean(text) and len(text) <= 1_000 else None


def _parts(row: Row) -> list[str]:
    """The departments a row names, from the broadest on."""
    parts = [normalise(part) for text in row.departments for part in text.split(">")]
    filled = [part for part in parts if part]
    # A directorate without services repeats its name in the column of services.
    return [p for n, p in enumerate(filled) if n == 0 or fold(p) != fold(filled[n - 1])]


def _refused(row: PlannedRow, problem: Problem) -> PlannedRow:
    return replace(
        row, state=RowState.ERROR, person_id=None, changes=(), problems=(*row.problems, problem)
    )


def _share_a_word(one_key: str, other_key: str) -> bool:
    one, other = (set(key.replace("-", " ").split()) for key in (one_key, other_key))
    return bool(one & other)


def _is_better_spelling(new: str, old: str) -> bool:
    """Whether another spelling of the same name is worth writing over the old one.

    Exports often come in capitals or without diacritics; badges and certificates carry the name,
    so a poorer spelling is no change.
    """
    if new == old:
        return False
    marks_lost = sum(not c.isascii() for c in new) < sum(not c.isascii() for c in old)
    case_lost = new in (new.upper(), new.lower()) and old not in (old.upper(), old.lower())
    return not marks_lost and not case_lost


def _fingerprint(rows: Iterable[PlannedRow], new: Sequence[NewDepartment]) -> str:
    made = [[d.id, d.name, d.parent_id] for d in new]
    digest = hashlib.sha256(json.dumps(made).encode())
    for row in rows:
        values = [
            row.line,
            row.state,
            row.name,
            row.email,
            row.staff_number,
            row.department_id,
            row.person_id,
            [[c.field, c.old, c.new] for c in row.changes],
            [p.code for p in row.problems],
        ]
        digest.update(json.dumps(values).encode())
    return digest.hexdigest()
