"""A test taken in a host, without JavaScript: nothing acknowledged or typed is lost."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sessions import NOW
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from host.mounting import PREFIX, arrive, enter, token
from host.townhall import PASSWORD
from lms.models import Enrolment, Person, Response


@pytest.fixture
def learner(intranet: Flask, course: Any) -> FlaskClient:
    """Ana, enrolled."""
    client = enter(intranet, "ana")
    arrive(client)
    with Session(intranet.extensions["lms"].session.engine) as session:
        person = session.scalars(select(Person.id)).one()
        row = {"uuid": str(uuid4()), "person_id": person, "course_id": course.course_id}
        session.execute(insert(Enrolment), [{**row, "enrolled_at": NOW}])
        session.commit()
    return client


def saved(app: Flask) -> int:
    with Session(app.extensions["lms"].session.engine) as session:
        return session.scalar(select(func.count()).select_from(Response)) or 0


def first_question(client: FlaskClient, course: Any) -> tuple[str, dict[str, Any]]:
    """The address of an open question and what a browser would send for its first option."""
    key = course.manifest.modules[0].quizzes[0].key
    start = f"{PREFIX}/course/{course.manifest.key}/quiz/{key}"
    page = client.get(start)
    page = client.post(
        f"{start}/start", data={"csrf_token": token(page), "view": "one"}, follow_redirects=True
    )
    assert page.status_code == 200, page.text
    form = re.search(r'<form[^>]*action="([^"]+)"[^>]*data-lms-answers', page.text)
    assert form, page.text[:3000]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    names = ("csrf_token", "sequence", "key")
    return form[1], {"q": "0", **{name: hidden[name] for name in names if name in hidden}}


def carried(page: TestResponse) -> dict[str, str]:
    found = re.search(r'name="carried" value="([^"]+)"', page.text)
    assert found, page.text
    return {"csrf_token": token(page), "next": "", "carried": found[1]}


def test_an_answer_given_after_the_hosts_sign_in_has_ended_is_kept(
    intranet: Flask, learner: FlaskClient, course: Any
) -> None:
    address, form = first_question(learner, course)
    learner.post("/iesire")
    page = learner.post(address, data=form)
    assert page.status_code == 401
    assert saved(intranet) == 0
    again = learner.post(f"{PREFIX}/arrive", data=carried(page))
    assert again.status_code == 401, "still signed out"
    learner.post("/intrare", data={"login": "ana", "password": PASSWORD})
    # The sign-in renewed what is ours in the session: one more click, with the answer still there.
    asked = learner.post(f"{PREFIX}/arrive", data=carried(again))
    assert asked.status_code == 200
    assert saved(intranet) == 0
    done = learner.post(f"{PREFIX}/arrive", data=carried(asked))
    assert done.status_code == 303
    assert done.location.startswith(f"{PREFIX}/attempt/")
    assert saved(intranet) == 1


def test_the_answer_is_nobody_elses(intranet: Flask, learner: FlaskClient, course: Any) -> None:
    address, form = first_question(learner, course)
    learner.post("/iesire")
    page = learner.post(address, data=form)
    learner.post("/intrare", data={"login": "elena", "password": PASSWORD})
    asked = learner.post(f"{PREFIX}/arrive", data=carried(page))
    done = learner.post(f"{PREFIX}/arrive", data=carried(asked))
    assert (done.status_code, done.location) == (303, f"{PREFIX}/")
    assert saved(intranet) == 0


def test_another_post_of_a_stranger_changes_nothing_and_says_so(
    intranet: Flask, learner: FlaskClient, course: Any
) -> None:
    page = learner.get(f"{PREFIX}/badges")
    learner.post("/iesire")
    answer = learner.post(
        f"{PREFIX}/badges/00000000-0000-4000-8000-000000000000/share",
        data={"csrf_token": token(page)} if "csrf_token" in page.text else {},
    )
    assert answer.status_code == 401
    assert 'name="carried"' not in answer.text
    assert f"{PREFIX}/arrive" in answer.text


def forget(client: FlaskClient) -> None:
    """The host's session is lost: its store was emptied, its key was changed, the browser forgot."""
    client.delete_cookie("session")


def test_an_answer_from_before_a_sign_in_in_another_tab_is_one_click_from_saved(
    intranet: Flask, learner: FlaskClient, course: Any
) -> None:
    """The page with the typed answer knows nothing of the new session: its token is none."""
    address, form = first_question(learner, course)
    forget(learner)
    learner.post("/intrare", data={"login": "ana", "password": PASSWORD})
    for site in ("cross-site", "same-site"):
        forged = learner.post(address, data=form, headers={"Sec-Fetch-Site": site})
        assert forged.status_code == 400
        assert "carried" not in forged.text
    by_script = learner.post(address, data=form, headers={"Accept": "application/json"})
    assert by_script.json
    assert by_script.json["error"] == "csrf", "the page's own queue keeps it"
    page = learner.post(address, data=form)
    assert page.status_code == 400
    assert "js/arrive.js" not in page.text, "by the reader, never by the page"
    assert "se deschide evidența" not in page.text, "they have been here before"
    assert saved(intranet) == 0
    done = learner.post(f"{PREFIX}/arrive", data=carried(page))
    assert done.status_code == 303
    assert done.location.startswith(f"{PREFIX}/attempt/")
    assert saved(intranet) == 1


def test_an_answer_from_before_somebody_elses_sign_in_is_not_theirs(
    intranet: Flask, learner: FlaskClient, course: Any
) -> None:
    address, form = first_question(learner, course)
    arrive(enter(intranet, "elena"))
    forget(learner)
    learner.post("/intrare", data={"login": "elena", "password": PASSWORD})
    page = learner.post(address, data=form)
    done = learner.post(f"{PREFIX}/arrive", data=carried(page))
    assert (done.status_code, done.location) == (303, f"{PREFIX}/")
    assert saved(intranet) == 0


def test_another_form_from_before_the_sign_in_is_refused_as_ever(
    intranet: Flask, learner: FlaskClient
) -> None:
    page = learner.get(f"{PREFIX}/account")
    form = {"csrf_token": token(page), "language": "en"}
    forget(learner)
    learner.post("/intrare", data={"login": "ana", "password": PASSWORD})
    refused = learner.post(f"{PREFIX}/language", data=form)
    assert refused.status_code == 400
    assert "arrive" not in refused.text
