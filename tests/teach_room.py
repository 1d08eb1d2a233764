"""What the tests of the trainer's room share: its editors as forms, pressed like a browser does."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from plain_form import PlainForm, form_of
from world import House

from lms.models import Person


def text_of(answer: Any) -> str:
    body: str = answer.get_data(as_text=True)
    return body


def speak(house: House, language: str) -> None:
    """The language in which the trainer reads the pages."""
    with house.database() as session:
        session.get_one(Person, house.world.person["trainer"]).language = language
        session.commit()


def editor(client: FlaskClient, path: str) -> PlainForm:
    return form_of(client.get(path), id="editor")


def sent(client: FlaskClient, path: str, form: PlainForm, button: str, **more: Any) -> Any:
    return client.post(path, data=form.press(button), **more)
