"""Markdown to inert HTML: parse, judge, serialise, then bleach, then nh3.

The only importer of bleach. Bleach is what the client asked for and receives no more fixes, so it
is the first pass and the maintained nh3 the second; both get the same closed lists from here.
Rendering happens once, at save, in a process of its own: see `markdown_renderer.Renderer`.
"""

import re
from functools import cache
from typing import Any, Final

import bleach
import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token

from lms.interop.errors import TooComplex
from lms.interop.markdown_blocks import add_blocks
from lms.interop.markdown_document import Check, Html, Rendered, Segment
from lms.interop.markdown_links import CALLOUTS, STORED_HREF, STORED_SRC, is_stored_address
from lms.interop.markdown_policy import Found, judge
from lms.interop.markdown_renderer import Renderer
from lms.interop.plain import refuse_unauthored

__all__ = ["Check", "Html", "Rendered", "Renderer", "Segment", "allowed", "render", "sanitise"]

_HEADINGS: Final = ("h2", "h3", "h4", "h5", "h6")
_ALIGN: Final = {"lms-left", "lms-center", "lms-right"}
CLASSES: Final[dict[str, set[str]]] = {
    "a": {"lms-term", "lms-cite"},
    "aside": {"lms-callout", *(f"lms-callout-{kind}" for kind in CALLOUTS)},
    "div": {"lms-table"},
    "p": {"lms-callout-title"},
    "span": {"lms-callout-name"},
    "td": _ALIGN,
    "th": _ALIGN,
}
ATTRIBUTES: Final[dict[str, dict[str, re.Pattern[str]]]] = {
    "a": {
        "href": STORED_HREF,
        "rel": re.compile("noopener noreferrer"),
        "title": re.compile(r"[^\x00]*"),
    },
    "aside": {"role": re.compile("note")},
    "div": {
        "role": re.compile("group"),
        "tabindex": re.compile("0"),
        "aria-label": re.compile(r"lms:label/table/[0-9]{1,4}"),
    },
    "img": {
        "src": STORED_SRC,
        "alt": re.compile(r"[^\x00]*"),
        "title": re.compile(r"[^\x00]*"),
        "loading": re.compile("lazy"),
    },
    "ol": {"start": re.compile(r"[0-9]{1,9}")},
    "th": {"scope": re.compile("col")},
} | {tag: {"id": re.compile(r"lms-[a-z0-9]+(?:-[a-z0-9]+)*")} for tag in _HEADINGS}
TAGS: Final = frozenset(
    {"a", "aside", "blockquote", "br", "code", "div", "em", "hr", "img", "li", "ol", "p", "pre"}
    | {"span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul", *_HEADINGS}
)
SCHEMES: Final = frozenset({"http", "https", "mailto", "lms"})

# Directional overrides would let an address or a number read backwards; other control characters
# mean nothing in a text. Both go from the HTML, the author's Markdown stays as it is.
_UNSEEN: Final = re.compile(
    r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]"
)


def render(text: str, *, inline: bool = False) -> Rendered:
    """The text as stored HTML with everything it refers to; `inline` reads one paragraph only.

    Unbounded in time: web requests go through `Renderer`. Raises `TooLarge` (`text-too-large`,
    bytes), `BadText`, and `TooComplex` for nesting no person writes.
    """
    refuse_unauthored(text)
    md = _parser()
    env: dict[str, Any] = {}
    source = _UNSEEN.sub("", text)
    try:
        tokens = md.parseInline(source, env) if inline else md.parse(source, env)
        found = judge(tokens)
        segments = tuple(_segments(md, tokens, env))
    except RecursionError:
        raise TooComplex("text-too-complex") from None
    return _as_rendered(segments, found)


def sanitise(html: str) -> str:
    """The HTML with nothing in it but what the closed lists allow; a fixed point of itself."""
    return _second_pass().clean(_first_pass().clean(html))


def allowed(tag: str, name: str, value: str) -> bool:
    """Whether an attribute may stay, by the closed lists above."""
    if name == "class":
        classes = value.split()
        return bool(classes) and set(classes) <= CLASSES.get(tag, set())
    pattern = ATTRIBUTES.get(tag, {}).get(name)
    if pattern is None or pattern.fullmatch(value) is None:
        return False
    return name not in ("href", "src") or is_stored_address(value)


