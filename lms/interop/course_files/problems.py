"""What is wrong in a course file, and where every part of a course was written."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A fault as a value; :func:`lms.interop.course_files.sentence` puts it into words.

    ``file`` is the path below the course folder, ``line`` counts from 1 (0: the whole file).
    """

    file: str
    line: int
    code: str
    params: tuple[tuple[str, str], ...] = ()

    def param(self, name: str) -> str:
        return dict(self.params).get(name, "")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: ``first`` to ``last`` line of ``file``, both counted from 1."""

    file: str
    first: int
    last: int


@dataclass(slots=True)
class Places:
    """Addresses such as ``item/m1-axa-13/stem`` → where that part was written.

    A course that comes from the database has no places: problems then name the address itself.
    """

    known: dict[str, Place] = field(default_factory=dict)
    lines: dict[str, list[str]] = field(default_factory=dict)
    """File → its lines, to find a phrase within a longer text."""

    def add(self, address: str, place: Place) -> None:
        self.known.setdefault(address, place)

    def place(self, address: str) -> Place:
        """The part itself, or the nearest part around it that was written down."""
        while address:
            if address in self.known:
                return self.known[address]
            address = address.rpartition("/")[0]
        return Place("", 0, 0)

    def line_of(self, address: str, phrase: str = "", nth: int = 0) -> tuple[str, int]:
        """File and line of the ``nth`` (from 0) line within the part that holds ``phrase``.

        The first line of the part when the phrase is not found as it stands, as happens when a
        YAML text was folded over two lines.
        """
        place = self.place(address)
        if not place.file:
            return address, 0
        if phrase:
            numbered = enumerate(self.lines.get(place.file, ())[place.first - 1 : place.last])
            hits = [place.first + n for n, line in numbered if phrase in line]
            if hits:
                return place.file, hits[min(nth, len(hits) - 1)]
        return place.file, place.first


def problem(file: str, line: int, code: str, **params: object) -> Problem:
    """A problem with its parameters as text."""
    return Problem(file, line, code, tuple((name, str(value)) for name, value in params.items()))
