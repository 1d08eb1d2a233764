"""A person's places: the courses they follow, and the courses they teach."""

from __future__ import annotations

from flask import Response, request

from lms.domain.errors import NotFound, Refusal
from lms.services import cohorts, enrolments, trainers
from lms.services import people as directory
from lms.services.enrolments import Outcome
from lms.web.admin.acting import actor
from lms.web.admin.people import MANAGE
from lms.web.admin.room import ROOM
from lms.web.blueprint import commit, db_session
from lms.web.clock import now
from lms.web.i18n import gettext as _
from lms.web.rendering import notice, to


@ROOM.post("/person/<uuid>/enrol", MANAGE)
def enrol_person(uuid: str) -> Response:
    """Into a cohort or into a course without one; ``into`` is ``cohort:…`` or ``course:…``."""
    found = directory.get(db_session(), uuid)
    kind, _colon, name = request.form.get("into", "").partition(":")
    if kind == "cohort":
        cohort = cohorts.get(db_session(), name)
        report = cohorts.enrol(db_session(), cohort, [found], actor=actor(), now=now())
        if report.suspended:
            raise Refusal("person-suspended", name=found.name)
        if report.elsewhere:
            raise Refusal("enrolled-elsewhere", name=found.name)
        is_new = not report.already
    elif kind == "course":
        course = enrolments.get_offer(db_session(), name).course
        outcome = enrolments.enrol(db_session(), course, found, actor=actor(), now=now())
        is_new = outcome is not Outcome.ALREADY
    else:
        raise NotFound
    commit()
    if is_new:
        notice("success", _("%(name)s is enrolled.", name=found.name))
    else:
        notice("warning", _("%(name)s was enrolled already.", name=found.name))
    return to("admin.person", uuid=uuid)


@ROOM.post("/person/<uuid>/enrolment/<enrolment>/end", MANAGE)
def end_enrolment(uuid: str, enrolment: str) -> Response:
    """They leave the course; what they did stays."""
    found = directory.get(db_session(), uuid)
    theirs = enrolments.get_of(db_session(), found, enrolment)
    cohorts.end(db_session(), theirs, actor=actor(), now=now())
    commit()
    notice("success", _("The enrolment has ended. What was done so far is kept."))
    return to("admin.person", uuid=uuid)


@ROOM.post("/person/<uuid>/trainer", MANAGE)
def appoint_trainer(uuid: str) -> Response:
    """Make them trainer of a published course."""
    found = directory.get(db_session(), uuid)
    course = enrolments.get_offer(db_session(), request.form.get("course", "")).course
    trainers.appoint(db_session(), course, found, actor=actor(), now=now())
    commit()
    notice("success", _("%(name)s is a trainer of this course now.", name=found.name))
    return to("admin.person", uuid=uuid)


@ROOM.post("/person/<uuid>/trainer/end", MANAGE)
def dismiss_trainer(uuid: str) -> Response:
    found = directory.get(db_session(), uuid)
    course = enrolments.get_offer(db_session(), request.form.get("course", "")).course
    trainers.dismiss(db_session(), course, found, actor=actor(), now=now())
    commit()
    notice("success", _("%(name)s is no longer a trainer of this course.", name=found.name))
    return to("admin.person", uuid=uuid)
