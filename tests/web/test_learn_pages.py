"""The learner's other pages: the route, lessons, evidence, badges, certificate, error pages."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from factories import courses as factory
from plain_form import form_of, forms_of
from sqlalchemy import func, select, update
from statements import statements
from world import House

from lms.models import (
    CheckAnswer,
    Credential,
    CriterionMet,
    Enrolment,
    ModuleCompletion,
    Person,
    Reading,
)
from lms.services import credentials, learning

JSON = {"Accept": "application/json"}


def words(answer: Any) -> str:
    text: str = answer.get_data(as_text=True)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def complete(house: House, *numbers: int) -> None:
    """Finish modules for the employee, with their badges."""
    at = house.published()
    with house.database() as session:
        enrolled = learning.get_enrolled(session, house.world.person["employee"], "por")
        for number in numbers:
            module = at.manifest.modules[number]
            session.add(
                ModuleCompletion(
                    enrolment_id=enrolled.enrolment_id,
                    module_id=module.id,
                    manifest_id=at.manifest_id,
                    completed_at=house.clock.moment,
                )
            )
            credentials.issue(session, enrolled, module, house.clock.moment)
        session.commit()


def badge_of(house: House) -> str:
    with house.database() as session:
        return session.scalars(select(Credential.uuid)).one()


def test_home_greets_by_name_and_offers_one_step(house: House) -> None:
    page = house.client("employee").get("/")
    html = page.get_data(as_text=True)
    assert "Persoana Employee" in words(page)
    assert html.count("btn-continue") == 1
    assert 'href="/course/por/lesson/m1-a"' in html
    assert [f.action for f in forms_of(page)].count("/sign-out") == 2  # header and "not me"


def test_without_an_enrolment_home_says_so(house: House) -> None:
    page = house.client("admin").get("/")
    assert page.status_code == 200
    assert "lms-empty" in page.get_data(as_text=True)


def test_continue_leads_to_the_very_heading(house: House) -> None:
    client = house.client("employee")
    place = "/course/por/lesson/m1-b/place"
    kept = house.post(client, place, {"anchor": "un-titlu", "percent": "46"})
    assert kept.status_code == 204
    home = client.get("/").get_data(as_text=True)
    assert 'href="/course/por/lesson/m1-b#lms-un-titlu"' in home
    assert "46%" in home
    lesson = client.get("/course/por/lesson/m1-b").get_data(as_text=True)
    assert 'id="lms-un-titlu"' in lesson


@pytest.mark.parametrize(
    "place",
    [
        {"anchor": "nowhere", "percent": "1"},
        {"anchor": "", "percent": "101"},
        {"anchor": "", "percent": "-1"},
        {"anchor": "", "percent": "٣"},
        {"anchor": "x" * 500, "percent": "1"},
        {},
    ],
)
def test_a_place_that_is_not_in_the_lesson(house: House, place: dict[str, str]) -> None:
    client = house.client("employee")
    assert house.post(client, "/course/por/lesson/m1-b/place", place).status_code == 400
    with house.database() as session:
        assert session.scalar(select(func.count(Reading.id))) == 0


def test_reading_on_walks_through_the_module_to_its_test(house: House) -> None:
    client = house.client("employee")
    form = form_of(client.get("/course/por/lesson/m1-a"), action="/read")
    assert client.post(form.action, data=form.fields).headers["Location"].endswith("/m1-b")
    form = form_of(client.get("/course/por/lesson/m1-b"), action="/read")
    for _ in range(2):  # a double click
        sent = client.post(form.action, data=form.fields)
        assert sent.headers["Location"].endswith("/quiz/m1-test")
    with house.database() as session:
        assert session.scalar(select(func.count(CriterionMet.id))) == 2
    why = client.get("/course/por/module/m1/why").get_data(as_text=True)
    assert why.count("lms-pill-green") == 2


def test_a_self_check_answers_in_place_and_as_a_plain_form(house: House) -> None:
    client = house.client("employee")
    form = form_of(client.get("/course/por/lesson/m1-a"), action="/check/m1-c1#check-m1-c1")
    data = {**form.fields.to_dict(flat=False), "q": "0"}
    path = form.action.partition("#")[0]
    panel = client.post(path, data=data, headers=JSON).get_json()["html"]
    assert panel.count("lms-check-panel") == 1
    assert 'id="check-m1-c1"' in panel
    plain = client.post(path, data=data)  # the same key: stored once
    assert plain.headers["Location"].endswith("/lesson/m1-a#check-m1-c1")
    with house.database() as session:
        assert session.scalar(select(func.count(CheckAnswer.id))) == 1


def test_a_self_check_without_an_answer_shows_the_lesson_again(house: House) -> None:
    client = house.client("employee")
    sent = house.post(client, "/course/por/lesson/m1-a/check/m1-c1")
    assert sent.status_code == 400
    assert 'id="check-m1-c1-q-error"' in sent.get_data(as_text=True)


def test_a_check_of_another_lesson_is_not_found(house: House) -> None:
    client = house.client("employee")
    sent = house.post(client, "/course/por/lesson/m1-b/check/m1-c1", {"q": "0"})
    assert sent.status_code == 404


def test_terms_and_sources_of_a_lesson_stand_at_its_end(house: House) -> None:
    page = house.client("employee").get("/course/por/lesson/m1-b").get_data(as_text=True)
    for target in re.findall(r'href="#(lms-(?:term|source)-[^"]+)"', page):
        assert f'id="{target}"' in page
    assert 'href="#lms-term-por"' in page
    glossary = house.client("employee").get("/glossary").get_data(as_text=True)
    assert 'id="lms-term-por"' in glossary
    assert 'id="lms-source-S1"' in glossary


def test_the_overdue_module_says_so_in_words(house: House) -> None:
    client = house.client("employee")
    assert "lms-stop-overdue" in client.get("/").get_data(as_text=True)
    complete(house, 0)
    assert "lms-stop-overdue" not in client.get("/").get_data(as_text=True)


def test_several_courses_are_all_within_reach(house: House) -> None:
    with house.database() as session:
        other = factory.make_published(session, factory.a_course("alt", title="Alt curs"))
        session.add(
            Enrolment(
                person_id=house.world.person["employee"],
                course_id=other.course_id,
                enrolled_at=house.clock.moment - timedelta(days=30),
            )
        )
        session.commit()
    client = house.client("employee")
    assert 'href="/course/alt"' in client.get("/").get_data(as_text=True)
    assert 'href="/course/por"' in client.get("/course/alt").get_data(as_text=True)
    assert house.client("colleague").get("/course/alt").status_code == 404


def test_the_finished_course_offers_the_certificate(house: House) -> None:
    client = house.client("employee")
    assert client.get("/course/por/certificate").status_code == 404
    complete(house, 0)
    partial = words(client.get("/course/por/certificate"))
    assert "Persoana Employee" in partial
    assert "ANC" in partial
    assert "Primăria Municipiului Lunca Nouă" in partial
    complete(house, 1)
    home = client.get("/").get_data(as_text=True)
    assert 'href="/course/por/certificate"' in home
    assert client.get("/course/por/certificate").get_data(as_text=True) != partial


def test_hours_on_the_certificate_are_not_rounded_up(house: House) -> None:
    with house.database() as session:
        course = factory.with_module(factory.a_course(), 1, minutes=53)
        course = factory.with_module(course, 2, minutes=61)
        factory.make_published(session, course)
        person = session.get_one(Person, house.world.person["employee"])
        person.language = "en"
        session.commit()
    complete(house, 0, 1)
    page = words(house.client("employee").get("/course/por/certificate"))
    assert "1 hour and 54 minutes" in page
    assert "1 hour and 1 minute," in page


def test_a_badge_is_public_only_while_it_is_shared(house: House) -> None:
    complete(house, 0)
    client, public = house.client("employee"), house.client()
    path = f"/badges/{badge_of(house)}"
    assert "/b/" not in client.get(path).get_data(as_text=True)
    house.post(client, f"{path}/share")
    found = re.search(r'href="http://localhost(/b/[^"]+)"', client.get(path).get_data(as_text=True))
    below = client.get(path, environ_overrides={"SCRIPT_NAME": "/formare"})
    assert 'href="http://localhost/formare/b/' in below.get_data(as_text=True)
    assert found
    page = public.get(found[1])
    html = page.get_data(as_text=True)
    assert page.status_code == 200
    for said in ("Persoana Employee", "Insigna m1", "Primăria Municipiului Lunca Nouă"):
        assert said in html
    for private in ("employee@demo.test", "Serviciul Proiecte", "Direcția"):
        assert private not in html
    assert '<meta name="robots" content="noindex">' in html
    house.post(client, f"{path}/unshare")
    gone, never = public.get(found[1]), public.get("/b/00000000-0000-4000-8000-000000000000")
    assert gone.status_code == never.status_code == 404
    house.post(client, f"{path}/share")
    assert found[1] not in client.get(path).get_data(as_text=True)


def test_a_revoked_badge_says_so_to_everyone(house: House) -> None:
    complete(house, 0)
    client = house.client("employee")
    house.post(client, f"/badges/{badge_of(house)}/share")
    with house.database() as session:
        session.execute(
            update(Credential).values(revoked_at=house.clock.moment, revoked_reason="Eroare.")
        )
        slug = session.scalars(select(Credential.share_slug)).one()
        session.commit()
    page = house.client().get(f"/b/{slug}").get_data(as_text=True)
    assert "lms-pill-red" in page
    assert "lms-pill-green" not in page
    assert "Eroare." in page


def test_the_picture_of_a_badge_is_a_drawing_of_its_own(house: House) -> None:
    complete(house, 0)
    picture = house.client("employee").get(f"/badges/{badge_of(house)}/badge.svg?download=1")
    assert picture.mimetype == "image/svg+xml"
    assert "insigna-m1.svg" in picture.headers["Content-Disposition"]
    root = ET.fromstring(picture.get_data(as_text=True).strip())
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("aria-label") or root.find("{http://www.w3.org/2000/svg}title") is not None


def test_badges_of_others_do_not_exist(house: House) -> None:
    complete(house, 0)
    stranger, path = house.client("colleague"), f"/badges/{badge_of(house)}"
    assert stranger.get(path).status_code == 404
    assert stranger.get(f"{path}/badge.svg").status_code == 404
    assert house.post(stranger, f"{path}/share").status_code == 404


def test_new_criteria_take_nothing_away(house: House) -> None:
    complete(house, 0)
    with house.database() as session:
        module = factory.a_course().modules[0]
        more = factory.a_lesson("m1-nou", title="Lecție nouă")
        course = factory.with_module(factory.a_course(), 1, activities=(more, *module.activities))
        factory.make_published(session, course)
        session.commit()
    page = house.client("employee").get("/course/por/module/m1/why").get_data(as_text=True)
    assert "Lecție nouă" in page
    assert "lms-pill-green" in page


def test_error_pages_are_calm_with_and_without_a_reader(house: House) -> None:
    for client in (house.client(), house.client("employee")):
        page = client.get("/nothing/here")
        assert page.status_code == 404
        html = page.get_data(as_text=True)
        assert "lms-error-page" in html
        assert "Traceback" not in html


@pytest.mark.parametrize("path", ["/course/a%00b/lesson/x", "/course/por/lesson/%00", "/b/%00"])
def test_addresses_with_nul_are_not_found(house: House, path: str) -> None:
    assert house.client("employee").get(path).status_code == 404


def test_english_shows_what_is_translated_and_marks_the_rest(house: House) -> None:
    with house.database() as session:
        session.get_one(Person, house.world.person["employee"]).language = "en"
        session.commit()
    client = house.client("employee")
    home = client.get("/").get_data(as_text=True)
    assert '<html lang="en"' in home
    assert "First lesson" in home
    lesson = client.get("/course/por/lesson/m1-b").get_data(as_text=True)
    assert '<div class="lms-prose" lang="ro">' in lesson


def test_a_picture_has_its_room_before_it_has_come(house: House) -> None:
    """Else the words a reader is led to are pushed away when it comes."""
    lesson = house.client("employee").get("/course/por/lesson/m1-a").get_data(as_text=True)
    picture = re.search(r"<img [^>]*>", lesson.partition('<div class="lms-prose"')[2])
    assert picture
    assert re.search(r' src="/course/por/file/m1/img/m1.svg" width="1" height="1"', picture[0])


QUERIES = [
    ("/", 4),
    ("/course/por/lesson/m1-a", 4),
    ("/course/por/module/m1", 4),
    ("/course/por/quiz/m1-test", 4),
]


@pytest.mark.parametrize(("path", "most"), QUERIES)
def test_queries_per_page(house: House, path: str, most: int) -> None:
    client = house.client("employee")
    client.get(path)  # what never changes is read once per process
    with house.database() as session, statements(session) as sent:
        assert client.get(path).status_code == 200
    assert len(sent) <= most, sent


def test_queries_to_save_an_answer(house: House) -> None:
    client = house.client("employee")
    place = house.post(client, "/course/por/quiz/m1-test/start").headers["Location"]
    token = house.token(client)
    for sequence in range(2):
        data = {"csrf_token": token, "q": "0", "sequence": str(sequence), "key": f"k{sequence}"}
        with house.database() as session, statements(session) as sent:
            saved = client.post(f"{place}/1", data=data, headers=JSON)
        assert saved.status_code == 200, saved.get_data(as_text=True)
    assert len(sent) <= 4, sent


def test_home_of_twelve_modules_is_light_and_asks_no_more(house: House) -> None:
    with house.database() as session:
        factory.make_published(session, factory.a_course(modules=12))
        session.commit()
    complete(house, *range(11))
    client = house.client("employee")
    client.get("/")
    with house.database() as session, statements(session) as sent:
        page = client.get("/")
    assert len(sent) <= 4, sent
    assert page.get_data(as_text=True).count('class="lms-stop ') == 13
    assert len(page.get_data()) <= 18 * 1024, len(page.get_data())
