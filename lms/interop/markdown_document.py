"""A rendered text as plain values: what is stored at save and read on every page view.

Nothing here parses or sanitises; reading a stored text costs one `json.loads`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PIPELINE = 1
"""Version of the whole pipeline. Raise it when output changes: stored texts are then rendered anew
from their Markdown, which stays the truth."""


@dataclass(frozen=True)
class Html:
    """A run of sanitised HTML, with links still in the private `lms:` scheme."""

    html: str


@dataclass(frozen=True)
class Check:
    """The place of a self-check: an item of the bank with `use: self-check`."""

    item_id: str


Segment = Html | Check


@dataclass(frozen=True)
class Heading:
    """A subtitle: `level` 2 to 6, its plain text and the anchor that `lesson:id#anchor` names."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True)
class Problem:
    """Something the author should know; the text is rendered all the same. At most fifty a text.

    `line` counts from 1 within the Markdown. Codes: `heading-level`, `raw-html`, `link-refused`,
    `anchor-unknown`, `picture-refused`, `picture-without-alt`, `callout-unknown`,
    `callout-unclosed`, `callout-stray`, `check-nested`, `check-repeated`, `check-malformed`.
    """

    code: str
    line: int
    detail: str = ""


@dataclass(frozen=True)
class Rendered:
    """One text, rendered and sanitised, with everything it refers to in order of appearance.

    `lessons` holds `id` or `id#anchor`; `files` names in the course's `files/`; `images` pairs of
    the path within the module's `img/` and the text alternative; `words` counts what is read.
    """

    segments: tuple[Segment, ...] = ()
    terms: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    lessons: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    images: tuple[tuple[str, str], ...] = ()
    headings: tuple[Heading, ...] = ()
    checks: tuple[str, ...] = ()
    words: int = 0
    problems: tuple[Problem, ...] = ()

    @property
    def html(self) -> str:
        """All HTML without the self-checks: for stems, options and explanations."""
        return "".join(part.html for part in self.segments if isinstance(part, Html))

    def to_json(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers; `from_json` gives an equal value back."""
        return {
            "v": PIPELINE,
            "segments": [
                ["html", part.html] if isinstance(part, Html) else ["check", part.item_id]
                for part in self.segments
            ],
            "terms": list(self.terms),
            "sources": list(self.sources),
            "lessons": list(self.lessons),
            "files": list(self.files),
            "images": [list(pair) for pair in self.images],
            "headings": [[h.level, h.text, h.anchor] for h in self.headings],
            "checks": list(self.checks),
            "words": self.words,
            "problems": [[p.code, p.line, p.detail] for p in self.problems],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Rendered:
        """The stored value. Raises `ValueError` when another pipeline wrote it: render anew."""
        if data.get("v") != PIPELINE:
            raise ValueError(f"rendered by pipeline {data.get('v')!r}, this is {PIPELINE}")
        return cls(
            segments=tuple(
                Html(value) if kind == "html" else Check(value) for kind, value in data["segments"]
            ),
            terms=tuple(data["terms"]),
            sources=tuple(data["sources"]),
            lessons=tuple(data["lessons"]),
            files=tuple(data["files"]),
            images=tuple((path, alt) for path, alt in data["images"]),
            headings=tuple(Heading(*heading) for heading in data["headings"]),
            checks=tuple(data["checks"]),
            words=data["words"],
            problems=tuple(Problem(*problem) for problem in data["problems"]),
        )
