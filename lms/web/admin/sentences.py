"""What this room's refusals say, and its other stable words in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lms.services.import_plan import Problem
from lms.web import i18n
from lms.web.i18n import N_

_LISTS: dict[str, str] = {
    "table-empty": N_("There is nothing in the list. Paste it, or choose a file."),
    "table-too-large": N_(
        "The list is larger than %(limit)s bytes, so it was not read. Please import it as several "
        "smaller ones."
    ),
    "table-too-many-rows": N_(
        "The list has %(size)s rows; at most %(limit)s are read at once. Please import it as "
        "several smaller ones."
    ),
    "table-is-workbook": N_(
        "This is an Excel workbook. Please save it as CSV (File, Save As), or copy the cells and "
        "paste them here."
    ),
    "table-is-not-text": N_(
        "This file is no list of text. Please save the list as CSV, or paste it here."
    ),
    "table-no-columns": N_(
        "No column with names, e-mail addresses or staff numbers was found. A first row with "
        "titles such as Name; E-mail; Department helps."
    ),
    "list-too-long": N_("At most %(limit)s lines are taken at once. Nothing was changed."),
    "list-lost": N_(
        "The list is no longer there: the preview is too old or was changed on the way. Nothing "
        "was stored; please give the list again."
    ),
    "plan-changed": N_("People or departments have changed in the meantime. Nothing was stored."),
}
_ROWS: dict[str, str] = {
    "no-name": N_("The name is missing."),
    "no-account": N_("There is neither an e-mail address nor a staff number."),
    "bad-email": N_("The e-mail address is not complete or has a wrong character."),
    "bad-staff-number": N_(
        "This is not a staff number: letters, digits, “.”, “/”, “-”, 12 at most."
    ),
    "duplicate-email": N_("The same e-mail address is in a row above."),
    "duplicate-staff-number": N_("The same staff number is in a row above."),
    "too-long": N_("A cell is longer than a name or a department can be."),
    "too-many-cells": N_("The row has more cells than the header; a separator is out of place."),
    "quotes": N_("A quotation mark is not closed."),
    "damaged-text": N_("Letters were lost when the file was saved. Please correct them."),
    "row-twice": N_("The same as row %(line)s, which is taken."),
    "email-twice": N_("The same e-mail address is also in row %(lines)s, with other details."),
    "staff-number-twice": N_("The same staff number is also in row %(lines)s, with other details."),
    "person-twice": N_("Row %(lines)s is the same person with other details."),
    "row-claims-two": N_(
        "The e-mail address belongs to %(first)s and the staff number to %(second)s."
    ),
    "name-of-another": N_(
        "This e-mail address or staff number belongs to %(other)s. If it was handed on, change it "
        "on their page first."
    ),
    "department-ambiguous": N_(
        "There are several departments “%(department)s”. Write the one above it too: "
        "Directorate > Service."
    ),
}
_PEOPLE: dict[str, str] = {
    "accounts-missing": N_("Please paste the addresses or numbers."),
    "account-name-missing": N_(
        "An e-mail address or a staff number is needed: it is what they sign in with."
    ),
    "subject-taken": N_("%(name)s already has the account of this person of the application."),
    "subject-unknown": N_(
        "A person of the host application is named by its short word and their id there, such as "
        "host:7."
    ),
    "account-name-taken": N_("Somebody else already has this e-mail address or staff number."),
    "administrator-only": N_(
        "Only an administrator changes an administrator's account. Nothing was changed."
    ),
    "contains-cnp": N_(
        "This contains a personal numeric code (CNP), which is never stored here. Please take it "
        "out."
    ),
    "email-invalid": N_("Please write an e-mail address such as ana.pop@primaria.ro."),
    "email-taken": N_("%(name)s already has this e-mail address."),
    "last-administrator": N_(
        "This is the last administrator; make somebody else administrator first. Nothing was "
        "changed."
    ),
    "name-missing": N_("The name is missing."),
    "nobody-chosen": N_("Nobody was chosen. Tick at least one person."),
    "person-suspended": N_("%(name)s is suspended. Let them in again first; nothing was changed."),
    "query-too-long": N_("Please search for at most %(limit)s characters."),
    "query-unclean": N_("The search contains characters that nobody's name has."),
    "staff-number-invalid": N_(
        "A staff number has letters, digits, spaces, “.”, “/”, “_” and “-” only."
    ),
    "staff-number-taken": N_("%(name)s already has this staff number."),
    "text-too-long": N_("This is too long: at most %(limit)s characters. Nothing was stored."),
    "too-many-chosen": N_(
        "These are more than %(limit)s people. Please choose a cohort or a department."
    ),
    "codes-just-issued": N_(
        "Since this page was opened, %(name)s has been given a code or a link, perhaps by a "
        "second click. It still works and was not replaced."
    ),
    "enrolled-elsewhere": N_(
        "%(name)s follows this course with another cohort. End that enrolment first; nothing was "
        "changed."
    ),
}
_PLACES: dict[str, str] = {
    "cohort-exists": N_("This course already has a cohort “%(name)s”."),
    "cohort-name-missing": N_("Please write the name of the cohort."),
    "dates-reversed": N_("The last day is before the first day."),
    "days-out-of-range": N_("Please write a whole number of days, 0 to %(highest)s."),
    "department-cycle": N_(
        "A department cannot be part of itself or of one of its own. Nothing was changed."
    ),
    "department-exists": N_("There is already a department “%(name)s” in this place."),
    "department-gone": N_("This department has been removed meanwhile. Please choose another."),
    "department-name-missing": N_("Please write the name of the department."),
    "department-not-empty": N_(
        "Only an empty department can be removed: here are %(people)s people and %(departments)s "
        "departments. Nothing was changed."
    ),
    "department-too-deep": N_("The tree would become too deep here. Nothing was changed."),
    "role-unknown": N_("Please choose head or deputy. Nothing was changed."),
    "root-exists": N_("The institution already has a name. It is changed on its own page."),
    "root-missing": N_("The institution has no name yet; give it one under Departments first."),
    "root-stays": N_("The institution itself stays where it is. Nothing was changed."),
}
SENTENCES: dict[str, str] = {**_LISTS, **_ROWS, **_PEOPLE, **_PLACES}

NOTES: dict[str, str] = {
    "suspended": N_("is suspended and stays so"),
    "same-name": N_("somebody of this name is here already"),
    "mixed-scripts": N_("the name mixes letters of different alphabets"),
    "personal-code-removed": N_("a personal numeric code was taken out"),
}
"""Worth a look in the preview, no error."""

FIELD_NAMES: dict[str, str] = {
    "name": N_("Name"),
    "family": N_("Family name"),
    "given": N_("Given name"),
    "email": N_("E-mail"),
    "staff": N_("Staff number"),
    "staff_number": N_("Staff number"),
    "department": N_("Department"),
    "office": N_("Department"),
    "unit": N_("Department"),
    "service": N_("Department"),
    "directorate": N_("Department"),
}

VERBS: dict[str, str] = {
    "item.archive": N_("took something out of the course"),
    "item.restore": N_("put something back into the course"),
    "lesson.archive": N_("took something out of the course"),
    "lesson.restore": N_("put something back into the course"),
    "exercise.archive": N_("took something out of the course"),
    "exercise.restore": N_("put something back into the course"),
    "quiz.archive": N_("took something out of the course"),
    "quiz.restore": N_("put something back into the course"),
    "cohort.add": N_("added a cohort"),
    "cohort.change": N_("changed a cohort"),
    "cohort.enrol": N_("enrolled people into a cohort"),
    "cohort.set-due": N_("set due dates"),
    "course.appoint-trainer": N_("made somebody trainer of a course"),
    "course.dismiss-trainer": N_("ended somebody's place as trainer"),
    "course.publish": N_("published a course"),
    "course.undo": N_("took a publication back"),
    "department.add": N_("added a department"),
    "department.appoint-deputy": N_("named a deputy"),
    "department.appoint-head": N_("named a head"),
    "department.dismiss": N_("ended somebody's place as head or deputy"),
    "department.move": N_("moved a department"),
    "department.remove": N_("removed a department"),
    "department.rename": N_("renamed a department"),
    "enrolment.add": N_("enrolled somebody into a course"),
    "enrolment.end": N_("ended an enrolment"),
    "help-request.resolve": N_("settled a request for help"),
    "module.add": N_("added a module"),
    "module.archive": N_("took something out of the course"),
    "module.save": N_("changed a module"),
    "people.import": N_("imported a list of people"),
    "person.add": N_("added a person"),
    "person.link": N_("joined a person to their account in the host application"),
    "person.link-refused": N_(
        "kept out a second sign-in of the host application with the e-mail address of somebody "
        "already joined"
    ),
    "person.change": N_("changed a person's details"),
    "person.issue-code": N_("made a one-time code"),
    "person.issue-link": N_("made a one-time link"),
    "person.reinstate": N_("let a person in again"),
    "person.set-admin": N_("changed who is administrator"),
    "person.set-own-password": N_("chose a password"),
    "person.set-password": N_("set a new password for a person"),
    "person.sign-out": N_("signed a person out everywhere"),
    "person.suspend": N_("suspended a person"),
    "picture.add": N_("added a picture"),
    "records.restore": N_("restored all records from a backup"),
}
"""The record's words; one that is missing here is shown as it is."""


def reasons(problems: Iterable[Problem]) -> list[str]:
    """Why a row was left out, each reason once."""
    texts = [_reason(problem.code, problem.params) for problem in problems]
    return list(dict.fromkeys(texts))


def _reason(code: str, params: dict[str, Any]) -> str:
    shown = {
        name: ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else value
        for name, value in params.items()
    }
    known = SENTENCES.get(code)
    return i18n.gettext(known, **shown) if known else _elsewhere(code, shown)


def _elsewhere(code: str, params: dict[str, Any]) -> str:
    """A refusal that another room words (``text-unclean``)."""
    from lms.web.sentences import table  # the table of all rooms reads this module

    return i18n.gettext(table()[code], **params)
