"""The cast. Every name is made up: surnames like Exemplescu belong to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

INSTITUTION = "Primăria Municipiului Lunca Nouă (demonstrație)"
DOMAIN = "demo.test"

DEPARTMENTS: dict[str, tuple[str, str]] = {
    "dti": ("", "Direcția Tehnică și Investiții"),
    "achizitii": ("dti", "Serviciul Achiziții Publice"),
    "proiecte": ("dti", "Serviciul Derulare Proiecte"),
    "contracte": ("dti", "Biroul Urmărire Contracte"),
    "de": ("", "Direcția Economică"),
    "buget": ("de", "Serviciul Buget și Contabilitate"),
    "das": ("", "Direcția de Asistență Socială"),
    "incluziune": ("das", "Compartimentul Incluziune Socială"),
}
"""Key → (key of the department above, empty for the institution itself; name)."""


class History(Enum):
    """How far somebody has come since the workshop."""

    NOT_IN_COURSE = "not in the course"
    NOT_STARTED = "enrolled, nothing opened"
    OPENED = "half of the first lesson"
    FIRST_LESSONS = "some lessons of module 1"
    TEST_OPEN = "in the middle of the test of module 1"
    FAILED = "read module 1, failed its test, did not come back"
    ONE = "module 1 with its badge"
    ONE_AND_LESSONS = "module 1 with its badge, in the middle of module 2"
    FAILED_THEN_TWO = "failed once, then both modules"
    TWO = "both modules"
    JUST_ENROLLED = "enrolled yesterday with the second cohort"


@dataclass(frozen=True, slots=True)
class Colleague:
    name: str
    department: str
    """Key; empty for the institution itself."""
    history: History
    account: str = ""
    """Name before the @; made from the person's name when empty, a number for a staff number."""
    heads: str | None = None
    """Key of the department they head."""
    language: str = "ro"
    is_admin: bool = False
    is_trainer: bool = False
    is_suspended: bool = False

    @property
    def staff_number(self) -> str | None:
        return self.account if self.account.isdigit() else None

    @property
    def email(self) -> str | None:
        if self.staff_number:
            return None
        return f"{self.account or _account(self.name)}@{DOMAIN}"


def _account(name: str) -> str:
    plain = name.lower().translate(str.maketrans("ăâîșț", "aaist"))
    return ".".join(plain.replace("-", "").split())


H = History

ACCOUNTS = (
    Colleague("Ana Exemplescu", "proiecte", H.ONE_AND_LESSONS, "angajat"),
    Colleague("Vlad Începutu", "buget", H.JUST_ENROLLED, "angajat2"),
    Colleague("Ruxandra Cursescu", "", H.NOT_IN_COURSE, "formator", is_trainer=True),
    Colleague("Matei Directorescu", "dti", H.ONE, "manager", heads="dti"),
    Colleague("Irina Resursescu", "", H.TWO, "hr", heads=""),
    Colleague("Dan Sistemescu", "", H.NOT_IN_COURSE, "admin", is_admin=True),
)
"""The six whose sign-ins are printed."""

ROLES = {
    "angajat": "employee, in the middle of module 2",
    "angajat2": "employee, just enrolled",
    "formator": "trainer of the course",
    "manager": "head of a directorate with three departments",
    "hr": "head of the institution: sees everyone, manages people",
    "admin": "administrator",
}

COLLEAGUES = (
    Colleague("Barbu Probăreanu", "achizitii", H.TWO, heads="achizitii"),
    Colleague("Crina Modelescu", "achizitii", H.TWO),
    Colleague("Doru Ipotescu", "achizitii", H.ONE_AND_LESSONS),
    Colleague("Elisabeta-Ioana Fictivescu-Scenariu", "achizitii", H.FAILED_THEN_TWO),
    Colleague("Florin Închipuitu", "achizitii", H.FIRST_LESSONS),
    Colleague("Gina Maketescu", "achizitii", H.NOT_STARTED),
    Colleague("Horia Demonstrescu", "proiecte", H.TWO, heads="proiecte"),
    Colleague("Ileana Exemplescu", "proiecte", H.TWO),
    Colleague("Ștefan Țintescu", "proiecte", H.FAILED_THEN_TWO),
    Colleague("Jana Probăreanu", "proiecte", H.ONE_AND_LESSONS),
    Colleague("Laur Modelescu", "proiecte", H.ONE),
    Colleague("Mirela Ipotescu", "proiecte", H.FAILED),
    Colleague("Nicu Fictivescu", "proiecte", H.OPENED),
    Colleague("Oana Închipuitu", "contracte", H.TWO, heads="contracte"),
    Colleague("Petru Maketescu", "contracte", H.ONE_AND_LESSONS),
    Colleague("Rodica Demonstrescu", "contracte", H.TEST_OPEN),
    Colleague("Sandu Scenariu", "contracte", H.NOT_STARTED, "40127"),
    Colleague("Teodora Simulescu", "dti", H.ONE),
    Colleague("Victor Simulescu", "dti", H.FIRST_LESSONS),
    Colleague("Anca Bugetescu", "de", H.TWO, heads="de"),
    Colleague("Bogdan Calculescu", "de", H.ONE_AND_LESSONS),
    Colleague("Corina Exemplescu", "buget", H.ONE, heads="buget"),
    Colleague("Dumitru Probăreanu", "buget", H.TWO),
    Colleague("Emilia Modelescu", "buget", H.FAILED),
    Colleague("Felicia Ipotescu", "buget", H.FIRST_LESSONS),
    Colleague("Grigore Fictivescu", "buget", H.NOT_STARTED, "40155"),
    Colleague("Haralambie Închipuitu", "buget", H.JUST_ENROLLED),
    Colleague("Iuliana Maketescu", "buget", H.ONE_AND_LESSONS),
    Colleague("Livia Asistentescu", "das", H.TWO, heads="das"),
    Colleague("Marius Demonstrescu", "das", H.ONE),
    Colleague("Nadia Scenariu", "das", H.OPENED),
    Colleague("Octavian Simulescu", "das", H.NOT_STARTED),
    Colleague("Paula Țintescu", "incluziune", H.TWO, heads="incluziune"),
    Colleague("Radu Exemplescu", "incluziune", H.FAILED_THEN_TWO),
    Colleague("Simona Probăreanu", "incluziune", H.ONE_AND_LESSONS),
    Colleague("Traian Modelescu", "incluziune", H.FIRST_LESSONS),
    Colleague("Zina Închipuitu", "incluziune", H.JUST_ENROLLED, "40190", language="en"),
    Colleague("Virgil Ipotescu", "", H.ONE),
    Colleague("Yvonne Fictivescu", "", H.NOT_IN_COURSE, language="en"),
    Colleague("Cornel Plecatu", "contracte", H.FIRST_LESSONS, is_suspended=True),
)
