"""One-time codes and links: choosing for whom, the printable sheet, who waits for one.

A code is made by the request that shows it and cannot be shown again, so these pages answer
their POST directly; a second click or a reload is recognised and replaces nothing. Without
JavaScript the browser shows its answer instead of the codes, so that answer leads on to new ones.
"""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response, request

from lms.domain.errors import Conflict, NotFound, Refusal
from lms.models import Person
from lms.services import (
    access_codes,
    audit_lines,
    choosing,
    cohorts,
    departments,
    dossiers,
    help_requests,
)
from lms.services import people as directory
from lms.services.choosing import Recipients
from lms.services.paging import read_page
from lms.web import i18n
from lms.web.admin.acting import actor, explain, page
from lms.web.admin.forms import ChooseForm, department_choices
from lms.web.admin.people import MANAGE
from lms.web.admin.room import ROOM
from lms.web.blueprint import STAND_ALONE, commit, db_session
from lms.web.clock import now
from lms.web.i18n import gettext as _
from lms.web.rendering import notice, to, url
from lms.web.sentences import sentence

KINDS = {
    "password": i18n.N_("forgot the password"),
    "link": i18n.N_("needs a new link"),
    "code": i18n.N_("needs a new code"),
}
"""Why somebody waits."""


@ROOM.get("/codes", MANAGE, only=STAND_ALONE)
def codes() -> Response:
    """Choose for whom; the choice stands in the address, the list below it has tick boxes."""
    form = _choose_form()
    chosen: Recipients | None = None
    status = 200
    if request.args.get("source"):
        if not form.validate():
            raise Refusal("bad-query", name="source")
        try:
            chosen = _recipients(form.source.data, only_new=form.only.data == "new")
        except Refusal as refusal:
            if refusal.code != "too-many-chosen":
                raise
            refusal.params["field"] = "source"
            status = explain(form, refusal)
    return page(
        "codes.html",
        status,
        form=form,
        chosen=chosen,
        since=now().isoformat(),
        without_password=dossiers.count_without_password(db_session()),
    )


@ROOM.post("/codes", MANAGE, only=STAND_ALONE)
def print_codes() -> Response:
    """A fresh code for everyone ticked, on a sheet to be printed now."""
    people = choosing.by_uuids(db_session(), request.form.getlist("person"))
    return _sheet(people, url("admin.codes"))


@ROOM.post("/person/<uuid>/code", MANAGE, only=STAND_ALONE)
def issue_code(uuid: str) -> Response:
    """One slip, for one person."""
    person = directory.get(db_session(), uuid)
    return _sheet([person], url("admin.person", uuid=uuid))


@ROOM.post("/person/<uuid>/link", MANAGE, only=STAND_ALONE)
def issue_link(uuid: str) -> Response:
    """A one-time link to be sent to the person by whatever way reaches them."""
    person = directory.get(db_session(), uuid)
    try:
        choosing.check_not_just_issued(db_session(), [person], since=_since())
    except Conflict as conflict:
        return _issued_already(conflict, url("admin.person", uuid=uuid), is_link=True)
    token = access_codes.issue_link(db_session(), person, actor(), now())
    commit()
    return page(
        "link.html",
        person=person,
        link=url("account.link", token=token, _external=True),
        until=now() + access_codes.LINK_LIFETIME,
    )


@ROOM.get("/requests", MANAGE, only=STAND_ALONE)
def requests() -> Response:
    """Who waits for help, longest first."""
    found = help_requests.list_open(db_session(), page=read_page(request.args.get("page")))
    return page(
        "requests.html",
        found=found,
        kinds=KINDS,
        since=now().isoformat(),
        address=lambda number: url("admin.requests", page=number),
        is_admin=actor().is_admin,
    )


@ROOM.post("/request/<uuid>/resolve", MANAGE, only=STAND_ALONE)
def resolve_request(uuid: str) -> Response:
    """Settled without a code, as by telephone."""
    found = help_requests.get(db_session(), uuid)
    help_requests.resolve(db_session(), found, by=actor(), now=now())
    commit()
    notice("success", _("The request of %(name)s is settled.", name=found.person.name))
    return to("admin.requests")


def _sheet(people: list[Person], back: str) -> Response:
    try:
        choosing.check_not_just_issued(db_session(), people, since=_since())
    except Conflict as conflict:
        return _issued_already(conflict, back)
    issued = access_codes.issue_codes(db_session(), people, actor(), now())
    commit()
    return page(
        "slips.html",
        issued=issued,
        back=back,
        code_address=url("account.code_form", _external=True),
        until=now() + access_codes.CODE_LIFETIME,
    )


def _issued_already(conflict: Conflict, back: str, *, is_link: bool = False) -> Response:
    """What happened, and the same request once more, to be sent knowingly: whoever saw nothing of
    the first answer has no other way to a code."""
    db_session().rollback()
    return page(
        "issued_already.html",
        conflict.status,
        text=sentence(conflict),
        people=request.form.getlist("person"),
        is_link=is_link,
        since=now().isoformat(),
        back=back,
    )


def _since() -> datetime:
    """When the page with the button was shown. Raises Refusal("bad-query")."""
    try:
        moment = datetime.fromisoformat(request.form.get("since", ""))
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):  # the first of all days lies before itself in UTC
        pass
    raise Refusal("bad-query", name="since")


def _choose_form() -> ChooseForm:
    form = ChooseForm(request.args)
    rows = cohorts.list_rows(db_session())
    tree = department_choices(departments.list_tree(db_session()), "")
    form.source.choices = [
        ("all", _("Everyone")),
        *((f"cohort:{row.cohort.uuid}", row.cohort.name) for row in rows),
        *((f"department:{uuid}", label) for uuid, label in tree),
    ]
    asked = request.args.get("source", "")
    if asked.startswith("import:"):
        form.source.choices.insert(0, (asked, _("The people of the imported list")))
    form.only.choices = [
        ("new", _("Only people without a password")),
        ("all", _("Everyone, also people with a password")),
    ]
    if not form.only.data:
        form.only.data = "new"
    return form


def _recipients(source: str, *, only_new: bool) -> Recipients:
    """Those meant by ``all``, ``cohort:…``, ``department:…`` or ``import:…``. Raises NotFound."""
    kind, _colon, name = source.partition(":")
    if kind == "import":
        people = audit_lines.get_import(db_session(), name).added
        wanted = [p for p in people if not only_new or p.password_hash is None]
        return choosing.reachable(wanted, actor=actor())
    if kind not in ("all", "cohort", "department"):
        raise NotFound
    return choosing.recipients(
        db_session(),
        actor=actor(),
        cohort=cohorts.get(db_session(), name) if kind == "cohort" else None,
        department=departments.get(db_session(), name) if kind == "department" else None,
        without_password=only_new,
    )
