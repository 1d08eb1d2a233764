"""A sign-in that is ended while its own request waits: what it had asked for is not done."""

from __future__ import annotations

import pytest
from plain_form import form_of
from sqlalchemy import select
from world import House

from lms.models import Person, SignIn
from lms.services import access_codes, passwords, people, sign_in

THEIRS, WANTED = "cuvinte rare pe rand", "alte cuvinte, tot rare"


@pytest.mark.parametrize("ended_by", ["password", "sign-out"])
def test_a_password_chosen_by_a_code_is_not_set_once_its_sign_in_was_ended(
    house: House, monkeypatch: pytest.MonkeyPatch, ended_by: str
) -> None:
    """Whoever came in by a stolen code sends it again and again, while its owner locks them out."""
    with house.database() as session:
        person = session.get_one(Person, house.world.person["employee"])
        [(_, code)] = access_codes.issue_codes(session, [person], None, house.clock.moment)
        former = person.password_hash
        session.commit()
    client = house.client()
    house.post(client, "/code", {"code": code})
    form = form_of(client.get("/account/password"), action="/password")
    form.fill(password=WANTED, again=WANTED)
    hashed, made = passwords.make_hash, passwords.make_hash(THEIRS)

    def meanwhile(password: str) -> str:
        with house.database() as session:
            person = session.get_one(Person, house.world.person["employee"])
            now = house.clock.moment
            if ended_by == "password":
                people.set_password(session, person, made, keep_sign_in_id=None, now=now)
            else:
                sign_in.revoke_all(session, person.id, now=now)
            session.commit()
        return hashed(password)

    monkeypatch.setattr(passwords, "make_hash", meanwhile)
    answer = client.post(form.action, data=form.fields)
    assert answer.status_code == 401
    assert form_of(answer, action="/sign-in")
    with house.database() as session:
        person = session.get_one(Person, house.world.person["employee"])
        assert person.password_hash == (made if ended_by == "password" else former)
        open_ones = SignIn.person_id == person.id, SignIn.revoked_at.is_(None)
        assert session.scalars(select(SignIn).where(*open_ones)).all() == []
