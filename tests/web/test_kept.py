"""Parts of pages that are kept hold nothing of a person, and follow language and course."""

from __future__ import annotations

import re

from flask import request
from flask.testing import FlaskClient
from plain_form import form_of
from world import House

from lms.web import i18n, rendering

LESSON = "/course/por/lesson/m1-a"


def text_of(client: FlaskClient, path: str) -> str:
    """The page without what is new in every answer: tokens and keys."""
    text = client.get(path).get_data(as_text=True)
    return re.sub(r'(name="(?:csrf_token|key)" value=")[^"]*', r"\1", text)


def answer_the_check(client: FlaskClient) -> None:
    form = form_of(client.get(LESSON), action="/check/m1-c1#check-m1-c1")
    client.post(form.action, data={**form.fields, "q": "0"})


def test_ones_answer_and_ticks_stand_on_ones_own_page_only(house: House) -> None:
    mine, theirs = house.client("employee"), house.client("colleague")
    before = text_of(theirs, LESSON)
    answer_the_check(mine)
    house.post(mine, f"{LESSON}/read")
    answered = text_of(mine, LESSON)
    assert "data-lms-feedback" in answered
    assert " checked>" in answered
    assert "is-done" in answered
    assert text_of(theirs, LESSON) == before
    assert "data-lms-feedback" not in before
    assert " checked>" not in before
    assert "is-done" not in before


def test_each_reads_the_kept_parts_in_their_language(house: House) -> None:
    client = house.client("employee")
    pages: dict[str, dict[str, str]] = {}
    for language in ("ro", "en", "ro"):
        house.post(client, "/language", {"language": language, "next": "/"})
        read = {path: text_of(client, path) for path in ("/", LESSON)}
        assert pages.setdefault(language, read) == read
    for path, in_romanian, in_english in (
        ("/", " lecți", " lesson"),
        (LESSON, 'aria-label="Acest modul"', 'aria-label="This module"'),
    ):
        assert in_romanian in pages["ro"][path]
        assert in_english in pages["en"][path]
        assert in_english not in pages["ro"][path]


def test_what_differs_in_anything_is_drawn_anew(house: House) -> None:
    drawn: list[str] = []

    def macro(word: str) -> str:
        drawn.append(f"{word} {i18n.language()} {request.script_root}")
        return drawn[-1]

    for language, root in (("ro", ""), ("en", ""), ("ro", "/formare"), ("ro", "")):
        with house.app.test_request_context("/", environ_overrides={"SCRIPT_NAME": root}):
            i18n.set_language(language)
            for word in ("a", "b", "a"):
                assert rendering.kept(macro, word) == f"{word} {language} {root}"
    assert len(drawn) == 6
