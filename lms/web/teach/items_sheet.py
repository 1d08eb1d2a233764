"""A question as its author's form holds it: rows of answers or mistakes, read and written back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from lms.domain.items import Body, Choice, Item, Kind, Mistake, Numeric, TrueFalse
from lms.domain.numbers import NotANumber, format_number, read_number
from lms.services.authoring import option
from lms.web import i18n
from lms.web.teach.forms import Posted, Told, count_of, lines_of, step_of
from lms.web.teach.sentences import number_sentence

EDITABLE: Final = (Kind.SINGLE, Kind.MULTIPLE, Kind.TRUE_FALSE, Kind.NUMERIC)
NEW_OPTIONS: Final = 4
MOST_OPTIONS: Final = 8
MOST_MISTAKES: Final = 8
"""Rows a button adds up to; what is stored may be more and is never cut."""


@dataclass(frozen=True, slots=True)
class Row:
    """An answer to choose from, or a recognised mistake with its number."""

    text: str = ""
    why: str = ""
    is_right: bool = False

    @property
    def is_blank(self) -> bool:
        return not self.text and not self.why


@dataclass
class Sheet:
    """What the kinds need beside the common fields; only those of the present kind are shown."""

    kind: Kind
    options: list[Row] = field(default_factory=list)
    truth: str = ""
    """``true`` or ``false``; empty until chosen."""
    why_true: str = ""
    why_false: str = ""
    answer: str = ""
    """As typed, in the notation of the reader's language."""
    tolerance: str = ""
    unit: str = ""
    why: str = ""
    mistakes: list[Row] = field(default_factory=list)
    focus: str = ""
    """Id of the field a button has just added."""

    @property
    def rivals(self) -> list[int]:
        """Places (from 0) of answers marked as right where only one may be: the page ticks none of
        them, since a browser would keep the last and say nothing."""
        marked = [place for place, row in enumerate(self.options) if row.is_right]
        return marked if self.kind is Kind.SINGLE and len(marked) > 1 else []


def blank(kind: Kind) -> Sheet:
    return Sheet(kind, [Row()] * NEW_OPTIONS, mistakes=[Row()], tolerance="0")


def from_item(item: Item) -> Sheet:
    """The form of a stored question of an editable kind."""
    sheet, body = blank(item.kind), item.body
    language = i18n.language()
    match body:
        case Choice():
            return replace(sheet, options=[Row(o.text, o.why, o.correct) for o in body.options])
        case TrueFalse():
            truth = "true" if body.answer else "false"
            return replace(sheet, truth=truth, why_true=body.why_true, why_false=body.why_false)
        case Numeric():
            mistakes = [Row(_shown(m.value, language), m.why) for m in body.mistakes] or [Row()]
            return replace(
                sheet,
                answer=_shown(str(body.answer), language),
                tolerance=_shown(str(body.tolerance), language),
                unit=body.unit,
                why=body.why,
                mistakes=mistakes,
            )
        case _:
            return sheet


def _shown(value: str, language: str) -> str:
    return format_number(Decimal(value), language)


def from_form(posted: Posted, kind: Kind) -> Sheet:
    rights = set(posted.getlist("right") or posted.getlist("rival"))
    options = [
        Row(
            lines_of(posted, f"options-{place}-text"),
            lines_of(posted, f"options-{place}-why"),
            str(place) in rights,
        )
        for place in range(count_of(posted, "options"))
    ]
    mistakes = [
        Row(
            lines_of(posted, f"mistakes-{place}-value").strip(),
            lines_of(posted, f"mistakes-{place}-why"),
        )
        for place in range(count_of(posted, "mistakes"))
    ]
    return Sheet(
        kind,
        options or [Row()] * NEW_OPTIONS,
        truth=posted.get("truth", ""),
        why_true=lines_of(posted, "why_true"),
        why_false=lines_of(posted, "why_false"),
        answer=lines_of(posted, "answer").strip(),
        tolerance=lines_of(posted, "tolerance").strip(),
        unit=lines_of(posted, "unit").strip(),
        why=lines_of(posted, "why"),
        mistakes=mistakes or [Row()],
    )


def press(sheet: Sheet, posted: Posted) -> Sheet:
    """The sheet after the pressed button; unknown buttons change nothing."""
    word, place = step_of(posted)
    if word == "add-option" and len(sheet.options) < MOST_OPTIONS:
        focus = f"options-{len(sheet.options)}-text"
        return replace(sheet, options=[*sheet.options, Row()], focus=focus)
    if word == "add-mistake" and len(sheet.mistakes) < MOST_MISTAKES:
        focus = f"mistakes-{len(sheet.mistakes)}-value"
        return replace(sheet, mistakes=[*sheet.mistakes, Row()], focus=focus)
    if word == "remove-option" and 0 <= place < len(sheet.options):
        rest = [row for at, row in enumerate(sheet.options) if at != place]
        return replace(sheet, options=rest or [Row()], focus="add-option")
    if word == "remove-mistake" and 0 <= place < len(sheet.mistakes):
        rest = [row for at, row in enumerate(sheet.mistakes) if at != place]
        return replace(sheet, mistakes=rest or [Row()], focus="add-mistake")
    return sheet


def written(rows: Sequence[Row]) -> list[tuple[int, Row]]:
    """The rows in which something stands, with their places in the form."""
    return [(place, row) for place, row in enumerate(rows) if not row.is_blank]


def body_of(sheet: Sheet, told: Told) -> Body:
    """The body as written; what of it cannot be read at all is told, and is no number (NaN)."""
    match sheet.kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            rows = written(sheet.options)
            many = sheet.kind is Kind.MULTIPLE
            return Choice(tuple(option(r.text, r.why, r.is_right) for _, r in rows), many)
        case Kind.TRUE_FALSE:
            if sheet.truth not in ("true", "false"):
                told.add(
                    "truth", i18n.gettext("Mark the right answer."), i18n.gettext("Right answer")
                )
            return TrueFalse(sheet.truth == "true", sheet.why_true, sheet.why_false)
        case _:
            return _numeric(sheet, told)


def _numeric(sheet: Sheet, told: Told) -> Numeric:
    answer = _number(sheet.answer, "answer", told)
    tolerance = _number(sheet.tolerance or "0", "tolerance", told)
    mistakes = tuple(
        Mistake(str(_number(row.text, f"mistakes/{place}/value", told)), row.why)
        for place, row in written(sheet.mistakes)
    )
    return Numeric(answer, tolerance, sheet.why, sheet.unit, mistakes)


def _number(text: str, at: str, told: Told) -> Decimal:
    try:
        return read_number(text, i18n.language())
    except NotANumber as error:
        told.add(at, number_sentence(error.reason))
        return Decimal("NaN")


def places(sheet: Sheet) -> dict[str, str]:
    """Where the rules' paths lie in the form: blank rows are no part of the question."""
    found = {}
    for number, (place, _row) in enumerate(written(sheet.options)):
        for part in ("text", "why"):
            found[f"options/{number}/{part}"] = f"options/{place}/{part}"
    for number, (place, _row) in enumerate(written(sheet.mistakes)):
        for part in ("value", "why"):
            found[f"mistakes/{number}/{part}"] = f"mistakes/{place}/{part}"
    return found
