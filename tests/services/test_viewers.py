"""Rights, read from relations."""

from __future__ import annotations

import pytest
from factories.people import (
    make_course,
    make_department,
    make_head,
    make_person,
    make_trainer,
    viewer_of,
)
from sqlalchemy.orm import Session
from statements import statements

from lms.domain.errors import Forbidden
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
        viewer = viewer_of(session, person_id)
    assert len(sent) == 1
    assert viewer.heads == tuple(sorted([economic.path, works.path]))
    assert viewer.teaches == tuple(sorted(course.id for course in courses))
    assert viewer.is_admin
    assert not viewer.is_hr


def test_a_person_without_relations_has_no_rights(session: Session) -> None:
    viewer = viewer_of(session, make_person(session).id)
    assert (viewer.heads, viewer.teaches, viewer.is_admin) == ((), (), False)


def test_the_head_of_the_root_is_hr(session: Session) -> None:
    root, person = make_department(session), make_person(session)
    make_head(session, root, person, "deputy")
    assert viewer_of(session, person.id).is_hr


def test_only_an_administrator_touches_an_administrator(session: Session) -> None:
    admin, hr = make_person(session, is_admin=True), make_person(session)
    with pytest.raises(Forbidden):
        viewers.check_may_change(hr, admin)
    viewers.check_may_change(admin, admin)
    viewers.check_may_change(None, admin)
    viewers.check_may_change(hr, hr)
