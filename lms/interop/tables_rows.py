"""A list of people that was read, as plain values for a preview and for the import."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PersonRow:
    """One person of the list, in the spelling to be stored. Empty text where nothing was given;
    a value that is wrong stays readable, so that it can be mended.

    `problems` say why the row cannot be used as it is: `no-name`, `no-account` (neither e-mail nor
    staff number), `bad-email`, `bad-staff-number`, `duplicate-email`, `duplicate-staff-number`
    (of line `duplicate_of`), `too-long`, `too-many-cells`, `quotes`, `damaged-text` (NUL,
    surrogates, lost letters). `no-name` alone need not stop somebody who already has an account.
    `notices` only want a look: `mixed-scripts`, `personal-code-removed`.
    `departments` goes from the broadest to the most specific, which is `department`.
    """

    line: int
    name: str = ""
    email: str = ""
    staff_number: str = ""
    department: str = ""
    departments: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    duplicate_of: int | None = None
    span: int = 1


@dataclass(frozen=True)
class PeopleTable:
    """The whole list. `used` pairs a column's title (or `#n`) with the field it was read as.

    `dropped` names sensitive columns and `ignored` the others that are not read, never a value of
    either. `skipped` are line numbers above the header and repeated headers.
    """

    rows: tuple[PersonRow, ...]
    encoding: str
    separator: str
    header_line: int | None
    used: tuple[tuple[str, str], ...] = ()
    dropped: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    skipped: tuple[int, ...] = ()
    blank: tuple[int, ...] = ()
    lines: int = 0

    @property
    def ready(self) -> tuple[PersonRow, ...]:
        """The rows without problems."""
        return tuple(row for row in self.rows if not row.problems)
