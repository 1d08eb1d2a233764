"""What no page of the trainer's room sends: refused or read as nothing, never an accident."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from teach_room import editor, text_of

NEW = "/teach/por/module/m1/new-question"


@pytest.mark.parametrize("name", ["use", "difficulty"])
@pytest.mark.parametrize("value", ["", "no-such", "99", "-5", "²", "٣", "a" * 10_000])
def test_a_choice_that_was_not_offered(trainer: FlaskClient, name: str, value: str) -> None:
    form = editor(trainer, NEW)
    form.fields[name] = value
    assert trainer.post(NEW, data=form.press("preview")).status_code == 200
    saved = trainer.post(NEW, data=form.press("save"))
    assert saved.status_code == 400
    assert "Please" in text_of(saved)
