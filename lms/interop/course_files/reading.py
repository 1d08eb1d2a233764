"""A course folder → :class:`AuthoredCourse`, with every fault of every file in one run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from lms.domain.authoring import (
    AuthoredActivity,
    AuthoredCourse,
    AuthoredModule,
    AuthoredQuiz,
    AuthoredTerm,
    Fact,
)
from lms.domain.curriculum import CoursePlace, Source, Translations, Verification
from lms.domain.items import Item
from lms.interop.course_files.fields import Collector, Record
from lms.interop.course_files.problems import Places, Problem
from lms.interop.course_files.read_items import read_item
from lms.interop.course_files.read_module import (
    read_badge,
    read_course_test,
    read_criteria,
    read_exercise,
    read_lesson,
    read_module_english,
    read_outcomes,
    read_quiz,
)
from lms.interop.course_files.strict_yaml import INVISIBLE, MAX_BYTES, Items, UnreadableError, parse

T = TypeVar("T")

MAX_ASSET_BYTES = 5_000_000
CONFIDENCES = ("V", "C", "M", "?")

_NUMBERED = re.compile(r"[0-9]{2,3}-[a-z0-9]+(?:-[a-z0-9]+)*")
_COURSE_TEST = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\.quiz\.yaml")
_ASSET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.[a-z0-9]{1,8}")
_CODE = re.compile(r"[A-Z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*")
_YAML_ACTIVITIES: dict[str, Callable[[Record], AuthoredActivity | None]] = {
    "quiz.yaml": read_quiz,
    "exercise.yaml": read_exercise,
}
_COURSE_FILES = ("course", "glossary", "sources", "facts", "to-verify")


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read, what is wrong, and where everything stands.

    ``course`` is None only when the folder is no course at all; with problems it holds what was
    readable, so that a check can go on and report everything at once.
    """

    course: AuthoredCourse | None
    problems: list[Problem]
    places: Places


def read_course(folder: Path) -> tuple[AuthoredCourse | None, list[Problem]]:
    """The course, or None together with everything that is wrong: never half a course."""
    reading = read_folder(folder)
    return (None if reading.problems else reading.course), reading.problems


def read_folder(folder: Path) -> Reading:
    """Read as much as can be read. Raises OSError only when a file cannot be opened."""
    reader = _Reader(folder)
    course = reader.course()
    return Reading(course, sorted(set(reader.sink.problems)), reader.sink.places)


