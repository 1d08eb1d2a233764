"""Letting a host application's people in, and what waited to be saved behind the door."""

from __future__ import annotations

from flask import Response, g, request

from lms.domain.errors import Conflict
from lms.web import carry, hosting, identity
from lms.web.account.entering import begin_anew, save_carried
from lms.web.account.room import ROOM
from lms.web.blueprint import MOUNTED, PUBLIC, SIGNED_IN, commit, db_session
from lms.web.rendering import render
from lms.web.safe_next import safe_next


def arrival_page(
    *, back: str = "", carried: str = "", status: int = 200, sends_itself: bool = False
) -> Response:
    """Asks for the POST that lets somebody in, or to sign in at the host first.

    ``carried`` is an answer that waits to be saved behind it. The page never sends itself for a
    stranger.
    """
    is_known = g.get("lms_me") is not None
    is_stranger = not is_known and g.get("lms_claim") is None
    return render(
        "lms/account/arrive.html",
        status,
        claim=g.get("lms_claim"),
        is_known=is_known,
        has_news=hosting.has_news(),
        back=back,
        carried=carried,
        is_stranger=is_stranger,
        sends_itself=sends_itself and not is_stranger,
    )


@ROOM.get("/arrive", SIGNED_IN, only=MOUNTED)
def arrived() -> Response:
    """Where the host's sign-in sends people back to: on to the page they came from."""
    return Response(status=303, headers={"Location": safe_next(request.args.get("next", ""))})


def _come_in() -> None:
    """Let them in, or raise the refusal; whom ``address-joined`` keeps out is recorded."""
    try:
        hosting.catch_up(db_session())
    except Conflict as refusal:
        if refusal.code == "address-joined":
            begin_anew()
            hosting.note_second(db_session())
            commit()
        raise
    commit()


@ROOM.post("/arrive", PUBLIC)
def arrive() -> Response:
    """Save what waited. In a host, the first visit makes our own record of the person, and later
    ones bring it up to date."""
    sealed = request.form.get("carried", "")
    if g.get("lms_me") is None and g.get("lms_claim") is None:
        return identity.refuse_stranger()
    if hosting.host() is not None:
        _come_in()
    carried = carry.unpack(sealed) if sealed else None
    if carried is not None:
        return save_carried(carried)
    return Response(status=303, headers={"Location": safe_next(request.form.get("next", ""))})
