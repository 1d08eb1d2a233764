"""One's own account: language, password, where one is signed in."""

from __future__ import annotations

from flask import Response, g, request, session

from lms.domain.errors import Refusal, TooMany
from lms.models import Person
from lms.models.engine import begin_write
from lms.services import access_codes, passwords, people, sign_in
from lms.services.viewers import HELD
from lms.web import i18n, identity
from lms.web.account.entering import begin_anew, let_in
from lms.web.account.forms import ChangePasswordForm, ChoosePasswordForm
from lms.web.account.room import ROOM
from lms.web.blueprint import OWN_CHOICE, SIGNED_IN, STAND_ALONE, commit, db_session
from lms.web.clock import now
from lms.web.identity import me
from lms.web.rendering import notice, render, to
from lms.web.safe_next import safe_next
from lms.web.sentences import sentence


@ROOM.get("/account", SIGNED_IN)
def home() -> Response:
    person = db_session().get_one(Person, me().person_id)
    open_ones = sign_in.list_open(db_session(), me().person_id, now=now())
    return render("lms/account/home.html", person=person, sign_ins=open_ones)


@ROOM.post("/language", OWN_CHOICE)
def language() -> Response:
    """Change the language of the interface, for good when signed in."""
    code = request.form.get("language", "")
    if code not in i18n.LANGUAGES:
        raise Refusal("language-unknown")
    person = identity.load(db_session())
    if person is not None:
        people.set_language(db_session(), db_session().get_one(Person, person.person_id), code)
        commit()
    session["lms_language"] = code
    return Response(status=303, headers={"Location": safe_next(request.form.get("next", ""))})


def _forgets_old() -> bool:
    """Whether the person has no password, or came in by a code a short while ago."""
    return not me().has_password or access_codes.opens_password(
        db_session(), me().person_id, me().signed_in_at, now=now()
    )


def _form() -> ChoosePasswordForm:
    return (ChoosePasswordForm if _forgets_old() else ChangePasswordForm)(request.form)


@ROOM.get("/account/password", SIGNED_IN, only=STAND_ALONE)
def password_form() -> Response:
    return _page(_form())


def _page(form: ChoosePasswordForm, refusal: str = "", status: int = 200) -> Response:
    return render(
        "lms/account/password.html",
        status,
        form=form,
        refusal=refusal,
        shortest=passwords.SHORTEST,
        longest=passwords.LONGEST,
    )


@ROOM.post("/account/password", SIGNED_IN, opens_transaction=False, only=STAND_ALONE)
def change_password() -> Response:
    """Set a new password; every other sign-in of the person ends, and this one is renewed:
    whoever has a copy of the old cookie is out as well."""
    form = _form()
    if not form.validate():
        return _page(form, status=400)
    try:
        is_changed = _change(form)
    except Refusal as refusal:
        db_session().rollback()
        page = _page(form, sentence(refusal), refusal.status)
        if isinstance(refusal, TooMany):
            page.headers["Retry-After"] = str(refusal.params.get("seconds", 60))
        return page
    if not is_changed:
        return identity.refuse_stranger()
    notice("success", i18n.gettext("The new password is set. Other sign-ins have ended."))
    return to("learn.home")


def _change(form: ChoosePasswordForm) -> bool:
    """False when this sign-in was ended while the password was hashed. Raises Refusal."""
    database, moment = db_session(), now()
    wanted = form.password.data or ""
    person = database.get_one(Person, me().person_id)
    people.check_password(person, wanted)
    challenge = None
    if isinstance(form, ChangePasswordForm):
        begin_anew(fleeting=True)
        person = database.get_one(Person, me().person_id)
        challenge = sign_in.confirm(database, person, request.remote_addr or "", now=moment)
        commit()
        right = passwords.verify(challenge.password_hash, form.current.data or "")
    database.rollback()
    made = passwords.make_hash(wanted)
    begin_write(database)
    person = database.get_one(Person, g.pop("lms_me").person_id, with_for_update=HELD)
    if identity.load(database) is None:
        return False
    if challenge is not None:
        sign_in.settle(database, challenge, right, now=moment)
    people.set_password(database, person, made, keep_sign_in_id=None, now=moment)
    shared = me().is_shared
    token = sign_in.open(database, person, is_shared=shared, now=moment)
    let_in(token, shared=shared)
    return True


@ROOM.post("/account/sign-out-everywhere", SIGNED_IN, only=STAND_ALONE)
def sign_out_everywhere() -> Response:
    """End every other sign-in of one's own."""
    sign_in.revoke_all(db_session(), me().person_id, now=now(), except_id=me().sign_in_id)
    commit()
    notice("success", i18n.gettext("You are now signed in on this computer only."))
    return to("account.home")
