"""Forms of the room: the fixed fields as WTForms, what is to be mended told beside each field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from werkzeug.datastructures import MultiDict
from wtforms import (
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from lms.domain.draft_rules import Fault
from lms.domain.errors import Refusal
from lms.web.forms import Form, clean_text
from lms.web.i18n import gettext
from lms.web.i18n import lazy as _
from lms.web.teach.sentences import fault_sentence

MOST_ROWS: Final = 200
"""Rows of any list in a form; nobody writes more, and a form asking for millions is refused."""

_BLANK_START: Final = re.compile(r"\A(?:[ \t]*\n)+")
_NUMBER = InputRequired(_("Please write a number."))


def _one_of(*known: str) -> Callable[[str], str]:
    """What a choice may be: a preview reads the form before anything has judged it, and sees no
    other value. ValueError is WTForms' way to refuse one."""

    def read(value: str) -> str:
        if value not in known:
            raise ValueError(value)
        return value

    return read


class LessonForm(Form):
    title = StringField(_("Title"), [clean_text])
    minutes = IntegerField(_("Reading time in minutes"), [_NUMBER])
    as_of = DateField(_("Valid as of"), [InputRequired(_("Please write a date."))])
    summary = TextAreaField(_("What one can do after this lesson"), [clean_text])
    outcomes = SelectMultipleField(
        _("Outcomes it leads to"),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )


