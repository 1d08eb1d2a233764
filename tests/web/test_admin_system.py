"""The administrator's page, and the words for every refusal of this room's services."""

from __future__ import annotations

import re

import pytest
from admin_room import text_of
from world import House

from lms.domain.errors import Refusal
from lms.services import condition
from lms.services.condition import DatabaseFacts
from lms.services.import_plan import Problem
from lms.web.admin.sentences import SENTENCES, reasons
from lms.web.sentences import sentence, table


def test_it_names_versions_and_the_database(house: House) -> None:
    page = text_of(house.client("admin").get("/admin/system"))
    with house.database() as session:
        kind = session.get_bind().dialect.name
        facts = condition.database_facts(session)
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[kind]
    assert f"{name} {facts.version}" in page
    assert facts.kind == kind
    assert facts.bytes
    assert "PostgreSQL" in page or not facts.has_wal_race


@pytest.mark.parametrize(
    ("kind", "version", "has_race"),
    [
        ("sqlite", "3.40.1", True),
        ("sqlite", "3.51.2", True),
        ("sqlite", "3.51.3", False),
        ("sqlite", "3.52.0", False),
        ("sqlite", "4.0", False),
        ("postgresql", "14.2", False),
    ],
)
def test_the_warning_depends_on_the_version(kind: str, version: str, has_race: bool) -> None:
    assert DatabaseFacts(kind, version, None).has_wal_race is has_race


def test_the_record_says_who_did_what(house: House) -> None:
    hr = house.client("hr")
    house.post(hr, f"/admin/person/{house.world.uuid['employee']}/suspend")
    page = text_of(house.client("admin").get("/admin/system"))
    record = page.split('id="record"', 1)[1]
    assert "Persoana Hr" in record
    assert "Persoana Employee" in record
    assert not re.search(r"<code>[a-z.-]+</code>", record), "a word of the record has no sentence"


def test_the_record_in_pages(house: House) -> None:
    client = house.client("admin")
    assert client.get("/admin/system?page=7").status_code == 200
    assert client.get("/admin/system?page=-1").status_code == 400


def test_the_page_holds_nothing_of_the_settings(house: House) -> None:
    page = text_of(house.client("admin").get("/admin/system"))
    settings = house.app.extensions["lms"].settings
    assert settings.secret_key not in page
    assert settings.database_url not in page
    assert str(house.app.config["SQLALCHEMY_DATABASE_URI"]) not in page


PARAMS = {
    "limit": 1,
    "size": 2,
    "name": "Ana",
    "people": 1,
    "departments": 1,
    "highest": 9,
    "line": 3,
    "lines": [3, 4],
    "first": "A",
    "second": "B",
    "other": "C",
    "department": "D",
    "names": "D",
    "field": "name",
}


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_sentence_can_be_said(house: House, code: str) -> None:
    with house.app.test_request_context("/"):
        assert "%(" not in sentence(Refusal(code, **PARAMS))
        assert "[" not in reasons([Problem(code, PARAMS)])[0]


def test_a_reason_is_given_once(house: House) -> None:
    with house.app.test_request_context("/"):
        same = [Problem("no-name"), Problem("name-missing", {"field": "name"})]
        assert len(reasons(same)) == 1
        assert "text-unclean" in table()
        assert reasons([Problem("text-unclean", {"field": "name"})])
