"""Reading what is published: cached by database, never what might be rolled back."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from factories.courses import InlineRenderer, a_course, make_published, with_module
from sessions import NOW
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from statements import statements

from lms.domain.errors import NotFound
from lms.models import Base
from lms.models.engine import prepare
from lms.services import authoring, curriculum, publishing
from lms.services.course_store import store_course
from lms.services.curriculum import get_asset, list_published, manifest_of, published


def test_a_known_manifest_costs_one_query(session: Session) -> None:
    make_published(session)
    session.commit()
    with Session(session.get_bind()) as reader:
        first = published(reader, "por")
        with statements(reader) as sent:
            again = published(reader, "por")
            assert manifest_of(reader, first.manifest_id) is again.manifest
    assert again.manifest is first.manifest
    assert len(sent) == 1


def test_unknown_and_unpublished_courses_look_alike(session: Session) -> None:
    store_course(session, a_course(), InlineRenderer(), NOW)
    for key in ("por", "nu-e"):
        with pytest.raises(NotFound):
            published(session, key)
    with pytest.raises(NotFound):
        manifest_of(session, 77)
    assert list_published(session) == []


def test_every_published_course_is_listed(session: Session) -> None:
    for key in ("b", "a"):
        make_published(session, a_course(key))
    assert [line.manifest.key for line in list_published(session)] == ["a", "b"]


def test_what_is_rolled_back_was_never_kept(session: Session) -> None:
    store_course(session, a_course(), InlineRenderer(), NOW)
    session.commit()
    course = authoring.get_course(session, "por")
    lost = publishing.publish(session, course, None, "", NOW)
    assert published(session, "por").manifest == lost.manifest
    session.rollback()
    with Session(session.get_bind()) as other:
        changed = with_module(a_course(), 1, title="Altul")
        kept = make_published(other, changed)
        other.commit()
    with Session(session.get_bind()) as reader:
        assert published(reader, "por").manifest.modules[0].title == "Altul"
        assert reader.get_bind().dialect.name != "sqlite" or kept.manifest_id == lost.manifest_id


def test_two_databases_in_one_process_do_not_mix(session: Session, tmp_path: Path) -> None:
    make_published(session)
    session.commit()
    published(session, "por")
    engine = create_engine(f"sqlite:///{tmp_path / 'other.db'}")
    prepare(engine)
    Base.metadata.create_all(engine)
    with Session(engine) as other:
        theirs = make_published(other, a_course(title="Al doilea"))
        other.commit()
        assert theirs.manifest_id == published(session, "por").manifest_id
        assert published(other, "por").manifest.title == "Al doilea"
        assert published(session, "por").manifest.title == "Scrierea proiectelor"
    engine.dispose()


def test_only_so_many_are_kept(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curriculum, "_kept", curriculum.Kept(2))
    ids = [make_published(session, a_course(key)).manifest_id for key in ("a", "b", "c")]
    session.commit()
    with Session(session.get_bind()) as reader:
        for manifest_id in (*ids[:2], ids[0], ids[2]):
            manifest_of(reader, manifest_id)
        with statements(reader) as sent:
            manifest_of(reader, ids[0])
            manifest_of(reader, ids[2])
            assert sent == []
            manifest_of(reader, ids[1])
            assert len(sent) == 1


def test_many_threads_read_one_manifest(session: Session) -> None:
    manifest_id = make_published(session).manifest_id
    session.commit()
    engine, titles = session.get_bind(), []

    def read() -> None:
        with Session(engine) as mine:
            titles.append(manifest_of(mine, manifest_id).title)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert titles == ["Scrierea proiectelor"] * 8


def test_only_published_files_are_served(session: Session) -> None:
    live = make_published(session)
    asset = get_asset(session, live, "m1/img/m1.svg")
    assert (asset.media_type, asset.data[:4]) == ("image/svg+xml", b"<svg")
    store_course(
        session,
        a_course(assets={**a_course().assets, "files/ciorna.csv": b"nou"}),
        InlineRenderer(),
        NOW,
    )
    for path in ("files/ciorna.csv", "01-m1/img/m1.svg", "", "../x"):
        with pytest.raises(NotFound):
            get_asset(session, live, path)
