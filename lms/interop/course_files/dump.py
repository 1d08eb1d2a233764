"""A course → its files, so that git and the browser agree.

Dumping over an existing folder keeps names, shelves of the bank and untouched files as they are
(comments included): only what changed is written anew, and what is gone is removed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from lms.domain.authoring import (
    AuthoredActivity,
    AuthoredCourse,
    AuthoredExercise,
    AuthoredLesson,
    AuthoredModule,
    AuthoredQuiz,
)
from lms.domain.items import Item
from lms.interop.course_files.emit import document
from lms.interop.course_files.problems import Places
from lms.interop.course_files.reading import read_folder
from lms.interop.course_files.strict_yaml import INVISIBLE
from lms.interop.course_files.values import (
    course_values,
    english_values,
    exercise_values,
    facts_values,
    item_values,
    lesson_values,
    module_values,
    quiz_values,
    source_values,
    term_values,
    verification_values,
)

NEW_SHELF = "items.yaml"
_NAME = re.compile(r"([0-9]{2,3})-(.+?)(\.md|\.quiz\.yaml|\.exercise\.yaml)")
_LAST_NUMBER = 100


def dump_course(course: AuthoredCourse, folder: Path) -> list[str]:
    """Write the course below ``folder`` and return the paths written or removed, sorted.

    Reading the folder again gives an equal course. Facts and points to verify that the course does
    not carry are left as they stand in the folder. Raises ValueError when the modules are not in
    the order of their folders, or when the folder holds a course with problems: something there
    could not be read and would be lost.
    """
    folders = [module.folder for module in course.modules]
    if folders != sorted(set(folders)):
        raise ValueError(f"module folders are not in order: {', '.join(folders)}")
    old: dict[str, bytes] = {}
    places = Places()
    if (folder / "course.yaml").exists():
        reading = read_folder(folder)
        if reading.course is None or reading.problems:
            raise ValueError(f"the course in {folder} has problems: mend it first")
        places = reading.places
        old = files_of(reading.course, places)
    new = files_of(course, places)
    kept = {name for name in ("facts.yaml", "to-verify.yaml") if name not in new}
    changed = [path for path, content in new.items() if old.get(path) != content]
    gone = [path for path in old if path not in new and path not in kept]
    for path in changed:
        _write(folder / path, new[path])
    for path in gone:
        (folder / path).unlink()
        _remove_empty((folder / path).parent, folder)
    return sorted(changed + gone)


def _write(path: Path, content: bytes) -> None:
    """All or nothing: a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    draft.write_bytes(content)
    draft.replace(path)


def _remove_empty(folder: Path, top: Path) -> None:
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def files_of(course: AuthoredCourse, places: Places) -> dict[str, bytes]:
    """Path → content of every file; ``places`` tells the names that are in use already."""
    texts = {"course.yaml": document(course_values(course))}
    if course.en:
        texts["course.en.yaml"] = document(english_values(course.en))
    if course.glossary:
        texts["glossary.yaml"] = document([term_values(term) for term in course.glossary])
    if course.sources:
        texts["sources.yaml"] = document({s.code: source_values(s) for s in course.sources})
    if course.facts:
        texts["facts.yaml"] = document(facts_values(course.facts))
    if course.to_verify:
        texts["to-verify.yaml"] = document([verification_values(p) for p in course.to_verify])
    for test in course.tests:
        texts[_test_name(test, places)] = document(quiz_values(test))
    for module in course.modules:
        for path, text in _module_files(module, places).items():
            texts[f"{module.folder}/{path}"] = text
    return {path: text.encode() for path, text in texts.items()} | course.assets


def _test_name(test: AuthoredQuiz, places: Places) -> str:
    """The file of a test of the whole course; a new one is called by its key."""
    place = places.known.get(f"activity/{test.key}")
    return place.file if place and "/" not in place.file else f"{test.key}.quiz.yaml"


def _module_files(module: AuthoredModule, places: Places) -> dict[str, str]:
    files = {"module.yaml": document(module_values(module))}
    if module.en:
        files["module.en.yaml"] = document(english_values(module.en))
    for name, activity in zip(_activity_names(module, places), module.activities, strict=True):
        if isinstance(activity, AuthoredLesson):
            # In YAML the invisible is escaped; in Markdown it can only become a space.
            body = INVISIBLE.sub(" ", activity.body)
            files[name] = f"---\n{document(lesson_values(activity))}---\n{body}\n"
        elif isinstance(activity, AuthoredExercise):
            files[name] = document(exercise_values(activity))
        else:
            files[name] = document(quiz_values(activity))
    shelves: dict[str, list[tuple[int, Item]]] = defaultdict(list)
    for item in module.items:
        shelf, line = _shelf(module, item, places)
        shelves[shelf].append((line, item))
    for shelf, entries in sorted(shelves.items()):
        ordered = [item for _, item in sorted(entries, key=lambda entry: entry[0])]
        files[f"bank/{shelf}"] = document([item_values(item) for item in ordered])
    return files


def _shelf(module: AuthoredModule, item: Item, places: Places) -> tuple[str, int]:
    """The bank file that holds the item and its line there; new items stand at the end."""
    place = places.known.get(f"item/{item.key}")
    if place and place.file.startswith(f"{module.folder}/bank/"):
        return place.file.rpartition("/")[2], place.first
    return NEW_SHELF, 10**9


def _activity_names(module: AuthoredModule, places: Places) -> list[str]:
    """File names in the order of the activities: those in use are kept while they are in order."""
    known: list[str | None] = []
    for activity in module.activities:
        place = places.known.get(f"activity/{activity.key}")
        inside = place is not None and place.file.startswith(f"{module.folder}/")
        known.append(place.file.rpartition("/")[2] if place and inside else None)
    kept = [name for name in known if name]
    if kept == sorted(kept):
        filled = _fill_gaps(module, known)
        if filled:
            return filled
    return [
        f"{number:02}-{_slug(activity, name)}"
        for number, (activity, name) in enumerate(zip(module.activities, known, strict=True), 1)
    ]


def _fill_gaps(module: AuthoredModule, known: list[str | None]) -> list[str]:
    """New activities numbered between their neighbours, or nothing when there is no room."""
    names: list[str] = []
    last = 0
    for place, (activity, name) in enumerate(zip(module.activities, known, strict=True)):
        after = next((_number(later) for later in known[place:] if later), _LAST_NUMBER)
        if name is None and last + 1 >= after:
            return []
        names.append(name or f"{last + 1:02}-{_slug(activity, None)}")
        last = _number(names[-1])
    return names


def _number(name: str) -> int:
    return int(name.partition("-")[0])


def _slug(activity: AuthoredActivity, name: str | None) -> str:
    if isinstance(activity, AuthoredLesson):
        ending = ".md"
    else:
        ending = f".{'exercise' if isinstance(activity, AuthoredExercise) else 'quiz'}.yaml"
    found = _NAME.fullmatch(name) if name else None
    return (found[2] if found else activity.key) + ending
