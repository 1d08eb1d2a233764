"""What a parsed text may contain: every link, picture, heading and table is judged here.

The parser's tokens are rewritten before anything is serialised: links either become one of the
known kinds or lose their address and keep their words; what was found is collected, and what an
author should know is noted with its line.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from markdown_it.token import Token

from lms.interop.markdown_document import Heading, Problem
from lms.interop.markdown_links import (
    EXTERNAL,
    ID,
    SOURCE_CODE,
    anchor_of,
    element_id,
    file_address,
    picture_address,
)

_TERM: Final = re.compile(rf"term:({ID})")
_SOURCE: Final = re.compile(rf"source:({SOURCE_CODE})")
_LESSON: Final = re.compile(rf"lesson:({ID})(?:#(.+))?")
_TAG: Final = re.compile(r"</?[A-Za-z][^<>]*>|<!--|<!\[CDATA|<\?")
_COLONS: Final = re.compile(r"^:{3,}[ \t]*(.*)$", re.MULTILINE)
_WORD: Final = re.compile(r"\w+(?:[-'\u2019.,]\w+)*")
_ALIGNMENTS: Final = ("left", "center", "right")
_MOST_PROBLEMS: Final = 50


@dataclass
class Found:
    """What one text refers to, in order of appearance, without repetitions."""

    terms: dict[str, None] = field(default_factory=dict)
    sources: dict[str, None] = field(default_factory=dict)
    lessons: dict[str, None] = field(default_factory=dict)
    files: dict[str, None] = field(default_factory=dict)
    images: list[tuple[str, str]] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    checks: dict[str, None] = field(default_factory=dict)
    tables: int = 0
    words: int = 0
    problems: list[Problem] = field(default_factory=list)
    anchors: dict[str, int] = field(default_factory=dict)
    anchors_wanted: list[tuple[str, int]] = field(default_factory=list)

    def note(self, code: str, line: int, detail: str = "") -> None:
        """Remember something the author should know; nobody reads more than the first fifty."""
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(Problem(code, line, detail[:120]))

    def new_anchor(self, wanted: str) -> str:
        """The anchor, numbered from 2 when an earlier heading has it already."""
        anchor = wanted
        while anchor in self.anchors:
            self.anchors[wanted] += 1
            anchor = f"{wanted}-{self.anchors[wanted]}"
        self.anchors[anchor] = 1
        return anchor


def judge(tokens: Sequence[Token]) -> Found:
    """Rewrite the block tokens of one text in place and return what was found in them."""
    found = Found()
    line = 1
    for position, token in enumerate(tokens):
        line = token.map[0] + 1 if token.map else line
        judge_one = _JUDGES.get(token.type)
        if judge_one is not None:
            judge_one(tokens, position, line, found)
    for anchor, at in found.anchors_wanted:
        if anchor not in found.anchors:
            found.note("anchor-unknown", at, anchor)
    return found


def _heading(tokens: Sequence[Token], position: int, line: int, found: Found) -> None:
    opening, content, closing = tokens[position : position + 3]
    level = int(opening.tag[1])
    if level == 1:  # the page's own title is the only one of the first level
        found.note("heading-level", line, content.content)
        level = 2
        opening.tag = closing.tag = "h2"
    text = " ".join(_plain(content.children or []).split())
    anchor = found.new_anchor(anchor_of(text) or "section")
    opening.attrs["id"] = element_id(anchor)
    found.headings.append(Heading(level, text, anchor))


def _table(tokens: Sequence[Token], position: int, line: int, found: Found) -> None:
    found.tables += 1
    tokens[position].meta = {"number": found.tables}


def _table_cell(tokens: Sequence[Token], position: int, line: int, found: Found) -> None:
    """Alignment as a class (the policy of the pages forbids style=), and honest header cells."""
    cell, content, closing = tokens[position : position + 3]
    style = str(cell.attrs.pop("style", ""))
    alignment = style.removeprefix("text-align:")
    if alignment in _ALIGNMENTS:
        cell.attrs["class"] = f"lms-{alignment}"
    if cell.tag == "th":
        if content.content.strip():
            cell.attrs["scope"] = "col"
        else:  # an empty header cell announces nothing: it is an ordinary cell
            cell.tag = closing.tag = "td"


def _code(tokens: Sequence[Token], position: int, line: int, found: Found) -> None:
    found.words += len(_WORD.findall(tokens[position].content))


def _callout(tokens: Sequence[Token], position: int, line: int, found: Found) -> None:
    token = tokens[position]
    found.words += len(_WORD.findall(token.meta["title"]))
    if not token.meta["closed"]:
        found.note("callout-unclosed", line, token.meta["kind"])


def _check(tokens: Sequence[Token], position: int, line: int, found: Found) -> None:
    token = tokens[position]
    item_id = token.meta["id"]
    if token.level > 0:
        found.note("check-nested", line, item_id)
    if item_id in found.checks:
        found.note("check-repeated", line, item_id)
    found.checks[item_id] = None


def _inline(tokens: Sequence[Token], position: int, line: int, found: Found) -> None:
    token = tokens[position]
    kept: list[Token] = []
    open_links: list[bool] = []
    for child in token.children or []:
        if child.type == "link_open":
            open_links.append(_link(child, line, found))
            if not open_links[-1]:
                continue
        elif child.type == "link_close":
            if not open_links.pop():
                continue
        elif child.type == "image":
            kept.append(_picture(child, line, found))
            continue
        elif child.type == "text" and _TAG.search(child.content):
            found.note("raw-html", line, child.content.strip())
        kept.append(child)
    token.children = kept
    found.words += len(_WORD.findall(_plain(kept)))
    _stray_fences(token.content, line, found)


def _link(token: Token, line: int, found: Found) -> bool:
    """Give the link its stored address, or note that it may not be one and return False."""
    href = str(token.attrs.get("href", ""))
    title = token.attrs.get("title")
    attrs = _stored_link(href, line, found)
    if attrs is None:
        found.note("link-refused", line, href)
        return False
    token.attrs = {**attrs, **({"title": title} if title else {})}
    return True


def _stored_link(href: str, line: int, found: Found) -> dict[str, str | int | float] | None:
    if match := _TERM.fullmatch(href):
        found.terms[match[1]] = None
        return {"class": "lms-term", "href": f"#lms-term-{match[1]}"}
    if match := _SOURCE.fullmatch(href):
        found.sources[match[1]] = None
        return {"class": "lms-cite", "href": f"#lms-source-{match[1]}"}
    if match := _LESSON.fullmatch(href):
        return _lesson_link(match[1], anchor_of(match[2] or ""), found)
    if href.startswith("#"):
        anchor = anchor_of(href)
        found.anchors_wanted.append((anchor, line))
        return {"href": f"#{element_id(anchor)}"} if anchor else None
    if href.startswith("file:"):
        address = file_address(href.removeprefix("file:"))
        if address is not None:
            found.files[_named(address, "lms:file/")] = None
            return {"href": address}
    elif EXTERNAL.match(href):
        return {"href": href, "rel": "noopener noreferrer"}
    return None


def _lesson_link(lesson: str, anchor: str, found: Found) -> dict[str, str | int | float]:
    found.lessons[f"{lesson}#{anchor}" if anchor else lesson] = None
    fragment = f"#{element_id(anchor)}" if anchor else ""
    return {"href": f"lms:lesson/{lesson}{fragment}"}


def _picture(token: Token, line: int, found: Found) -> Token:
    alt = " ".join(_plain(token.children or []).split())
    source = str(token.attrs.get("src", ""))
    address = picture_address(source)
    if address is None:
        found.note("picture-refused", line, source)
        words = Token("text", "", 0)
        words.content = alt
        return words
    if not alt:
        found.note("picture-without-alt", line, source)
    found.images.append((_named(address, "lms:img/"), alt))
    title = token.attrs.get("title")
    token.attrs = {"src": address, "alt": alt, **({"title": title} if title else {})}
    token.attrs["loading"] = "lazy"
    return token


def _named(address: str, prefix: str) -> str:
    return unquote(address.removeprefix(prefix))


def _stray_fences(source: str, line: int, found: Found) -> None:
    for match in _COLONS.finditer(source):
        at = line + source.count("\n", 0, match.start())
        word = match[1].split(" ", 1)[0]
        if not match[1]:
            found.note("callout-stray", at)
        elif word == "check":
            found.note("check-malformed", at, match[1])
        else:
            found.note("callout-unknown", at, word)


def _plain(children: Sequence[Token]) -> str:
    return "".join(_pieces(children))


def _pieces(children: Sequence[Token]) -> Iterator[str]:
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            yield " "
        elif child.type == "image":
            yield from _pieces(child.children or [])
        else:
            yield child.content


_JUDGES: Final[dict[str, Callable[[Sequence[Token], int, int, Found], None]]] = {
    "heading_open": _heading,
    "table_open": _table,
    "th_open": _table_cell,
    "td_open": _table_cell,
    "lms_callout_open": _callout,
    "lms_check": _check,
    "fence": _code,
    "code_block": _code,
    "inline": _inline,
}
