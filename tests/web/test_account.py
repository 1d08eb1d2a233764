"""Doors: passwords, codes, links; shared computers; where one goes afterwards; carried answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attempts import start, stored
from flask.testing import FlaskClient
from plain_form import form_of
from sqlalchemy import func, select
from world import PASSWORD, House

from lms.models import HelpRequest, Person, Response, SignIn
from lms.services import access_codes, passwords, sign_in
from lms.web.carry import _serializer as sealed


def come_in(
    house: House, client: FlaskClient, role: str = "employee", *, shared: bool = False, **more: str
) -> Any:
    """Fill the sign-in form as it is shown and send it."""
    path = more.pop("path", "/sign-in")
    form = form_of(client.get(path), action="/sign-in")
    form.fill(**{"email": f"{role}@demo.test", "password": PASSWORD, **more})
    return client.post(form.action, data={**form.fields, **({"shared": "y"} if shared else {})})


def cookie_of(answer: Any) -> str:
    return next((c for c in answer.headers.getlist("Set-Cookie") if c.startswith("parcurs=")), "")


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def sign_ins(house: House, role: str = "employee") -> list[SignIn]:
    with house.database() as session:
        query = select(SignIn).where(SignIn.person_id == house.world.person[role])
        return list(session.scalars(query.order_by(SignIn.id)))


def test_signing_in_and_out(house: House) -> None:
    client = house.client()
    answer = come_in(house, client)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert is_in(client)
    old = client.get_cookie("parcurs")
    out = house.post(client, "/sign-out")
    assert out.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not is_in(client)
    assert old is not None
    client.set_cookie("parcurs", old.value)
    assert not is_in(client), "a copy of the cookie opens nothing any more"


@pytest.mark.parametrize(
    ("wanted", "there"), [("/badges", "/badges"), ("//elsewhere.test/", "/"), ("", "/")]
)
def test_who_is_in_already_goes_on_to_where_they_wanted(
    house: House, wanted: str, there: str
) -> None:
    answer = house.client("employee").get("/sign-in", query_string={"next": wanted})
    assert (answer.status_code, answer.headers["Location"]) == (303, there)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("employee@demo.test", "gresita, foarte gresita"),
        ("nobody@demo.test", PASSWORD),
        ("employee@demo.test", PASSWORD + "\u200b" * 90),
    ],
)
def test_a_wrong_password_and_an_unknown_account_look_alike(
    house: House, email: str, password: str
) -> None:
    client = house.client()
    answer = come_in(house, client, password=password, email=email)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "Numele contului sau parola nu sunt corecte" in text
    assert not is_in(client)


def test_who_is_suspended_is_out_at_the_next_request_and_stays_out(house: House) -> None:
    client = house.client("employee")
    assert is_in(client)
    with house.database() as session:
        person = session.get_one(Person, house.world.person["employee"])
        person.suspended_at = house.clock.moment
        session.commit()
    assert not is_in(client)
    assert come_in(house, house.client()).status_code == 400


def test_nothing_of_the_session_before_is_kept(house: House) -> None:
    """Whoever fixed the cookie of a browser before somebody signs in there holds nothing."""
    client = house.client()
    before = house.token(client)
    planted = client.get_cookie("parcurs")
    come_in(house, client)
    assert planted is not None
    assert client.post("/sign-out", data={"csrf_token": before}).status_code == 400
    thief = house.client()
    thief.set_cookie("parcurs", planted.value)
    assert not is_in(thief)


def test_whoever_signs_in_where_somebody_was_signed_in_ends_their_sign_in(house: House) -> None:
    client = house.client()
    come_in(house, client, "colleague")
    form = form_of(house.client().get("/sign-in"), action="/sign-in")
    sent = {"email": "employee@demo.test", "password": PASSWORD, "csrf_token": house.token(client)}
    assert client.post(form.action, data=sent).status_code == 303
    assert [s.revoked_at is not None for s in sign_ins(house, "colleague")] == [True]
    assert [s.revoked_at is not None for s in sign_ins(house)] == [False]


def test_the_cookie_of_a_shared_computer_ends_with_the_browser(house: House) -> None:
    own, shared = house.client(), house.client()
    kept, passing = come_in(house, own), come_in(house, shared, shared=True)
    for answer, lasts in ((kept, True), (passing, False)):
        cookie = cookie_of(answer)
        assert ("Expires=" in cookie) is lasts, cookie
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
    page = shared.get("/")
    assert "Expires=" not in cookie_of(page), "nor with the pages that follow"
    own.get("/")  # makes the secret of its forms
    assert cookie_of(own.get("/")) == "", "a page of one's own computer leaves the cookie alone"


def test_a_shared_computer_is_closed_after_half_an_hour_without_activity(house: House) -> None:
    client = house.client()
    come_in(house, client, shared=True)
    for _ in range(3):
        house.clock.forward(minutes=29, seconds=59)
        assert is_in(client), "activity moves the end on"
    house.clock.forward(minutes=30, seconds=1)
    assert not is_in(client)
    assert not is_in(client), "and asking does not bring it back"


def test_a_shared_computer_is_closed_after_twelve_hours_whatever_one_does(house: House) -> None:
    client = house.client()
    come_in(house, client, shared=True)
    for _ in range(12 * 3 - 1):
        house.clock.forward(minutes=20)
        assert is_in(client)
    house.clock.forward(minutes=20)
    assert not is_in(client)


def test_ones_own_computer_stays_signed_in_for_thirty_days(house: House) -> None:
    client = house.client()
    come_in(house, client)
    house.clock.forward(days=29, hours=23)
    assert is_in(client)
    house.clock.forward(hours=2)
    assert not is_in(client)


NOWHERE = [
    "//e.ro",
    "/\\e.ro",
    "\\\\e.ro",
    "///e.ro",
    "http:///e.ro",
    "/%09/e.ro",
    "/\t/e.ro",
    "https:e.ro",
    "https://us@e.ro",
    "https://us.e.ro",
    "javascript:alert(1)",
    "/account\r\nSet-Cookie: a=b",
    "／／e.ro",
    "/.//e.ro",
    "/account//e.ro",
    "/@e.ro",
    "e.ro",
    "?next=//e.ro",
    "/no/such/page",
    "/sign-out",
    "/account#//e.ro",
    "/" + "a" * 600,
    "\x00",
    "//",
]


@pytest.mark.parametrize("target", NOWHERE)
def test_after_signing_in_nobody_is_sent_elsewhere(house: House, target: str) -> None:
    client = house.client()
    assert come_in(house, client, next=target).headers["Location"] == "/"
    assert (
        house.post(client, "/language", {"language": "en", "next": target}).headers["Location"]
        == "/"
    )


@pytest.mark.parametrize(
    "target", ["/account", "/course/por/lesson/m1-a", "/team?state=done&q=a+b"]
)
def test_after_signing_in_one_is_where_one_wanted_to_be(house: House, target: str) -> None:
    client = house.client()
    door = client.get(target)
    back = come_in(house, client, path=door.headers["Location"])
    assert back.headers["Location"] == target


def test_below_a_path_of_a_host_one_comes_back_below_it(house: House) -> None:
    client = house.client()
    below = {"SCRIPT_NAME": "/formare"}
    door = client.get("/account", environ_overrides=below)
    assert door.headers["Location"] == "/formare/sign-in?next=/formare/account"
    page = client.get("/sign-in?next=/formare/account", environ_overrides=below)
    sent = {**form_of(page, action="/sign-in").fields, "email": "employee@demo.test"}
    back = client.post("/sign-in", data={**sent, "password": PASSWORD}, environ_overrides=below)
    assert back.headers["Location"] == "/formare/account"


def test_a_code_opens_once_and_a_password_is_chosen(house: House) -> None:
    with house.database() as session:
        person = session.get_one(Person, house.world.person["employee"])
        [(_, code)] = access_codes.issue_codes(session, [person], None, house.clock.moment)
        session.commit()
    client = house.client()
    typed = code.lower().replace("-", " ")
    answer = house.post(client, "/code", {"code": typed})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/password")
    again = house.post(house.client(), "/code", {"code": code})
    assert again.status_code == 400
    new = "cuvinte rare pe rand"
    form = form_of(client.get("/account/password"), action="/password").fill(
        password=new, again=new
    )
    assert "current" not in form.fields
    assert client.post(form.action, data=form.fields).headers["Location"] == "/"
    assert is_in(client)
    assert come_in(house, house.client(), password=new).status_code == 303


def test_opening_a_link_uses_nothing_up(house: House) -> None:
    with house.database() as session:
        person = session.get_one(Person, house.world.person["employee"])
        token = access_codes.issue_link(session, person, None, house.clock.moment)
        session.commit()
    client = house.client()
    for _ in range(3):
        assert client.get(f"/link/{token}").status_code == 200
        assert client.head(f"/link/{token}").status_code == 200
    assert house.post(client, f"/link/{token}").status_code == 303
    spent = house.client().get(f"/link/{token}")
    assert spent.status_code == 410
    house.post(house.client(), f"/link/{token}/new")
    with house.database() as session:
        assert session.scalar(select(func.count(HelpRequest.id))) == 1


def test_a_new_password_ends_every_sign_in_and_renews_this_one(house: House) -> None:
    client, elsewhere = house.client(), house.client("employee")
    come_in(house, client)
    stolen = client.get_cookie("parcurs")
    new = "cuvinte rare pe rand"
    form = form_of(client.get("/account/password"), action="/password")
    wrong = form.fill(current="nu este aceasta", password=new, again=new)
    assert client.post(form.action, data=wrong.fields).status_code == 400
    right = form.fill(current=PASSWORD)
    assert client.post(form.action, data=right.fields).headers["Location"] == "/"
    assert is_in(client)
    assert not is_in(elsewhere)
    thief = house.client()
    assert stolen is not None
    thief.set_cookie("parcurs", stolen.value)
    assert not is_in(thief), "a copy of the cookie from before is worth nothing"
    assert [s.revoked_at is None for s in sign_ins(house)] == [False, False, True]


def test_forms_open_while_the_key_is_changed_are_not_refused(house: House) -> None:
    client = house.client("employee")
    token = house.token(client)
    former = house.app.config["SECRET_KEY"]
    house.app.config.update(
        SECRET_KEY="another key, another key, another", SECRET_KEY_FALLBACKS=[former]
    )
    sent = {"csrf_token": token, "language": "en"}
    assert client.post("/language", data=sent).status_code == 303
    house.app.config["SECRET_KEY_FALLBACKS"] = []
    assert client.post("/language", data=sent).status_code in (400, 401)


def carried_to(house: House, carried: str, role: str = "employee") -> Any:
    client = house.client()
    form = form_of(client.get("/sign-in"), action="/sign-in")
    form.fill(email=f"{role}@demo.test", password=PASSWORD, carried=carried)
    answer = client.post(form.action, data=form.fields)
    assert answer.status_code == 303, answer.status_code
    return client.get(answer.headers["Location"], follow_redirects=True).get_data(as_text=True)


SAVED = "este acum salvat"


@pytest.mark.parametrize(
    ("position", "form"),
    [
        ("99", {"q": ["0"], "key": ["k"], "sequence": ["0"]}),
        (str(10**30), {"q": ["0"]}),
        ("1", {"q": ["77"], "key": ["k"]}),
        ("1", {"q": ["\x00"]}),
        ("1", {"q": ["0"], "sequence": ["7"]}),
        ("1", {"q": ["0"], "sequence": ["٣" * 3], "q-0": ["x"], "q1": ["0"]}),
    ],
)
def test_nobody_is_told_that_an_answer_is_saved_which_is_not(
    house: House, position: str, form: dict[str, list[str]]
) -> None:
    uuid = start(house, house.client("employee"), "m2-test")
    sealed_ = _seal(house, {"uuid": uuid, "position": position}, form)
    page = carried_to(house, sealed_)
    with house.database() as session:
        count = session.scalar(select(func.count(Response.id))) or 0
    assert (SAVED in page) is (count > 0)


@pytest.mark.parametrize("key", ["\x00", "ș", "x" * 500, ""])
def test_a_carried_key_that_no_database_holds_is_replaced(house: House, key: str) -> None:
    uuid = start(house, house.client("employee"), "m2-test")
    form = {"q": ["0"], "key": [key], "sequence": ["0"]}
    assert SAVED in carried_to(house, _seal(house, {"uuid": uuid, "position": "1"}, form))
    assert SAVED in carried_to(
        house, _seal(house, {"uuid": uuid, "position": "2"}, form | {"key": [key]})
    )
    assert len(stored(house, uuid, 1)) == 1


def test_the_same_carried_answer_twice_is_stored_once(house: House) -> None:
    uuid = start(house, house.client("employee"), "m2-test")
    form = {"q": ["0"], "key": ["k"], "sequence": ["0"]}
    carried = _seal(house, {"uuid": uuid, "position": "1"}, form)
    for _ in range(2):
        carried_to(house, carried)
    assert len(stored(house, uuid, 1)) == 1


@pytest.mark.parametrize("carried", ["", "x", "a.b.c", "é" * 40, "\x00", "." * 9000])
def test_what_we_have_not_sealed_is_carried_nowhere(house: House, carried: str) -> None:
    carried_to(house, carried)
    house.clock.forward(hours=2)
    with house.database() as session:
        assert session.scalar(select(func.count(Response.id))) == 0


def _seal(house: House, args: dict[str, str], form: dict[str, list[str]]) -> str:
    with house.app.test_request_context():
        return str(sealed().dumps({"args": args, "form": form}))


def test_how_long_a_sign_in_was_idle_is_not_for_the_browser_to_say(house: House) -> None:
    """The time stands in the signed cookie; without it a shared sign-in counts as idle."""
    client = house.client()
    come_in(house, client, shared=True)
    with client.session_transaction() as cookie:
        del cookie["lms_seen"]
    assert not is_in(client)
    assert timedelta(minutes=30) == timedelta(
        minutes=house.app.extensions["lms"].settings.idle_minutes
    )


def test_the_sign_in_this_browser_had_may_be_swept_while_one_comes_in_anew(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashing takes its time: meanwhile it expires, and somebody else's sign-in sweeps it."""
    client, verify = house.client("employee"), passwords.verify
    house.clock.forward(seconds=sign_in.LIFETIME.total_seconds() - 1)

    def slowly(password_hash: str | None, password: str) -> bool:
        house.clock.forward(seconds=2)
        with house.database() as session:
            sign_in.purge(session, house.clock.moment)
            session.commit()
        return verify(password_hash, password)

    monkeypatch.setattr(passwords, "verify", slowly)
    given = {"email": "employee@demo.test", "password": PASSWORD}
    assert house.post(client, "/sign-in", given).status_code == 303
    assert is_in(client)
