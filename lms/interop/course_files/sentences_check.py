"""Findings of the course check in plain words, Romanian and English."""

from __future__ import annotations

CHECK_SENTENCES: dict[str, tuple[str, str]] = {
    "cedilla": (
        "„{word}” are ş sau ţ cu sedilă; se scrie cu virgulă dedesubt: ș, ț.",
        "'{word}' has ş or ţ with a cedilla; write it with a comma below: ș, ț.",
    ),
    "straight-quotes": (
        "Ghilimelele din „{word}” nu sunt cele românești: se deschid jos „ și se închid sus ”.",
        "The quotation marks in '{word}' are not the Romanian ones: „ opens and ” closes.",
    ),
    "figure-unreadable": (
        "„{calc}” nu este un calcul: numere cu punct zecimal, + - * / ( ) și round(x, n).",
        "'{calc}' is no calculation: numbers with a decimal point, + - * / ( ) and round(x, n).",
    ),
    "figure-wrong": (
        "{calc} face {found}, nu {expected}.",
        "{calc} makes {found}, not {expected}.",
    ),
    "figure-not-in-text": (
        "Rezultatul {expected} nu apare ca atare în text.",
        "The result {expected} does not stand as such in the text.",
    ),
    "fact-unknown": (
        "Codul de fapt „{value}” nu este în facts.yaml.",
        "The fact code '{value}' is not in facts.yaml.",
    ),
    "fact-uncertain": (
        "Faptul {value} este marcat [?]: nesigur, nu se predă și nu intră în teste.",
        "The fact {value} is marked [?]: uncertain, neither taught nor tested.",
    ),
    "fact-source-unknown": (
        "Sursa „{value}” nu este în sources.yaml.",
        "The source '{value}' is not in sources.yaml.",
    ),
    "caution-missing": (
        (
            "Textul se sprijină pe fapte [C] ({value}), dar nu spune nicăieri „verifică în ghidul"
            " curent”."
        ),
        (
            "The text rests on facts marked [C] ({value}), but nowhere says „verifică în ghidul"
            " curent”."
        ),
    ),
    "item-caution-missing": (
        "Itemul {id} se sprijină pe un fapt [C], dar nu trimite la ghidul curent.",
        "The item {id} rests on a fact marked [C], but does not send to the current guide.",
    ),
    "item-without-facts": (
        "Itemul {id} nu numește niciun fapt (facts).",
        "The item {id} names no fact (facts).",
    ),
    "item-without-outcome": (
        "Itemul {id} nu spune ce rezultat al învățării măsoară (outcome).",
        "The item {id} does not say which learning outcome it measures (outcome).",
    ),
    "item-without-lesson": (
        "Itemul {id} nu spune ce se recitește (lesson).",
        "The item {id} does not say what to read again (lesson).",
    ),
    "item-without-explanation": (
        "Itemul {id} nu are explicație (explanation).",
        "The item {id} has no explanation (explanation).",
    ),
    "part-without-why": (
        "O parte a itemului {id} nu este explicată (why).",
        "A part of the item {id} is not explained (why).",
    ),
    "outcome-unknown": (
        "Modulul nu are rezultatul învățării „{value}”.",
        "The module has no learning outcome '{value}'.",
    ),
    "outcome-unmeasured": (
        (
            "Rezultatul „{value}” nu este măsurat de nicio întrebare pe care o poate extrage un test"
            " al modulului."
        ),
        "The outcome '{value}' is measured by no question that a test of the module can draw.",
    ),
    "outcome-by-chance": (
        (
            "Rezultatul „{value}” este măsurat numai dacă extragerea nimerește o întrebare a lui;"
            " testul nu cere anume."
        ),
        "The outcome '{value}' is measured only if the draw happens to hit one of its questions.",
    ),
    "exercise-length": (
        "Cuvinte în fișa de lucru: {found}; se cer între {low} și {high}.",
        "Words in the exercise: {found}; between {low} and {high} are wanted.",
    ),
    "rubric-count": (
        "Criterii în grila fișei: {found}; se cer între {low} și {high}.",
        "Criteria in the exercise's rubric: {found}; between {low} and {high} are wanted.",
    ),
    "module-without-exercise": (
        "Modulul nu are nicio fișă de lucru (80-nume.exercise.yaml).",
        "The module has no exercise (80-name.exercise.yaml).",
    ),
    "module-without-test": ("Modulul nu are niciun test.", "The module has no test."),
    "bank-small": (
        "Întrebări în bancă: {found}; de la {low} în sus, încercările nu se repetă.",
        "Questions in the bank: {found}; from {low} on, attempts do not repeat each other.",
    ),
    "draw-short": (
        (
            "Banca nu ajunge. Întrebări care lipsesc în cel mai rău caz: {missing} (pentru o extragere"
            " se numără numai întrebările simple, nu situațiile)."
        ),
        (
            "The bank is too small. Questions missing in the worst case: {missing} (for a draw only"
            " single questions count, not cases)."
        ),
    ),
    "draw-module-unknown": (
        "Cursul nu are modulul „{value}”.",
        "The course has no module '{value}'.",
    ),
    "draw-outcome-alone": (
        (
            "Rezultatul „{value}” se numește într-un test al cursului numai împreună cu modulul lui"
            " (module)."
        ),
        (
            "In a test of the whole course the outcome '{value}' is named only together with its"
            " module."
        ),
    ),
    "outcome-not-in-course-tests": (
        "Rezultatul „{value}” nu este cerut de niciun test al cursului întreg.",
        "The outcome '{value}' is asked for by no test of the whole course.",
    ),
    "quiz-item-unknown": (
        "Testul cere itemul „{value}”, care nu este în bancă cu use: quiz.",
        "The test wants the item '{value}', which is not in the bank with use: quiz.",
    ),
    "criterion-unknown": (
        "Criteriul numește „{value}”, care nu este o lecție sau un test al modulului.",
        "The criterion names '{value}', which is no lesson or test of the module.",
    ),
    "criteria-none": (
        "Modulul nu are criterii: nimeni nu l-ar putea încheia.",
        "The module has no criteria: nobody could complete it.",
    ),
    "short-too-long": (
        "„short” are cel mult {limit} caractere.",
        "'short' has at most {limit} characters.",
    ),
    "symbol-unknown": (
        "Insigna „{value}” nu este desenată. Se poate: {allowed}.",
        "The badge '{value}' is not drawn. Possible: {allowed}.",
    ),
    "minutes-below-sum": (
        "Modulul are mai puține minute decât lecțiile și testele lui ({total}).",
        "The module has fewer minutes than its lessons and tests ({total}).",
    ),
    "english-unknown": (
        "„{value}” nu există în fișierul tradus.",
        "'{value}' does not exist in the file that is translated.",
    ),
    "english-missing": (
        "Fără text englez: {value}.",
        "Without English text: {value}.",
    ),
    "lesson-length": (
        "Cuvinte în lecție: {found}; se cer între {low} și {high}.",
        "Words in the lesson: {found}; between {low} and {high} are wanted.",
    ),
    "lesson-minutes": (
        "O lecție ține între {low} și {high} minute.",
        "A lesson takes between {low} and {high} minutes.",
    ),
    "lesson-without-outcome": (
        "Nu se spune la ce rezultat al învățării ajută (outcomes).",
        "It is not said which learning outcome this serves (outcomes).",
    ),
    "lesson-few-checks": (
        "Autoverificări în lecție: {found}; se doresc {low}.",
        "Self-checks in the lesson: {found}; {low} are wanted.",
    ),
    "lesson-without-callout": (
        "Lecția nu are niciun bloc „::: {value}”.",
        "The lesson has no block '::: {value}'.",
    ),
    "check-unused": (
        "Autoverificarea {id} nu stă în nicio lecție.",
        "The self-check {id} stands in no lesson.",
    ),
    "check-unknown": (
        "Autoverificarea „{value}” nu există (un item cu use: self-check).",
        "There is no self-check '{value}' (an item with use: self-check).",
    ),
    "check-in-item": (
        "O autoverificare stă numai într-o lecție.",
        "A self-check stands only in a lesson.",
    ),
    "term-unknown": (
        "Termenul „{value}” nu este în glossary.yaml.",
        "The term '{value}' is not in glossary.yaml.",
    ),
    "source-unknown": (
        "Sursa „{value}” nu este în sources.yaml.",
        "The source '{value}' is not in sources.yaml.",
    ),
    "lesson-unknown": (
        "Lecția „{value}” nu există în curs.",
        "The lesson '{value}' is not in the course.",
    ),
    "anchor-missing": (
        "Lecția „{lesson}” nu are un subtitlu cu ancora „{value}”.",
        "The lesson '{lesson}' has no heading with the anchor '{value}'.",
    ),
    "file-missing": (
        "Fișierul „{value}” nu este în files/.",
        "The file '{value}' is not in files/.",
    ),
    "picture-missing": (
        "Imaginea „{value}” nu este în img/.",
        "The picture '{value}' is not in img/.",
    ),
    "asset-kind": (
        "Fel de fișier neprimit. Se poate: {allowed}.",
        "Not accepted. Possible: {allowed}.",
    ),
    "svg-acts": (
        "Desenul conține ceva ce nu este desen ({value}): scripturi, adrese din afară sau entități.",
        "The drawing holds something that is no drawing ({value}): scripts, addresses, entities.",
    ),
    "right-is-longest": (
        (
            "Varianta corectă este cea mai lungă la {found} din {of} (itemi „single”, cel mult"
            " {limit} %): {ids}."
        ),
        (
            "The right option is the longest in {found} of {of} (items of kind 'single', at most"
            " {limit} %): {ids}."
        ),
    ),
    "right-in-one-place": (
        (
            "Varianta corectă stă pe locul {place} la {found} din {of} (itemi „single”, cel mult"
            " {limit} %)."
        ),
        (
            "The right option stands in place {place} in {found} of {of} (items of kind 'single', at"
            " most {limit} %)."
        ),
    ),
    "near-duplicate": (
        "Itemul {id} seamănă prea mult cu {other} ({found} %, cel mult {limit} %).",
        "The item {id} is too much like {other} ({found} %, at most {limit} %).",
    ),
    # What the renderer of Markdown notes.
    "heading-level": (
        "Titlul „{detail}” are nivelul 1; subtitlurile încep de la ##.",
        "The heading '{detail}' has level 1; subtitles begin with ##.",
    ),
    "raw-html": (
        "HTML în text: {detail}. Nu se folosește.",
        "HTML in the text: {detail}. Not used.",
    ),
    "link-refused": (
        "Adresa {detail} nu este una permisă.",
        "The address {detail} is not one that is allowed.",
    ),
    "anchor-unknown": (
        "Lecția nu are un subtitlu cu ancora „{detail}”.",
        "The lesson has no heading with the anchor '{detail}'.",
    ),
    "picture-refused": (
        "Imaginea {detail} nu este din img/.",
        "The picture {detail} is not from img/.",
    ),
    "picture-without-alt": (
        "Imaginea {detail} nu are text alternativ.",
        "The picture {detail} has no text alternative.",
    ),
    "callout-unknown": (
        "Nu există blocul „::: {detail}”.",
        "There is no block '::: {detail}'.",
    ),
    "callout-unclosed": (
        "Blocul „::: {detail}” nu este închis cu un rând „:::”.",
        "The block '::: {detail}' is not closed with a line ':::'.",
    ),
    "callout-stray": (
        "Un rând „:::” care nu închide nimic.",
        "A line ':::' that closes nothing.",
    ),
    "check-nested": (
        "Autoverificarea „{detail}” stă într-un bloc sau într-o listă; se pune pe un rând al ei.",
        "The self-check '{detail}' stands in a block or a list; put it on a line of its own.",
    ),
    "check-repeated": (
        "Autoverificarea „{detail}” apare de două ori în lecție.",
        "The self-check '{detail}' stands twice in the lesson.",
    ),
    "check-malformed": (
        "Autoverificarea se scrie „::: check id”; este scris „{detail}”.",
        "A self-check is written '::: check id'; it says '{detail}'.",
    ),
    "text-too-large": ("Textul are peste 64 kB.", "The text is larger than 64 kB."),
    "text-too-complex": (
        "Textul are prea multe niveluri de liste sau citate.",
        "The text has too many levels of lists or quotations.",
    ),
    "text-nul": ("Textul conține un caracter NUL.", "The text holds a NUL character."),
    "text-surrogate": (
        "Textul conține un caracter care nu se poate salva.",
        "The text holds a character that cannot be stored.",
    ),
}