class ExerciseForm(Form):
    title = StringField(_("Title"), [clean_text])
    minutes = IntegerField(_("Minutes a team needs"), [_NUMBER])
    as_of = DateField(_("Valid as of"), [InputRequired(_("Please write a date."))])
    summary = TextAreaField(_("What the team holds in its hands at the end"), [clean_text])
    outcomes = SelectMultipleField(
        _("Outcomes it leads to"),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    task = TextAreaField(_("Task"), [clean_text])
    example = TextAreaField(_("Data of the fictional project"), [clean_text])


class ModuleForm(Form):
    title = StringField(_("Title"), [clean_text])
    short = StringField(_("Short title"), [clean_text])
    summary = TextAreaField(_("What the module is about, in a sentence"), [clean_text])
    minutes = IntegerField(_("Minutes for the whole module"), [_NUMBER])
    badge_title = StringField(_("Title of the badge"), [clean_text])
    symbol = SelectField(_("Picture of the badge"))


class QuizForm(Form):
    title = StringField(_("Title"), [clean_text])
    minutes = IntegerField(_("How many minutes it usually takes"), [_NUMBER])
    intro = TextAreaField(_("What the learner reads before starting"), [clean_text])
    pass_percent = IntegerField(_("Pass mark, in per cent of the points"), [_NUMBER])
    wait_minutes = IntegerField(_("Minutes to wait after a failed attempt"), [_NUMBER])
    time_limit_minutes = IntegerField(_("Time limit in minutes"), [Optional()])
    attempts = IntegerField(_("Number of attempts"), [Optional()])


class ItemForm(Form):
    stem = TextAreaField(_("Question"), [clean_text])
    explanation = TextAreaField(_("Explanation, shown with the result"), [clean_text])
    outcome = SelectField(_("Outcome it measures"))
    difficulty = SelectField(
        _("Difficulty"),
        choices=[
            SelectChoice("1", _("easy")),
            SelectChoice("2", _("medium")),
            SelectChoice("3", _("hard")),
        ],
        coerce=_one_of("1", "2", "3"),
    )
    lesson = SelectField(_("What to read again"))
    use = RadioField(
        _("Where it is asked"),
        choices=[
            SelectChoice("quiz", _("In tests")),
            SelectChoice("self-check", _("As a self-check in a lesson")),
        ],
        coerce=_one_of("quiz", "self-check"),
    )
    tags = StringField(_("Tags, separated by commas"), [clean_text])
    facts = StringField(_("Fact codes, separated by commas"), [clean_text])


class PublishForm(Form):
    note = StringField(_("What has changed, for the history"), [clean_text])


@dataclass
class Told:
    """What is to be mended, by field; the list above the form leads to each place."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    def add(self, at: str, text: str, label: str = "") -> None:
        name = at.replace("/", "-")
        if text not in self.fields.setdefault(name, []):
            self.fields[name].append(text)
        self.labels.setdefault(name, label or _row_label(at))

    def add_to(self, known: Any, text: str) -> None:
        """Something about one of WTForms' own fields, which shows it itself."""
        self.add(known.name, text, str(known.label.text))
        known.errors = [*known.errors, text]

    def add_form(self, form: Form) -> None:
        """What WTForms itself finds."""
        form.validate()
        for each in form:
            for text in each.errors:
                self.add(each.name, str(text), str(each.label.text))

    def add_faults(self, form: Form, faults: Iterable[Fault], names: dict[str, str]) -> None:
        """What the rules have found; ``names`` maps a fault's path to the form's own field.

        Of a field that could not be read at all enough is said already.
        """
        fields = {each.name: each for each in form}
        unread = set(self.fields)
        for fault in faults:
            at = names.get(fault.at, fault.at)
            if at.replace("/", "-") in unread:
                continue
            if at in fields:
                self.add_to(fields[at], fault_sentence(fault))
            else:
                self.add(at, fault_sentence(fault))

    def add_refusal(
        self, form: Form, refusal: Refusal, names: dict[str, str] | None = None
    ) -> None:
        """What the rules have found, if that is why a save was refused."""
        if refusal.code == "draft-invalid":
            self.add_faults(form, refusal.params["faults"], names or {})

    def judge(
        self, form: Form, rule: Callable[[], None], names: dict[str, str] | None = None
    ) -> None:
        """What the rule finds beside what is told already, so that all is told at once."""
        try:
            rule()
        except Refusal as refusal:
            self.add_refusal(form, refusal, names)

    def of(self, name: str) -> list[str]:
        return self.fields.get(name, [])

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """(id of the field, label, text)."""
        return [(name, self.labels[name], " ".join(texts)) for name, texts in self.fields.items()]


def _row_label(at: str) -> str:
    found = re.fullmatch(r"([a-z_]+)(?:[/-](\d+))?(?:[/-].*)?", at)
    kind, number = (found[1], found[2]) if found else (at, None)
    names = {
        "options": gettext("Answers"),
        "mistakes": gettext("Recognised mistakes"),
        "draw": gettext("Which questions are asked"),
        "items": gettext("Questions that are always asked"),
        "outcomes": gettext("Outcomes"),
        "card": gettext("Cards"),
        "rubric": gettext("Criterion"),
        "body": gettext("Text of the lesson"),
        "criteria": gettext("What completes the module"),
        "answer": gettext("Right answer"),
        "tolerance": gettext("Tolerance"),
        "unit": gettext("Unit"),
        "why": gettext("Why this is right"),
        "picture": gettext("Picture"),
        "why_true": gettext("Why, for those who choose “true”"),
        "why_false": gettext("Why, for those who choose “false”"),
    }
    label = names.get(kind, kind)
    if kind == "draw" and number is not None:
        return gettext("Line %(number)s", number=int(number) + 1)
    return f"{label} {int(number) + 1}" if number is not None else label


Posted = MultiDict[str, str]


def lines_of(posted: Posted, name: str) -> str:
    """A text of the form with plain line ends and without blank lines around it."""
    text = posted.get(name, "").replace("\r\n", "\n").replace("\r", "\n").rstrip()
    return _BLANK_START.sub("", text)


def one_line(text: str | None) -> str:
    """A sentence typed into a field that wraps: its line ends are spaces."""
    return " ".join((text or "").split())


def count_of(posted: Posted, name: str) -> int:
    """How many rows the form says it has; never more than `MOST_ROWS`."""
    value = posted.get(name, "0")
    if not (value.isascii() and value.isdigit() and len(value) <= 4):
        return 0
    return min(int(value), MOST_ROWS)


def expected_of(posted: Posted) -> int:
    """The version the author started from; 0 when the form does not say."""
    value = posted.get("expected", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 9 else 0


def step_of(posted: Posted) -> tuple[str, int]:
    """The pressed button: a word and, for a row's button, the row (``up-3``)."""
    word = posted.get("do", "save")
    name, _dash, number = word.rpartition("-")
    if name and number.isascii() and number.isdigit() and len(number) <= 4:
        return name, int(number)
    return word, -1


def words_of(text: str) -> tuple[str, ...]:
    """Words separated by commas, each once."""
    return tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))


def choices_of(pairs: Iterable[tuple[str, str]]) -> list[Any]:
    """(value, label) as WTForms wants them."""
    return [SelectChoice(value, label) for value, label in pairs]


def choices_with(pairs: list[tuple[str, str]], current: str, label: str) -> list[Any]:
    """The choices, and the current value too where it is none of them any more."""
    known = current in {value for value, _label in pairs}
    return choices_of(pairs if known else [*pairs, (current, label)])


def gone(name: str) -> str:
    """What a list calls a choice that was made and is no longer there."""
    return gettext("%(name)s (no longer there)", name=name)
