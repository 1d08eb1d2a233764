"""Authored values made ready to be stored: hashed, and rendered in one batch.

Nothing here touches the database: rendering takes its time and no transaction may wait for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from lms.domain.authoring import (
    AuthoredActivity,
    AuthoredCourse,
    AuthoredExercise,
    AuthoredLesson,
    AuthoredModule,
)
from lms.domain.errors import Refusal
from lms.domain.items import Item
from lms.interop.markdown_document import PIPELINE, Rendered
from lms.interop.markdown_links import with_own_ids
from lms.services import drafts
from lms.services.drafts import Json, fingerprint

MEDIA_TYPES: Final = {
    "csv": "text/csv",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "webp": "image/webp",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Kinds of files a course may bring. A closed list: the system's own differs between machines."""

REFERENCES: Final = ("terms", "sources", "lessons", "files")


class Renderer(Protocol):
    """What is asked of :class:`lms.interop.markdown_renderer.Renderer`."""

    def render_many(self, texts: Iterable[str], *, inline: bool = False) -> list[Rendered]: ...


Known = frozenset[tuple[str, str, str]]
"""(kind, key, content hash) of versions that are stored already and need no rendering."""

NOTHING_KNOWN: Final[Known] = frozenset()


@dataclass(frozen=True, slots=True)
class Piece:
    """One version to be: of a lesson, a test, an exercise or an item."""

    kind: str
    """``lesson``, ``quiz``, ``exercise`` or ``item``."""
    key: str
    source: Json
    content_hash: str
    rendered: Json | None
    """None when a stored version with this hash is known to have it."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    path: str
    sha256: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class PreparedModule:
    key: str
    texts: Json
    activities: tuple[Piece, ...]
    items: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A whole course, ready for :func:`lms.services.course_store.store`."""

    key: str
    texts: Json
    modules: tuple[PreparedModule, ...]
    tests: tuple[Piece, ...]
    """Of the whole course, in their order."""
    files: tuple[StoredFile, ...]


@dataclass
class _Batch:
    """Texts to render, each once, however often it occurs."""

    wanted: dict[tuple[str, bool], str] = field(default_factory=dict)
    """(text, inline) → the part it was first seen in, for the message when it is refused."""
    done: dict[tuple[str, bool], Rendered] = field(default_factory=dict)

    def want(self, text: str, inline: bool, part: str) -> None:
        if text:
            self.wanted.setdefault((text, inline), part)

    def run(self, renderer: Renderer) -> None:
        for inline in (False, True):
            texts = [text for text, as_inline in self.wanted if as_inline is inline]
            try:
                results = renderer.render_many(texts, inline=inline)
            except Refusal as refusal:
                at = refusal.params.get("index")
                if isinstance(at, int):
                    refusal.params["part"] = self.wanted[texts[at], inline]
                raise
            self.done.update(
                ((text, inline), rendered) for text, rendered in zip(texts, results, strict=True)
            )

    def of(self, text: str, inline: bool) -> Rendered:
        return self.done[text, inline] if text else Rendered()


Draft = AuthoredActivity | Item


def prepare(course: AuthoredCourse, renderer: Renderer, known: Known = NOTHING_KNOWN) -> Prepared:
    """Everything of a course hashed and, unless ``known``, rendered.

    Raises Refusal with ``part`` (``lesson/<key>``, …) among its params for a text that cannot be
    rendered, and ``file-type`` for a file of no known kind.
    """
    files = tuple(_stored_file(path, data) for path, data in sorted(course.assets.items()))
    batch = _Batch()
    for term in course.glossary:
        batch.want(term.text, True, f"term/{term.key}")
    for test in course.tests:
        _want(batch, test, known)
    for module in course.modules:
        for draft in (*module.activities, *module.items):
            _want(batch, draft, known)
    batch.run(renderer)
    terms = {term.key: batch.of(term.text, True).html for term in course.glossary}
    return Prepared(
        key=course.key,
        texts=drafts.course_texts(course, terms, {file.path: file.sha256 for file in files}),
        modules=tuple(_module(module, batch, known) for module in course.modules),
        tests=tuple(_piece(test, batch, known) for test in course.tests),
        files=files,
    )


def prepare_one(draft: Draft, renderer: Renderer) -> Piece:
    """One lesson, test, exercise or item, rendered. Raises Refusal as :func:`prepare` does."""
    batch = _Batch()
    _want(batch, draft, NOTHING_KNOWN)
    batch.run(renderer)
    return _piece(draft, batch, NOTHING_KNOWN)


