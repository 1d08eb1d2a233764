"""What this room's refusals say."""

from __future__ import annotations

from lms.web.i18n import N_

SENTENCES: dict[str, str] = {
    "page-unknown": N_("There is no such page of the list. Nothing was changed."),
    "table-too-long": N_(
        "These are more rows than a spreadsheet can hold. Please narrow the filters or take the "
        "CSV file."
    ),
}