def _first_pass() -> "bleach.Cleaner":
    # One for each call: a Cleaner keeps its parser's state, and shared between threads it mixes
    # one author's text into another's.
    return bleach.Cleaner(tags=TAGS, attributes=allowed, protocols=SCHEMES)


@cache
def _second_pass() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(TAGS),
        clean_content_tags={"script", "style"},
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        allowed_classes=CLASSES,
        attribute_filter=lambda tag, name, value: value if allowed(tag, name, value) else None,
        url_schemes=set(SCHEMES),
        link_rel=None,
    )


@cache
def _parser() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False}).enable("table")
    add_blocks(md)
    known = ("term:", "source:", "lesson:", "file:", "img/", "#")
    normalise_address = md.normalizeLink
    # Own schemes reach the policy as written; and nothing is refused here, because the parser would
    # show a refused link as source text, where the policy keeps its words and notes the line.
    md.normalizeLink = lambda url: url if url.startswith(known) else normalise_address(url)  # type: ignore[method-assign]  # its own hook
    md.validateLink = lambda url: True  # type: ignore[method-assign]  # its own hook
    for rule, function in _RULES.items():
        md.add_render_rule(rule, function)
    return md


def _segments(md: MarkdownIt, tokens: list[Token], env: dict[str, Any]) -> list[Segment]:
    """The text cut at its self-checks; one within a callout or list follows the whole block."""
    segments: list[Segment] = []
    run: list[Token] = []
    waiting: list[Segment] = []
    for token in tokens:
        if token.type == "lms_check":
            waiting.append(Check(token.meta["id"]))
        else:
            run.append(token)
        if waiting and token.level == 0 and token.nesting <= 0:
            segments += [*_html(md, run, env), *waiting]
            run, waiting = [], []
    return [*segments, *_html(md, run, env)]


def _html(md: MarkdownIt, run: list[Token], env: dict[str, Any]) -> list[Segment]:
    html = sanitise(md.renderer.render(run, md.options, env)) if run else ""
    return [Html(html)] if html.strip() else []


def _as_rendered(segments: tuple[Segment, ...], found: Found) -> Rendered:
    return Rendered(
        segments=segments,
        terms=tuple(found.terms),
        sources=tuple(found.sources),
        lessons=tuple(found.lessons),
        files=tuple(found.files),
        images=tuple(found.images),
        headings=tuple(found.headings),
        checks=tuple(found.checks),
        words=found.words,
        problems=tuple(sorted(found.problems, key=lambda problem: problem.line)),
    )


def _code(renderer: Any, tokens: list[Token], at: int, options: Any, env: Any) -> str:
    # Without the language of the fence: nothing colours code here, and its name is not a class.
    return f"<pre><code>{escapeHtml(tokens[at].content)}</code></pre>\n"


def _table_open(renderer: Any, tokens: list[Token], at: int, options: Any, env: Any) -> str:
    # A wide table scrolls in its own box, which the keyboard can reach and which has a name; a
    # group and not a region, or each table would be a landmark.
    number = tokens[at].meta["number"]
    return (
        f'<div class="lms-table" role="group" tabindex="0" aria-label="lms:label/table/{number}">'
        "\n<table>\n"
    )


def _table_close(renderer: Any, tokens: list[Token], at: int, options: Any, env: Any) -> str:
    return "</table>\n</div>\n"


def _callout_open(renderer: Any, tokens: list[Token], at: int, options: Any, env: Any) -> str:
    kind, title = tokens[at].meta["kind"], tokens[at].meta["title"]
    own = f'<span class="lms-callout-name">: {escapeHtml(title)}</span>' if title else ""
    return (
        f'<aside class="lms-callout lms-callout-{kind}" role="note">\n'
        f'<p class="lms-callout-title">lms:title/{kind}{own}</p>\n'
    )


def _callout_close(renderer: Any, tokens: list[Token], at: int, options: Any, env: Any) -> str:
    return "</aside>\n"


_RULES: Final = {
    "fence": _code,
    "code_block": _code,
    "table_open": _table_open,
    "table_close": _table_close,
    "lms_callout_open": _callout_open,
    "lms_callout_close": _callout_close,
}