def source_of(draft: Draft) -> tuple[str, Json]:
    """Kind and stored source of an authored lesson, test, exercise or item."""
    match draft:
        case AuthoredLesson():
            return "lesson", drafts.lesson_source(draft)
        case AuthoredExercise():
            return "exercise", drafts.exercise_source(draft)
        case Item():
            return "item", draft.to_json()
    return "quiz", drafts.quiz_source(draft)


def _is_known(draft: Draft, known: Known) -> bool:
    kind, source = source_of(draft)
    return (kind, draft.key, fingerprint(kind, source)) in known


def _want(batch: _Batch, draft: Draft, known: Known) -> None:
    if _is_known(draft, known):
        return
    kind, _ = source_of(draft)
    part = f"{kind}/{draft.key}"
    if isinstance(draft, Item):
        draft.map_text(
            lambda text: _noted(batch, text, False, part),
            lambda text: _noted(batch, text, True, part),
        )
    elif isinstance(draft, AuthoredExercise):
        for text, inline in _sheet_texts(draft):
            batch.want(text, inline, part)
    else:
        batch.want(draft.body if isinstance(draft, AuthoredLesson) else draft.intro, False, part)


def _sheet_texts(exercise: AuthoredExercise) -> list[tuple[str, bool]]:
    """(text, inline) of every Markdown text of an exercise."""
    levels = [(level, True) for criterion in exercise.rubric for level in criterion.levels]
    return [(exercise.task, False), (exercise.example, False), *levels]


def _noted(batch: _Batch, text: str, inline: bool, part: str) -> str:
    batch.want(text, inline, part)
    return text


def _module(module: AuthoredModule, batch: _Batch, known: Known) -> PreparedModule:
    return PreparedModule(
        key=module.key,
        texts=drafts.module_texts(module),
        activities=tuple(_piece(draft, batch, known) for draft in module.activities),
        items=tuple(_piece(item, batch, known) for item in module.items),
    )


def _piece(draft: Draft, batch: _Batch, known: Known) -> Piece:
    kind, source = source_of(draft)
    rendered = None if _is_known(draft, known) else _rendered(draft, batch)
    return Piece(kind, draft.key, source, fingerprint(kind, source), rendered)


def _rendered(draft: Draft, batch: _Batch) -> Json:
    if isinstance(draft, AuthoredLesson):
        return batch.of(draft.body, False).to_json()
    if isinstance(draft, AuthoredExercise):
        return _rendered_sheet(draft, batch)
    if not isinstance(draft, Item):
        return {"v": PIPELINE, "intro_html": batch.of(draft.intro, False).html}
    found: dict[str, dict[Any, None]] = {name: {} for name in (*REFERENCES, "images")}

    def html(text: str, inline: bool) -> str:
        rendered = batch.of(text, inline)
        for name in REFERENCES:
            found[name].update(dict.fromkeys(getattr(rendered, name)))
        found["images"].update(dict.fromkeys(path for path, _ in rendered.images))
        return rendered.html

    shown = draft.map_text(lambda text: html(text, False), lambda text: html(text, True))
    return {**shown.to_json(), "v": PIPELINE, **{name: list(keys) for name, keys in found.items()}}


def _rendered_sheet(exercise: AuthoredExercise, batch: _Batch) -> Json:
    """Task, example and rubric as shown, with everything they refer to."""
    parts = [batch.of(text, inline) for text, inline in _sheet_texts(exercise)]
    found = {
        name: list(dict.fromkeys(entry for part in parts for entry in getattr(part, name)))
        for name in (*REFERENCES, "images", "checks")
    }
    return {
        "v": PIPELINE,
        "task_html": parts[0].html,
        # Task and example stand on one page: no two headings of it may share an id.
        "example_html": with_own_ids(parts[1].html, "example"),
        "rubric": [
            {
                "key": criterion.key,
                "title": criterion.title,
                "levels": [batch.of(level, True).html for level in criterion.levels],
            }
            for criterion in exercise.rubric
        ],
        **found,
        "words": sum(part.words for part in parts),
        "problems": [[p.code, p.line, p.detail] for part in parts for p in part.problems],
    }


def _stored_file(path: str, data: bytes) -> StoredFile:
    media_type = MEDIA_TYPES.get(path.rpartition(".")[2].lower())
    if media_type is None:
        raise Refusal("file-type", name=path)
    return StoredFile(path, hashlib.sha256(data).hexdigest(), media_type, data)
