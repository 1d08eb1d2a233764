"""What this room says: refusals, faults beside their field, hindrances to publishing, warnings."""

from __future__ import annotations

from lms.domain.draft_rules import Fault
from lms.domain.numbers import Reason
from lms.domain.publishing import Part, Problem
from lms.web.i18n import N_
from lms.web.i18n import gettext as _

SENTENCES: dict[str, str] = {
    "bank-empty": N_(
        "The bank of this module has no question for tests yet. Write one first; nothing was "
        "changed."
    ),
    "cannot-publish": N_("This cannot be published yet. What is missing is listed on the page."),
    "card-item": N_("Choose the question of this self-check."),
    "card-open": N_(
        "This card is not closed: a line of three colons, or a code block without its end, would "
        "hide what follows. Please take it out."
    ),
    "card-title": N_("The title of a card is one line."),
    "draft-changed": N_(
        "The draft has changed since this preview. Nothing was published: look at the changes "
        "below once more."
    ),
    "draft-invalid": N_("Some things need your attention. Nothing was saved yet."),
    "edited-meanwhile": N_(
        "Somebody else has saved this in the meantime. Nothing was overwritten and your text is "
        "below: compare the two, then save again or take the other one."
    ),
    "file-type": N_("Files of this kind cannot be part of a course: %(name)s."),
    "item-in-files": N_(
        "Questions of this kind are written in the course files. Nothing was changed."
    ),
    "item-named": N_(
        "This question is asked by: %(where)s. Take it out there first; nothing was changed."
    ),
    "kind-changed": N_(
        "A lesson cannot become a test, or the other way round: %(key)s. Nothing was changed."
    ),
    "nothing-to-publish": N_("What is published already is the same as the draft."),
    "nothing-to-undo": N_("There is no earlier publication to go back to. Nothing was changed."),
    "module-archived": N_(
        "The module this belongs to has been taken out of the course. Nothing was changed: there "
        "is nowhere to put it."
    ),
    "module-not-empty": N_(
        "Only an empty module can be taken out: take out its lessons, tests and questions first. "
        "Nothing was changed."
    ),
    "only-criterion": N_(
        "Nothing but this test completes the module, so passing it has to stay needed."
    ),
    "outcome-in-use": N_(
        "The outcome “%(outcome)s” is still named by: %(where)s. Take it out there first; nothing "
        "was saved."
    ),
    "picture-alt-missing": N_(
        "Please say in words what the picture shows, for those who cannot see it."
    ),
    "picture-missing": N_("Please choose a picture file first."),
    "picture-too-large": N_(
        "The picture is larger than %(limit)s kB. Please save it smaller and try again; your text "
        "is below."
    ),
    "picture-type": N_(
        "Only PNG, JPEG and WebP pictures can be added here. Your text is below, unchanged."
    ),
    "published-meanwhile": N_(
        "Something else was published in the meantime. Nothing was changed: please look at the "
        "page again."
    ),
    "reorder-incomplete": N_(
        "The list has changed in the meantime. Nothing was moved: reload the page and try again."
    ),
    "renderer-unavailable": N_(
        "Texts cannot be prepared at the moment: a fault of the installation, please tell the "
        "administrator. Nothing was saved; your text is below."
    ),
    "text-nul": N_("The text contains a character that cannot be stored. Your text is below."),
    "text-surrogate": N_(
        "The text contains half a character that cannot be stored. Your text is below."
    ),
    "text-too-complex": N_(
        "This text is nested too deeply, or takes too long to prepare. Nothing was saved; your "
        "text is below: please make it simpler."
    ),
    "text-too-large": N_(
        "This text is too long: at most 64 kB fit. Nothing was saved; your text is below: please "
        "divide it."
    ),
    "text-unclean": N_(
        "This text contains characters that cannot be stored. Nothing else was changed."
    ),
    "too-many-cards": N_("A lesson may have at most %(limit)s cards. Nothing was changed."),
}

