"""Problems in plain words, Romanian and English.

The command line stands outside the catalogues of the web floor, so the two languages are kept
here side by side. ``{name}`` stands for a parameter of the problem.
"""

from __future__ import annotations

from lms.interop.course_files.problems import Problem
from lms.interop.course_files.sentences_check import CHECK_SENTENCES

READ_SENTENCES: dict[str, tuple[str, str]] = {
    "course-missing": (
        "Lipsește course.yaml: dosarul nu este un curs.",
        "course.yaml is missing: the folder is no course.",
    ),
    "course-empty": (
        "Cursul nu are niciun modul (un dosar numit ca 01-nume, cu module.yaml).",
        "The course has no module (a folder named like 01-name, with module.yaml).",
    ),
    "module-missing": (
        "Dosarul modulului nu are module.yaml.",
        "The module's folder has no module.yaml.",
    ),
    "file-unknown": (
        (
            "Fișierul sau dosarul nu are un nume cunoscut, deci nu ar fi citit de nimeni. Numele se"
            " scriu ca 01-nume.md, 80-nume.exercise.yaml, 90-test.quiz.yaml, bank/nume.yaml."
        ),
        (
            "The file or folder has no known name, so nobody would read it. Names look like"
            " 01-name.md, 80-name.exercise.yaml, 90-test.quiz.yaml, bank/name.yaml."
        ),
    ),
    "levels-count": (
        "Un criteriu al fișei are exact {wanted} niveluri, de la slab la bun; aici: {found}.",
        "A criterion of an exercise has exactly {wanted} levels, weakest first; here: {found}.",
    ),
    "asset-name": (
        "Numele fișierului poate avea numai litere fără diacritice, cifre, punct, - și _.",
        "The file name may hold only unaccented letters, digits, full stop, - and _.",
    ),
    "symlink": (
        "Este o legătură către alt fișier; puneți aici fișierul însuși.",
        "This is a link to another file; put the file itself here.",
    ),
    "file-too-large": ("Fișierul are peste {limit} MB.", "The file is larger than {limit} MB."),
    "not-utf8": (
        "Textul nu este salvat ca UTF-8. Salvați-l din nou cu codarea UTF-8.",
        "The text is not saved as UTF-8. Save it again with the encoding UTF-8.",
    ),
    "control-characters": (
        "Textul conține caractere de control, care nu se văd. Ștergeți rândul și scrieți-l din nou.",
        "The text holds control characters, which cannot be seen. Delete the line and retype it.",
    ),
    "yaml-syntax": (
        "Rândul nu poate fi citit: {detail}.",
        "The line cannot be read: {detail}.",
    ),
    "yaml-empty": ("Fișierul este gol.", "The file is empty."),
    "yaml-documents": (
        "Un rând „---” desparte fișierul în două; fișierul se scrie dintr-o bucată.",
        "A line '---' splits the file in two; a file is written in one piece.",
    ),
    "yaml-depth": (
        "Prea multe niveluri (peste {limit}) sau prea multe valori.",
        "Too many levels (more than {limit}) or too many values.",
    ),
    "yaml-alias": (
        (
            "Semnele & și * de la începutul unei valori sunt legături YAML și nu se folosesc aici."
            " Dacă fac parte din text, puneți textul între ghilimele drepte."
        ),
        (
            "& and * at the start of a value are YAML links, not used here. If they belong to the"
            " text, put it in straight quotation marks."
        ),
    ),
    "yaml-tag": (
        (
            "Semnul ! de la începutul unei valori este o etichetă YAML și nu se folosește aici. Dacă"
            " face parte din text, puneți textul între ghilimele drepte."
        ),
        (
            "! at the start of a value is a YAML tag, not used here. If it belongs to the text, put it"
            " in straight quotation marks."
        ),
    ),
    "yaml-key": ("Numele unui câmp este un cuvânt.", "The name of a field is one word."),
    "yaml-trap": (
        (
            "„{key}” cere un text, dar YAML citește {value} ca {guess}. Puneți valoarea între ghilimele"
            ' drepte: "{value}".'
        ),
        (
            "'{key}' wants a text, but YAML reads {value} as {guess}. Put the value in straight"
            ' quotation marks: "{value}".'
        ),
    ),
    "key-twice": (
        "Câmpul „{key}” este scris de două ori; prima dată la rândul {first}.",
        "The field '{key}' is written twice; first in line {first}.",
    ),
    "key-unknown": (
        "Câmpul „{key}” nu există aici.{near}",
        "There is no field '{key}' here.{near}",
    ),
    "key-missing": ("Lipsește câmpul „{key}”.", "The field '{key}' is missing."),
    "want-mapping": (
        "Aici se așteaptă câmpuri de forma „nume: valoare”.",
        "Fields of the form 'name: value' are expected here.",
    ),
    "want-list": (
        "„{key}” cere o listă: câte un rând cu „- ” pentru fiecare intrare.",
        "'{key}' wants a list: one line with '- ' for each entry.",
    ),
    "want-one": (
        "„{key}” cere o singură valoare, nu o listă.",
        "'{key}' wants a single value, not a list.",
    ),
    "want-whole": (
        "„{key}” cere un număr întreg, scris cu cifre; este scris {value}.",
        "'{key}' wants a whole number in digits; it says {value}.",
    ),
    "want-number": (
        "„{key}” cere un număr cu punct zecimal și fără spații, ca 37.5; este scris {value}.",
        "'{key}' wants a number with a decimal point and no spaces, like 37.5; it says {value}.",
    ),
    "number-thousands": (
        (
            "{value} se citește cu punct zecimal. Dacă este vorba de mii, scrieți numărul fără punct;"
            " dacă nu, fără zeroul de la sfârșit."
        ),
        (
            "{value} is read with a decimal point. If thousands are meant, write the number without"
            " the point; if not, without the zero at the end."
        ),
    ),
    "want-flag": (
        "„{key}” cere true sau false, exact așa; este scris {value}.",
        "'{key}' wants true or false, exactly so; it says {value}.",
    ),
    "want-date": (
        "„{key}” cere o dată de forma 2026-11-22; este scris {value}.",
        "'{key}' wants a date like 2026-11-22; it says {value}.",
    ),
    "out-of-range": (
        "„{key}” poate fi de la {low} la {high}.",
        "'{key}' may be from {low} to {high}.",
    ),
    "choice-unknown": (
        "„{key}” nu poate fi „{value}”. Se poate: {allowed}.",
        "'{key}' cannot be '{value}'. Possible: {allowed}.",
    ),
    "id-spelling": (
        (
            "„{value}” nu este un nume bun pentru „{key}”: litere mici fără diacritice și cifre,"
            " legate cu -, cel mult 80."
        ),
        (
            "'{value}' is no good name for '{key}': lower-case unaccented letters and digits joined"
            " by -, at most 80."
        ),
    ),
    "code-spelling": (
        "Codul „{value}” se scrie cu literă mare la început, apoi litere, cifre și -.",
        "The code '{value}' begins with a capital letter, then letters, digits and -.",
    ),
    "id-twice": (
        "Numele „{id}” este deja folosit: {where}.",
        "The name '{id}' is already used: {where}.",
    ),
    "entry-twice": (
        "„{value}” apare de două ori în „{key}”.",
        "'{value}' stands twice in '{key}'.",
    ),
    "text-empty": ("Câmpul „{key}” este gol.", "The field '{key}' is empty."),
    "text-too-long": (
        "Textul din „{key}” are peste {limit} kB.",
        "The text in '{key}' is longer than {limit} kB.",
    ),
    "front-matter-missing": (
        "Lecția începe cu un rând „---”, apoi câmpurile ei (id, title, …), apoi alt rând „---”.",
        "A lesson begins with a line '---', then its fields (id, title, …), then another '---'.",
    ),
    "front-matter-open": (
        "Lipsește al doilea rând „---”, care desparte câmpurile de text.",
        "The second line '---', which parts the fields from the text, is missing.",
    ),
    "criterion-kind": (
        "Un criteriu este fie „read: lessons” sau „read: lecție”, fie „pass: test”.",
        "A criterion is either 'read: lessons' or 'read: lesson', or 'pass: test'.",
    ),
    "quiz-empty": (
        "Testul nu spune ce întrebări pune: lipsesc „draw” și „items”.",
        "The test does not say what it asks: 'draw' and 'items' are missing.",
    ),
    "self-check-case": (
        "O situație cu mai multe întrebări (case) nu poate fi autoverificare.",
        "A case with several questions cannot be a self-check.",
    ),
    "parts-count": (
        "Intrări în „{key}”: {found}; se cer între {low} și {high}.",
        "Entries in '{key}': {found}; between {low} and {high} are wanted.",
    ),
    "part-twice": (
        "„{value}” apare de două ori; prima dată la rândul {first}.",
        "'{value}' stands here twice; first in line {first}.",
    ),
    "right-none": (
        "Nicio variantă nu este corectă (correct: true).",
        "No option is correct (correct: true).",
    ),
    "right-many": (
        "Variante corecte: {found}; la „single” este corectă exact una. Altfel, „multiple”.",
        "Correct options: {found}; in a 'single' exactly one is. Otherwise use 'multiple'.",
    ),
    "tolerance-negative": ("Toleranța nu poate fi negativă.", "A tolerance is never negative."),
    "mistake-is-right": (
        "„{value}” este dată ca greșeală, dar s-ar puncta ca răspuns corect.",
        "'{value}' is listed as a mistake, but would score as right.",
    ),
    "distractor-is-right": (
        "„{value}” este intrare în plus, dar este și perechea corectă a altei intrări.",
        "'{value}' is an extra entry, but also the right pair of another one.",
    ),
}

