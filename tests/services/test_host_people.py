"""People of a host: one query for who it is, particulars copied once, nothing taken over."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from factories.people import make_department, make_head, make_person
from sessions import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from statements import statements

from lms.domain.claims import Claim, ClaimError
from lms.domain.errors import Conflict, Forbidden, Refusal
from lms.models import AuditEntry, Department, Person
from lms.services import host_people

CLAIM = Claim("42", "Ion Pop", "ion@primaria.test", "Tehnic / Proiecte", "ro")


def admit(session: Session, claim: Claim = CLAIM, provider: str = "host", **more: bool) -> Person:
    options = {"link_by_email": False, **more}
    return host_people.admit(
        session, provider, claim, institution="Primăria", language="en", now=NOW, **options
    )


def test_who_it_is_takes_one_query_with_all_rights(session: Session) -> None:
    works = make_department(session)
    person = make_person(session, subject="host:42", email=None, department=works)
    make_head(session, works, person)
    person.claim_hash = CLAIM.fingerprint
    session.commit()
    with statements(session) as sent:
        found = host_people.find(session, "host", CLAIM, NOW)
    assert len(sent) == 1
    assert found.person is not None
    assert found.is_current
    assert (found.person.person_id, found.person.sign_in_id) == (person.id, None)
    assert found.person.viewer.is_hr
    for nobody in ("43", "4", "42 ", "x\x00"):
        assert host_people.find(session, "host", replace(CLAIM, subject=nobody), NOW).person is None
    person.suspended_at = NOW
    session.flush()
    found = host_people.find(session, "host", CLAIM, NOW)
    assert (found.person, found.is_suspended) == (None, True)
    with pytest.raises(Forbidden):
        admit(session)


def test_two_hosts_over_one_database_keep_their_people_apart(session: Session) -> None:
    one, two = admit(session), admit(session, provider="portal")
    assert one is not two
    assert (one.subject, two.subject) == ("host:42", "portal:42")
    found = host_people.find(session, "portal", CLAIM, NOW)
    assert found.person is not None
    assert found.person.person_id == two.id


def test_departments_are_found_or_made_below_the_root(session: Session) -> None:
    person = admit(session)
    assert person.department is not None
    assert person.department.parent is not None
    assert (person.department.name, person.department.parent.name) == ("Proiecte", "Tehnic")
    assert person.language == "ro"
    before = len(session.scalars(select(Department)).all())
    for way in ("TEHNIC / proiecte", "Primăria / Tehnic / Proiecte"):
        admit(session, replace(CLAIM, department=way))
        assert person.department.name == "Proiecte", way
    assert len(session.scalars(select(Department)).all()) == before == 3
    admit(session, replace(CLAIM, department="Primăria"))
    assert person.department.is_root
    admit(session, replace(CLAIM, department=""))
    assert person.department is None


def way_of(person: Person) -> list[str]:
    names: list[str] = []
    at = person.department
    while at is not None:
        names.insert(0, at.name)
        at = at.parent
    return names


@pytest.mark.parametrize("first", ["Tehnic / Secretariat", "Secretariat"])
def test_a_way_begins_at_the_root(session: Session, first: str) -> None:
    """Whichever secretariat was there before, each gets its own people and no other's."""
    admit(session, replace(CLAIM, subject="1", email="", department=first))
    ways = (
        "Secretariat",
        "Tehnic / Secretariat",
        "Primăria / Secretariat",
        "Economic / Secretariat",
    )
    for subject, way in enumerate(ways, 2):
        person = admit(session, Claim(str(subject), department=way))
        assert way_of(person) == ["Primăria", *way.removeprefix("Primăria / ").split(" / ")]


def test_a_department_may_be_called_like_the_institution(session: Session) -> None:
    person = admit(session, replace(CLAIM, department="Primăria / Primăria / Juridic"))
    assert way_of(person) == ["Primăria", "Primăria", "Juridic"]


def test_a_large_tree_is_not_loaded_to_find_a_way(session: Session) -> None:
    person = admit(session)
    session.commit()
    with statements(session) as sent:
        admit(session, CLAIM)
    assert way_of(person) == ["Primăria", "Tehnic", "Proiecte"]
    assert len([one for one in sent if "lms_department_head" in one]) == 0
    assert len(sent) <= 6


def test_where_somebody_was_put_by_a_name_alone_is_put_right(session: Session) -> None:
    """Until then nobody is anybody's head by it. Who named no department has nothing to put right."""
    works = admit(session).department
    claim = Claim("7", "Barbu", "", "Proiecte", None, frozenset({"manager"}))
    barbu = admit(session, claim)
    barbu.department, barbu.claim_hash = works, before(claim)
    session.commit()
    found = host_people.find(session, "host", claim, NOW)
    assert not found.is_current
    assert found.person is not None
    assert found.person.viewer.heads == ()
    admit(session, claim)
    assert way_of(barbu) == ["Primăria", "Proiecte"]
    assert host_people.find(session, "host", claim, NOW).is_current
    for none in (None, ""):
        claim = replace(CLAIM, department=none)
        assert claim.fingerprint == before(claim)


def before(claim: Claim) -> str:
    """The fingerprint as it was while a department was found anywhere in the tree."""
    said = [claim.name, claim.email, claim.department, claim.language]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def test_a_manager_who_belongs_to_the_institution_itself_is_not_hr(session: Session) -> None:
    for roles, is_hr in ((("manager",), False), (("manager", "hr"), True)):
        claim = replace(CLAIM, department="Primăria", roles=frozenset(roles))
        admit(session, replace(CLAIM, subject="1"))
        admit(session, claim)
        found = host_people.find(session, "host", claim, NOW)
        assert found.person is not None
        assert found.person.viewer.is_hr == is_hr


