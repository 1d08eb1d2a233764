"""A second opinion on HTML: what a browser could do with it, judged by another parser.

Its lists are written down here on purpose and not imported from the product: a hole opened there
must show here.
"""

import re
from html.parser import HTMLParser

ALLOWED = {
    "a": {"href", "title", "rel", "class"},
    "aside": {"class", "role"},
    "blockquote": set(),
    "br": set(),
    "code": set(),
    "div": {"class", "role", "tabindex", "aria-label"},
    "em": set(),
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "h5": {"id"},
    "h6": {"id"},
    "hr": set(),
    "img": {"src", "alt", "title", "loading"},
    "li": set(),
    "ol": {"start"},
    "p": {"class"},
    "pre": set(),
    "span": {"class"},
    "strong": set(),
    "table": set(),
    "tbody": set(),
    "td": {"class"},
    "th": {"class", "scope"},
    "thead": set(),
    "tr": set(),
    "ul": set(),
}
VOID = {"br", "hr", "img"}
OPTIONAL_END = {"li", "p", "td", "th", "tr", "thead", "tbody"}


class _Walk(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED:
            self.faults.append(f"element <{tag}>")
        for name, value in attrs:
            self._attribute(tag, name, value or "")
        if len({name for name, _ in attrs}) != len(attrs):
            self.faults.append(f"<{tag}> repeats an attribute")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or tag not in self.open:
            self.faults.append(f"stray </{tag}>")
        else:
            while (inner := self.open.pop()) != tag:
                if inner not in OPTIONAL_END:
                    self.faults.append(f"</{tag}> within <{inner}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.faults.append("a comment")

    def handle_decl(self, decl: str) -> None:
        self.faults.append("a declaration")

    def handle_pi(self, data: str) -> None:
        self.faults.append("a processing instruction")

    def unknown_decl(self, data: str) -> None:
        self.faults.append("a marked section")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name in ("href", "src"):
            self.addresses.append(value)
        if name not in ALLOWED.get(tag, set()):
            self.faults.append(f"<{tag} {name}>")
        if name == "href" and not _leads_somewhere_known(value):
            self.faults.append(f"href {value!r}")
        if name == "src" and not re.match(r"lms:img/[A-Za-z0-9%._~/-]+\Z", value):
            self.faults.append(f"src {value!r}")
        if name in ("id", "class"):
            for word in value.split():
                if not word.startswith("lms-"):
                    self.faults.append(f"{name} {word!r}")


def _leads_somewhere_known(href: str) -> bool:
    # What browsers drop from an address before they read its scheme is dropped first.
    bare = re.sub(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\ufeff]", "", href)
    return (
        bare == href
        and re.match(r"(?:https?://|mailto:|#lms-|lms:(?:lesson|file)/)", href) is not None
    )


def faults_of(html: str) -> list[str]:
    """Everything in the HTML that is not inert; an empty list is what we want."""
    walk = _Walk()
    walk.feed(html)
    walk.close()
    walk.faults += [f"<{tag}> is never closed" for tag in walk.open if tag not in OPTIONAL_END]
    return walk.faults


def text_of(html: str) -> str:
    """What a reader sees, without the tags."""
    walk = _Walk()
    walk.feed(html)
    walk.close()
    return "".join(walk.text)


def addresses_of(html: str) -> list[str]:
    """Every address in the HTML that something could be loaded from or led to."""
    walk = _Walk()
    walk.feed(html)
    walk.close()
    return walk.addresses
