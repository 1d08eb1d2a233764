"""The base of all forms: WTForms with our translations; CSRF is checked centrally, not here."""

from __future__ import annotations

from typing import Any

from wtforms import Form as WTForm
from wtforms import ValidationError
from wtforms.i18n import DefaultTranslations

from lms.domain.text import is_clean
from lms.web import i18n
from lms.web.form_messages import SENTENCES


class _Translations(DefaultTranslations):
    """WTForms' own messages in our words, through our catalogue."""

    def __init__(self) -> None:
        pass

    def gettext(self, string: str) -> str:
        return i18n.gettext(SENTENCES.get(string, string))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return self.gettext(singular if singular in SENTENCES or n == 1 else plural)


class Form(WTForm):
    class Meta:
        def get_translations(self, form: Any) -> Any:
            return _Translations()


def clean_text(form: Any, field: Any) -> None:
    """Refuses NUL, lone surrogates and control characters that no database may hold."""
    if field.data and not is_clean(field.data):
        raise ValidationError(i18n.gettext("This text contains characters that cannot be stored."))
