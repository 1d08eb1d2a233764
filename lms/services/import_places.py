"""Which department a list means, and which it would make.

A list names departments by one cell or by several (directorate, service, office), or as one cell
``Direcția A > Serviciul B``. Names are matched folded. A single name may stand anywhere in the
tree; each further one below the one before. What is not found is planned below it, or below the
root.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lms.domain.text import fold

BELOW = " > "
"""Between a department and the one below it, where both stand in one text."""


@dataclass(frozen=True, slots=True)
class Place:
    """A department there is, or one to be made (``id`` below zero)."""

    id: int
    parent_id: int | None
    name: str
    name_key: str

    @property
    def is_new(self) -> bool:
        return self.id < 0


class Ambiguous(Exception):
    """Several departments have the name, and none of them hangs directly where one would look."""


class Places:
    """The tree, growing by what the list needs."""

    def __init__(self, departments: Iterable[Place]) -> None:
        self._by_id: dict[int, Place] = {}
        self._by_name: dict[str, list[Place]] = {}
        self.root: Place | None = None
        self._planned = 0
        self._found: dict[tuple[str, ...], Place] = {}
        """What names have led to: a list repeats few of them."""
        for place in departments:
            self._put(place)
            if place.parent_id is None:
                self.root = place

    def find(self, names: Sequence[str]) -> Place | None:
        """The department at the end of the names, planned where it is missing.

        None only where there is no root to hang it under. Raises :class:`Ambiguous`.
        """
        known = tuple(names)
        current: Place | None = self._found.get(known)
        if current is not None:
            return current
        for name in names:
            found = self._look(fold(name), current)
            current = found or self._plan(name, current)
            if current is None:
                return None
        if current is not None:
            self._found[known] = current
        return current

    def forget(self) -> None:
        """Look every name up anew: the tree has grown since some were found."""
        self._found.clear()

    def get(self, place_id: int | None) -> Place | None:
        return self._by_id.get(place_id) if place_id is not None else None

    def way(self, place: Place) -> str:
        """Where it is, as a list would write it: from below the root down; the root by its name."""
        names = [place.name]
        above = self.get(place.parent_id)
        while above is not None and above is not self.root:
            names.append(above.name)
            above = self.get(above.parent_id)
        return BELOW.join(reversed(names))

    def needed(self, used: Iterable[int]) -> tuple[Place, ...]:
        """The planned departments among these and above them, parents first."""
        wanted: set[int] = set()
        for place_id in used:
            place: Place | None = self._by_id[place_id]
            while place is not None and place.is_new:
                wanted.add(place.id)
                place = self.get(place.parent_id)
        return tuple(self._by_id[place_id] for place_id in sorted(wanted, reverse=True))

    def _look(self, key: str, above: Place | None) -> Place | None:
        found = self._by_name.get(key, [])
        if above is not None:
            found = [place for place in found if self._is_below(place, above)]
        if len(found) < 2:
            return found[0] if found else None
        top = above or self.root
        direct = [place for place in found if top and place.parent_id == top.id]
        if len(direct) != 1:
            raise Ambiguous
        return direct[0]

    def _is_below(self, place: Place, above: Place) -> bool:
        parent = self.get(place.parent_id)
        while parent is not None:
            if parent is above:
                return True
            parent = self.get(parent.parent_id)
        return False

    def _plan(self, name: str, above: Place | None) -> Place | None:
        parent = above or self.root
        if parent is None:
            return None
        self._planned -= 1
        place = Place(self._planned, parent.id, name, fold(name))
        self._put(place)
        return place

    def _put(self, place: Place) -> None:
        self._by_id[place.id] = place
        self._by_name.setdefault(place.name_key, []).append(place)
