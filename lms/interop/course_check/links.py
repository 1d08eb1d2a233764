"""What texts refer to: terms, sources, lessons, files, pictures, self-checks, anchors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from lms.domain.authoring import AuthoredCourse, AuthoredLesson, AuthoredText
from lms.domain.errors import Refusal
from lms.domain.items import Use
from lms.interop.course_check.report import Findings
from lms.interop.course_check.texts import Markup, Text, all_texts
from lms.interop.markdown_document import Rendered


class Render(Protocol):
    """Where Markdown is rendered: in this process, or in a worker with a time limit."""

    def __call__(self, text: str, *, inline: bool) -> Rendered: ...


@dataclass(slots=True)
class Targets:
    """Everything a text may point at."""

    terms: set[str]
    sources: set[str]
    files: set[str]
    pictures: set[str]
    """``<module folder>/img/<name>``."""
    checks: set[str]
    anchors: dict[str, set[str]] = field(default_factory=dict)
    """Lesson → anchors of its headings."""


def targets_of(course: AuthoredCourse, rendered: dict[str, Rendered]) -> Targets:
    items = [item for module in course.modules for item in module.items]
    return Targets(
        terms={term.key for term in course.glossary},
        sources={source.code for source in course.sources},
        files={a.removeprefix("files/") for a in course.assets if a.startswith("files/")},
        pictures={a for a in course.assets if "/img/" in a},
        checks={item.key for item in items if item.use is Use.SELF_CHECK},
        anchors={
            lesson.key: {h.anchor for h in rendered[lesson.key].headings}
            for module in course.modules
            for lesson in module.activities
            if isinstance(lesson, AuthoredLesson)
        },
    )


def render_lessons(
    course: AuthoredCourse, render: Render, findings: Findings
) -> dict[str, Rendered]:
    """Every lesson and exercise once, by key; a refused text counts as empty and is reported."""
    rendered: dict[str, Rendered] = {}
    for module in course.modules:
        for lesson in module.activities:
            if isinstance(lesson, AuthoredText):
                try:
                    rendered[lesson.key] = render(lesson.body, inline=False)
                except Refusal as refusal:
                    findings.problem(f"activity/{lesson.key}/body", refusal.code)
                    rendered[lesson.key] = Rendered()
    return rendered


def check_links(
    course: AuthoredCourse,
    lessons: dict[str, Rendered],
    targets: Targets,
    render: Render,
    findings: Findings,
) -> None:
    for text in all_texts(course):
        if text.markup is Markup.PLAIN or not text.text:
            continue
        key = text.address.split("/")[1]
        if text.address.endswith("/body"):
            found = lessons[key]
        else:
            try:
                found = render(text.text, inline=text.markup is Markup.INLINE)
            except Refusal as refusal:
                findings.problem(text.address, refusal.code)
                continue
        _markdown_problems(text, found, findings)
        _references(text, found, targets, findings)


def _markdown_problems(text: Text, found: Rendered, findings: Findings) -> None:
    for fault in found.problems:
        if text.address.endswith("/body"):
            findings.in_body(text.address, fault.line, fault.code, detail=fault.detail)
        else:
            findings.problem(text.address, fault.code, phrase=fault.detail, detail=fault.detail)


def _references(text: Text, found: Rendered, targets: Targets, findings: Findings) -> None:
    for term in set(found.terms) - targets.terms:
        findings.problem(text.address, "term-unknown", f"(term:{term})", value=term)
    for source in set(found.sources) - targets.sources:
        findings.problem(text.address, "source-unknown", f"(source:{source})", value=source)
    for name in set(found.files) - targets.files:
        findings.problem(text.address, "file-missing", f"(file:{name}", value=name)
    for path, _ in found.images:
        if f"{text.folder}/img/{path}" not in targets.pictures:
            findings.problem(text.address, "picture-missing", f"(img/{path}", value=path)
    for target in set(found.lessons):
        _lesson_link(text, target, targets, findings)
    for check in found.checks:
        if not text.address.endswith("/body"):
            findings.problem(text.address, "check-in-item", check, value=check)
        elif check not in targets.checks:
            findings.problem(text.address, "check-unknown", f"check {check}", value=check)


def _lesson_link(text: Text, target: str, targets: Targets, findings: Findings) -> None:
    key, _, anchor = target.partition("#")
    phrase = f"(lesson:{target})"
    if key not in targets.anchors:
        findings.problem(text.address, "lesson-unknown", phrase, value=key)
    elif anchor and anchor not in targets.anchors[key]:
        findings.problem(text.address, "anchor-missing", phrase, value=anchor, lesson=key)
