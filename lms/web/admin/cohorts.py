"""Cohorts: the people of one workshop, their course, and by when each module is due."""

from __future__ import annotations

import re

from flask import Response, request
from markupsafe import Markup

from lms.domain.completion import due_on
from lms.domain.errors import NotFound, Refusal
from lms.interop.tables_people import is_cnp
from lms.models import Cohort
from lms.services import choosing, departments, enrolments
from lms.services import cohorts as groups
from lms.services import people as directory
from lms.services.cohorts import EnrolReport
from lms.services.paging import read_page
from lms.web.admin.acting import actor, explain, page
from lms.web.admin.forms import (
    DAYS,
    AccountsForm,
    CohortForm,
    NewCohortForm,
    department_choices,
    due_form,
)
from lms.web.admin.people import MANAGE, course_titles, search_text
from lms.web.admin.room import ROOM
from lms.web.blueprint import commit, db_session
from lms.web.clock import now
from lms.web.course_words import Words
from lms.web.forms import Form
from lms.web.i18n import gettext as _
from lms.web.i18n import ngettext
from lms.web.rendering import notice, to, url

_IN_BRACKETS = re.compile(r"<\s*(?:mailto:)?([^<>\s]+@[^<>\s]+)\s*>")
_APART = re.compile(r"[\r\n;,\t|]+")


@ROOM.get("/cohorts", MANAGE)
def cohorts() -> Response:
    """Every cohort with how many follow it, the latest workshop first."""
    offers = enrolments.list_offers(db_session())
    return page(
        "cohorts.html",
        rows=groups.list_rows(db_session()),
        titles=course_titles(offers),
        has_courses=bool(offers),
    )


@ROOM.get("/cohorts/new", MANAGE)
def new_cohort() -> Response:
    return _new_page(_new_form())


@ROOM.post("/cohorts/new", MANAGE)
def add_cohort() -> Response:
    """A cohort for a course; a second click finds the name taken."""
    form = _new_form()
    if not form.validate():
        return _new_page(form, 400)
    course = enrolments.get_offer(db_session(), form.course.data).course
    try:
        made = groups.create(
            db_session(),
            course,
            form.name.data,
            form.starts_on.data,
            form.ends_on.data,
            actor=actor(),
            now=now(),
        )
    except Refusal as refusal:
        return _new_page(form, explain(form, refusal))
    commit()
    notice("success", _("“%(name)s” was added. Now say when the modules are due.", name=made.name))
    return to("admin.cohort", uuid=made.uuid)


@ROOM.get("/cohort/<uuid>", MANAGE)
def cohort(uuid: str) -> Response:
    """One cohort: who is in it, its days and due dates, ways to enrol."""
    return _page(groups.get(db_session(), uuid))


@ROOM.post("/cohort/<uuid>/change", MANAGE)
def change_cohort(uuid: str) -> Response:
    """Another name or other days; the due dates move with the last day."""
    found, form = groups.get(db_session(), uuid), CohortForm(request.form)
    if not form.validate():
        return _page(found, 400, change=form)
    try:
        groups.change(
            db_session(),
            found,
            form.name.data,
            form.starts_on.data,
            form.ends_on.data,
            actor=actor(),
            now=now(),
        )
    except Refusal as refusal:
        return _page(found, explain(form, refusal), change=form)
    commit()
    notice("success", _("The changes are saved."))
    return to("admin.cohort", uuid=uuid)


@ROOM.post("/cohort/<uuid>/due", MANAGE)
def set_due(uuid: str) -> Response:
    """Days after the workshop for each module; an empty field means no date."""
    found = groups.get(db_session(), uuid)
    form = _due(found, request.form)
    if not form.validate():
        return _page(found, 400, due=form)
    manifest = enrolments.get_offer(db_session(), found.course.key).manifest
    days = {module.id: form[DAYS + module.key].data for module in manifest.modules}
    groups.set_due(db_session(), found, days, actor=actor(), now=now())
    commit()
    notice("success", _("The due dates are saved."))
    return to("admin.cohort", uuid=uuid)


@ROOM.post("/cohort/<uuid>/enrol-department", MANAGE)
def enrol_department(uuid: str) -> Response:
    """Everyone of a department and all below it."""
    found = groups.get(db_session(), uuid)
    chosen = departments.get(db_session(), request.form.get("department", ""))
    report = groups.enrol_department(db_session(), found, chosen, actor=actor(), now=now())
    return _enrolled(found, report)


@ROOM.post("/cohort/<uuid>/enrol-people", MANAGE)
def enrol_people(uuid: str) -> Response:
    """Those ticked in the search."""
    found = groups.get(db_session(), uuid)
    chosen = choosing.by_uuids(db_session(), request.form.getlist("person"))
    report = groups.enrol(db_session(), found, chosen, actor=actor(), now=now())
    return _enrolled(found, report)