FAULTS: dict[str, str] = {
    "check-not-here": N_("A self-check stands in a lesson only."),
    "key-spelling": N_("Only lower-case letters, digits and hyphens."),
    "missing": N_("Please fill this in."),
    "mistake-is-right": N_("This counts as the right answer, so it cannot be a mistake."),
    "not-a-date": N_("Please write a date."),
    "out-of-range": N_("A number from %(low)s to %(high)s, please."),
    "right-many": N_("Only one answer may be right; several are another kind of question."),
    "right-none": N_("Mark the right answer."),
    "several-lines": N_("This is one line of text."),
    "text-unclean": N_("This text contains characters that cannot be stored."),
    "too-few": N_("At least %(low)s are needed."),
    "too-long": N_("Too long: at most %(limit)s characters."),
    "too-many": N_("At most %(high)s are possible."),
    "twice": N_("This is here twice."),
    "unknown": N_("This is not known in the course: %(value)s"),
}

NUMBERS: dict[Reason, str] = {
    "empty": N_("Please write a number."),
    "exponent": N_("Please write the number in full, without an exponent."),
    "foreign-digits": N_("Please write the number with the digits 0 to 9."),
    "letters": N_("This is not a number."),
    "not-finite": N_("This is not a number."),
    "separators": N_("The points and commas of this number cannot be read."),
    "too-long": N_("This number is too long."),
}

PROBLEMS: dict[str, str] = {
    "check-unknown": N_("refers to a self-check that is not in the bank: %(detail)s"),
    "course-empty": N_("The course has no module yet."),
    "criterion-unknown": N_("is completed by something it does not contain: %(detail)s"),
    "draw-too-small": N_("asks for more questions than the bank has; missing: %(missing)s"),
    "file-unknown": N_("refers to a file or picture that is not there: %(detail)s"),
    "lesson-unknown": N_("links to a lesson that is not there: %(detail)s"),
    "module-empty": N_("has no lesson and no test yet."),
    "module-without-criteria": N_("says nothing about what completes it."),
    "outcome-unknown": N_("names an outcome that its module does not have: %(detail)s"),
    "quiz-empty": N_("asks no questions yet."),
    "quiz-item-unknown": N_("contains a question that is not in the bank: %(detail)s"),
    "source-unknown": N_("cites a source that the course does not list: %(detail)s"),
    "term-unknown": N_("refers to a term that is not in the glossary: %(detail)s"),
}

WARNINGS: dict[str, str] = {
    "anchor-unknown": N_("There is no heading for this link: %(detail)s"),
    "callout-stray": N_("A line of three colons closes nothing here."),
    "callout-unclosed": N_("This block is not closed by a line of three colons: %(detail)s"),
    "callout-unknown": N_("There is no block of this kind: %(detail)s"),
    "check-malformed": N_("This self-check does not name a question: %(detail)s"),
    "check-nested": N_("A self-check within another block is shown after it: %(detail)s"),
    "check-repeated": N_("The same self-check is here twice: %(detail)s"),
    "check-unknown": N_("There is no self-check with this name in the course: %(detail)s"),
    "heading-level": N_(
        "Headings begin at the second level (##); this one was lowered: %(detail)s"
    ),
    "lesson-unknown": N_("There is no lesson with this name in the course: %(detail)s"),
    "link-refused": N_("This link leads nowhere and was left out: %(detail)s"),
    "picture-refused": N_("Pictures come from this module only; this one was left out: %(detail)s"),
    "picture-unknown": N_("This picture or file is not in the course: %(detail)s"),
    "picture-without-alt": N_("This picture has no words for those who cannot see it: %(detail)s"),
    "raw-html": N_("HTML is shown as it was typed, it is not carried out: %(detail)s"),
    "source-unknown": N_("There is no source with this code in the course: %(detail)s"),
    "term-unknown": N_("There is no such term in the glossary: %(detail)s"),
}


def fault_sentence(fault: Fault) -> str:
    if fault.code == "out-of-range" and fault.params.get("high") == "":
        return _("At least %(low)s, please.", low=fault.params["low"])
    return _(FAULTS[fault.code], **fault.params)


def number_sentence(reason: Reason) -> str:
    return _(NUMBERS[reason])


def problem_sentence(problem: Problem) -> str:
    """Where and what: "Lesson title: links to a lesson that is not there: x"."""
    text = _(PROBLEMS[problem.code], detail=problem.detail, missing=problem.missing)
    title = problem.title
    if problem.part in (Part.ITEM, Part.CHECK):
        title = _("question “%(beginning)s”", beginning=title)
    return ": ".join(part for part in (problem.module, title, text) if part)


def warning_sentence(code: str, detail: str) -> str:
    return _(WARNINGS[code], detail=detail)