class _Reader:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sink = Collector()

    # -- files -----------------------------------------------------------------------------

    def name(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def entries(self, folder: Path) -> list[Path]:
        """Visible entries by name; links are refused, they could lead anywhere."""
        found = []
        for path in sorted(folder.iterdir()):
            if path.is_symlink():
                self.sink.report(self.name(path), 0, "symlink")
            elif not path.name.startswith("."):
                found.append(path)
        return found

    def text(self, path: Path) -> str | None:
        """UTF-8 text with plain line ends, or None with the reason reported."""
        file = self.name(path)
        if path.stat().st_size > MAX_BYTES:
            self.sink.report(file, 0, "file-too-large", limit=MAX_BYTES // 1_000_000)
            return None
        data = path.read_bytes()
        try:
            text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError as error:
            self.sink.report(file, data[: error.start].count(b"\n") + 1, "not-utf8")
            return None
        lines = text.split("\n")
        self.sink.places.lines[file] = lines
        dirty = [n for n, line in enumerate(lines, 1) if INVISIBLE.search(line)]
        if dirty:
            self.sink.report(file, dirty[0], "control-characters")
            return None
        return text

    def record(self, path: Path) -> Record | None:
        """The mapping a YAML file holds."""
        text = self.text(path)
        if text is None:
            return None
        try:
            record = Record(self.sink, self.name(path), parse(text, self.name(path)))
        except UnreadableError as error:
            self.sink.problems.append(error.fault)
            return None
        return record if record.is_mapping else None

    def records(self, path: Path) -> list[Record]:
        """The mappings of a YAML file that holds a list."""
        file = self.name(path)
        text = self.text(path)
        if text is None or not text.strip():
            return []
        try:
            node = parse(text, file)
        except UnreadableError as error:
            if error.fault.code != "yaml-empty":
                self.sink.problems.append(error.fault)
            return []
        if not isinstance(node, Items):
            self.sink.report(file, node.first, "want-list", key=path.name)
            return []
        records = [Record(self.sink, file, part) for part in node.nodes]
        return [record for record in records if record.is_mapping]

    # -- course ----------------------------------------------------------------------------

    def course(self) -> AuthoredCourse | None:
        if not (self.folder / "course.yaml").is_file():
            self.sink.report("course.yaml", 0, "course-missing")
            return None
        record = self.record(self.folder / "course.yaml")
        modules, assets = self.modules()
        if record is None:
            return None
        record.mark("course")
        for name in record.values:
            record.mark(f"course/{name}", name)
        course = AuthoredCourse(
            key=record.key(),
            title=record.text("title"),
            summary=record.text("summary"),
            workshop=record.text("workshop", required=False),
            language=record.choice("language", ("ro", "en"), default="ro"),
            modules=modules,
            tests=self.tests(),
            glossary=self.listed("glossary.yaml", self.term),
            sources=self.sources(),
            facts=self.facts(),
            to_verify=self.listed("to-verify.yaml", self.verification),
            assets=assets | self.assets(self.folder / "files"),
            en=self.english(self.folder / "course.en.yaml"),
        )
        record.close()
        return course

    def english(self, path: Path) -> Translations:
        record = self.record(path) if path.is_file() else None
        if record is None:
            return {}
        record.mark("course/en")
        names = ("title", "summary", "workshop")
        texts: Translations = {n: text for n in names if (text := record.text(n, required=False))}
        if titles := {k: v for k, v in record.plain("activities").items() if v}:
            texts["activities"] = titles
        record.close()
        return texts

    def listed(self, name: str, read: Callable[[Record], T | None]) -> tuple[T, ...]:
        path = self.folder / name
        found = [read(record) for record in self.records(path)] if path.is_file() else []
        return tuple(value for value in found if value is not None)

    def term(self, record: Record) -> AuthoredTerm | None:
        term = AuthoredTerm(
            key=record.key(),
            term=record.text("term"),
            text=record.text("text"),
            long=record.text("long", required=False),
            en=record.text("en", required=False),
        )
        self.once(record, f"term/{term.key}")
        record.close()
        return term if term.key else None

    def verification(self, record: Record) -> Verification:
        point = Verification(
            number=record.whole("number", 1, 999),
            group=record.text("group"),
            text=record.text("text"),
            facts=record.texts("facts"),
        )
        self.once(record, f"verify/{point.number}")
        record.close()
        return point

    def once(self, record: Record, address: str) -> None:
        """Remember where an entry stands; the second of one name is reported."""
        first = self.sink.places.known.get(address)
        if first:
            name = address.partition("/")[2]
            where = f"{first.file}:{first.first}"
            record.report(record.line, "id-twice", id=name, where=where)
        record.mark(address)

    def sources(self) -> tuple[Source, ...]:
        """``sources.yaml``: codes with title and address."""
        path = self.folder / "sources.yaml"
        record = self.record(path) if path.is_file() else None
        return tuple(_source(code, part) for code, part in self.coded(record, "source"))

    def facts(self) -> tuple[Fact, ...]:
        """``facts.yaml``: the date of the fact sheet, then codes with their confidence."""
        path = self.folder / "facts.yaml"
        record = self.record(path) if path.is_file() else None
        if record is None:
            return ()
        as_of = record.day("as_of")
        codes = self.coded(record.record("facts"), "fact")
        facts = tuple(_fact(code, as_of, part) for code, part in codes)
        record.close()
        return facts

    def coded(self, record: Record | None, kind: str) -> Iterator[tuple[str, Record]]:
        """The entries of a mapping of codes, each closed once it has been read."""
        if record is None:
            return
        for code in record.values:
            part = record.record(code)
            part.mark(f"{kind}/{code}")
            if not _CODE.fullmatch(code):
                part.report(record.lines[code], "code-spelling", value=code)
            yield code, part
            part.close()

    def tests(self) -> tuple[AuthoredQuiz, ...]:
        """Tests of the whole course, in the one order that their keys and places give."""
        records = [self.record(path) for path in self.entries(self.folder) if _is_test(path)]
        found = [read_course_test(record) for record in records if record is not None]
        return in_order(test for test in found if test is not None)

    # -- modules ---------------------------------------------------------------------------

    def modules(self) -> tuple[tuple[AuthoredModule, ...], dict[str, bytes]]:
        found: list[AuthoredModule] = []
        assets: dict[str, bytes] = {}
        allowed = [f"{name}.yaml" for name in _COURSE_FILES] + ["course.en.yaml"]
        for path in self.entries(self.folder):
            if path.is_dir() and _NUMBERED.fullmatch(path.name):
                module = self.module(path)
                assets |= self.assets(path / "img")
                found += [module] if module else []
            elif _is_test(path):
                continue
            elif not (path.is_dir() and path.name == "files") and path.name not in allowed:
                self.sink.report(self.name(path), 0, "file-unknown")
        if not found:
            self.sink.report("course.yaml", 0, "course-empty")
        return tuple(found), assets

    def module(self, folder: Path) -> AuthoredModule | None:
        activities: list[AuthoredActivity] = []
        for path in self.entries(folder):
            activity = self.activity(path)
            if activity is not None:
                activities.append(activity)
        items = self.bank(folder / "bank")
        main = folder / "module.yaml"
        if not main.is_file():
            self.sink.report(self.name(main), 0, "module-missing")
            return None
        record = self.record(main)
        if record is None:
            return None
        key = record.key()
        self.sink.claim(key, record.place)
        address = f"module/{key}"
        record.mark(address)
        for name in record.values:
            record.mark(f"{address}/{name}", name)
        english = folder / "module.en.yaml"
        translated = self.record(english) if english.is_file() else None
        if translated:
            translated.mark(f"{address}/en")
        module = AuthoredModule(
            key=key,
            folder=folder.name,
            title=record.text("title"),
            short=record.text("short"),
            summary=record.text("summary"),
            minutes=record.whole("minutes", 1, 6000),
            outcomes=read_outcomes(record, address),
            criteria=read_criteria(record, address),
            badge=read_badge(record, address),
            activities=tuple(activities),
            items=tuple(sorted(items, key=lambda item: item.key)),
            en=read_module_english(translated) if translated else {},
        )
        record.close()
        return module if key else None

    def activity(self, path: Path) -> AuthoredActivity | None:
        """A lesson, test or exercise; None for the module's own files, and for unknown ones."""
        if path.name in ("module.yaml", "module.en.yaml", "bank", "img"):
            return None
        stem, _, ending = path.name.partition(".")
        if path.is_file() and _NUMBERED.fullmatch(stem) and ending in _YAML_ACTIVITIES:
            record = self.record(path)
            return _YAML_ACTIVITIES[ending](record) if record else None
        if path.is_file() and _NUMBERED.fullmatch(stem) and ending == "md":
            text = self.text(path)
            return None if text is None else read_lesson(self.sink, self.name(path), text)
        self.sink.report(self.name(path), 0, "file-unknown")
        return None

    def bank(self, folder: Path) -> list[Item]:
        items: list[Item] = []
        for path in self.entries(folder) if folder.is_dir() else ():
            if path.is_file() and path.suffix == ".yaml":
                read = [read_item(record) for record in self.records(path)]
                items += [item for item in read if item is not None]
            else:
                self.sink.report(self.name(path), 0, "file-unknown")
        return items

    def assets(self, folder: Path) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for path in self.entries(folder) if folder.is_dir() else ():
            if not path.is_file() or not _ASSET.fullmatch(path.name):
                self.sink.report(self.name(path), 0, "asset-name")
            elif path.stat().st_size > MAX_ASSET_BYTES:
                limit = MAX_ASSET_BYTES // 1_000_000
                self.sink.report(self.name(path), 0, "file-too-large", limit=limit)
            else:
                found[self.name(path)] = path.read_bytes()
        return found


def _is_test(path: Path) -> bool:
    return path.is_file() and _COURSE_TEST.fullmatch(path.name) is not None


def in_order(tests: Iterable[AuthoredQuiz]) -> tuple[AuthoredQuiz, ...]:
    return tuple(sorted(tests, key=lambda test: (test.place is CoursePlace.AFTER, test.key)))


def _source(code: str, part: Record) -> Source:
    official = part.flag("official", default=False)
    return Source(code, part.text("title"), part.text("url", required=False), official)


def _fact(code: str, as_of: str, part: Record) -> Fact:
    confidence = part.choice("confidence", CONFIDENCES)
    sources = part.texts("sources")
    return Fact(code, confidence, sources, part.day("as_of", required=False) or as_of)