def test_what_the_host_does_not_say_stays_as_it_is(session: Session) -> None:
    person = admit(session)
    admit(session, Claim("42", "Ion Popescu"))
    assert (person.name, person.email, person.language) == (
        "Ion Popescu",
        "ion@primaria.test",
        "ro",
    )
    assert person.department is not None


def test_what_did_not_change_is_not_copied_again(session: Session) -> None:
    person = admit(session)
    person.name = "Corrected by HR"
    count = len(session.scalars(select(AuditEntry)).all())
    admit(session)
    assert person.name == "Corrected by HR"
    assert len(session.scalars(select(AuditEntry)).all()) == count


@pytest.mark.parametrize(
    ("name", "email", "called"),
    [
        ("", "ion.pop@x.test", "ion.pop"),
        ("  ", "", "Persoana 42"),
        ("123", "7@x.test", "Persoana 42"),
        ("A" * 500, "", "A" * 200),
    ],
)
def test_whoever_has_no_name_is_called_something(
    session: Session, name: str, email: str, called: str
) -> None:
    assert admit(session, Claim("42", name, email)).name == called


def test_an_address_that_is_none_is_left_out(session: Session) -> None:
    assert admit(session, Claim("42", "Ion", "not an address")).email is None


LIGATURE = "\ufdfa"
"""One character that is eighteen when it is folded."""


@pytest.mark.parametrize(
    ("said", "called", "works"),
    [
        ({"name": "A\ud800na"}, "Ana", "Proiecte"),
        ({"name": "A\x00na"}, "Ana", "Proiecte"),
        ({"name": LIGATURE * 200}, "ion", "Proiecte"),
        ({"name": "1960229400018"}, "ion", "Proiecte"),
        ({"name": "Ion 1960229400018"}, "ion", "Proiecte"),
        ({"name": "", "email": "x" * 10_000}, "Persoana 42", "Proiecte"),
        ({"name": "", "email": "\ud800@x.test"}, "Persoana 42", "Proiecte"),
        ({"name": "", "email": "", "subject": LIGATURE * 150}, "Persoana", "Proiecte"),
        ({"department": "D" * 10_000}, "Ion Pop", None),
        ({"department": "D\x00"}, "Ion Pop", None),
        ({"department": "D\ud800"}, "Ion Pop", None),
        ({"department": " / ".join(f"N{n}" for n in range(200))}, "Ion Pop", None),
        ({"department": " / / / "}, "Ion Pop", None),
        ({"department": "/"}, "Ion Pop", None),
        ({"roles": frozenset({"trainer:\ud800", "trainer:\x00"})}, "Ion Pop", "Proiecte"),
        ({"roles": frozenset(f"trainer:{n}" for n in range(70_000))}, "Ion Pop", "Proiecte"),
    ],
)
def test_nobody_is_kept_out_for_what_cannot_be_stored(
    session: Session, said: dict[str, Any], called: str, works: str | None
) -> None:
    claim = replace(CLAIM, **{"email": "ion@primaria.test", **said})
    person = admit(session, claim)
    session.commit()
    assert person.name == called
    assert (person.department.name if person.department else None) == works
    found = host_people.find(session, "host", claim, NOW)
    assert found.person is not None
    assert found.is_current, "or they would be asked for ever"
    names = set(session.scalars(select(Department.name)))
    assert names <= {"Primăria", "Tehnic", "Proiecte"}, "half a way is none"


def test_a_personal_code_is_nobodys_subject(session: Session) -> None:
    with pytest.raises(ClaimError, match="own id") as info:
        admit(session, replace(CLAIM, subject="1960229400018"))
    assert "1960229400018" not in str(info.value)
    person = make_person(session)
    with pytest.raises(Refusal, match="contains-cnp"):
        host_people.join(session, person, "host:1960229400018", NOW)
    assert person.subject is None


def test_who_was_brought_in_before_is_joined_only_by_a_verified_address(session: Session) -> None:
    waiting = make_person(session, "Ion Pop", email="ION@primaria.test")
    with pytest.raises(Conflict, match="address-of-another"):
        admit(session)
    assert admit(session, link_by_email=True) is waiting
    assert waiting.subject == "host:42"
    verbs = list(session.scalars(select(AuditEntry.verb)))
    assert "person.link" in verbs
    # Another person of the host with the same address neither gets this account nor another one.
    with pytest.raises(Conflict, match="address-joined"):
        admit(session, replace(CLAIM, subject="43"), link_by_email=True)
    assert waiting.subject == "host:42"


def test_a_suspended_account_is_not_opened_by_its_address(session: Session) -> None:
    waiting = make_person(session, "Ion Pop", email="ion@primaria.test")
    waiting.suspended_at = NOW
    with pytest.raises(Forbidden, match="account-suspended"):
        admit(session, link_by_email=True)


def test_a_newcomer_without_a_language_reads_the_browsers(session: Session) -> None:
    assert admit(session, replace(CLAIM, language=None)).language == "en"


def test_an_asserted_administrator_is_one_while_they_act_and_not_in_the_table(
    session: Session,
) -> None:
    admit(session)
    session.commit()
    claim = replace(CLAIM, roles=frozenset({"administrator"}))
    found = host_people.find(session, "host", claim, NOW).person
    assert found is not None
    row = host_people.acting(session, found)
    assert row.is_admin
    assert row not in session.dirty
    row.name = "Otherwise"
    session.commit()
    assert session.scalars(select(Person.is_admin)).one() is False
