"""The list of people, one person's page, and what HR changes there."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from lms.domain.access import Action
from lms.domain.errors import NotFound, Refusal
from lms.domain.text import is_clean
from lms.models import Department, Person
from lms.services import cohorts, departments, dossiers, enrolments
from lms.services import people as directory
from lms.services.paging import read_page
from lms.services.people import Details, Status
from lms.services.viewers import is_administrator
from lms.web import hosting, i18n
from lms.web.admin.acting import actor, explain, page
from lms.web.admin.forms import PersonForm, department_choices
from lms.web.admin.room import ROOM
from lms.web.blueprint import STAND_ALONE, commit, db_session
from lms.web.clock import now
from lms.web.course_words import Words
from lms.web.i18n import gettext as _
from lms.web.identity import me
from lms.web.rendering import notice, to, url

STATUSES = {
    Status.ACTIVE: i18n.N_("Active"),
    Status.SUSPENDED: i18n.N_("Suspended"),
    Status.ALL: i18n.N_("All"),
}
MANAGE = Action.MANAGE_PEOPLE


def search_text() -> str:
    """What the address searches for. Raises ``query-unclean``, ``query-too-long``."""
    text = request.args.get("q", "")
    if not is_clean(text):
        raise Refusal("query-unclean")
    if len(text) > directory.QUERY_LENGTH:
        raise Refusal("query-too-long", limit=directory.QUERY_LENGTH)
    return text.strip()


def find_department(uuid: str) -> Department | None:
    """The department an address or a form names; None for none. Raises NotFound."""
    return departments.get(db_session(), uuid) if uuid else None


@ROOM.get("/people", MANAGE)
def people() -> Response:
    """Everyone, fifty to a page; search, department and status stand in the address."""
    text, chosen = search_text(), request.args.get("department", "")
    try:
        status = Status(request.args.get("status", Status.ACTIVE))
    except ValueError:
        raise Refusal("bad-query", name="status") from None
    found = directory.list_people(
        db_session(),
        query=text,
        department=find_department(chosen),
        status=status,
        page=read_page(request.args.get("page")),
    )
    kept = {"q": text, "department": chosen, "status": "" if status is Status.ACTIVE else status}
    kept = {name: value for name, value in kept.items() if value}
    return page(
        "people.html",
        found=found,
        text=text,
        chosen=chosen,
        state=status,
        states=STATUSES,
        departments=department_choices(departments.list_tree(db_session()), _("All")),
        is_narrowed=bool(kept),
        address=lambda number: url("admin.people", **kept, page=number),
    )


@ROOM.get("/people/new", MANAGE)
def new_person() -> Response:
    return _form_page(_person_form(department=request.args.get("department", "")), None)


@ROOM.post("/people/new", MANAGE)
def add_person() -> Response:
    """A new person; they come in by a one-time code, offered on their page."""
    form = _person_form()
    if not form.validate():
        return _form_page(form, None, 400)
    try:
        person = directory.add(db_session(), _details(form), actor=actor(), now=now())
    except Refusal as refusal:
        return _form_page(form, None, explain(form, refusal))
    commit()
    if hosting.host() is None:
        notice("success", _("%(name)s was added. A one-time code lets them in.", name=person.name))
    else:
        notice("success", _("%(name)s was added.", name=person.name))
    return to("admin.person", uuid=person.uuid)


@ROOM.get("/person/<uuid>", MANAGE)
def person(uuid: str) -> Response:
    """What is known of a person, and what can be done."""
    found = directory.get(db_session(), uuid)
    offers = enrolments.list_offers(db_session())
    dossier = dossiers.of(db_session(), found, now())
    taught = {course.id for course in dossier.teaches}
    return page(
        "person.html",
        person=found,
        dossier=dossier,
        enrolments=enrolments.list_of(db_session(), found),
        titles=course_titles(offers),
        teachable=[o.course for o in offers if o.course.id not in taught],
        choices=enrolment_choices(offers),
        is_me=found.id == me().person_id,
        may_touch=me().is_admin or not is_administrator(found),
        is_administrator=is_administrator(found),
        since=now().isoformat(),
    )


@ROOM.get("/person/<uuid>/edit", MANAGE)
def edit_person(uuid: str) -> Response:
    found = directory.get(db_session(), uuid)
    form = _person_form(
        name=found.name,
        email=found.email,
        staff_number=found.staff_number,
        department=found.department.uuid if found.department else "",
    )
    return _form_page(form, found)


@ROOM.post("/person/<uuid>/edit", MANAGE)
def change_person(uuid: str) -> Response:
    """Other details; codes on their way to an old address are withdrawn by the service."""
    found, form = directory.get(db_session(), uuid), _person_form()
    if not form.validate():
        return _form_page(form, found, 400)
    try:
        directory.change(db_session(), found, _details(form), actor=actor(), now=now())
    except Refusal as refusal:
        return _form_page(form, found, explain(form, refusal))
    commit()
    notice("success", _("The changes are saved."))
    return to("admin.person", uuid=uuid)


@ROOM.post("/person/<uuid>/suspend", MANAGE)
def suspend_person(uuid: str) -> Response:
    """Out at the next request, by every door."""
    found = directory.get(db_session(), uuid)
    directory.suspend(db_session(), found, actor=actor(), now=now())
    commit()
    notice("success", _("%(name)s is suspended and signed out everywhere.", name=found.name))
    return to("admin.person", uuid=uuid)


@ROOM.post("/person/<uuid>/reinstate", MANAGE)
def reinstate_person(uuid: str) -> Response:
    found = directory.get(db_session(), uuid)
    directory.reinstate(db_session(), found, actor=actor(), now=now())
    commit()
    notice("success", _("%(name)s may sign in again.", name=found.name))
    return to("admin.person", uuid=uuid)


@ROOM.post("/person/<uuid>/sign-out", MANAGE, only=STAND_ALONE)
def sign_out_person(uuid: str) -> Response:
    """End every sign-in of theirs, as when a computer was lost."""
    found = directory.get(db_session(), uuid)
    dossiers.sign_out(db_session(), found, actor=actor(), now=now())
    commit()
    notice("success", _("%(name)s is signed out everywhere.", name=found.name))
    return to("admin.person", uuid=uuid)


@ROOM.post("/person/<uuid>/administrator", Action.ADMINISTER)
def set_administrator(uuid: str) -> Response:
    """Make an administrator, or no longer; ``to`` is yes or no."""
    found, wanted = directory.get(db_session(), uuid), request.form.get("to", "")
    if wanted not in ("yes", "no"):
        raise Refusal("bad-query", name="to")
    directory.set_admin(db_session(), found, wanted == "yes", actor=actor(), now=now())
    commit()
    if wanted == "yes":
        notice("success", _("%(name)s is an administrator now.", name=found.name))
    else:
        notice("success", _("%(name)s is no longer an administrator.", name=found.name))
    return to("admin.person", uuid=uuid)


def course_titles(offers: list[enrolments.Offer]) -> dict[int, str]:
    """Course id → its title in the reader's language."""
    return {offer.course.id: Words(offer.manifest).course() for offer in offers}


