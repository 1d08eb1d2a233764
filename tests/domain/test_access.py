"""Who may do what: the whole matrix, written down by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.domain.access import ROOM, Action, Subject, Viewer, may, team_paths

VIEWERS = {
    "employee": Viewer(1),
    "head": Viewer(2, heads=("/1/4/",)),
    "two": Viewer(3, heads=("/1/4/", "/1/7/9/")),
    "hr": Viewer(4, heads=("/1/",)),
    "trainer": Viewer(5, teaches=(10,)),
    "admin": Viewer(6, is_admin=True),
}
PEOPLE = {
    "same": Subject("/1/4/", person_id=20),
    "below": Subject("/1/4/5/", person_id=21),
    "above": Subject("/1/", person_id=22),
    "beside": Subject("/1/40/", person_id=23),
    "other": Subject("/1/7/9/", person_id=24),
    "nowhere": Subject("", person_id=25),
}
SEES = {
    "employee": set(),
    "head": {"same", "below"},
    "two": {"same", "below", "other"},
    "hr": set(PEOPLE),
    "trainer": set(),
    "admin": set(),
}
ROOMS = {
    Action.LEARN: set(VIEWERS),
    Action.SEE_TEAM: {"head", "two", "hr"},
    Action.TEACH: {"trainer"},
    Action.MANAGE_PEOPLE: {"hr", "admin"},
    Action.ADMINISTER: {"admin"},
}


@pytest.mark.parametrize("action", Action)
def test_rooms(action: Action) -> None:
    assert {name for name, viewer in VIEWERS.items() if may(viewer, action)} == ROOMS[action]


@pytest.mark.parametrize("name", VIEWERS)
def test_whose_progress_one_sees(name: str) -> None:
    found = {who for who, them in PEOPLE.items() if may(VIEWERS[name], Action.SEE_TEAM, them)}
    assert found == SEES[name]


def test_a_course_is_taught_by_its_own_trainers() -> None:
    trainer = VIEWERS["trainer"]
    assert may(trainer, Action.TEACH, Subject(course_id=10))
    assert not may(trainer, Action.TEACH, Subject(course_id=11))
    for name in ("hr", "admin", "head", "employee"):
        assert not may(VIEWERS[name], Action.TEACH, Subject(course_id=10)), name


def test_what_somebody_learns_is_theirs_alone() -> None:
    for viewer in VIEWERS.values():
        assert may(viewer, Action.LEARN, Subject(person_id=viewer.person_id))
        assert not may(viewer, Action.LEARN, Subject(person_id=99))


def test_who_administers_does_not_thereby_see_progress() -> None:
    assert not may(VIEWERS["admin"], Action.SEE_TEAM)
    assert VIEWERS["hr"].is_hr
    assert not VIEWERS["head"].is_hr
    assert not VIEWERS["admin"].is_hr


def test_departments_below_one_already_headed_are_not_listed_twice() -> None:
    assert team_paths(VIEWERS["hr"]) is None
    assert team_paths(Viewer(1)) == ()
    assert team_paths(Viewer(1, heads=("/1/4/5/", "/1/4/", "/1/40/", "/1/4/"))) == (
        "/1/4/",
        "/1/40/",
    )


paths = st.lists(st.integers(1, 12), min_size=0, max_size=4).map(
    lambda ids: "/" + "".join(f"{i}/" for i in (1, *ids))
)


@given(st.lists(paths, max_size=4), paths)
def test_the_filter_of_a_query_and_the_single_question_agree(heads: list[str], home: str) -> None:
    viewer = Viewer(1, heads=tuple(heads))
    listed = team_paths(viewer)
    seen = listed is None or any(home.startswith(path) for path in listed)
    assert may(viewer, Action.SEE_TEAM, Subject(home, person_id=2)) is seen
    assert may(viewer, Action.SEE_TEAM, ROOM) is bool(heads)
