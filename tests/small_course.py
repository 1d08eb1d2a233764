"""A small course that is right in every detail, and the means to break one line of it."""

from __future__ import annotations

from pathlib import Path

from lms.domain.authoring import AuthoredCourse
from lms.interop.course_check import CheckReport
from lms.interop.course_files import read_course

MODULE = "01-drum"
LESSON = f"{MODULE}/01-harta.md"
QUIZ = f"{MODULE}/90-test.quiz.yaml"
PRE_TEST = "pre-test.quiz.yaml"
FINAL_TEST = "final-test.quiz.yaml"
EXERCISE = f"{MODULE}/80-fisa.exercise.yaml"
BANK = f"{MODULE}/bank/drum.yaml"
MODULE_YAML = f"{MODULE}/module.yaml"
MODULE_EN = f"{MODULE}/module.en.yaml"

_FILLER = "\n\n".join(
    f"Primăria notează la pasul {n} cine răspunde, până când și cu ce bani se lucrează mai departe."
    for n in range(1, 41)
)

FILES: dict[str, str] = {
    "course.yaml": """\
id: drumul
title: Drumul unui proiect
summary: Un curs mic.
language: ro
workshop: Sesiunea din mai 2018
""",
    "course.en.yaml": """\
title: The way of a project
summary: A small course.
workshop: May 2018
activities:
  test-initial: Before the course
  test-final: After the course
""",
    PRE_TEST: """\
id: test-initial
title: Testul inițial
place: before
minutes: 5
attempts: 1
draw:
  - {module: drum, outcome: pasi, count: 1}
  - {module: drum, outcome: bani, count: 1}
""",
    FINAL_TEST: """\
id: test-final
title: Testul final
place: after
minutes: 10
pass: 70
wait_minutes: 10
draw:
  - {module: drum, outcome: pasi, count: 2}
""",
    "glossary.yaml": """\
- id: am
  term: AM
  long: autoritate de management
  text: Conduce programul [S1](source:S1).
  en: managing authority
""",
    "sources.yaml": """\
S1:
  title: Ordinul unu
  url: https://example.org/1
  official: true
S2:
  title: "Presa: un articol"
""",
    "facts.yaml": """\
as_of: 2026-11-22
facts:
  F-01: {confidence: V, sources: [S1]}
  F-02: {confidence: C, as_of: 2026-10-01}
  F-03: {confidence: M}
  F-04: {confidence: "?"}
""",
    "to-verify.yaml": """\
- number: 1
  group: Achiziții
  text: Pragurile de la acea dată (F-02).
  facts: [F-02]
""",
    MODULE_YAML: """\
id: drum
title: Drumul
short: Drum
summary: Ce se face întâi.
minutes: 60
outcomes:
  - id: pasi
    text: Numește pașii.
  - id: bani
    text: Calculează partea primăriei.
criteria:
  - read: lessons
  - pass: test-drum
badge:
  title: Drumul
  symbol: road
""",
    MODULE_EN: """\
title: The way
short: Way
summary: What comes first.
badge: The way
outcomes:
  pasi: Names the steps.
  bani: Computes the share of the town hall.
activities:
  harta: The map
  fisa-drum: Workbook sheet
  test-drum: Test
""",
    LESSON: f"""\
---
id: harta
title: Harta drumului
minutes: 7
as_of: 2026-11-22
summary: După lecție știți pașii.
outcomes: [pasi, bani]
facts: [F-01, F-02]
figures:
  - {{calc: "27 / 60 * 100", equals: 45}}
---
Luni dimineață, primăria caută pe cineva de la [AM](term:am), cum scrie în ordin [S1](source:S1).

## Primul pas

Din 60 de locuri, 27 sunt ocupate, adică 45%. Regula se verifică în ghidul curent.

![O hartă cu trei pași.](img/harta.svg)

::: example O zi la primărie
Se ia [tabelul](file:buget.xlsx) și se completează.
:::

::: mistake
„Mergem direct la licitație.”
:::

::: check auto-unu

::: check auto-doi

{_FILLER}

Vedeți și [primul pas](lesson:harta#primul-pas).
""",
    EXERCISE: f"""\
id: fisa-drum
title: "Fișa de lucru: drumul nostru"
minutes: 30
as_of: 2026-11-22
summary: O pagină cu nevoia și cu cei care răspund.
outcomes: [pasi]
facts: [F-01, F-02]
figures:
  - {{calc: "27 / 60 * 100", equals: 45}}
task: |
  Scrieți împreună nevoia, cum cere [AM](term:am) în ordin [S1](source:S1). Regula se verifică în
  ghidul curent. Se completează [tabelul](file:buget.xlsx), apoi [harta](lesson:harta#primul-pas).

  ![Harta de completat.](img/harta.svg)
example: |
  ## Orașul Lunca Nouă

  Din 60 de locuri, 27 sunt ocupate, adică 45%.

  {_FILLER.split(chr(10))[0] * 10}
rubric:
  - id: nevoia
    title: Nevoia
    levels:
      - Lipsește din pagină.
      - Spune cine, dar nu cât.
      - Spune cine, unde, cât și de când.
  - id: raspunderea
    title: Răspunderea
    levels:
      - Nu apare niciun nume.
      - Apare un compartiment.
      - Apare un om, cu termen.
  - id: sursa
    title: Sursa cifrelor
    levels: [Nicio sursă., Surse vechi., "Fiecare cifră are sursă, vezi [AM](term:am)."]
""",
    QUIZ: """\
id: test-drum
title: Testul modulului
minutes: 15
pass: 70
wait_minutes: 10
intro: Câteva întrebări.
draw:
  - {outcome: pasi, count: 2}
  - {outcome: bani, count: 1}
""",
    BANK: """\
- id: auto-unu
  kind: true-false
  use: self-check
  stem: Harta vine înaintea licitației.
  answer: true
  why:
    true: Întâi se vede drumul.
    false: Fără hartă, licitația cere altceva decât trebuie.
  explanation: Ordinea pașilor ține bugetul.
  outcome: pasi
  facts: [F-03]
- id: auto-doi
  kind: single
  use: self-check
  stem: Cine conduce programul?
  options:
    - text: Autoritatea
      correct: true
      why: Ea dă ordinele.
    - text: Oricare consultant
      why: Consultantul ajută, nu conduce.
  explanation: Autoritatea de management conduce.
  outcome: pasi
  facts: [F-01]
- id: pas-intai
  kind: single
  stem: |-
    O colegă vă cere caietul de sarcini înainte de orice altceva.

    Ce faceți?
  options:
    - text: Scriem caietul, ca să nu pierdem vremea
      why: Graba fără nevoie descrisă se plătește la evaluare.
    - text: Îi cerem nevoia
      correct: true
      why: Fără nevoie nu se știe ce se cumpără.
  explanation: >-
    Caietul descrie soluția, iar soluția răspunde unei nevoi. Cine începe cu soluția ajunge să
    justifice o cumpărătură în loc să rezolve o problemă.
  outcome: pasi
  difficulty: 1
  facts: [F-01]
  lesson: harta#primul-pas
  tags: [ordine]
- id: pas-multiplu
  kind: multiple
  stem: Ce intră în dosarul unei hotărâri?
  options:
    - {text: Proiectul hotărârii, correct: true, why: Pe el se votează.}
    - {text: Raportul compartimentului, correct: true, why: Îl cere regulamentul.}
    - {text: Factura furnizorului, why: Factura vine după lucrări.}
  explanation: Dosarul se citește de consilieri.
  outcome: pasi
  difficulty: 2
  facts: [F-01]
  lesson: harta
- id: bani-procent
  kind: numeric
  stem: Câte procente sunt 27 din 60?
  answer: 45
  tolerance: 0.05
  unit: "%"
  why: Se împarte la 60 și se înmulțește cu o sută.
  mistakes:
    - {value: 27, why: Numărul nu este procent.}
  explanation: Procentul raportează partea la întreg.
  outcome: bani
  difficulty: 1
  facts: [F-01]
  lesson: harta
- id: pas-ordine
  kind: ordering
  stem: Așezați etapele.
  steps:
    - {text: Nevoia, why: De la ea pornim.}
    - {text: Ideea, why: Răspunde nevoii.}
    - {text: Bugetul, why: Măsoară ideea.}
  explanation: Fiecare etapă o pregătește pe următoarea.
  outcome: pasi
  difficulty: 2
  facts: [F-03]
  lesson: harta
- id: pas-perechi
  kind: matching
  stem: Cine ce semnează?
  pairs:
    - {left: primarul, right: contractul, why: El reprezintă orașul.}
    - {left: dirigintele, right: situația de lucrări, why: El urmărește șantierul.}
    - {left: contabila, right: ordonanțarea, why: Ea plătește.}
  distractors:
    - {text: decontul de zbor, why: Nu ține de proiect.}
  explanation: Semnătura arată răspunderea.
  outcome: pasi
  difficulty: 3
  facts: [F-03]
  lesson: harta
- id: scurt
  kind: short-answer
  stem: Cum se numește pe scurt strategia urbană?
  accept: [SIDU, strategia integrată]
  why: Este strategia integrată de dezvoltare urbană.
  mistakes:
    - {value: PMUD, why: Acela este planul de mobilitate.}
  explanation: Strategia leagă proiectele.
  outcome: pasi
  difficulty: 1
  facts: [F-01]
  lesson: harta
- id: caz-pod
  kind: case
  stem: Un pod peste râu costă 60 de mii, din care primăria dă 6.
  children:
    - id: caz-pod-parte
      kind: numeric
      stem: Ce parte plătește primăria, în procente?
      answer: 10
      why: Șase din șaizeci.
      explanation: Partea proprie este un raport.
      outcome: bani
    - id: caz-pod-urmare
      kind: true-false
      stem: Restul vine din grant.
      answer: true
      why: {true: Grantul acoperă diferența., false: Altă sursă nu există aici.}
      explanation: Sursele trebuie să se închidă.
      difficulty: 1
      facts: [F-03]
  outcome: pasi
  difficulty: 3
  facts: [F-01]
  lesson: harta#primul-pas
- id: bani-doi
  kind: numeric
  stem: Jumătate din opt mii?
  answer: 4000
  why: Se taie în două.
  explanation: O jumătate înseamnă împărțirea la doi.
  outcome: bani
  difficulty: 1
  facts: [F-01]
  lesson: harta
""",
}
BINARIES = {
    f"{MODULE}/img/harta.svg": b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>',
    "files/buget.xlsx": b"PK\x03\x04 not opened here",
}


def write_course(folder: Path, **broken: tuple[str, str, str]) -> Path:
    """The small course below ``folder``; ``broken`` gives (path, old text, new text) to swap.

    The old text must be there exactly once: a test that breaks nothing proves nothing.
    """
    files = dict(FILES)
    for path, old, new in broken.values():
        assert files[path].count(old) == 1, f"{old!r} stands {files[path].count(old)} × in {path}"
        files[path] = files[path].replace(old, new)
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    for path, content in BINARIES.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder


def small(folder: Path) -> AuthoredCourse:
    """The small course, written below ``folder`` and read back."""
    course, problems = read_course(write_course(folder))
    assert problems == []
    assert course is not None
    return course


def found(report: CheckReport) -> list[tuple[str, str, int]]:
    """What a check found: (code, file, line)."""
    return [(p.code, p.file, p.line) for p in report.problems]


def line_of(folder: Path, path: str, phrase: str) -> int:
    """The only line of the file that holds the phrase, from 1."""
    lines = (folder / path).read_text(encoding="utf-8").split("\n")
    found = [number for number, line in enumerate(lines, 1) if phrase in line]
    assert len(found) == 1, f"{phrase!r} stands in {len(found)} lines of {path}"
    return found[0]
