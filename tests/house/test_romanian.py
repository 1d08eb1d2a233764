"""The Romanian of the interface: words with a context, letters, courtesy, what forms say.

That the catalogue is complete and compiled is in test_catalogues.py.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
import wtforms
from babel.messages import Catalog, Message, pofile

from lms.paths import TRANSLATIONS
from lms.web.form_messages import SENTENCES

ROOT = Path(__file__).parents[2]
FOLDER = TRANSLATIONS / "ro" / "LC_MESSAGES"

# A computer that says "tu" to a public servant is out of place. Words that are also the third
# person ("verifică", "se salvează") count only where a sentence begins with them.
FAMILIAR = re.compile(
    r"\b(?i:tu|tău|ta|tăi|tale|tine|ție|îți|ești|poți|vrei|alegi"
    r"|ai (?:citit|uitat|primit|salvat|greșit|răspuns))\b"
    r"|(?:^|[.!?:;–] )(?:Adaugă|Alege|Apasă|Bifează|Caută|Cere|Citește|Completează|Continuă"
    r"|Copiază|Corectează|Creează|Deschide|Începe|Încarcă|Încearcă|Închide|Înscrie|Introdu|Intră"
    r"|Lipește|Mergi|Mută|Păstrează|Răspunde|Reia|Renunță|Retrage|Revino|Salvează|Schimbă"
    r"|Scoate|Scrie|Șterge|Tipărește|Trimite|Verifică|Vezi)\b"
)
# What WTForms words and nobody reads: faults of the code, and validators that we do not use.
NOT_SHOWN = {
    "Choices cannot be None.",
    "Invalid field name '%s'.",
    "Invalid Mac address.",
    "Invalid IP address.",
    "Invalid URL.",
    "Invalid UUID.",
    "Invalid email address.",
    "Invalid value, must be one of: %(values)s.",
    "Invalid value, can't be any of: %(values)s.",
    "Date must be at least %(min)s.",
    "Date must be at most %(max)s.",
    "Date must be between %(min)s and %(max)s.",
    "Not a valid week value.",
    "This field cannot be edited.",
    "This field is disabled and cannot have a value.",
}

Key = tuple[str | None, str | tuple[str, ...]]


@cache
def catalogue() -> Catalog:
    return pofile.read_po(BytesIO((FOLDER / "messages.po").read_bytes()))


def texts() -> list[Message]:
    return [message for message in catalogue() if message.id]


def said(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def keys(found: Catalog) -> set[Key]:
    return {(message.context, message.id) for message in found if message.id}


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What `make messages` collects from the code and the templates today."""
    pot = tmp_path_factory.mktemp("messages") / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "--quiet", "extract"]
    options = ["-F", "babel.cfg", "-k", "N_", "-k", "lazy", "-o", str(pot), "."]
    subprocess.run([*command, *options], cwd=ROOT, check=True, timeout=120)
    return pofile.read_po(BytesIO(pot.read_bytes()))


def test_each_context_of_a_word_stands_in_the_catalogue(collected: Catalog) -> None:
    assert not keys(collected) - keys(catalogue()), "run: make messages, then translate"
    assert not keys(catalogue()) - keys(collected), "no longer said; run: make messages"
    assert ("people", "New") in keys(collected)


def test_letters_and_quotation_marks_are_romanian() -> None:
    faults = {
        "cedilla below s or t": r"[şţŞŢ]",
        "letter and mark apart": r"[\u0300-\u036f]",
        "straight quotation mark": r'"',
        "English quotation mark": r"“",
        "space before a mark": r" [,;:?!…]",
        "two spaces": r"  ",
    }
    found = {
        (name, text)
        for message in texts()
        for text in said(message)
        for name, pattern in faults.items()
        if re.search(pattern, text)
    }
    assert found == set()
    assert [m.id for m in texts() for t in said(m) if t.count("„") != t.count("”")] == []


def test_nobody_is_called_tu() -> None:
    assert [text for m in texts() for text in said(m) if FAMILIAR.search(text)] == []


@pytest.mark.parametrize(
    "text",
    ["Apasă butonul.", "Contul tău", "Gata. Salvează textul", "Ce ai citit", "Alege o parolă"],
)
def test_the_familiar_form_would_be_noticed(text: str) -> None:
    assert FAMILIAR.search(text)


@pytest.mark.parametrize(
    "text", ["Se salvează…", "Cine alege", "Se deschide la", "Cum se verifică"]
)
def test_the_third_person_is_no_familiarity(text: str) -> None:
    assert not FAMILIAR.search(text)


def test_what_wtforms_says_is_said_in_our_words() -> None:
    package = Path(wtforms.__file__).parent
    sources = [package / "validators.py", *sorted((package / "fields").glob("*.py"))]
    worded = {text for source in sources for text in _worded(source)}
    assert "Not a valid integer value." in worded
    assert worded - NOT_SHOWN == set(SENTENCES)


def _worded(source: Path) -> set[str]:
    """First arguments of gettext and ngettext in one of WTForms' modules."""
    calls = [n for n in ast.walk(ast.parse(source.read_text("utf-8"))) if isinstance(n, ast.Call)]
    return {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("gettext", "ngettext")
        if call.args and isinstance(call.args[0], ast.Constant)
        if isinstance(call.args[0].value, str)
    }
