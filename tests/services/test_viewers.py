"""Rights, read from relations."""

from __future__ import annotations

import pytest
from factories.people import (
    make_course,
    make_department,
    make_head,
    make_person,
    make_trainer,
)
from sqlalchemy.orm import Session
from statements import statements

from lms.domain.errors import Forbidden, NotFound
from lms.services import viewers


def test_relations_become_rights_in_one_query(session: Session) -> None:
    root = make_department(session)
    economic, works = (make_department(session, name, root) for name in ("Economic", "Lucrări"))
    person = make_person(session, department=root, is_admin=True)
    make_head(session, works, person, "deputy")
    make_head(session, economic, person)
    courses = [make_course(session, key) for key in ("por", "achizitii")]
    for course in courses:
        make_trainer(session, course, person)
    session.commit()
    person_id = person.id
    with statements(session) as sent:
        viewer = viewers.viewer_of(session, person_id)
    assert len(sent) == 1
    assert viewer.heads == tuple(sorted([economic.path, works.path]))
    assert viewer.teaches == tuple(sorted(course.id for course in courses))
    assert viewer.is_admin
    assert not viewer.is_hr


def test_a_person_without_relations_has_no_rights(session: Session) -> None:
    viewer = viewers.viewer_of(session, make_person(session).id)
    assert (viewer.heads, viewer.teaches, viewer.is_admin) == ((), (), False)


def test_the_head_of_the_root_is_hr(session: Session) -> None:
    root, person = make_department(session), make_person(session)
    make_head(session, root, person, "deputy")
    assert viewers.viewer_of(session, person.id).is_hr


def test_nobody_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        viewers.viewer_of(session, 12345)


def test_a_manager_sees_the_own_tree_and_others_look_like_nobody(session: Session) -> None:
    root = make_department(session)
    mine, other = make_department(session, "A", root), make_department(session, "B", root)
    below = make_department(session, "A1", mine)
    manager = make_person(session, department=mine)
    make_head(session, mine, manager)
    viewer = viewers.viewer_of(session, manager.id)
    for department in (mine, below):
        person = make_person(session, department=department)
        assert viewers.get_visible(session, viewer, person.uuid) is person
    strangers = [
        make_person(session, department=other).uuid,
        make_person(session, department=root).uuid,
        make_person(session, department=None).uuid,
        "00000000-0000-4000-8000-000000000000",
        "x\x00y",
        "",
    ]
    refusals = []
    for uuid in strangers:
        with pytest.raises(NotFound) as refused:
            viewers.get_visible(session, viewer, uuid)
        refusals.append((refused.value.code, refused.value.params))
    assert refusals == [("not-found", {})] * len(strangers)


def test_an_employee_sees_nobody_of_no_department(session: Session) -> None:
    viewer = viewers.viewer_of(session, make_person(session).id)
    with pytest.raises(NotFound):
        viewers.get_visible(session, viewer, make_person(session).uuid)


def test_only_an_administrator_touches_an_administrator(session: Session) -> None:
    admin, hr = make_person(session, is_admin=True), make_person(session)
    with pytest.raises(Forbidden):
        viewers.check_may_change(hr, admin)
    viewers.check_may_change(admin, admin)
    viewers.check_may_change(None, admin)
    viewers.check_may_change(hr, hr)
