"""A lesson as cards: what the editor shows as plain forms and the course files keep as Markdown.

Cards are a view of the Markdown, never a second truth. Whatever is not written in the one plain
form of a card (callouts in callouts, an unclosed callout, fences of unusual length) stays, as it
is, within a text card. Joining what was split gives the same lines back; only runs of blank lines
between two cards become one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lms.domain.errors import Refusal


class CardKind(StrEnum):
    TEXT = "text"
    EXAMPLE = "example"
    MISTAKE = "mistake"
    LAW = "law"
    ATTENTION = "attention"
    THEN = "then"
    NOW = "now"
    CHECK = "check"


CALLOUTS: Final = tuple(kind for kind in CardKind if kind not in (CardKind.TEXT, CardKind.CHECK))


@dataclass(frozen=True, slots=True)
class Card:
    kind: CardKind
    text: str = ""
    """Markdown, without blank lines at its ends; empty for a self-check."""
    title: str = ""
    """One line; only of a callout, and optional."""
    item: str = ""
    """Key of the self-check's item."""


_WORDS: Final = "|".join(CALLOUTS)
_KEY: Final = r"[a-z0-9]+(?:-[a-z0-9]+)*"
# As the editor writes them.
_PLAIN_OPENING: Final = re.compile(rf"::: (?P<kind>{_WORDS})(?: (?P<title>\S|\S.*\S))?")
_PLAIN_CHECK: Final = re.compile(rf"::: check (?P<item>{_KEY})")
_PLAIN_CLOSING: Final = ":::"
# As the parser accepts them (lms.interop.markdown_blocks).
_OPENING: Final = re.compile(rf" {{0,3}}(?P<fence>:{{3,}})[ \t]*(?:{_WORDS})(?:[ \t].*)?")
_CLOSING: Final = re.compile(r" {0,3}(?P<fence>:{3,})[ \t]*")
_CODE: Final = re.compile(r" {0,3}(?P<fence>`{3,}(?=[^`]*$)|~{3,})")


def split(markdown: str) -> tuple[Card, ...]:
    """The cards of a lesson's Markdown, in order; no text card is empty."""
    lines = _lines(markdown)
    cards: list[Card] = []
    text: list[str] = []
    at = 0
    while at < len(lines):
        end = _block_end(lines, at)
        card = _card(lines[at:end])
        if card is None:
            text += lines[at:end]
        else:
            cards += [*_text_card(text), card]
            text = []
        at = end
    return (*cards, *_text_card(text))


def join(cards: Iterable[Card]) -> str:
    """The Markdown of the cards, one blank line between them, no line end at the end."""
    return "\n\n".join(written for card in cards if (written := _written(card)))


def require_whole(card: Card) -> None:
    """Refuse a card that would not stay one card among others.

    Raises Refusal: ``card-title`` for a title of several lines, ``card-item`` for a self-check
    without the key of an item, ``card-open`` for a text that closes the card early or swallows
    the next one (a stray ``:::``, a code block without its end).
    """
    if card.kind is CardKind.CHECK:
        if not re.fullmatch(_KEY, card.item):
            raise Refusal("card-item")
        return
    if "\n" in card.title or "\r" in card.title:
        raise Refusal("card-title")
    sentinel = Card(CardKind.CHECK, item="end")
    after = split(join((card, sentinel)))
    one = card.kind is CardKind.TEXT or (len(after) == 2 and after[0].kind is card.kind)
    if after[-1] != sentinel or not one:
        raise Refusal("card-open")


def _lines(markdown: str) -> list[str]:
    return markdown.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _block_end(lines: list[str], at: int) -> int:
    """The line after the block that begins at ``at``: a callout, a code block or one line."""
    code = _CODE.match(lines[at])
    if code:
        return _code_end(lines, at, code["fence"])
    opening = _OPENING.fullmatch(lines[at])
    if opening:
        return _callout_end(lines, at, len(opening["fence"]))
    return at + 1


def _code_end(lines: list[str], at: int, fence: str) -> int:
    closing = re.compile(rf" {{0,3}}{re.escape(fence[0])}{{{len(fence)},}}[ \t]*")
    for place in range(at + 1, len(lines)):
        if closing.fullmatch(lines[place]):
            return place + 1
    return len(lines)


def _callout_end(lines: list[str], at: int, fence: int) -> int:
    """The line after the closing fence, counting callouts within; else the end of the text."""
    fences = [fence]
    for place in range(at + 1, len(lines)):
        if found := _OPENING.fullmatch(lines[place]):
            fences.append(len(found["fence"]))
        elif (found := _CLOSING.fullmatch(lines[place])) and len(found["fence"]) >= fences[-1]:
            fences.pop()
            if not fences:
                return place + 1
    return len(lines)


def _card(block: list[str]) -> Card | None:
    """The card a block is in its one plain form; None for anything else."""
    check = _PLAIN_CHECK.fullmatch(block[0])
    if check:
        return Card(CardKind.CHECK, item=check["item"])
    opening = _PLAIN_OPENING.fullmatch(block[0])
    if opening is None or len(block) < 2 or block[-1] != _PLAIN_CLOSING:
        return None
    body = block[1:-1]
    if any(_OPENING.fullmatch(line) or _CLOSING.fullmatch(line) for line in body):
        return None
    return Card(CardKind(opening["kind"]), _without_blank_ends(body), opening["title"] or "")


def _text_card(lines: list[str]) -> tuple[Card, ...]:
    text = _without_blank_ends(lines)
    return (Card(CardKind.TEXT, text),) if text else ()


def _without_blank_ends(lines: list[str]) -> str:
    kept = [place for place, line in enumerate(lines) if line.strip(" \t")]
    return "\n".join(lines[kept[0] : kept[-1] + 1]) if kept else ""


def _written(card: Card) -> str:
    if card.kind is CardKind.CHECK:
        return f"::: check {card.item}"
    text = _without_blank_ends(_lines(card.text))
    if card.kind is CardKind.TEXT:
        return text
    opening = f"::: {card.kind} {card.title.strip()}".rstrip()
    return "\n".join([opening, *([text] if text else []), _PLAIN_CLOSING])