_GUESSES = {
    "bool": ("adevărat/fals", "true/false"),
    "int": ("număr", "a number"),
    "float": ("număr", "a number"),
    "date": ("dată", "a date"),
    "merge": ("semn YAML", "a YAML sign"),
    "value": ("semn YAML", "a YAML sign"),
}

_SYNTAX = (
    (
        "mapping values are not allowed",
        (
            "două puncte urmate de spațiu într-un text fără ghilimele; puneți textul între ghilimele"
            " drepte sau pe rândul următor, după „>-”"
        ),
        (
            "a colon and a space in a text without quotation marks; put the text in straight"
            " quotation marks, or on the next line after '>-'"
        ),
    ),
    (
        "cannot start any token",
        (
            "semnul de la începutul valorii nu poate sta acolo (tabulator, @, ` sau %); folosiți spații"
            " la început de rând și ghilimele drepte în jurul textului"
        ),
        (
            "the character that begins the value cannot stand there (a tab, @, ` or %); indent with"
            " spaces, and put the text in straight quotation marks"
        ),
    ),
    (
        "expected <block end>",
        (
            "rândul nu este aliniat cu cele de deasupra, sau după ghilimelele de închidere mai urmează"
            " text"
        ),
        "the line is not aligned with those above it, or text follows a closing quotation mark",
    ),
    (
        "could not find expected ':'",
        (
            "după numele unui câmp lipsesc două puncte, sau un text pe mai multe rânduri nu este"
            " deplasat spre dreapta"
        ),
        "a colon is missing after a field's name, or a text of several lines is not indented",
    ),
    (
        "unexpected end of stream",
        "ghilimelele deschise aici nu se mai închid",
        "quotation marks opened here are never closed",
    ),
    (
        "expected ',' or",
        (
            "între acolade sau paranteze lipsește o virgulă, sau un text cu virgulă nu este între"
            " ghilimele drepte"
        ),
        (
            "a comma is missing between braces or brackets, or a text with a comma is not in straight"
            " quotation marks"
        ),
    ),
    (
        "sequence entries are not allowed",
        "o intrare de listă („- ”) nu poate începe aici; puneți-o pe rândul următor",
        "a list entry ('- ') cannot begin here; put it on the next line",
    ),
    (
        "did not find expected",
        "rândul nu este aliniat cu cele de deasupra",
        "the line is not aligned with those above it",
    ),
    (
        "unknown escape character",
        "bara inversă \\ are alt înțeles între ghilimele drepte; dublați-o",
        "a backslash means something else between straight quotation marks; double it",
    ),
)
_SYNTAX_ELSE = (
    "nu respectă regulile YAML (spații la început de rând, două puncte, ghilimele)",
    "it breaks the rules of YAML (indentation, colons, quotation marks)",
)


def sentence(problem: Problem, language: str) -> str:
    """``file:line: words`` in Romanian (``ro``) or English."""
    column = 0 if language == "ro" else 1
    words = (READ_SENTENCES | CHECK_SENTENCES)[problem.code][column]
    params = dict(problem.params)
    if problem.code == "yaml-syntax":
        params["detail"] = _syntax(params["detail"], column)
    if "guess" in params:
        params["guess"] = _GUESSES[params["guess"]][column]
    if near := params.get("near"):
        params["near"] = (f" Poate „{near}”?", f" Perhaps '{near}'?")[column]
    place = f"{problem.file}:{problem.line}" if problem.line else problem.file
    return f"{place}: {words.format(**params)}"


def _syntax(detail: str, column: int) -> str:
    for sign, *words in _SYNTAX:
        if sign in detail:
            return words[column]
    return _SYNTAX_ELSE[column]
