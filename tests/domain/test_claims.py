"""What a host says: read strictly, turned into rights, never more than it said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lms.domain.access import Viewer
from lms.domain.claims import Claim, ClaimError, read_claim, said_administrator, with_roles

LANGUAGES = ("ro", "en")
CNP = "1960229400018"


def test_a_claim_is_read_as_given() -> None:
    given = {
        "subject": 7,
        "name": "Ana",
        "email": "ana@x.test",
        "department": "A / B",
        "language": "en",
        "roles": ["manager", "trainer:por"],
    }
    claim = read_claim(given, LANGUAGES)
    assert claim == Claim(
        "7", "Ana", "ana@x.test", "A / B", "en", frozenset({"manager", "trainer:por"})
    )
    assert claim.courses == {"por"}
    assert claim.unknown_roles == frozenset()


def test_what_is_left_out_or_none_says_nothing() -> None:
    claim = read_claim({"subject": "x", "email": None, "roles": None}, LANGUAGES)
    assert (claim.name, claim.email, claim.department, claim.language) == ("", "", None, None)
    assert claim.roles == frozenset()
    assert read_claim({"subject": "x", "language": "de"}, LANGUAGES).language is None


@pytest.mark.parametrize(
    "given",
    [
        None,
        "7",
        [("subject", 7)],
        {},
        {"subject": None},
        {"subject": ""},
        {"subject": "  "},
        {"subject": True},
        {"subject": 1.5},
        {"subject": "a\x00b"},
        {"subject": "x" * 151},
        {"subject": 7, "name": 5},
        {"subject": 7, "roles": "administrator"},
        {"subject": 7, "roles": 5},
        {"subject": 7, "roles": b"administrator"},
        {"subject": 7, "roles": {"administrator": False}},
        {"subject": 10**5000},
        {"subject": "a\ud800"},
        {"subject": "x" * 10_000},
        {"subject": 7, "is_admin": True},
        CNP,
        [CNP],
        {"subject": float(CNP)},
        {"subject": [CNP]},
        {"subject": 7, "name": [CNP]},
        {"subject": 7, "roles": CNP},
    ],
)
def test_anything_else_is_refused_with_a_sentence(given: Any) -> None:
    with pytest.raises(ClaimError, match=r"[a-z].*[.]") as info:
        read_claim(given, LANGUAGES)
    assert CNP not in str(info.value), "it goes into logs"


def test_the_fingerprint_follows_the_particulars_and_not_the_roles() -> None:
    base = Claim("7", "Ana", "a@x.test", "A", "ro")
    assert (
        base.fingerprint == Claim("7", "Ana", "a@x.test", "A", "ro", frozenset({"hr"})).fingerprint
    )
    others = [
        Claim("7", "Ane", "a@x.test", "A", "ro"),
        Claim("7", "Ana", "b@x.test", "A", "ro"),
        Claim("7", "Ana", "a@x.test", "", "ro"),
        Claim("7", "Ana", "a@x.test", None, "ro"),
        Claim("7", "Ana", "a@x.test", "A", "en"),
    ]
    assert len({base.fingerprint, *(other.fingerprint for other in others)}) == 6


def rights(*roles: str, viewer: Viewer | None = None) -> Viewer:
    claim = Claim("7", roles=frozenset(roles))
    return with_roles(
        viewer or Viewer(1), claim, department="/1/4/", root="/1/", courses=(3,) if roles else ()
    )


def test_roles_give_rights() -> None:
    assert rights("learner") == Viewer(1, teaches=(3,))
    assert rights("manager").heads == ("/1/4/",)
    assert rights("hr").is_hr
    assert rights("administrator").is_admin
    assert not rights("manager", "hr").is_admin


def test_our_own_rights_stay() -> None:
    own = Viewer(1, is_admin=True, heads=("/1/9/",), teaches=(8,))
    assert rights("manager", viewer=own) == Viewer(
        1, is_admin=True, heads=("/1/4/", "/1/9/"), teaches=(3, 8)
    )
    assert rights(viewer=own) == own


@pytest.mark.parametrize("role", ["Administrator", "admin", "trainers", "hr ", "MANAGER", ""])
def test_a_role_that_is_nearly_one_is_none(role: str) -> None:
    assert rights(role).heads == ()
    assert not rights(role).is_admin
    assert Claim("7", roles=frozenset({role})).unknown_roles == {role}


def test_a_manager_of_the_institution_itself_is_not_hr_by_that() -> None:
    manager = Claim("7", roles=frozenset({"manager"}))
    both = Claim("7", roles=frozenset({"manager", "hr"}))
    at_root = {"department": "/1/", "root": "/1/", "courses": ()}
    assert with_roles(Viewer(1), manager, **at_root).heads == ()
    assert with_roles(Viewer(1), both, **at_root).is_hr


def test_a_manager_without_a_department_heads_nobody() -> None:
    """An empty path would be a prefix of everybody's."""
    claim = Claim("7", roles=frozenset({"manager", "hr"}))
    assert with_roles(Viewer(1), claim, department="", root="", courses=()).heads == ()


def test_the_fingerprint_follows_the_particulars_and_shows_an_administrator() -> None:
    clerk = Claim("7", "Ana", "ana@x.test", "A", "ro", frozenset({"manager"}))
    assert clerk.fingerprint == replace(clerk, roles=frozenset()).fingerprint
    admin = replace(clerk, roles=frozenset({"administrator"}))
    prints = {admin.fingerprint, clerk.fingerprint, replace(admin, name="Ani").fingerprint}
    assert [len(one) for one in prints] == [64, 64, 64]
    assert said_administrator(admin.fingerprint)
    assert not said_administrator(clerk.fingerprint)
    assert not said_administrator(None)
