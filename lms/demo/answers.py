"""What somebody would tick or type to get a question right, or wrong."""

from __future__ import annotations

from lms.domain.items import Body, Choice, Matching, Numeric, Ordering, ShortAnswer, TrueFalse
from lms.domain.items.kinds import Layout

Fields = dict[str, list[str]]


def fields_for(body: Body, layout: Layout, *, right: bool) -> Fields:
    """A form's values for one question as it was drawn. Raises TypeError for an unknown kind."""
    match body:
        case Choice():
            return {"": _chosen(body, layout, right)}
        case TrueFalse():
            return {"": ["0" if body.answer is right else "1"]}
        case Numeric():
            return {"": [str(body.answer).replace(".", ",") if right else _wrong_number(body)]}
        case ShortAnswer():
            mistake = body.mistakes[0].value if body.mistakes else "nu știu"
            return {"": [body.accept[0] if right else mistake]}
        case Ordering():
            last = len(body.steps) - 1
            return {
                str(place): [str(step if right else last - step)]
                for place, step in enumerate(layout["order"])
            }
        case Matching():
            return _matched(body, layout, right)
    raise TypeError(f"unknown kind of question: {body!r}")


def _chosen(body: Choice, layout: Layout, right: bool) -> list[str]:
    chosen = [
        str(place)
        for place, option in enumerate(layout["order"])
        if body.options[option].correct is right
    ]
    return chosen if body.many else chosen[:1]


def _wrong_number(body: Numeric) -> str:
    if body.mistakes:
        return body.mistakes[0].value.replace(".", ",")
    return str(int(body.answer) + int(body.tolerance) + 7)


def _matched(body: Matching, layout: Layout, right: bool) -> Fields:
    choices = body.question("", layout).choices
    answers = {}
    for place, pair in enumerate(layout["left"]):
        wanted = choices.index(body.pairs[pair].right)
        answers[str(place)] = [str(wanted if right else (wanted + 1) % len(choices))]
    return answers
