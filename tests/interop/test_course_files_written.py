"""Faults in plain words, and courses written back to their files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from string import Formatter

import pytest
from small_course import BANK, MODULE, small, write_course

from lms.domain.authoring import AuthoredExercise, AuthoredLesson
from lms.domain.items import Option
from lms.interop.course_files import dump_course, part_key, read_course, sentence
from lms.interop.course_files.sentences import READ_SENTENCES
from lms.interop.course_files.sentences_check import CHECK_SENTENCES

# -- what a right course becomes ---------------------------------------------------------------


def test_a_fault_in_plain_words_in_both_languages(tmp_path: Path) -> None:
    folder = write_course(
        tmp_path, broken=("course.yaml", "title: Drumul unui proiect", "titel: x")
    )
    missing, unknown = read_course(folder)[1]
    assert sentence(missing, "ro") == "course.yaml:1: Lipsește câmpul „title”."
    assert sentence(unknown, "ro") == (
        "course.yaml:2: Câmpul „titel” nu există aici. Poate „title”?"
    )
    assert sentence(unknown, "en").endswith("There is no field 'titel' here. Perhaps 'title'?")


def test_the_two_languages_name_the_same_parameters() -> None:
    fields = Formatter().parse
    for code, (romanian, english) in (READ_SENTENCES | CHECK_SENTENCES).items():
        ours = {name for _, name, _, _ in fields(romanian) if name}
        assert ours == {name for _, name, _, _ in fields(english) if name}, code
        assert romanian != english
    assert not set(READ_SENTENCES) & set(CHECK_SENTENCES)


# -- writing back ------------------------------------------------------------------------------


def test_dumped_files_read_as_the_same_course(tmp_path: Path) -> None:
    course = small(tmp_path / "source")
    dump_course(course, tmp_path / "copy")
    assert read_course(tmp_path / "copy") == (course, [])


def test_dumping_what_was_not_changed_touches_nothing(tmp_path: Path) -> None:
    folder = write_course(tmp_path)
    commented = (folder / BANK).read_text(encoding="utf-8") + "# a remark of the author\n"
    (folder / BANK).write_text(commented, encoding="utf-8")
    course, _ = read_course(folder)
    assert course is not None
    assert dump_course(course, folder) == []
    assert (folder / BANK).read_text(encoding="utf-8") == commented


def test_dumping_writes_only_what_changed(tmp_path: Path) -> None:
    course = small(tmp_path)
    (module,) = course.modules
    changed = replace(module, items=(replace(module.items[0], difficulty=1), *module.items[1:]))
    assert module.items[0].difficulty != 1
    new = replace(course, modules=(changed,))
    assert dump_course(new, tmp_path) == [BANK]
    assert read_course(tmp_path) == (new, [])
    # The shelf keeps its order: ids are sorted in the course, not in the file.
    text = (tmp_path / BANK).read_text(encoding="utf-8")
    assert text.index("auto-unu") < text.index("auto-doi") < text.index("bani-doi")


def test_new_activities_and_items_find_their_names(tmp_path: Path) -> None:
    course = small(tmp_path)
    (module,) = course.modules
    lesson, sheet, quiz = module.activities
    assert isinstance(lesson, AuthoredLesson)
    assert isinstance(sheet, AuthoredExercise)
    second = replace(lesson, key="a-doua")
    other = replace(sheet, key="alta-fisa", title="Altă fișă: #2")
    item = replace(module.items[1], key="zzz-nou")
    every = (lesson, second, sheet, other, quiz)
    more = replace(module, activities=every, items=(*module.items, item))
    new = replace(course, modules=(more,))
    assert dump_course(new, tmp_path) == [
        f"{MODULE}/02-a-doua.md",
        f"{MODULE}/81-alta-fisa.exercise.yaml",
        f"{MODULE}/bank/items.yaml",
    ]
    assert read_course(tmp_path) == (new, [])
    # Another order renumbers, and what is gone leaves no file behind.
    turned = replace(course, modules=(replace(more, activities=(quiz, sheet, second)),))
    dump_course(turned, tmp_path)
    names = sorted(path.name for path in (tmp_path / MODULE).iterdir() if path.is_file())
    assert names == [
        "01-test.quiz.yaml",
        "02-fisa.exercise.yaml",
        "03-a-doua.md",
        "module.en.yaml",
        "module.yaml",
    ]
    assert read_course(tmp_path) == (turned, [])


def test_facts_that_a_course_does_not_carry_stay_in_the_folder(tmp_path: Path) -> None:
    course = small(tmp_path)
    assert dump_course(replace(course, facts=(), to_verify=()), tmp_path) == []
    assert (tmp_path / "facts.yaml").is_file()


def test_invisible_characters_of_a_pasted_text_do_not_make_a_file_unreadable(
    tmp_path: Path,
) -> None:
    course = small(tmp_path / "source")
    (module,) = course.modules
    lesson, _sheet, quiz = module.activities
    assert isinstance(lesson, AuthoredLesson)
    pasted = replace(lesson, title="Titlu\x0bnou", body=lesson.body + "\n\nUn rând\u2028altul\x0b.")
    new = replace(course, modules=(replace(module, activities=(pasted, quiz)),))
    dump_course(new, tmp_path / "copy")
    read, problems = read_course(tmp_path / "copy")
    assert read is not None, problems
    again = read.modules[0].activities[0]
    assert isinstance(again, AuthoredLesson)
    assert again.title == "Titlu\x0bnou"
    assert again.body.endswith("Un rând altul .")


def test_nothing_is_dumped_over_a_course_that_could_not_be_read(tmp_path: Path) -> None:
    course = small(tmp_path)
    (tmp_path / BANK).write_text("- id: [", encoding="utf-8")
    with pytest.raises(ValueError, match="problems"):
        dump_course(course, tmp_path)
    assert (tmp_path / BANK).read_text(encoding="utf-8") == "- id: ["
    (module,) = course.modules
    twice = replace(course, modules=(module, module))
    with pytest.raises(ValueError, match="order"):
        dump_course(twice, tmp_path / "new")


def test_option_keys_come_from_the_text() -> None:
    assert part_key("Da") == part_key("Da") != part_key("da")
    assert Option(part_key("Da"), "Da", "").key.isalnum()
