"""Tests of the whole course: an offer before, a mirror after; they gate nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from attempts import answer_right, asked_in, start, submit
from factories import courses as factory
from plain_form import forms_of
from sqlalchemy import func, select
from statements import statements
from world import House

from lms.models import Attempt, CriterionMet, ModuleCompletion

OFFER = 'class="lms-panel lms-offer"'


@pytest.fixture
def course(house: House) -> House:
    """The house with a test before and one after its two modules, two questions of each."""
    with house.database() as session:
        factory.make_published(session, factory.with_course_tests(factory.a_course()))
        session.commit()
    return house


def text(answer: Any) -> str:
    html: str = answer.get_data(as_text=True)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def sit(house: House, client: Any, key: str, *, wrong: int = 0) -> Any:
    """A whole attempt; the result's page."""
    uuid = start(house, client, key)
    answer_right(house, client, uuid, wrong=wrong)
    return client.get(submit(client, uuid).headers["Location"])


def test_home_offers_the_first_test_and_does_not_stand_in_the_way(course: House) -> None:
    html = course.client("employee").get("/").get_data(as_text=True)
    assert OFFER in html
    assert html.index("lms-continue-title") < html.index(OFFER) < html.index("lms-route")
    assert 'class="btn btn-lg btn-continue" href="/course/por/lesson/m1-a"' in html
    assert html.index("Testul inițial") < html.index("lms-route") < html.index("Testul final")


def test_once_it_is_done_it_is_no_longer_offered(course: House) -> None:
    client = course.client("employee")
    sit(course, client, "initial")
    html = client.get("/").get_data(as_text=True)
    assert OFFER not in html
    assert "Testul inițial: rezultat" in text(client.get("/"))


def test_once_a_module_is_begun_it_is_no_longer_offered(course: House) -> None:
    client = course.client("employee")
    course.post(client, "/course/por/lesson/m1-a/read")
    assert OFFER not in client.get("/").get_data(as_text=True)
    assert client.get("/course/por/quiz/initial").status_code == 200


def test_an_attempt_under_way_stays_in_sight(course: House) -> None:
    client = course.client("employee")
    uuid = start(course, client, "initial")
    course.post(client, "/course/por/lesson/m1-a/read")
    html = client.get("/").get_data(as_text=True)
    assert OFFER in html
    assert f'href="/attempt/{uuid}"' in html
    # "Continue" leads along the route, not into the offer.
    assert 'btn-continue" href="/course/por/lesson/m1-b"' in html


def test_it_draws_from_every_module(course: House) -> None:
    client = course.client("employee")
    uuid = start(course, client, "final")
    keys = [asked.item.key for asked in asked_in(course, uuid)]
    assert sorted(key[:2] for key in keys) == ["m1", "m1", "m2", "m2"]


def test_the_first_result_speaks_of_modules_and_never_of_the_key(course: House) -> None:
    client = course.client("employee")
    page = sit(course, client, "initial")
    html = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "100%" in text(page)
    assert "Modulul m1" in text(page)
    assert "lms-review" not in html
    for word in ("desigur", "Așa este", "Promovat", "Prag"):
        assert word not in text(page)
    about = text(client.get("/course/por/quiz/initial"))
    assert "Prag" not in about
    assert "una singură" in about


def test_there_is_one_attempt_before(course: House) -> None:
    client = course.client("employee")
    sit(course, client, "initial", wrong=2)
    page = client.get("/course/por/quiz/initial")
    assert "Vedeți rezultatul" in text(page)
    assert not [f for f in forms_of(page) if f.action.endswith("/start")]
    assert course.post(client, "/course/por/quiz/initial/start").status_code == 409


def test_the_final_result_stands_beside_the_first(course: House) -> None:
    client = course.client("employee")
    sit(course, client, "initial", wrong=4)
    page = sit(course, client, "final")
    rows = re.findall(r"Modulul m\d (\d+) întrebări (\d+%|–) (\d+%)", text(page))
    assert rows == [("2", "0%", "100%")] * 2
    assert "lms-review" in page.get_data(as_text=True), "passed: now everything is explained"


def test_without_the_first_test_the_final_one_compares_with_nothing(course: House) -> None:
    page = sit(course, course.client("employee"), "final")
    assert "Înainte de curs" not in text(page)
    assert "100%" in text(page)


def test_a_final_test_not_passed_keeps_its_key(course: House) -> None:
    client = course.client("employee")
    page = sit(course, client, "final", wrong=4)
    html = page.get_data(as_text=True)
    assert "lms-review" not in html
    assert "de privit mai atent" in text(page)
    assert course.post(client, "/course/por/quiz/final/start").status_code == 409  # wait


def test_they_complete_nothing_and_managers_see_nothing_of_them(course: House) -> None:
    before = {
        role: text(course.client(role).get(path))
        for role, path in (("manager", "/team/por"), ("hr", "/team/por"))
    }
    client = course.client("employee")
    sit(course, client, "initial", wrong=1)
    sit(course, client, "final")
    with course.database() as session:
        assert session.scalar(select(func.count(Attempt.id))) == 2
        assert session.scalar(select(func.count(CriterionMet.id))) == 0
        assert session.scalar(select(func.count(ModuleCompletion.id))) == 0
    for role, page in before.items():
        assert text(course.client(role).get("/team/por")) == page
    person = course.world.uuid["employee"]
    seen = course.client("manager").get(f"/team/por/person/{person}")
    for word in ("Testul inițial", "Testul final"):
        assert word not in text(seen)


def test_the_result_is_nobody_elses(course: House) -> None:
    client = course.client("employee")
    uuid = start(course, client, "initial")
    answer_right(course, client, uuid)
    submit(client, uuid)
    assert course.client("colleague").get(f"/attempt/{uuid}/result").status_code == 404
    assert course.client("trainer").get(f"/attempt/{uuid}/result").status_code == 404


def test_trainers_see_them_in_the_outline_and_may_take_them_out(course: House) -> None:
    trainer = course.client("trainer")
    assert "Testul inițial" in text(trainer.get("/teach/por"))
    page = trainer.get("/teach/por/course-test/initial")
    assert "Numește rolurile." in text(page)
    course.post(trainer, "/teach/por/course-test/initial/archive")
    archived = trainer.get("/teach/por/course-test/initial")
    assert [f.fields.get("restore") for f in forms_of(archived)].count("1") == 1
    assert "Testul inițial" in text(trainer.get("/teach/por/publish"))
    course.post(trainer, "/teach/por/course-test/initial/archive", {"restore": "1"})
    again = trainer.get("/teach/por/course-test/initial")
    assert "1" not in [f.fields.get("restore") for f in forms_of(again)]
    assert trainer.get("/teach/por/course-test/m1-test").status_code == 404
    assert trainer.get("/teach/por/test/initial").status_code == 404
    assert course.client("colleague").get("/teach/por/course-test/initial").status_code in (
        403,
        404,
    )


def test_queries_with_tests_of_the_course(course: House) -> None:
    client = course.client("employee")
    sit(course, client, "initial")
    for path in ("/", "/course/por/quiz/final"):
        client.get(path)
        with course.database() as session, statements(session) as sent:
            assert client.get(path).status_code == 200
        assert len(sent) <= 4, sent
