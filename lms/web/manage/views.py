"""Who in the department is where: the table, one person, the files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from flask import Response, request

from lms.domain.access import Action
from lms.domain.completion import ModuleProgress, ModuleState
from lms.domain.errors import NotFound, Refusal
from lms.domain.text import is_clean
from lms.interop.tables import Cell, write_csv, write_xlsx
from lms.services import curriculum, report_scope, reports
from lms.services.curriculum import Published
from lms.services.paging import read_page
from lms.services.report_scope import Filters, Scope, StateFilter
from lms.services.reports import Row
from lms.web import i18n
from lms.web.blueprint import db_session
from lms.web.clock import ZONE, today
from lms.web.identity import me
from lms.web.manage import cells
from lms.web.manage.room import ROOM
from lms.web.rendering import attachment, render, url

N_ = i18n.N_
STATES = {
    StateFilter.ANY: N_("Any state"),
    StateFilter.DONE: N_("Finished the course"),
    StateFilter.IN_PROGRESS: N_("Under way"),
    StateFilter.NOT_STARTED: N_("Not started"),
    StateFilter.OVERDUE: N_("Overdue"),
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _filters() -> Filters:
    """The address's filters. Raises Refusal("bad-query")."""
    values = {name: request.args.get(name, "") for name in ("department", "cohort", "unfinished")}
    search = request.args.get("q", "").strip()
    if not all(is_clean(value) and len(value) <= 200 for value in (*values.values(), search)):
        raise Refusal("bad-query", name="q")
    try:
        state = StateFilter(request.args.get("state", ""))
    except ValueError:
        raise Refusal("bad-query", name="state") from None
    return Filters(state=state, search=search, **values)


def _published(courses: Sequence[Published]) -> Published:
    """The course asked for, or the first one. Raises NotFound."""
    wanted = request.args.get("course", "")
    for course in courses:
        if wanted in ("", course.manifest.key):
            return course
    raise NotFound()


def _address(view: str, filters: Filters, **changed: Any) -> str:
    """A link that keeps the filters; empty ones are left out."""
    values = {
        "course": request.args.get("course", ""),
        "department": filters.department,
        "cohort": filters.cohort,
        "state": str(filters.state),
        "unfinished": filters.unfinished,
        "q": filters.search,
        **changed,
    }
    return url(view, **{name: value for name, value in values.items() if value})


NOBODY = "00000000-0000-0000-0000-000000000000"


def _person_addresses(course: Published | None) -> Callable[[str], str]:
    """The address of a person's page; built once for a page of fifty."""
    named = {"course": course.manifest.key} if course else {}
    before, _, after = url("manage.person", uuid=NOBODY, **named).partition(NOBODY)
    return lambda uuid: f"{before}{uuid}{after}"


@ROOM.get("", Action.SEE_TEAM)
def team() -> Response:
    """People × modules of the viewer's own department and those below it."""
    session, viewer = db_session(), me().viewer
    courses = curriculum.list_published(session)
    if not courses:
        return render("lms/manage/nothing.html")
    filters, published = _filters(), _published(courses)
    scope = report_scope.scope(session, viewer, published, filters, today())
    return render(
        "lms/manage/team.html",
        courses=courses,
        course=published.manifest,
        filters=filters,
        scope=scope,
        states=STATES,
        matrix=reports.matrix(scope, read_page(request.args.get("page"))),
        address=lambda view, **changed: _address(view, filters, **changed),
        row_of=cells.drawer(
            published.manifest.modules,
            _person_addresses(published if len(courses) > 1 else None),
        ),
        is_narrowed=filters != Filters(),
    )


@ROOM.get("/person/<uuid:uuid>", Action.SEE_TEAM)
def person(uuid: Any) -> Response:
    """One person's way: status and dates, never answers or scores."""
    scope = _scope(Filters())
    row = reports.one(scope, str(uuid))
    return render("lms/manage/person.html", row=row, course=scope.manifest)


def _scope(filters: Filters) -> Scope:
    session = db_session()
    published = _published(curriculum.list_published(session))
    return report_scope.scope(session, me().viewer, published, filters, today())


@ROOM.get("/export.csv", Action.SEE_TEAM)
def export_csv() -> Response:
    """The same rows as the page, as CSV that opens right in a Romanian Excel."""
    lines = _lines(_scope(_filters()))
    mark = "," if i18n.language() == "ro" else "."
    # Whole before the answer begins (5 MB for ten thousand people): a slow line holds no connection
    # of the database, and no fault of it ends a list in the middle.
    body = b"".join(write_csv(lines, decimal_mark=mark))
    return _file(body, "text/csv; charset=utf-8", "csv")


@ROOM.get("/export.xlsx", Action.SEE_TEAM)
def export_xlsx() -> Response:
    """The same rows as typed cells."""
    lines = _lines(_scope(_filters()))
    header = [str(cell) for cell in next(lines)]
    return _file(write_xlsx(i18n.gettext("Progress"), header, lines), XLSX, "xlsx")


def _file(body: bytes, content_type: str, suffix: str) -> Response:
    response = Response(body, content_type=content_type)
    word = i18n.gettext("progress")
    name = f"{word}-{today().isoformat()}.{suffix}"
    response.headers["Content-Disposition"] = attachment(name)
    return response


def _lines(scope: Scope) -> Iterator[Sequence[Cell]]:
    """Header and rows of an export."""
    _ = i18n.gettext
    header: list[Cell] = [_("Name"), _("Department"), _("Cohort")]
    for module in scope.manifest.modules:
        short = module.en.get("short", module.short) if i18n.language() == "en" else module.short
        title = f"{module.number}. {short}"
        header += [
            title,
            _("%(module)s: finished on", module=title),
            _("%(module)s: due on", module=title),
        ]
    yield [*header, _("Modules finished"), _("Modules overdue"), _("Course finished on")]
    for row in reports.rows(scope):
        yield _line(row)


def _line(row: Row) -> list[Cell]:
    cells: list[Cell] = [row.name, row.department, row.cohort]
    for cell in row.cells:
        finished = cell.completed_at.astimezone(ZONE).date() if cell.completed_at else None
        cells += [i18n.gettext(state_word(cell)), finished, cell.due_on]
    completed = row.completed_at.astimezone(ZONE).date() if row.completed_at else None
    return [*cells, row.done, len(row.overdue), completed]


def state_word(cell: ModuleProgress) -> str:
    """The word for a cell, as the page and the files say it (English source text)."""
    if cell.completed_at:
        return N_("finished")
    if cell.overdue:
        return N_("overdue")
    return N_("under way") if cell.state is ModuleState.IN_PROGRESS else N_("not started")
