"""What the tests of read lists share: no line of a list may be lost, none counted twice."""

from __future__ import annotations

from collections import Counter

from lms.interop.tables_rows import PeopleTable


def assert_accounted(table: PeopleTable) -> None:
    """Every line is a row, skipped, blank or the header; rows of one line count once."""
    rows = {(row.line, row.span) for row in table.rows}
    covered = Counter(line for start, span in rows for line in range(start, start + span))
    covered.update([*table.skipped, *table.blank])
    covered.update([] if table.header_line is None else [table.header_line])
    assert covered == Counter(range(1, table.lines + 1))
