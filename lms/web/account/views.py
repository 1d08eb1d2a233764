"""Coming in with a password, going out."""

from __future__ import annotations

from flask import Response, g, request, session

from lms.domain.errors import Refusal, TooMany
from lms.models.engine import begin_write
from lms.services import passwords, sign_in
from lms.web import carry, i18n, identity
from lms.web.account import arriving as arriving
from lms.web.account import codes as codes
from lms.web.account import own as own
from lms.web.account.entering import begin_anew, let_in, save_carried
from lms.web.account.forms import SignInForm
from lms.web.account.room import ROOM
from lms.web.blueprint import PUBLIC, SIGNED_IN, STAND_ALONE, commit, db_session
from lms.web.clock import now
from lms.web.rendering import notice, render, to
from lms.web.safe_next import safe_next
from lms.web.sentences import sentence


@ROOM.get("/sign-in", PUBLIC, only=STAND_ALONE)
def sign_in_form() -> Response:
    if identity.load(db_session()) is not None:
        return Response(status=303, headers={"Location": safe_next(request.args.get("next", ""))})
    return sign_in_page(SignInForm(next=request.args.get("next", "")))


def sign_in_page(
    form: SignInForm | None = None, *, carried: str = "", refusal: str = "", status: int = 200
) -> Response:
    """The door. ``carried`` is an answer that waits to be saved behind it."""
    form = form or SignInForm()
    if carried:
        form.carried.data = carried
    return render("lms/account/sign_in.html", status, form=form, refusal=refusal)


@ROOM.post("/sign-in", PUBLIC, opens_transaction=False, only=STAND_ALONE)
def sign_in_with_password() -> Response:
    """Count the try and commit, hash outside any transaction, then commit the outcome."""
    form = SignInForm(request.form)
    if not form.validate():
        return sign_in_page(form, status=400)
    try:
        _come_in(form)
    except Refusal as refusal:
        db_session().rollback()
        page = sign_in_page(form, refusal=sentence(refusal), status=refusal.status)
        if isinstance(refusal, TooMany):
            page.headers["Retry-After"] = str(refusal.params.get("seconds", 60))
        return page
    carried = carry.unpack(form.carried.data) if form.carried.data else None
    if carried is not None:
        return save_carried(carried)
    return Response(status=303, headers={"Location": safe_next(form.next.data or "")})


def _come_in(form: SignInForm) -> None:
    """Raises Refusal("sign-in-failed"), TooMany."""
    database, moment, shared = db_session(), now(), bool(form.shared.data)
    begin_anew(fleeting=True)
    challenge = sign_in.begin(
        database, form.email.data or "", request.remote_addr or "", now=moment
    )
    database.commit()
    password = form.password.data or ""
    right = passwords.verify(challenge.password_hash, password)
    renewed = passwords.renewed(challenge.password_hash, password) if right else None
    begin_write(database)
    token = sign_in.finish(
        database,
        challenge,
        right,
        now=moment,
        is_shared=shared,
        renewed_hash=renewed,
    )
    let_in(token, shared=shared)


@ROOM.post("/sign-out", SIGNED_IN, only=STAND_ALONE)
def sign_out() -> Response:
    """End this sign-in; on a shared computer the browser forgets what it kept."""
    person = identity.me()
    if person.sign_in_id is not None:
        sign_in.revoke(db_session(), person.person_id, person.sign_in_id, now=now())
    commit()
    session.clear()
    g.lms_me = None
    notice("success", i18n.gettext("You have signed out."))
    response = to("account.sign_in_form")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
