"""Which column holds what in a list of people: by its title, or by what stands in it.

Sensitive columns (Law 190/2018 and GDPR art. 9 and 87) are recognised to be dropped: the platform
has no use for them, so they must not pass this gate, not even as an ignored cell.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, Literal

from lms.domain.text import fold, normalise

Field = Literal[
    "name", "family", "given", "email", "staff", "office", "unit", "service", "directorate"
]
DEPARTMENTS: Final[tuple[Field, ...]] = ("directorate", "service", "unit", "office")
"""From the broadest to the most specific."""

_TITLES: Final[dict[Field, str]] = {
    "name": "nume si prenume|numele si prenumele|nume prenume|nume/prenume|prenume si nume"
    "|prenume nume|nume complet|numele complet|nume angajat|angajat|salariat|functionar|cursant"
    "|participant|persoana|name|full name|display name|employee|employee name",
    "family": "nume|numele|nume de familie|numele de familie|family name|last name|surname",
    "given": "prenume|prenumele|first name|given name|given names|forename",
    "email": "e-mail|email|mail|adresa e-mail|adresa email|adresa de e-mail|adresa de email"
    "|adresa mail|adresa de mail|adresa electronica|posta electronica|e-mail serviciu"
    "|e-mail institutional|e mail|mail serviciu|e-mail address|email address|work email"
    "|mail address",
    "staff": "marca|nr marca|numar marca|numar de marca|nr de marca|marca nr|numarul de marca"
    "|marca angajat"
    "|marca salariat|cod angajat|id angajat|cod salariat|nr matricol|numar matricol|staff number"
    "|staff no|staff id|employee number|employee no|employee id|personnel number",
    "directorate": "directie|directia|directia generala|directorate|division",
    "service": "serviciu|serviciul|service",
    "unit": "compartiment|compartimentul|departament|departamentul|structura|subdiviziune"
    "|structura organizatorica|loc de munca|department|unit|org unit|team",
    "office": "birou|biroul|office",
}
_BY_TITLE: Final[dict[str, Field]] = {
    title: field for field, titles in _TITLES.items() for title in titles.split("|")
}
_SENSITIVE_TITLE: Final = re.compile(
    r"\b(?:etni\w*|ethni\w*|national\w*|minorit\w*|cetaten\w*|citizen\w*|rasa|race"
    r"|rom|romi|roma|rrom\w*|religi\w*|confesiun\w*|cult|faith|apartenenta"
    r"|cnp|cod numeric personal|cod personal|personal code|personal numeric(?:al)? code"
    r"|national id|id card|passport\w*|pasaport\w*|buletin\w*|carte de identitate|nr ci|serie"
    r"|stare(?:a)? civila|marital\w*|casatori\w*|sanat\w*|health\w*|medical\w*|boal\w*"
    r"|diagnostic\w*|handicap\w*|dizabil\w*|disab\w*|sindica\w*|union|partid\w*|politic\w*"
    r"|orientare(?:a)? sexuala|sexual\w*|cazier\w*|criminal\w*|genetic\w*|biometric\w*)\b"
)
_SENSITIVE_WORDS: Final = """
    roman romana rom roma romi rrom tigan tiganca maghiar maghiara ungur secui german germana sas
    ucrainean ucraineana turc turca tatar tatara evreu evreica lipovean lipoveana grec bulgar sarb
    ortodox ortodoxa catolic catolica romano-catolic greco-catolic reformat reformata baptist
    baptista penticostal penticostala adventist adventista musulman musulmana mozaic ateu
    casatorit casatorita necasatorit necasatorita divortat divortata vaduv vaduva
