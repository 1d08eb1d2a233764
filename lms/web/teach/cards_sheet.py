"""The lesson as its author's form holds it: cards or the whole Markdown, changed by buttons.

The form posts everything each time, so a card moves without JavaScript and nothing typed is lost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from lms.domain import cards as rules
from lms.domain.cards import Card, CardKind
from lms.domain.errors import Refusal
from lms.web.i18n import gettext as _
from lms.web.teach.forms import MOST_ROWS, Posted, Told, count_of, lines_of, step_of
from lms.web.teach.sentences import SENTENCES

MOST_CARDS: Final = MOST_ROWS


@dataclass
class Sheet:
    """A lesson's text while it is being written."""

    cards: list[Card]
    is_source: bool = False
    source: str = ""
    """The whole Markdown, in the source view."""
    focus: int = -1
    """The card a button has just moved or added."""
    removed: tuple[int, Card] | None = None
    """The card just taken out and where it stood: one press puts it back."""
    alt: str = ""
    """What the picture still to be added shows."""

    @property
    def body(self) -> str:
        return self.source if self.is_source else rules.join(c for c in self.cards if _says(c))

    @property
    def shown(self) -> list[tuple[int, Card]]:
        return list(enumerate(self.cards))


def from_markdown(body: str) -> Sheet:
    """The cards of a text; one of more cards than a form holds is shown as Markdown."""
    cards = list(rules.split(body))
    if len(cards) > MOST_CARDS:
        return Sheet([], is_source=True, source=body)
    return Sheet(cards or [Card(CardKind.TEXT)])


def from_form(posted: Posted) -> Sheet:
    """What was typed, before the pressed button does anything."""
    alt = lines_of(posted, "alt")
    if posted.get("mode") == "source":
        return Sheet([], is_source=True, source=lines_of(posted, "body"), alt=alt)
    found = [_card(posted, f"card-{place}") for place in range(count_of(posted, "cards"))]
    cards = [card for card in found if card is not None]
    return Sheet(cards or [Card(CardKind.TEXT)], alt=alt)


def _card(posted: Posted, name: str) -> Card | None:
    kind = posted.get(f"{name}-kind", "")
    if kind not in set(CardKind):
        return None
    return Card(
        CardKind(kind),
        lines_of(posted, f"{name}-text"),
        lines_of(posted, f"{name}-title"),
        lines_of(posted, f"{name}-item"),
    )


def _says(card: Card) -> bool:
    """Whether anything was written in the card: an untouched one is not part of the lesson."""
    return bool(card.text or card.title or card.item)


def press(sheet: Sheet, posted: Posted) -> Sheet:
    """The sheet after the pressed button; unknown buttons change nothing.

    Raises Refusal("too-many-cards").
    """
    word, place = step_of(posted)
    if word == "source":
        return Sheet([], is_source=True, source=sheet.body, alt=sheet.alt)
    if word == "cards":
        return replace(from_markdown(sheet.body), alt=sheet.alt)
    if sheet.is_source:
        return sheet
    if word.startswith("add-") and word[4:] in set(CardKind):
        return _with_card(sheet, len(sheet.cards), Card(CardKind(word[4:])))
    if word == "back":
        return _put_back(sheet, posted)
    return _moved(sheet, word, place) if 0 <= place < len(sheet.cards) else sheet


def _moved(sheet: Sheet, word: str, place: int) -> Sheet:
    cards = list(sheet.cards)
    card = cards.pop(place)
    if word == "remove":
        gone = (place, card)
        return replace(sheet, cards=cards, removed=gone, focus=min(place, len(cards) - 1))
    if word not in ("up", "down"):
        return sheet
    to = min(max(place + (1 if word == "down" else -1), 0), len(cards))
    cards.insert(to, card)
    return replace(sheet, cards=cards, focus=to)


def _put_back(sheet: Sheet, posted: Posted) -> Sheet:
    card = _card(posted, "removed")
    if card is None:
        return sheet
    return _with_card(sheet, min(count_of(posted, "removed-at"), len(sheet.cards)), card)


def _with_card(sheet: Sheet, at: int, card: Card) -> Sheet:
    if len(sheet.cards) >= MOST_CARDS:
        raise Refusal("too-many-cards", limit=MOST_CARDS)
    kept = list(sheet.cards)
    kept.insert(at, card)
    return replace(sheet, cards=kept, focus=at)


def with_picture(sheet: Sheet, path: str) -> Sheet:
    """The picture after what is written in the last text card, else in one of its own.

    Its words are used up: the next picture shows something else.
    """
    written = f"![{_escaped(sheet.alt)}]({path})"
    sheet = replace(sheet, alt="")
    if sheet.is_source:
        return replace(sheet, source=f"{sheet.source}\n\n{written}".strip())
    places = [at for at, card in sheet.shown if card.kind is CardKind.TEXT]
    if not places:
        return _with_card(sheet, len(sheet.cards), Card(CardKind.TEXT, written))
    changed = list(sheet.cards)
    last = changed[places[-1]]
    changed[places[-1]] = replace(last, text=f"{last.text}\n\n{written}".strip())
    return replace(sheet, cards=changed, focus=places[-1])


def _escaped(alt: str) -> str:
    line = " ".join(alt.split())
    return "".join(f"\\{c}" if c in "\\[]" else c for c in line)


def tell_unclosed(sheet: Sheet, told: Told) -> None:
    """Note every card that would not stay one card among others."""
    for place, card in sheet.shown:
        if sheet.is_source or not _says(card):
            continue
        try:
            rules.require_whole(card)
        except Refusal as refusal:
            told.add(f"card-{place}-text", _(SENTENCES[refusal.code]))
