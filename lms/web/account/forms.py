"""Forms of the door."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from lms.web.forms import Form, clean_text
from lms.web.i18n import lazy as _


class SignInForm(Form):
    email = StringField(
        _("E-mail or staff number"),
        [InputRequired(_("Please write your e-mail or staff number.")), Length(max=254), clean_text],
    )
    password = PasswordField(
        _("Password"), [InputRequired(_("Please write your password.")), Length(max=128), clean_text]
    )
    shared = BooleanField(_("This is a shared computer"), default=True)
    next = HiddenField()
    carried = HiddenField()
