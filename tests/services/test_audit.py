"""Who did what to whom."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories.people import make_person
from sessions import NOW
from sqlalchemy.orm import Session

from lms.services import audit


def test_an_act_is_kept_with_who_what_when(session: Session) -> None:
    actor, person = make_person(session, "HR"), make_person(session)
    subject = audit.subject_of(person)
    audit.record(
        session, actor=actor, verb="person.suspend", subject=subject, now=NOW, reason="plecat"
    )
    session.commit()
    session.expire_all()
    (entry,) = audit.list_entries(session).items
    assert (entry.actor_id, entry.verb, entry.at) == (actor.id, "person.suspend", NOW)
    assert entry.subject == f"person:{person.uuid}"
    assert entry.details == {"reason": "plecat"}


def test_the_command_line_has_no_person(session: Session) -> None:
    audit.record(session, actor=None, verb="person.add", subject="person:x", now=NOW)
    assert audit.list_entries(session).items[0].actor_id is None


@pytest.mark.parametrize("key", ["password", "token", "code", "secret", "answer"])
def test_secrets_are_not_for_the_record(session: Session, key: str) -> None:
    with pytest.raises(ValueError, match="never holds"):
        audit.record(session, actor=None, verb="x", subject="person:x", now=NOW, **{key: "canary"})
    assert audit.list_entries(session).total == 0


def test_the_newest_comes_first_and_one_thing_can_be_followed(session: Session) -> None:
    for minute, subject in enumerate(["person:a", "person:b", "person:a"]):
        moment = NOW + timedelta(minutes=minute)
        audit.record(session, actor=None, verb=f"v{minute}", subject=subject, now=moment)
    assert [e.verb for e in audit.list_entries(session).items] == ["v2", "v1", "v0"]
    assert [e.verb for e in audit.list_entries(session, subject="person:a").items] == ["v2", "v0"]
