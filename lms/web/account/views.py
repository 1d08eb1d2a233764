"""Coming in, going out."""

from __future__ import annotations

from flask import Response, request, session
from flask_login import login_user

from lms.domain.errors import Conflict, NotFound, Refusal, TooMany
from lms.models.engine import begin_write
from lms.services import passwords, quizzes, sign_in
from lms.web import carry, i18n, identity
from lms.web.account.forms import SignInForm
from lms.web.account.room import ROOM
from lms.web.blueprint import PUBLIC, SIGNED_IN, commit, db_session
from lms.web.clock import now
from lms.web.identity import me
from lms.web.rendering import notice, render, to
from lms.web.safe_next import safe_next


@ROOM.get("/sign-in", PUBLIC)
def sign_in_form() -> Response:
    if identity.load(db_session()) is not None:
        return to("learn.home")
    return sign_in_page(SignInForm(next=request.args.get("next", "")))


def sign_in_page(
    form: SignInForm | None = None, *, carried: str = "", refusal: str = "", status: int = 200
) -> Response:
    """The door. ``carried`` is an answer that waits to be saved behind it."""
    form = form or SignInForm()
    if carried:
        form.carried.data = carried
    return render("lms/account/sign_in.html", status, form=form, refusal=refusal)


@ROOM.post("/sign-in", PUBLIC, opens_transaction=False)
def sign_in_with_password() -> Response:
    """Count the try and commit, hash outside any transaction, then commit the outcome."""
    form = SignInForm(request.form)
    if not form.validate():
        return sign_in_page(form, status=400)
    database = db_session()
    try:
        token = _check(form)
    except (Refusal, TooMany) as refusal:
        database.rollback()
        from lms.web.sentences import sentence

        page = sign_in_page(form, refusal=sentence(refusal), status=max(refusal.status, 400))
        if isinstance(refusal, TooMany):
            page.headers["Retry-After"] = str(refusal.params.get("seconds", 60))
        return page
    let_in(token, shared=bool(form.shared.data))
    return _carry_on(form)


def _check(form: SignInForm) -> str:
    """The new sign-in's token. Raises Refusal("sign-in-failed"), TooMany."""
    database, moment = db_session(), now()
    database.rollback()  # the request's look at the cookie is over; writing begins anew
    begin_write(database)
    address = request.remote_addr or ""
    challenge = sign_in.begin(database, form.email.data or "", address, now=moment)
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
        is_shared=bool(form.shared.data),
        renewed_hash=renewed,
    )
    database.commit()
    return token


def let_in(token: str, *, shared: bool) -> None:
    """Give this browser its new sign-in; nothing of the old session is kept but the language."""
    from flask import g

    session.clear()
    g.pop("lms_csrf", None)
    g.pop("lms_me", None)
    person = sign_in.find_session(db_session(), token, now=now())
    if person is None:
        raise Refusal("sign-in-failed")
    login_user(identity.CookieUser(token, person))
    session[identity.SEEN] = now().timestamp()
    session.permanent = not shared
    g.lms_me = person


def _carry_on(form: SignInForm) -> Response:
    """Save the answer that came through the door, then go where the person was going."""
    carried = carry.unpack(form.carried.data or "") if form.carried.data else None
    if carried is None:
        return to_address(safe_next(form.next.data or ""))
    return _save_carried(carried["args"], carried["form"])


def to_address(path: str) -> Response:
    return Response(status=303, headers={"Location": path})


def _save_carried(args: dict[str, object], form: dict[str, list[str]]) -> Response:
    uuid, position = str(args["uuid"]), int(str(args["position"]))
    fields = {name[2:]: v for name, v in form.items() if name.startswith("q-")}
    fields[""] = form.get("q", [])
    database = db_session()
    database.rollback()
    begin_write(database)
    try:
        quizzes.answer(
            database,
            identity.me().person_id,
            uuid,
            position,
            fields,
            sequence=int(form.get("sequence", ["0"])[0]),
            key=form.get("key", [""])[0],
            now=now(),
        )
        database.commit()
        notice("success", i18n.gettext("Your answer was kept and is now saved."))
    except NotFound:  # somebody else has signed in: the answer is not theirs to save
        database.rollback()
        return to("learn.home")
    except Conflict:
        database.rollback()
        notice("warning", i18n.gettext("A newer answer had been saved meanwhile; it was kept."))
    return to("learn.question", uuid=uuid, position=position)


@ROOM.post("/sign-out", SIGNED_IN)
def sign_out() -> Response:
    """End this sign-in; on a shared computer the browser forgets what it kept."""
    sign_in.revoke(db_session(), me().person_id, me().sign_in_id, now=now())
    commit()
    from flask import g

    session.clear()
    g.lms_me = None
    notice("success", i18n.gettext("You have signed out."))
    response = to("account.sign_in_form")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
