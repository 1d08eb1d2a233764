"""Coming in by a printed code or a link, and asking HR for help."""

from __future__ import annotations

from flask import Response, request

from lms.domain.errors import Refusal, TooMany
from lms.services import access_codes, help_requests, sign_in
from lms.services.access_codes import CodeState
from lms.web import i18n
from lms.web.account.entering import begin_anew, let_in
from lms.web.account.forms import CodeForm, HelpForm, LinkForm
from lms.web.account.room import ROOM
from lms.web.blueprint import PUBLIC, STAND_ALONE, commit, db_session
from lms.web.clock import now
from lms.web.rendering import notice, render, to
from lms.web.sentences import sentence


@ROOM.get("/code", PUBLIC, only=STAND_ALONE)
def code_form() -> Response:
    return render("lms/account/code.html", form=CodeForm(), refusal="")


@ROOM.post("/code", PUBLIC, opens_transaction=False, only=STAND_ALONE)
def redeem_code() -> Response:
    """Sign in with the code of a printed slip."""
    form = CodeForm(request.form)
    if not form.validate():
        return render("lms/account/code.html", 400, form=form, refusal="")
    try:
        _redeem(form.code.data or "", shared=bool(form.shared.data))
    except Refusal as refusal:
        db_session().rollback()
        return _refused("lms/account/code.html", refusal, form=form)
    return to("account.password_form")


@ROOM.get("/link/<token>", PUBLIC, only=STAND_ALONE)
def link(token: str) -> Response:
    """Opening a link consumes nothing: previews and mail scanners open links too."""
    code = access_codes.find(db_session(), token)
    state = access_codes.state_of(code, now=now()) if code else None
    if code is None or state is not CodeState.OPEN:
        return render("lms/account/link_spent.html", 410, token=token, known=code is not None)
    return render("lms/account/link.html", token=token, name=code.person.name, form=LinkForm())


@ROOM.post("/link/<token>", PUBLIC, opens_transaction=False, only=STAND_ALONE)
def redeem_link(token: str) -> Response:
    form = LinkForm(request.form)
    try:
        _redeem(token, shared=bool(form.shared.data))
    except Refusal as refusal:
        db_session().rollback()
        if isinstance(refusal, TooMany):
            raise
        known = access_codes.find(db_session(), token) is not None
        return render("lms/account/link_spent.html", 410, token=token, known=known)
    return to("account.password_form")


def _redeem(secret: str, *, shared: bool) -> None:
    """Count the try and commit; then use the secret up and open a sign-in, in one transaction."""
    database, address = db_session(), request.remote_addr or ""
    begin_anew(fleeting=True)
    access_codes.count_try(database, address, now=now())
    commit()
    begin_anew()
    token = sign_in.open_with_code(database, secret, now(), address=address, is_shared=shared)
    let_in(token, shared=shared)


def _refused(template: str, refusal: Refusal, **context: object) -> Response:
    page = render(template, refusal.status, refusal=sentence(refusal), **context)
    if isinstance(refusal, TooMany):
        page.headers["Retry-After"] = str(refusal.params.get("seconds", 60))
    return page


@ROOM.post("/link/<token>/new", PUBLIC, only=STAND_ALONE)
def ask_for_link(token: str) -> Response:
    """ "Send me a new one": HR finds the request on its list."""
    code = access_codes.find(db_session(), token)
    person = code.person if code else None
    help_requests.ask(db_session(), person, "link", request.remote_addr or "", now=now())
    commit()
    return _asked()


@ROOM.get("/forgotten", PUBLIC, only=STAND_ALONE)
def forgotten_form() -> Response:
    return render("lms/account/forgotten.html", form=HelpForm())


@ROOM.post("/forgotten", PUBLIC, only=STAND_ALONE)
def forgotten() -> Response:
    """Ask HR for a new way in; the answer is the same whether the account exists or not."""
    form = HelpForm(request.form)
    if not form.validate():
        return render("lms/account/forgotten.html", 400, form=form)
    person = sign_in.find_person(db_session(), form.account.data or "")
    help_requests.ask(db_session(), person, "password", request.remote_addr or "", now=now())
    commit()
    return _asked()


def _asked() -> Response:
    notice(
        "success",
        i18n.gettext(
            "If the account exists, human resources now see that you need a new code. Please ask "
            "them for it."
        ),
    )
    return to("account.sign_in_form")
