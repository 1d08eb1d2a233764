"""Bringing a list of people in: paste or upload, look at what it would do, confirm.

Nothing is stored before the confirmation. Between the two pages the rows travel in the form,
signed and without any column that must not be kept; the service makes the plan again and stops
when it is no longer what was shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, request
from itsdangerous import BadData, URLSafeTimedSerializer

from lms.domain.errors import Conflict, Refusal
from lms.interop.tables_read import PeopleTable, PersonRow, read_people
from lms.models import Person
from lms.services import audit_lines, choosing, cohorts, people_import
from lms.services.cohorts import CohortRow
from lms.services.import_plan import ImportPlan, RowState
from lms.services.people_import import ImportReport
from lms.web import csrf
from lms.web.admin.acting import actor, explain, page
from lms.web.admin.forms import ApplyForm, ImportForm
from lms.web.admin.people import MANAGE
from lms.web.admin.room import ROOM
from lms.web.admin.sentences import FIELD_NAMES, NOTES, reasons
from lms.web.blueprint import commit, db_session
from lms.web.clock import now
from lms.web.i18n import gettext as _
from lms.web.i18n import ngettext
from lms.web.identity import me
from lms.web.rendering import notice, to

MAX_AGE = 12 * 3600
"""Seconds for which a preview can be confirmed: a working day."""
SHOWN = 300
"""Rows of each kind that the preview lists; the figures count them all."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A list between its preview and its confirmation."""

    rows: tuple[PersonRow, ...]
    about: dict[str, Any]
    """``encoding``, ``used`` (pairs), ``dropped``, ``ignored``, ``skipped`` of the reader."""


@ROOM.get("/import", MANAGE)
def import_form() -> Response:
    return page("import.html", form=ImportForm())


@ROOM.post("/import", MANAGE)
def preview_import() -> Response:
    """The dry run; it answers without a redirect because nothing has happened yet."""
    form, upload = ImportForm(request.form), _upload()
    try:
        table = read_people(form.text.data or "" if upload is None else upload)
        carried = Carried(table.rows, _about(table))
        return _preview(carried)
    except Refusal as refusal:
        refusal.params["field"] = "text" if upload is None else "file"
        return page("import.html", explain(form, refusal), form=form)


@ROOM.post("/import/apply", MANAGE)
def apply_import() -> Response:
    """Do what the preview showed; when it is no longer true, show the new state of things."""
    form = ApplyForm(request.form)
    carried = _unpack(form.rows.data or "")
    form.cohort.choices = _cohort_choices()
    if not form.validate():
        return _preview(carried, form, 400)
    try:
        report = people_import.apply(
            db_session(), carried.rows, form.fingerprint.data or "", actor=actor(), now=now()
        )
        _enrol(report, form.cohort.data)
    except Conflict as conflict:
        if conflict.code != "plan-changed":
            raise
        db_session().rollback()
        return _preview(carried, form, 409)
    commit()
    return to("admin.import_result", uuid=report.uuid)


@ROOM.get("/import/<uuid>", MANAGE)
def import_result(uuid: str) -> Response:
    """What a list has done, row by row; from here its new people get their codes."""
    done = audit_lines.get_import(db_session(), uuid)
    return page(
        "import_result.html",
        done=done,
        shown=SHOWN,
        reasons=reasons,
        field_names=FIELD_NAMES,
        without_password=[p for p in done.added if p.password_hash is None],
    )


def _upload() -> bytes | None:
    """The file sent with the form; nothing of it stays behind on the disk."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return None
    try:
        sent: bytes = file.read()
    finally:
        file.close()
    return sent


def _preview(carried: Carried, form: ApplyForm | None = None, status: int = 200) -> Response:
    plan = people_import.plan(db_session(), carried.rows, actor=actor())
    fresh = ApplyForm(
        rows=_pack(carried),
        fingerprint=plan.fingerprint,
        cohort=form.cohort.data if form else "",
    )
    fresh.cohort.choices = _cohort_choices()
    return page(
        "import_preview.html",
        status,
        plan=plan,
        counts={state.value: plan.count(state) for state in RowState},
        groups=_groups(plan),
        about=carried.about,
        has_changed=status == 409,
        form=fresh,
        shown=SHOWN,
        reasons=reasons,
        notes=NOTES,
        field_names=FIELD_NAMES,
    )


def _groups(plan: ImportPlan) -> list[tuple[str, tuple[Any, ...]]]:
    """Rows by what becomes of them, what needs a person's eye first; empty groups are left out."""
    order = (RowState.ERROR, RowState.CHANGED, RowState.NEW, RowState.PRESENT)
    return [(state.value, rows) for state in order if (rows := plan.of(state))]


def _enrol(report: ImportReport, chosen: str) -> None:
    """Enrol everybody of the list into the chosen cohort, in the same transaction."""
    if not chosen:
        return
    cohort = cohorts.get(db_session(), chosen)
    there = choosing.by_ids(db_session(), report.present)
    members: list[Person] = [*report.added, *report.changed, *there]
    enrolled = cohorts.enrol(db_session(), cohort, members, actor=actor(), now=now())
    fresh = enrolled.new + enrolled.again + enrolled.joined
    notice(
        "success",
        ngettext(
            "%(num)d person was enrolled into “%(cohort)s”.",
            "%(num)d people were enrolled into “%(cohort)s”.",
            fresh,
            cohort=cohort.name,
        ),
    )


def _cohort_choices() -> list[tuple[str, str]]:
    rows: list[CohortRow] = cohorts.list_rows(db_session())
    return [("", _("no cohort")), *((row.cohort.uuid, row.cohort.name) for row in rows)]


def _about(table: PeopleTable) -> dict[str, Any]:
    return {
        "encoding": table.encoding,
        "used": [list(pair) for pair in table.used],
        "dropped": list(table.dropped),
        "ignored": list(table.ignored),
        "skipped": list(table.skipped),
    }


def _serializer() -> URLSafeTimedSerializer:
    salt = f"lms-import:{me().person_uuid}"
    return URLSafeTimedSerializer(csrf.keys(), salt=salt)


def _pack(carried: Carried) -> str:
    rows = [
        [r.line, r.name, r.email, r.staff_number, r.departments, r.problems, r.notices]
        for r in carried.rows
    ]
    return str(_serializer().dumps({"rows": rows, "about": carried.about}))


def _unpack(value: str) -> Carried:
    """What the preview carried. Raises Refusal("list-lost") for anything else."""
    try:
        data = _serializer().loads(value, max_age=MAX_AGE)
    except BadData as error:
        raise Refusal("list-lost") from error
    rows = tuple(
        PersonRow(
            line=line,
            name=name,
            email=email,
            staff_number=staff_number,
            departments=tuple(departments),
            problems=tuple(problems),
            notices=tuple(notices),
        )
        for line, name, email, staff_number, departments, problems, notices in data["rows"]
    )
    return Carried(rows, data["about"])
