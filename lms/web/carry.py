"""Forms sent after a sign-in has expired: carried through our own sign-in form.

Without JavaScript the browser posts an answer, finds the door closed, and would lose it. The
form's values travel through the sign-in page as a signed field. They are stored only if the
person who then signs in owns the attempt, or is the one whose page it was: the doors check, this
module only carries. Whose they were cannot be signed along: a cookie that has expired names nobody
any more; the page of a self-assessment therefore names its reader itself.
"""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, g, request
from itsdangerous import BadData, URLSafeTimedSerializer

from lms.web import csrf, i18n, identity
from lms.web.rendering import notice, to
from lms.web.safe_next import page_before

SAVES_ANSWERS = {"learn.answer", "learn.answer_all", "learn.assess"}
"""The endpoints whose forms are carried; everything else is asked for again."""
CARRIES_ON = {"account.sign_in_with_password", "account.arrive"}
"""The doors, whose own forms hold what waits to be saved behind them."""
MAX_AGE = 12 * 3600
MAX_BYTES = 20_000


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(csrf.keys(), salt="lms-carried-answer")


def offer_sign_in() -> Response:
    """The sign-in page in answer to a POST, with the unsent answer inside when it was one.

    Whoever sent something else is told that it was not done, and comes back to the page it was on.
    What they typed, the browser keeps in its tab where scripts run (``static/js/kept.js``).
    """
    csrf.check_site()
    state, carried = current_app.extensions["lms"], _pack()
    is_lost = not carried and not state.mounted and _endpoint() != "account.sign_out"
    if is_lost and (back := page_before()):
        notice("warning", i18n.gettext(
            "Your sign-in had expired, so what you sent last was not done. Once you have "
            "signed in, you are on the same page again: please repeat it there."))  # fmt: skip
        return to("account.sign_in_form", next=back)
    if is_lost:  # the page was itself the answer to a form, as one with faults in it
        notice("warning", i18n.gettext(
            "Your sign-in had expired, so what you sent last was not done. Please sign in, open "
            "the page again and repeat it there."))  # fmt: skip
    page: Response = state.door(carried=carried, status=401)
    return page


def ask_for_answer() -> Response | None:
    """An answer whose page is older than the sign-in, which was lost and made anew in another tab:
    one more click saves it, or signing in, for a stranger. None where no answer waits. Raises
    Refusal("csrf")."""
    carried = "" if identity.wants_json() else _pack()
    if not carried:
        return None
    csrf.check_site()
    state = current_app.extensions["lms"]
    page: Response = (state.arrival if g.get("lms_me") else state.door)(carried=carried, status=400)
    return page


def _endpoint() -> str:
    """``<room>.<view>``, whatever name we are mounted under."""
    return ".".join((request.endpoint or "").split(".")[-2:])


def _pack() -> str:
    endpoint = _endpoint()
    if endpoint in CARRIES_ON:
        carried = request.form.get("carried", "")
        return carried if carried and unpack(carried) is not None else ""
    if endpoint not in SAVES_ANSWERS or request.content_length is None:
        return ""
    form = {name: request.form.getlist(name) for name in request.form if name != csrf.FIELD}
    args = {name: str(value) for name, value in (request.view_args or {}).items()}
    packed = _serializer().dumps({"args": args, "form": form})
    return str(packed) if len(packed) <= MAX_BYTES else ""


def unpack(value: str) -> dict[str, Any] | None:
    """``{"args": …, "form": …}`` of a carried answer, or None when it is not ours or too old."""
    try:
        carried = _serializer().loads(value, max_age=MAX_AGE)
    except BadData:
        return None
    return carried if isinstance(carried, dict) else None
