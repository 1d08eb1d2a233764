"""Where links in a text may lead, and how stored links become addresses on a page.

Stored HTML does not know under which prefix the platform is mounted, nor the reader's language, so
what depends on either is kept in a private scheme that only the renderer can write:

    href="lms:lesson/<id>#lms-<anchor>"   href="lms:file/<name>"   src="lms:img/<path>"
    <p class="lms-callout-title">lms:title/<kind>…</p>   aria-label="lms:label/table/<n>"

`resolve` swaps them on each view with three regular expressions over HTML that the sanitiser has
serialised (every attribute quoted, every `<` of the text escaped): no parsing on a GET.
"""

import re
from collections.abc import Callable, Mapping
from html import escape, unescape
from typing import Final
from urllib.parse import quote, unquote

from lms.domain.text import fold
from lms.interop.picture_size import Size

CALLOUTS: Final = ("example", "mistake", "law", "attention", "then", "now")
"""Kinds of callout; `resolve` wants a title for each, and one for `table`."""

ID: Final = r"[a-z0-9]+(?:-[a-z0-9]+)*"
SOURCE_CODE: Final = r"[A-Za-z0-9][A-Za-z0-9.\-]{0,39}"
_QUOTED: Final = r"[A-Za-z0-9%._~\-]+"
STORED_HREF: Final = re.compile(
    rf"(?:#lms-[A-Za-z0-9.\-]+|lms:lesson/{ID}(?:#lms-[a-z0-9\-]+)?|lms:file/{_QUOTED}"
    r"|https?://[^\s\"'<>`\\\x00-\x20]+|mailto:[^\s\"'<>`\\\x00-\x20]+)"
)
STORED_SRC: Final = re.compile(rf"lms:img/{_QUOTED}(?:/{_QUOTED})*")
EXTERNAL: Final = re.compile(r"(?:https?://[^/?#]|mailto:[^?#]+@)", re.IGNORECASE)

_TAG_START: Final = r'(<(?:a|img)(?: [a-z\-]+="[^"]*")*?)'
_PRIVATE: Final = re.compile(rf'{_TAG_START} (href|src)="lms:(lesson|file|img)/([^"]*)"')
_TITLE: Final = re.compile(r'(<p class="lms-callout-title">)lms:title/([a-z]+)')
_LABEL: Final = re.compile(
    r'(<div class="lms-table"(?: [a-z\-]+="[^"]*")*? aria-label=")lms:label/table/(\d+)"'
)

_OWN_PLACE: Final = re.compile(
    r'((?:<h[2-6] id="|<a(?: [a-z\-]+="[^"]*")*? href="#))lms-(?!term-|source-)'
)

Address = Callable[[str], str | None]
"""From an id, a name or a path to an address; None where there is no such thing."""


def resolve(
    html: str,
    *,
    lesson: Address,
    file: Address,
    image: Address,
    titles: Mapping[str, str],
    size: Callable[[str], Size | None] = lambda path: None,
) -> str:
    """Stored HTML with real addresses and with titles in the reader's language.

    `lesson` gets a lesson id, `file` a name in `files/`, `image` a path within `img/`. A lesson or
    file that is not there leads to the harmless `#`; a picture loses its address and shows its
    text alternative. `size` tells how large a picture is, so that its room is there before it is.
    `titles` maps `CALLOUTS` and `table` to words (`Greșeală frecventă`,
    `Tabelul`); what is missing shows its key. Everything put in is escaped here.
    """

    def address(found: re.Match[str]) -> str:
        start, attribute, kind, value = found.groups()
        target, _, fragment = unescape(value).partition("#")
        asked = {"lesson": lesson, "file": file, "img": image}[kind](unquote(target))
        if asked is None:
            return start if kind == "img" else f'{start} {attribute}="#"'
        whole = f"{asked}#{fragment}" if fragment else asked
        extent = size(unquote(target)) if kind == "img" else None
        room = f' width="{extent[0]}" height="{extent[1]}"' if extent else ""
        return f'{start} {attribute}="{escape(whole)}"{room}'

    def title(found: re.Match[str]) -> str:
        return found[1] + escape(titles.get(found[2], found[2]))

    def label(found: re.Match[str]) -> str:
        return f'{found[1]}{escape(titles.get("table", "table"))} {found[2]}"'

    return _LABEL.sub(label, _TITLE.sub(title, _PRIVATE.sub(address, html)))


def anchor_of(text: str) -> str:
    """The anchor of a heading: lower case, no diacritics, words joined by `-`; may be empty."""
    return "-".join(re.findall(r"[a-z0-9]+", fold(text)))


def element_id(anchor: str) -> str:
    """The id in the page of a heading with this anchor.

    Headings that begin with "term" or "source" step aside, since `lms-term-…` and `lms-source-…`
    belong to the glossary entries and sources at the end of the lesson.
    """
    taken = anchor.startswith(("term-", "source-"))
    return f"lms-section-{anchor}" if taken else f"lms-{anchor}"


def with_own_ids(html: str, name: str) -> str:
    """Stored HTML whose headings, and links to them, do not meet those of another text beside it.

    No anchor holds two hyphens in a row, so nothing else of the page can have such an id.
    """
    return _OWN_PLACE.sub(rf"\1lms-{name}--", html)


def file_address(raw: str) -> str | None:
    """`lms:file/…` for a name in the course's `files/`, None for anything that is not one name."""
    name = unquote(raw)
    return f"lms:file/{quote(name, safe='')}" if _is_file_name(name) else None


def picture_address(raw: str) -> str | None:
    """`lms:img/…` for `img/<path>`, None for addresses elsewhere and for paths that climb."""
    path = unquote(raw)
    if not path.startswith("img/"):
        return None
    parts = path.removeprefix("img/").split("/")
    if not all(_is_file_name(part) for part in parts):
        return None
    return "lms:img/" + "/".join(quote(part, safe="") for part in parts)


def is_stored_address(value: str) -> bool:
    """Whether an address is exactly what the renderer would have written: no path that climbs."""
    if value.startswith("lms:file/"):
        return file_address(value.removeprefix("lms:file/")) == value
    if value.startswith("lms:img/"):
        return picture_address(value.removeprefix("lms:")) == value
    return True


def _is_file_name(name: str) -> bool:
    plain = name == name.strip(" .") and name.isprintable() and "\ufffd" not in name
    return plain and re.fullmatch(r'[^/\\<>:"|?*]{1,120}', name) is not None
