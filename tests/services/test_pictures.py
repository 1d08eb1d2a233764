"""Pictures added from the browser."""

from __future__ import annotations

from dataclasses import replace

import pytest
from factories.courses import (
    SVG,
    InlineRenderer,
    a_course,
    make_published,
    with_module,
)
from factories.people import make_person
from sessions import NOW
from sqlalchemy.orm import Session

from lms.domain.errors import NotFound, Refusal
from lms.models import Asset, AuditEntry, Course
from lms.services import authoring, course_store, pictures

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 20
WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 " + b"\x00" * 20


@pytest.fixture
def course(session: Session) -> Course:
    make_published(session)
    return authoring.get_course(session, "por")


def add(session: Session, course: Course, name: str, data: bytes, module: str = "m1") -> str:
    author = make_person(session)
    return pictures.add_picture(session, course, module, name, data, author=author, now=NOW)


@pytest.mark.parametrize(
    ("data", "ending"), [(PNG, "png"), (JPEG, "jpg"), (WEBP, "webp")], ids=["PNG", "JPEG", "WebP"]
)
def test_what_it_is_says_its_content(
    session: Session, course: Course, data: bytes, ending: str
) -> None:
    path = add(session, course, "Poza mea <b>.exe", data)
    assert path == f"img/poza-mea-b.{ending}"
    assert f"01-m1/{path}" in course.draft["assets"]
    entry = session.query(AuditEntry).filter_by(verb="picture.add").one()
    assert entry.details == {"path": f"01-m1/{path}"}


def test_the_same_picture_is_one_file_and_another_gets_a_name_of_its_own(
    session: Session, course: Course
) -> None:
    first = add(session, course, "a.png", PNG)
    before = session.query(Asset).count()
    assert add(session, course, "alt nume.png", PNG) == first
    assert session.query(Asset).count() == before
    assert add(session, course, "a.png", PNG + b"1") == "img/a-2.png"
    assert add(session, course, "a.png", PNG, module="m2") == "img/a.png"
    assert session.query(Asset).count() == before + 1


@pytest.mark.parametrize("name", ["../../etc/passwd", "..", "", "x" * 500, "con.png", "ș.png"])
def test_no_name_climbs_out_of_the_folder(session: Session, course: Course, name: str) -> None:
    path = add(session, course, name, PNG)
    stem = path.removeprefix("img/").removesuffix(".png")
    assert stem
    assert set(stem) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert len(stem) <= 60


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "picture-missing"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture-type"),
        (b"GIF89a", "picture-type"),
        (b"%PDF-1.7", "picture-type"),
        (PNG + b"\x00" * pictures.MAX_BYTES, "picture-too-large"),
    ],
)
def test_what_is_refused(session: Session, course: Course, data: bytes, code: str) -> None:
    before = course.draft
    with pytest.raises(Refusal) as refused:
        add(session, course, "a.png", data)
    assert refused.value.code == code
    assert course.draft == before


def test_a_module_of_nobody_is_not_found(session: Session, course: Course) -> None:
    with pytest.raises(NotFound):
        add(session, course, "a.png", PNG, module="strain")


def test_a_picture_stays_when_the_files_are_loaded_anew(session: Session, course: Course) -> None:
    """The files' own pictures come and go with them, also when a module is renumbered."""
    path = add(session, course, "a.png", PNG)
    renumbered = with_module(a_course(), 1, folder="03-m1")
    files = {"files/x.csv": b"c;d\n", "03-m1/img/neu.svg": SVG}
    report = course_store.store_course(
        session, replace(renumbered, assets=files), InlineRenderer(), NOW
    )
    assert report.kept == ()
    assert set(course.draft["assets"]) == {*files, f"03-m1/{path}"}
    again = course_store.store_course(
        session, replace(renumbered, assets=files), InlineRenderer(), NOW
    )
    assert again.is_empty and again.kept == ()