def enrolment_choices(offers: list[enrolments.Offer]) -> list[tuple[str, str]]:
    """Cohorts first, then courses without a cohort, as values of one select field."""
    titles = course_titles(offers)
    rows = cohorts.list_rows(db_session())
    found = [
        (f"cohort:{row.cohort.uuid}", f"{row.cohort.name} · {titles[row.cohort.course_id]}")
        for row in rows
        if row.cohort.course_id in titles
    ]
    without = [
        (f"course:{o.course.key}", _("%(title)s, without a cohort", title=titles[o.course.id]))
        for o in offers
    ]
    return [*found, *without]


def _person_form(**values: Any) -> PersonForm:
    form = PersonForm(request.form, data=values)
    form.department.choices = department_choices(departments.list_tree(db_session()), _("none"))
    if form.department.data is None:
        form.department.data = ""
    return form


def _details(form: PersonForm) -> Details:
    try:
        department = find_department(form.department.data)
    except NotFound as error:  # removed since the form was shown
        raise Refusal("department-gone", field="department") from error
    return Details(
        name=form.name.data or "",
        email=form.email.data or None,
        staff_number=form.staff_number.data or None,
        department=department,
    )


def _form_page(form: PersonForm, found: Person | None, status: int = 200) -> Response:
    return page("person_form.html", status, form=form, person=found)