@ROOM.post("/cohort/<uuid>/enrol-listed", MANAGE)
def enrol_listed(uuid: str) -> Response:
    """A pasted list of e-mail addresses and staff numbers; unknown ones are named."""
    found, form = groups.get(db_session(), uuid), AccountsForm(request.form)
    if not form.validate():
        return _page(found, 400, accounts=form)
    try:
        report = groups.enrol_named(
            db_session(), found, _accounts(form.accounts.data), actor=actor(), now=now()
        )
    except Refusal as refusal:
        refusal.params["field"] = "accounts"
        return _page(found, explain(form, refusal), accounts=form)
    return _enrolled(found, report)


@ROOM.post("/cohort/<uuid>/member/<enrolment>/end", MANAGE)
def end_membership(uuid: str, enrolment: str) -> Response:
    """They leave the course; what they did stays."""
    found = groups.get(db_session(), uuid)
    member = groups.get_member(db_session(), found, enrolment)
    groups.end(db_session(), member, actor=actor(), now=now())
    commit()
    notice("success", _("The enrolment has ended. What was done so far is kept."))
    return to("admin.cohort", uuid=uuid)


def _accounts(text: str) -> list[str]:
    """Names of accounts as people paste them: one a line, with commas, out of a mail program."""
    found: list[str] = []
    for piece in _APART.split(text):
        inside = _IN_BRACKETS.findall(piece)
        found += inside or [piece.strip(" '\"<>()[]")]
    return [name for name in found if name]


def _enrolled(found: Cohort, report: EnrolReport) -> Response:
    """Say what enrolling did, in people; then back to the cohort."""
    name = found.name
    commit()
    fresh = report.new + report.again + report.joined
    notice(
        "success" if fresh else "warning",
        ngettext(
            "%(num)d person was enrolled into “%(cohort)s”.",
            "%(num)d people were enrolled into “%(cohort)s”.",
            fresh,
            cohort=name,
        ),
    )
    for count, text in (
        (
            report.already,
            ngettext(
                "%(num)d person was there already.",
                "%(num)d people were there already.",
                report.already,
            ),
        ),
        (
            report.elsewhere,
            ngettext(
                "%(num)d person follows this course with another cohort and stays there.",
                "%(num)d people follow this course with another cohort and stay there.",
                report.elsewhere,
            ),
        ),
        (
            report.suspended,
            ngettext(
                "%(num)d suspended person was left out.",
                "%(num)d suspended people were left out.",
                report.suspended,
            ),
        ),
    ):
        if count:
            notice("warning", text)
    if report.unknown:
        # A message waits in the browser's cookie: a personal numeric code must not wait there.
        some = ", ".join(_("(CNP)") if is_cnp(a) else a[:80] for a in report.unknown[:15])
        more = "…" if len(report.unknown) > 15 else ""
        notice("warning", _("Nobody has these accounts: %(names)s", names=some + more))
    return to("admin.cohort", uuid=found.uuid)


def _new_form() -> NewCohortForm:
    form = NewCohortForm(request.form)
    offers = enrolments.list_offers(db_session())
    titles = course_titles(offers)
    form.course.choices = [(o.course.key, titles[o.course.id]) for o in offers]
    if form.course.data is None and offers:
        form.course.data = offers[0].course.key
    return form


def _new_page(form: NewCohortForm, status: int = 200) -> Response:
    return page("cohort_new.html", status, form=form)


def _due(found: Cohort, data: object = None) -> Form:
    try:
        offer = enrolments.get_offer(db_session(), found.course.key)
    except NotFound:  # the course is not published: there are no modules to set a date for
        return due_form((), ())(data)
    words, modules = Words(offer.manifest), offer.manifest.modules
    titles = [Markup("{} · {}").format(module.number, words.module(module)) for module in modules]
    days = groups.list_due_days(db_session(), found)
    known = {DAYS + module.key: days.get(module.id) for module in modules}
    return due_form(modules, titles)(data, data=known)


def _page(
    found: Cohort,
    status: int = 200,
    *,
    change: CohortForm | None = None,
    due: Form | None = None,
    accounts: AccountsForm | None = None,
) -> Response:
    text = search_text()
    ended = request.args.get("show") == "ended"
    members = groups.list_members(
        db_session(), found, ended=ended, page=read_page(request.args.get("page"))
    )
    results = directory.list_people(db_session(), query=text) if text else None
    form = due or _due(found)
    return page(
        "cohort.html",
        status,
        cohort=found,
        titles=course_titles(enrolments.list_offers(db_session())),
        members=members,
        ended=ended,
        address=lambda number: url(
            "admin.cohort", uuid=found.uuid, page=number, **({"show": "ended"} if ended else {})
        ),
        change_form=change
        or CohortForm(name=found.name, starts_on=found.starts_on, ends_on=found.ends_on),
        due_form=form,
        due_on={
            field.name: due_on(found.ends_on, field.data)
            for field in form
            if field.data is not None and not field.errors
        },
        accounts_form=accounts or AccountsForm(),
        departments=department_choices(departments.list_tree(db_session()), ""),
        text=text,
        results=results,
    )
