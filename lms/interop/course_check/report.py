"""What a check found, with the line of each finding."""

from __future__ import annotations

from dataclasses import dataclass, field

from lms.interop.course_files.problems import Places, Problem, problem


@dataclass(frozen=True, slots=True)
class Row:
    """A number, or with ``whole`` a share of it. Labels are codes or keys of the course."""

    label: str
    number: int
    whole: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One distribution, of ``subject`` (a module's key) or of the whole course."""

    code: str
    rows: tuple[Row, ...]
    subject: str = ""


@dataclass(frozen=True, slots=True)
class CheckReport:
    problems: tuple[Problem, ...]
    """Each of them stops the course from being loaded."""
    warnings: tuple[Problem, ...]
    """Worth a look; they stop nothing."""
    statistics: tuple[Table, ...]


@dataclass(slots=True)
class Findings:
    """Collects what the single checks find; addresses become file and line here."""

    places: Places
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def problem(self, address: str, code: str, phrase: str = "", **params: object) -> None:
        self.problems.append(self._at(address, code, phrase, params))

    def warning(self, address: str, code: str, phrase: str = "", **params: object) -> None:
        self.warnings.append(self._at(address, code, phrase, params))

    def in_body(self, address: str, line: int, code: str, **params: object) -> None:
        """A problem at a line (from 1) of a lesson's Markdown."""
        place = self.places.place(address)
        at = place.first + line - 1 if place.first else line
        self.problems.append(problem(place.file or address, at, code, **params))

    def _at(self, address: str, code: str, phrase: str, params: dict[str, object]) -> Problem:
        file, line = self.places.line_of(address, phrase)
        return problem(file, line, code, **params)
