"""The parts of Bootstrap that Parcurs uses, taken from its whole style sheet: ``make styles``.

Rules for elements stay; a rule for classes stays when every class it asks for is a word of a
``class`` attribute or of a string in a template or script; a variable stays while something that
stays reads it. ``test_bootstrap_parts.py`` fails when the sheet is not what this makes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import tinycss2
from jinja2 import Environment, nodes
from tinycss2.ast import AtRule, Declaration, Node, QualifiedRule

ROOT: Final = Path(__file__).resolve().parents[2]
STATIC: Final = ROOT / "lms" / "web" / "static"
WHOLE: Final = STATIC / "vendor" / "bootstrap-5.3.9" / "bootstrap.min.css"
PARTS: Final = STATIC / "css" / "bootstrap.css"
HEAD: Final = """\
%s
/* Of these rules the ones in use (the whole sheet and the licence: vendor/bootstrap-5.3.9).
 * Made by `make styles`; nothing is written here by hand. */
"""
_ATTRIBUTE: Final = re.compile(
    r"""\bclass=(["'])((?:\{\{.*?\}\}|\{%.*?%\}|(?!\1).)*)\1""", re.DOTALL
)
"""The quote and what stands between it and the next that is not inside an expression."""
_COMMENT: Final = re.compile(r"\{#.*?#\}", re.DOTALL)
_CLASSES: Final = re.compile(r"[a-z0-9\s-]+")
"""A string that may name classes; sentences have capitals and full stops."""
_CLASS: Final = re.compile(r"\.(-?[a-z][\w-]*)")
_READ: Final = re.compile(r"var\(\s*(--[\w-]+)")
_JINJA: Final = Environment(extensions=["jinja2.ext.do", "jinja2.ext.i18n"], autoescape=True)


def made() -> str:
    """The sheet of the parts, a rule to a line."""
    own = "".join(s.read_text("utf-8") for s in (STATIC / "css").glob("*.css") if s != PARTS)
    whole = WHOLE.read_text("utf-8")
    notice = whole[whole.index("/*!") : whole.index("*/") + 2]
    return HEAD % notice + "\n".join(parts(whole, classes_in_use(), own)) + "\n"


def parts(sheet: str, classes: set[str], own: str) -> list[str]:
    """The rules of `sheet` for `classes`; `own` are the sheets that may read its variables."""
    rules = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
    read: set[str] | None = None
    while True:  # a variable that only an unread variable reads goes as well
        lines = list(_kept(rules, classes, read))
        now = set(_READ.findall("".join(lines) + own))
        if now == read:
            return lines
        read = now


def classes_in_use() -> set[str]:
    words: set[str] = set()
    for template in sorted((ROOT / "templates").rglob("*.html")):
        words |= classes_of_template(template.read_text("utf-8"))
    for script in sorted((STATIC / "js").glob("*.js")):
        words |= classes_of_script(script.read_text("utf-8"))
    return words


def classes_of_template(source: str) -> set[str]:
    strings = [n.value for n in _JINJA.parse(source).find_all(nodes.Const)]
    words = _words(value for _, value in _ATTRIBUTE.findall(_COMMENT.sub("", source)))
    return words | _words(s for s in strings if isinstance(s, str) and _CLASSES.fullmatch(s))


def classes_of_script(source: str) -> set[str]:
    strings = re.findall(r"""(["'`])(.*?)\1""", source)
    return _words(string for _, string in strings if _CLASSES.fullmatch(string))


def _words(strings: Iterable[str]) -> set[str]:
    return {word for string in strings for word in re.findall(r"[\w-]+", string)}


def _kept(rules: list[Node], classes: set[str], read: set[str] | None) -> Iterator[str]:
    for rule in rules:
        if isinstance(rule, QualifiedRule):
            selectors = [s for s in _selectors(rule.prelude) if _is_used(s, classes)]
            body = ";".join(_declarations(rule.content, read)) if selectors else ""
            if body:
                yield f"{','.join(selectors)}{{{body}}}"
        elif isinstance(rule, AtRule) and rule.at_keyword in ("media", "supports"):
            inside = tinycss2.parse_rule_list(rule.content, True, True)
            inner = "".join(_kept(inside, classes, read))
            if inner:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}"
        elif not isinstance(rule, AtRule) or rule.at_keyword not in ("charset", "keyframes"):
            raise ValueError(f"nobody has thought of {rule}")


def _selectors(prelude: list[Node]) -> Iterator[str]:
    """The selectors between the commas; commas in brackets belong to their selector."""
    part: list[Node] = []
    for node in prelude:
        if node.type == "literal" and node.value == ",":
            yield tinycss2.serialize(part).strip()
            part = []
        else:
            part.append(node)
    yield tinycss2.serialize(part).strip()


def _is_used(selector: str, classes: set[str]) -> bool:
    """What is only excluded (``:not``) need not exist; Bootstrap's own attributes we never set."""
    asked = re.sub(r":not\([^()]*\)", "", selector)
    return "[data-bs-" not in asked and set(_CLASS.findall(asked)) <= classes


def _declarations(content: list[Node], read: set[str] | None) -> Iterator[str]:
    for node in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        if not isinstance(node, Declaration) or node.name.startswith("animation"):
            raise ValueError(f"nobody has thought of {node}")
        is_unread = node.name.startswith("--") and read is not None and node.name not in read
        if not is_unread:
            yield node.serialize()


if __name__ == "__main__":
    PARTS.write_text(made(), encoding="utf-8")
