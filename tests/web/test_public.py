"""For everyone: health, public badges, the pages that say how things are."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from statements import statements
from world import House

from lms.models import Credential, Person
from lms.services import credentials, learning

TOKEN = re.compile(r'(?<=name="csrf_token" value=")[0-9a-f]+')
"""Masked anew in every answer."""


def shared_badge(house: House, *, course: bool = False) -> tuple[str, str]:
    """uuid and address word of a badge that its holder has made public."""
    at = house.published()
    with house.database() as session:
        enrolled = learning.get_enrolled(session, house.world.person["employee"], "por")
        module = None if course else at.manifest.modules[0]
        credentials.issue(session, enrolled, module, house.clock.moment)
        badge = session.scalars(select(Credential)).one()
        slug = credentials.share(session, enrolled.person_id, badge.uuid, house.clock.moment)
        session.commit()
        return badge.uuid, slug


@pytest.mark.parametrize("course", [False, True])
def test_a_shared_badge_says_what_and_who_and_nothing_more(house: House, course: bool) -> None:
    _, slug = shared_badge(house, course=course)
    answer = house.client().get(f"/b/{slug}")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "Persoana Employee" in text
    assert ("Scrierea proiectelor" if course else "Insigna m1") in text
    for private in ("employee@demo.test", "Serviciul Proiecte", house.world.uuid["employee"]):
        assert private not in text, private
    assert 'name="robots" content="noindex"' in text


def test_a_badge_not_shared_no_longer_shared_and_never_there_look_alike(house: House) -> None:
    uuid, slug = shared_badge(house)
    client = house.client()
    with house.database() as session:
        credentials.unshare(session, house.world.person["employee"], uuid)
        session.commit()
    missing = "00000000-0000-4000-8000-000000000000"
    answers = [client.get(f"/b/{word}") for word in (slug, uuid, missing)]
    assert [a.status_code for a in answers] == [404, 404, 404]
    pages = [TOKEN.sub("", a.get_data(as_text=True).replace(a.request.path, "")) for a in answers]
    assert pages[0] == pages[1] == pages[2]


@pytest.mark.parametrize("word", ["1", "%00", "..%2f", "a" * 400, "'--", "%ED%A0%80"])
def test_an_address_that_is_no_address(house: House, word: str) -> None:
    assert house.client().get(f"/b/{word}").status_code == 404


def test_a_revoked_badge_says_so_and_why_and_a_new_name_changes_nothing(house: House) -> None:
    uuid, slug = shared_badge(house)
    with house.database() as session:
        badge = session.scalars(select(Credential).where(Credential.uuid == uuid)).one()
        badge.revoked_at, badge.revoked_reason = house.clock.moment, "Emisă din <b>greșeală</b>."
        session.get_one(Person, house.world.person["employee"]).name = "Alt Nume"
        session.commit()
    text = house.client().get(f"/b/{slug}").get_data(as_text=True)
    assert "Emisă din &lt;b&gt;greșeală&lt;/b&gt;." in text
    assert "Persoana Employee" in text
    assert "Alt Nume" not in text


def test_a_badge_seen_before_says_what_its_record_says_now(house: House) -> None:
    """What was drawn for an earlier visitor is kept, and never shown once it is no longer so."""
    uuid, slug = shared_badge(house)
    client = house.client()
    romanian = {"Accept-Language": "ro"}
    assert "Valabilă" in client.get(f"/b/{slug}", headers=romanian).get_data(as_text=True)
    english = client.get(f"/b/{slug}", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "Valid" in english and "Valabilă" not in english
    with house.database() as session:
        badge = session.scalars(select(Credential).where(Credential.uuid == uuid)).one()
        badge.revoked_at = house.clock.moment
        session.commit()
    revoked = client.get(f"/b/{slug}", headers=romanian).get_data(as_text=True)
    assert "Revocată" in revoked and "Valabilă" not in revoked
    with house.database() as session:
        credentials.unshare(session, house.world.person["employee"], uuid)
        session.commit()
    assert client.get(f"/b/{slug}").status_code == 404


def test_a_notice_waits_for_a_page_that_shows_it(house: House) -> None:
    """The badge's own words, a picture and a fragment show none: they take none away."""
    _, slug = shared_badge(house)
    client = house.client("employee")
    with client.session_transaction() as kept:
        kept["lms_notices"] = [["success", "Vestea cea nouă"]]
    assert "Vestea cea nouă" in client.get(f"/b/{slug}").text
    assert "Vestea cea nouă" not in client.get(f"/b/{slug}").text, "said once"


def test_health_says_well_to_everyone_and_nothing_else(house: House) -> None:
    answer = house.client().get("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/accessibility", "/privacy", "/contact", "/sign-in", "/code"])
@pytest.mark.parametrize("language", ["ro", "en"])
def test_pages_for_everyone_are_there_in_both_languages(
    house: House, path: str, language: str
) -> None:
    answer = house.client().get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.get_data(as_text=True)


def test_pages_for_everyone_ask_the_database_nothing_of_strangers(house: House) -> None:
    """They come out, and fast, when there is no database at all."""
    client = house.client()
    with house.database() as session, statements(session) as asked:
        for path in ("/accessibility", "/privacy", "/contact", "/sign-in", "/code", "/forgotten"):
            assert client.get(path).status_code == 200
    assert asked == []


def test_the_language_is_kept_by_a_visitor_and_by_a_person(house: House) -> None:
    visitor = house.client()
    sent = {"language": "en", "next": "/contact"}
    assert visitor.post("/language", data=sent).headers["Location"] == "/contact"
    assert '<html lang="en"' in visitor.get("/contact").get_data(as_text=True)
    person = house.client("employee")
    house.post(person, "/language", {"language": "en"})
    assert '<html lang="en"' in house.client("employee").get("/").get_data(as_text=True)


def test_who_only_reads_gets_no_cookie(house: House) -> None:
    visitor = house.client()
    for path in ("/accessibility", "/privacy", "/contact"):
        answer = visitor.get(path)
        assert "Set-Cookie" not in answer.headers, path
        assert "csrf_token" not in answer.text
    assert visitor.post("/language", data={"language": "en"}).status_code == 303
    assert "Set-Cookie" not in visitor.get("/contact").headers


def test_another_site_chooses_no_language_for_anybody(house: House) -> None:
    theirs = {"Sec-Fetch-Site": "cross-site"}
    assert (
        house.client().post("/language", data={"language": "en"}, headers=theirs).status_code == 400
    )
    assert house.client("employee").post("/language", data={"language": "en"}).status_code == 400


@pytest.mark.parametrize("language", ["", "de", "ro\x00", "x" * 50_000])
def test_a_language_we_do_not_speak_is_refused(house: House, language: str) -> None:
    answer = house.post(house.client("employee"), "/language", {"language": language})
    assert answer.status_code == 400
