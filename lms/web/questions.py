"""Questions as pages show them: to those who answer and, in a preview, to those who wrote them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from markupsafe import Markup

from lms.domain.items import Kind, Question, ReviewLine
from lms.domain.items.kinds import Shown
from lms.domain.numbers import format_number
from lms.services.reading import SelfCheck
from lms.web import i18n
from lms.web.i18n import gettext as _
from lms.web.lesson_text import Texts, plain

NOTHING: Final = Markup("")


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question as a form: only what may be seen before the key (:class:`Question`)."""

    id: str
    """Of the group in the page; the controls add to it."""
    prefix: str
    """Name of its fields in the form: ``q``, or ``q<number>`` where several share one."""
    kind: Kind
    stem: Markup
    choices: tuple[Markup, ...]
    prompts: tuple[Markup, ...]
    unit: str
    shown: Shown
    understood: str = ""
    """The number as it was read, in the notation of the attempt."""
    notation: str = i18n.DEFAULT
    error: str = ""
    position: int = 0
    case: Markup = NOTHING
    case_id: int = 0
    """The same for all questions of one situation; 0 for none."""
    sequence: int = 0
    is_answered: bool = False
    is_flagged: bool = False
    saved_at: datetime | None = None

    @property
    def is_unread(self) -> bool:
        """Something is written that could not be read as a number."""
        return self.kind is Kind.NUMERIC and bool(self.shown.text) and not self.shown.understood

    @property
    def option_texts(self) -> list[str]:
        """The choices without markup, for a list to choose from."""
        return [plain(choice) for choice in self.choices]

    def answer(self) -> list[Markup]:
        """The answer in words, one line for each part; empty when there is none."""
        return answer_words(self)


def question_view(
    question: Question, shown: Shown, texts: Texts, *, id_: str, prefix: str, notation: str
) -> QuestionView:
    """A question with its texts ready to be shown; ``notation`` is the language of its numbers."""
    return QuestionView(
        id=id_,
        prefix=prefix,
        kind=question.kind,
        stem=texts.item(question.stem),
        choices=tuple(texts.item(choice) for choice in question.choices),
        prompts=tuple(texts.item(prompt) for prompt in question.prompts),
        unit=question.unit,
        shown=shown,
        understood=number_words(shown.understood, notation),
        notation=notation,
    )


def number_words(value: str, notation: str) -> str:
    """A stored number in the notation it is read in; other text as it is."""
    try:
        return format_number(Decimal(value), notation) if value else ""
    except (InvalidOperation, ValueError):
        return value


def answer_words(view: QuestionView) -> list[Markup]:
    shown = view.shown
    match view.kind:
        case Kind.TRUE_FALSE:
            return [
                Markup.escape(_("True") if place == 0 else _("False")) for place in shown.chosen
            ]
        case Kind.SINGLE | Kind.MULTIPLE:
            return [view.choices[place] for place in shown.chosen]
        case Kind.MATCHING:
            return [
                Markup("{} → {}").format(prompt, view.choices[place])
                for prompt, place in zip(view.prompts, shown.places, strict=False)
                if place is not None
            ]
        case Kind.ORDERING:
            ranked = zip(view.prompts, shown.places, strict=False)
            steps = sorted((p, text) for text, p in ranked if p is not None)
            return [Markup("{}. {}").format(place + 1, text) for place, text in steps]
        case _:
            return [Markup.escape(shown.text)] if shown.text else []


@dataclass(frozen=True, slots=True)
class CheckView:
    """A self-check in its lesson: the question, and once answered its feedback."""

    key: str
    question: QuestionView
    lines: tuple[ReviewLine, ...] = ()
    expected: str = ""
    is_right: bool | None = None
    """None while it has no answer."""
    explanation: Markup = NOTHING

    @property
    def is_untouched(self) -> bool:
        """Nothing of its reader stands in the question."""
        return self.question.shown == Shown() and not self.question.error


def check_view(check: SelfCheck, texts: Texts, error: str = "") -> CheckView:
    notation = i18n.language()
    question = question_view(
        check.question,
        check.shown,
        texts,
        id_=f"check-{check.key}-q",
        prefix="q",
        notation=notation,
    )
    review = check.review
    return CheckView(
        key=check.key,
        question=replace(question, error=error) if error else question,
        lines=review_lines(review.lines, question.kind, texts, notation) if review else (),
        expected=review.expected if review else "",
        is_right=check.is_right,
        explanation=texts.item(check.explanation),
    )


def review_lines(
    lines: Sequence[ReviewLine], kind: Kind, texts: Texts, notation: str
) -> tuple[ReviewLine, ...]:
    """The explained parts of an answered question, ready to be shown.

    Of short answers and numbers only what concerns the answer given is listed, and the right one.
    """

    def words(text: str) -> Markup:
        if kind is Kind.TRUE_FALSE:
            return Markup.escape(_("True") if text == "true" else _("False"))
        if kind is Kind.NUMERIC:
            return Markup.escape(number_words(text, notation))
        return Markup.escape(text) if kind is Kind.SHORT_ANSWER else texts.item(text)

    return tuple(
        replace(
            line,
            text=words(line.text),
            why=texts.item(line.why),
            answer=texts.item(line.answer),
            expected=texts.item(line.expected),
        )
        for line in lines
    )