"""
_SENSITIVE_VALUES: Final = frozenset(_SENSITIVE_WORDS.split())
_UNIT_WORDS: Final = re.compile(
    r"(?:directi|servici|compartiment|birou|departament|cabinet|politi|secretariat|directorate"
    r"|department|office|unit)"
)
_EMAIL: Final = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9._%+'\-]{0,62}[A-Za-z0-9_%+\-])?"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9\-]{0,61}[A-Za-z0-9]",
    re.ASCII,
)
_STAFF: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9./\-]{0,10}[A-Za-z0-9])?", re.ASCII)
_THIRTEEN: Final = re.compile(r"(?<!\d)\d(?:[ .\-\u00a0]?\d){12}(?!\d)")
_CNP_WEIGHTS: Final = (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)


def field_of(title: str) -> Field | None:
    """The field a column title names, in Romanian or English, however it is spelt; else None."""
    return _BY_TITLE.get(title_key(title))


def is_sensitive_title(title: str) -> bool:
    """Whether a column under this title must not be stored, whatever stands in it."""
    spellings = (title, title.replace(".", ""))  # C.N.P. is CNP
    keys = (title_key(spelling).replace("/", " ").replace("-", " ") for spelling in spellings)
    return any(_SENSITIVE_TITLE.search(key) for key in keys)


def title_key(title: str) -> str:
    """A title folded, without the punctuation people add to it (`Nr. marcă:` is `nr marca`)."""
    return " ".join(re.sub(r"[.:;,*()\[\]_\"']+", " ", fold(title)).split())


def field_by_content(values: Sequence[str]) -> Field | Literal["sensitive"] | None:
    """What a column without a title holds, judged by its values; None where that is not plain.

    A guess is made only where a wrong one would be seen at once in the preview: addresses,
    numbers and names are plain, a department only where the words say so.
    """
    filled = [value for value in values if value]
    if not filled:
        return None
    folded = [fold(value) for value in filled]
    most = len(filled) / 2
    if sum(1 for value in filled if "@" in value) >= most:
        return "email"
    if sum(1 for value in folded if value in _SENSITIVE_VALUES) >= most:
        return "sensitive"
    if sum(1 for value in folded if _UNIT_WORDS.match(value)) >= most:
        return "unit"
    if filled == [str(number) for number in range(1, len(filled) + 1)] and len(filled) > 1:
        return None  # the rows are numbered
    if sum(1 for value in filled if is_staff_number(value) and value[-1].isdigit()) >= most:
        return "staff"
    if sum(1 for value in filled if _looks_like_a_name(value)) >= most:
        return "name"
    return None


def is_email(text: str) -> bool:
    """Whether mail could be sent there: ASCII, one `@`, a domain with a dot, at most 254 long."""
    return len(text) <= 254 and ".." not in text and _EMAIL.fullmatch(text) is not None


def is_staff_number(text: str) -> bool:
    """Whether the text can be a staff number: at most twelve letters, digits, `.`, `/` and `-`."""
    return _STAFF.fullmatch(text) is not None


def without_cnp(text: str) -> tuple[str, bool]:
    """The text with every personal numeric code taken out, and whether there was one.

    Thirteen digits count, also spaced or in other scripts' digits, where the check digit of the
    CNP is right (weights 279146358279, modulo 11, 10 counts as 1).
    """
    found = False

    def drop(match: re.Match[str]) -> str:
        nonlocal found
        if not is_cnp(match[0]):
            return match[0]
        found = True
        return " "

    rest = _THIRTEEN.sub(drop, text)
    return (normalise(rest), True) if found else (text, False)


def is_cnp(text: str) -> bool:
    """Whether the digits of the text are a valid CNP."""
    digits = [unicodedata.digit(c) for c in text if c.isdecimal()]
    if len(digits) != 13 or digits[0] == 0:
        return False
    rest = sum(weight * digit for weight, digit in zip(_CNP_WEIGHTS, digits, strict=False)) % 11
    return digits[12] == (1 if rest == 10 else rest)


def _looks_like_a_name(text: str) -> bool:
    words = text.split()
    return 2 <= len(words) <= 6 and not any(c.isdigit() for c in text)
