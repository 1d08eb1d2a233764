"""Forms of the door and of one's own account."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from lms.web.forms import Form, clean_text
from lms.web.i18n import lazy as _


class SignInForm(Form):
    email = StringField(
        _("E-mail or staff number"),
        [
            InputRequired(_("Please write your e-mail or staff number.")),
            Length(max=254),
            clean_text,
        ],
    )
    password = PasswordField(
        _("Password"),
        [InputRequired(_("Please write your password.")), Length(max=128), clean_text],
    )
    shared = BooleanField(_("This is a shared computer"))
    next = HiddenField()
    carried = HiddenField()


class CodeForm(Form):
    code = StringField(
        _("One-time code"),
        [InputRequired(_("Please write the code from your slip.")), Length(max=60), clean_text],
    )
    shared = BooleanField(_("This is a shared computer"))


class LinkForm(Form):
    shared = BooleanField(_("This is a shared computer"))


class HelpForm(Form):
    account = StringField(
        _("E-mail or staff number"),
        [
            InputRequired(_("Please write your e-mail or staff number.")),
            Length(max=254),
            clean_text,
        ],
    )


class ChoosePasswordForm(Form):
    """For somebody who has just come in by a code: the old one is forgotten."""

    password = PasswordField(
        _("New password"), [InputRequired(_("Please write the new password.")), clean_text]
    )
    again = PasswordField(
        _("New password, once more"),
        [EqualTo("password", _("The two passwords are not the same."))],
    )


class ChangePasswordForm(ChoosePasswordForm):
    current = PasswordField(
        _("Current password"), [InputRequired(_("Please write your current password."))]
    )
