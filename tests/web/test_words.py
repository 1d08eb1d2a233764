"""Sentences with what is put into them, in the reader's language."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from flask import Flask
from markupsafe import Markup, escape
from werkzeug.datastructures import MultiDict
from wtforms import IntegerField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

import lms
from lms.web import i18n
from lms.web.admin.sentences import VERBS
from lms.web.forms import Form

PACKAGE = Path(lms.__file__).parent


@pytest.fixture(params=["ro", "en"])
def language(request: pytest.FixtureRequest):
    with Flask(__name__).test_request_context():
        i18n.set_language(request.param)
        yield request.param


def test_a_title_marked_as_romanian_stays_marked_within_a_sentence(language: str) -> None:
    title = Markup('<span lang="ro">Mic & mare</span>')
    said = escape(i18n.gettext("Continue: %(title)s", title=title))
    assert '<span lang="ro">Mic & mare</span>' in said


def test_what_stands_beside_a_marked_title_is_escaped(language: str) -> None:
    said = i18n.gettext("%(name)s, below %(parent)s", name="<b>", parent=Markup("<i>P</i>"))
    assert "&lt;b&gt;" in said
    assert "<i>P</i>" in said


def test_a_plain_sentence_is_plain_text(language: str) -> None:
    said = i18n.gettext("Continue: %(title)s", title="A & B")
    assert not isinstance(said, Markup)
    assert said.endswith("A & B")


@pytest.mark.parametrize(
    ("n", "expected"), [(1, "1 modul"), (2, "2 module"), (19, "19 module"), (20, "20 de module")]
)
def test_romanian_counts(n: int, expected: str) -> None:
    with Flask(__name__).test_request_context():
        i18n.set_language("ro")
        assert i18n.ngettext("%(num)d module", "%(num)d modules", n) == expected


class Sheet(Form):
    count = IntegerField()
    name = StringField(validators=[Length(max=3)])
    several = SelectMultipleField(choices=[SelectChoice("a", "A")])


def test_wtforms_speaks_in_our_words(language: str) -> None:
    sheet = Sheet(MultiDict([("count", "x"), ("name", "abcd"), ("several", "z")]))
    assert not sheet.validate()
    expected = {
        "en": {
            "count": ["Please write a whole number."],
            "name": ["Please write at most 3 characters."],
            "several": ["Please choose from the list."],
        },
        "ro": {
            "count": ["Scrieți un număr întreg."],
            "name": ["Textul este prea lung; număr maxim de caractere: 3."],
            "several": ["Alegeți din listă."],
        },
    }
    assert sheet.errors == expected[language]


def test_every_act_on_record_has_its_words() -> None:
    """Verbs are written in the services; one that nobody worded would be shown as a code."""
    acts = re.compile(
        r"(?:cohort|course|department|enrolment|help-request|item|lesson|module|people|person"
        r"|picture|quiz|records)\.[a-z-]*[a-z]"
    )
    folders = [PACKAGE / "services", PACKAGE / "records"]
    trees = [ast.parse(p.read_text("utf-8")) for folder in folders for p in folder.rglob("*.py")]
    verbs = {
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if acts.fullmatch(node.value) and not node.value.endswith(".yaml")
    }
    assert {"person.add", "quiz.archive", "records.restore"} <= verbs
    assert verbs - set(VERBS) == set()
