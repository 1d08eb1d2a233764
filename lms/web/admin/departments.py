"""The institution's tree: departments, their heads and deputies."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from lms.domain.errors import NotFound, Refusal
from lms.models import Department
from lms.services import departments as tree
from lms.services import people as directory
from lms.services.people import Status
from lms.web.admin.acting import actor, explain, page
from lms.web.admin.forms import MoveForm, NameForm
from lms.web.admin.people import MANAGE, search_text
from lms.web.admin.room import ROOM
from lms.web.blueprint import commit, db_session
from lms.web.clock import now
from lms.web.i18n import gettext as _
from lms.web.rendering import notice, to

FIELDS = {"department": "name"}
"""The service's name of the field and ours."""


@ROOM.get("/departments", MANAGE)
def departments() -> Response:
    """The whole tree with heads and numbers of people."""
    return _tree_page(NameForm())


@ROOM.post("/departments", MANAGE)
def name_institution() -> Response:
    """The root: the institution itself, once."""
    form = NameForm(request.form)
    if not form.validate():
        return _tree_page(form, 400)
    try:
        tree.add_root(db_session(), form.name.data, actor=actor(), now=now())
    except Refusal as refusal:
        return _tree_page(form, explain(form, refusal, FIELDS))
    commit()
    notice("success", _("The institution is named. Add its departments below it."))
    return to("admin.departments")


@ROOM.get("/department/<uuid>", MANAGE)
def department(uuid: str) -> Response:
    """One department: its name, place, heads and what hangs below it."""
    return _page(tree.get(db_session(), uuid))


@ROOM.post("/department/<uuid>/add", MANAGE)
def add_department(uuid: str) -> Response:
    """A department below this one."""
    above, form = tree.get(db_session(), uuid), NameForm(request.form, prefix="new-")
    if not form.validate():
        return _page(above, 400, below=form)
    try:
        made = tree.add(db_session(), above, form.name.data, actor=actor(), now=now())
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(above, explain(form, refusal, FIELDS), below=form)
    commit()
    notice("success", _("“%(name)s” was added.", name=made.name))
    return to("admin.department", uuid=uuid)


@ROOM.post("/department/<uuid>/rename", MANAGE)
def rename_department(uuid: str) -> Response:
    found, form = tree.get(db_session(), uuid), NameForm(request.form)
    if not form.validate():
        return _page(found, 400, name=form)
    try:
        tree.rename(db_session(), found, form.name.data, actor=actor(), now=now())
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(found, explain(form, refusal, FIELDS), name=form)
    commit()
    notice("success", _("The changes are saved."))
    return to("admin.department", uuid=uuid)


@ROOM.post("/department/<uuid>/move", MANAGE)
def move_department(uuid: str) -> Response:
    """Under another department, with everything below it."""
    found = tree.get(db_session(), uuid)
    form = _move_form(found, request.form)
    if not form.validate():
        return _page(found, 400, move=form)
    try:
        parent = tree.get(db_session(), form.parent.data)
        tree.move(db_session(), found, parent, actor=actor(), now=now())
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(found, explain(form, refusal), move=form)
    commit()
    notice("success", _("“%(name)s” has moved, with everything below it.", name=found.name))
    return to("admin.department", uuid=uuid)


@ROOM.post("/department/<uuid>/remove", MANAGE)
def remove_department(uuid: str) -> Response:
    """Only an empty one goes; the service counts again."""
    found = tree.get(db_session(), uuid)
    name = found.name
    tree.remove(db_session(), found, actor=actor(), now=now())
    commit()
    notice("success", _("“%(name)s” was removed.", name=name))
    return to("admin.departments")


@ROOM.post("/department/<uuid>/heads", MANAGE)
def appoint_head(uuid: str) -> Response:
    """Make somebody head or deputy: ``person`` is a uuid, ``role`` head or deputy."""
    found = tree.get(db_session(), uuid)
    chosen = directory.get(db_session(), request.form.get("person", ""))
    role = request.form.get("role", "")
    tree.appoint(db_session(), found, chosen, role, actor=actor(), now=now())
    commit()
    if role == tree.HEAD:
        notice("success", _("%(name)s is the head now.", name=chosen.name))
    else:
        notice("success", _("%(name)s is a deputy now.", name=chosen.name))
    return to("admin.department", uuid=uuid)


@ROOM.post("/department/<uuid>/heads/end", MANAGE)
def dismiss_head(uuid: str) -> Response:
    found = tree.get(db_session(), uuid)
    chosen = directory.get(db_session(), request.form.get("person", ""))
    tree.dismiss(db_session(), found, chosen, actor=actor(), now=now())
    commit()
    notice("success", _("%(name)s no longer leads this department.", name=chosen.name))
    return to("admin.department", uuid=uuid)


def _tree_page(form: NameForm, status: int = 200) -> Response:
    return page("departments.html", status, nodes=tree.list_tree(db_session()), form=form)


def _move_form(found: Department, data: Any = None) -> MoveForm:
    """Everywhere but below itself."""
    parent = found.parent.uuid if found.parent else ""
    form = MoveForm(data, parent=parent)
    form.parent.choices = [
        (node.department.uuid, "– " * node.depth + node.department.name)
        for node in tree.list_tree(db_session())
        if not node.department.path.startswith(found.path)
    ]
    return form


def _page(
    found: Department,
    status: int = 200,
    *,
    name: NameForm | None = None,
    below: NameForm | None = None,
    move: MoveForm | None = None,
) -> Response:
    text = search_text()
    nodes = [n for n in tree.list_tree(db_session()) if n.department.path.startswith(found.path)]
    if not nodes:
        raise NotFound  # removed since it was found
    results = None
    if text:
        results = directory.list_people(db_session(), query=text, status=Status.ACTIVE)
    return page(
        "department.html",
        status,
        department=found,
        node=nodes[0],
        below=[node for node in nodes if node.department.parent_id == found.id],
        name_form=name or NameForm(name=found.name),
        below_form=below or NameForm(prefix="new-"),
        move_form=move or _move_form(found),
        text=text,
        results=results,
    )
