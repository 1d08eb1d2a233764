"""What the views of this room share: who acts, how a refusal becomes an error beside its field."""

from __future__ import annotations

from typing import Any

from flask import Response

from lms.domain.access import Action, may
from lms.domain.errors import Refusal
from lms.models import Person
from lms.services import help_requests, host_people
from lms.web.blueprint import db_session
from lms.web.forms import Form
from lms.web.identity import me
from lms.web.rendering import render
from lms.web.sentences import sentence


def actor() -> Person:
    """The person who acts, for the services and their record."""
    return host_people.acting(db_session(), me())


def page(template: str, status: int = 200, **context: Any) -> Response:
    """A page of this room, with what its tabs need."""
    return render(
        f"lms/admin/{template}",
        status,
        waiting=help_requests.count_open(db_session()),
        administers=may(me().viewer, Action.ADMINISTER),
        **context,
    )


def explain(form: Form, refusal: Refusal, fields: dict[str, str] | None = None) -> int:
    """Roll back and put the refusal's sentence beside its field, or above the form.

    ``fields`` maps a field of the service to the form's own name for it. Returns the status.
    """
    db_session().rollback()
    named = str(refusal.params.get("field", ""))
    field = (fields or {}).get(named, named)
    text = sentence(refusal)
    if field in form:
        form[field].errors = [*form[field].errors, text]
    else:
        form.form_errors.append(text)
    return refusal.status
