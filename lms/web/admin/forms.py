"""Forms of this room. Only the fields declared here are ever read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import (
    DateField,
    FileField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from lms.domain.curriculum import Module
from lms.services.cohorts import MOST_DAYS
from lms.services.departments import Node
from lms.web import i18n
from lms.web.forms import Form, clean_text
from lms.web.i18n import lazy as _

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
LONGEST_LIST = 200_000
"""Characters of a pasted list of accounts."""
DAYS = "days-"
"""Fields of the due form: this and the module's key."""


def _short(limit: int) -> Length:
    return Length(max=limit, message=_("Please write at most %(max)d characters."))


def _chosen(form: Any, field: Any) -> None:
    """A choice that is not on the list: the page is old, or the request was made by hand."""
    if field.data not in [value for value, *_rest in field.choices]:
        raise ValidationError(i18n.gettext("Please choose one of the list."))


def _sensible_day(form: Any, field: Any) -> None:
    if field.data and not EARLIEST <= field.data <= LATEST:
        raise ValidationError(i18n.gettext("Please give a year between 2000 and 2100."))


def department_choices(tree: Sequence[Node], nothing: str) -> list[tuple[str, str]]:
    """Departments as they are drawn, for a select field; the empty choice first."""
    lines = [(n.department.uuid, "– " * n.depth + n.department.name) for n in tree]
    return [("", nothing), *lines] if nothing else lines


class Day(DateField):
    """A day: from the browser's own control, or typed as 12.06.2018."""

    def __init__(self, label: Any, message: Any, **bound: Any) -> None:
        super().__init__(
            label,
            [InputRequired(message), _sensible_day],
            format=["%Y-%m-%d", "%d.%m.%Y"],
            **bound,
        )

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(i18n.gettext("Please write the day as 12.06.2018.")) from error


class PersonForm(Form):
    name = StringField(
        _("Name"), [InputRequired(_("Please write the name.")), _short(200), clean_text]
    )
    email = StringField(_("E-mail"), [_short(254), clean_text])
    staff_number = StringField(_("Staff number"), [_short(40), clean_text])
    department = SelectField(_("Department"), [_chosen], validate_choice=False)


class NameForm(Form):
    """The name of a department."""

    name = StringField(
        _("Name of the department"),
        [InputRequired(_("Please write the name of the department.")), _short(200), clean_text],
    )


class MoveForm(Form):
    parent = SelectField(_("Part of"), [_chosen], validate_choice=False)


class CohortForm(Form):
    name = StringField(
        _("Name of the cohort"),
        [InputRequired(_("Please write the name of the cohort.")), _short(200), clean_text],
    )
    starts_on = Day(_("First day of the workshop"), _("Please give the first day."))
    ends_on = Day(_("Last day of the workshop"), _("Please give the last day."))


class NewCohortForm(CohortForm):
    course = SelectField(_("Course"), [_chosen], validate_choice=False)


class AccountsForm(Form):
    accounts = TextAreaField(
        _("E-mail addresses or staff numbers"),
        [
            InputRequired(_("Please paste the addresses or numbers.")),
            Length(max=LONGEST_LIST, message=_("Please paste at most %(max)d characters.")),
            clean_text,
        ],
    )


class ImportForm(Form):
    """A list: pasted, or a file. Its size and content are judged by the reader of lists."""

    text = TextAreaField(_("Paste the list"))
    file = FileField(_("Or choose a file"))


class ApplyForm(Form):
    """What the preview sends back; ``rows`` is signed, so it is what was shown."""

    rows = HiddenField()
    fingerprint = HiddenField()
    cohort = SelectField(_("Enrol everybody of this list into"), [_chosen], validate_choice=False)


class ChooseForm(Form):
    """Whose codes to print; travels in the address."""

    source = SelectField(_("For"), [_chosen], validate_choice=False)
    only = RadioField(_("Whom"), [_chosen], validate_choice=False, default="new")


def due_form(modules: Sequence[Module], titles: Sequence[str]) -> type[Form]:
    """One optional whole number for each module of the course."""
    fields = {
        DAYS + module.key: IntegerField(
            title,
            [
                Optional(),
                NumberRange(
                    0, MOST_DAYS, _("Please write a whole number of days, 0 to 1000, or nothing.")
                ),
            ],
        )
        for module, title in zip(modules, titles, strict=True)
    }
    return type("DueForm", (Form,), fields)
