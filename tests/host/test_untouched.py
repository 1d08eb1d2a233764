"""What a host had before it mounted Parcurs it has afterwards: pages, headers, session, set-up."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, session
from flask.testing import FlaskClient

from host.mounting import PREFIX, arrive, enter, mount, token
from host.server_sessions import DictSessions
from host.townhall import PASSWORD, User, db, fill, make_app

VOLATILE = {"Date", "Set-Cookie"}
WALK: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("GET", "/", {}),
    ("GET", "/secret", {}),
    ("GET", "/intrare", {}),
    ("GET", "/intrare?next=/formare/", {}),
    ("GET", "/static/intranet.css", {}),
    ("GET", "/static/none.css", {}),
    ("GET", "/no-such-page", {}),
    ("GET", "/formare-not", {}),
    ("GET", "/missing", {}),
    ("GET", "/broken", {}),
    ("DELETE", "/", {}),
    ("POST", "/upload", {"x": "y" * 3000}),
    ("POST", "/intrare", {"login": "ana", "password": PASSWORD}),
    ("GET", "/", {}),
    ("GET", "/secret", {}),
    ("POST", "/iesire", {}),
    ("GET", "/secret", {}),
)


def alone(folder: Path, name: str, **config: Any) -> Flask:
    app = make_app(f"sqlite:///{folder / name}.db", SHOW_COURSES=False, **config)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


def walk(app: Flask, between: Callable[[FlaskClient], None]) -> list[Any]:
    """Every page as the browser gets it, with what the session then holds."""
    client = app.test_client()
    seen = []
    for method, path, form in WALK:
        answer = client.open(path, method=method, data=form, buffered=True)
        headers = [(k, v) for k, v in answer.headers if k not in VOLATILE]
        cookies = [re.sub(r"=[^;]*", "", v, count=1) for v in answer.headers.getlist("Set-Cookie")]
        with client.session_transaction() as kept:
            content = dict(kept)
        seen.append((method, path, answer.status, headers, cookies, answer.data, content))
        between(client)
    return seen


def nothing(client: FlaskClient) -> None:
    pass


@pytest.mark.parametrize("bound", [False, True], ids=["same-database", "own-file"])
def test_every_page_is_the_same_to_the_byte(tmp_path: Path, bound: bool) -> None:
    before = alone(tmp_path, "before")
    fill(before)
    binds = {"formare": f"sqlite:///{tmp_path / 'formare.db'}"} if bound else {}
    after = alone(tmp_path, "after", SQLALCHEMY_BINDS=binds)
    mount(after, **({"bind_key": "formare"} if bound else {}))
    fill(after)
    plain = walk(before, nothing)
    assert {row[2][:3] for row in plain} == {"200", "302", "404", "405", "500"}
    for mine, theirs in zip(walk(after, nothing), plain, strict=True):
        assert mine == theirs


def test_a_visit_leaves_only_keys_of_ours_in_the_session(tmp_path: Path) -> None:
    app = alone(tmp_path, "one")
    mount(app)
    fill(app)
    client = enter(app, "ana")
    client.get("/")
    with client.session_transaction() as kept:
        before = dict(kept)
    page = arrive(client, f"{PREFIX}/account")
    client.post(f"{PREFIX}/language", data={"csrf_token": token(page), "language": "en"})
    client.get("/")
    with client.session_transaction() as kept:
        after = dict(kept)
    ours = {key for key in after if key.startswith("lms_")}
    assert ours
    before.pop("visits")
    assert {k: v for k, v in after.items() if k not in ours | {"visits"}} == before


def set_up(app: Flask) -> dict[str, Any]:
    """Everything of an application that an extension could touch, as far as the host's goes."""
    return {
        "rules": sorted(
            (r.rule, r.endpoint, tuple(sorted(r.methods or ())))
            for r in app.url_map.iter_rules()
            if not r.endpoint.startswith("lms.")
        ),
        "before": len(app.before_request_funcs.get(None, [])),
        "after": len(app.after_request_funcs.get(None, [])),
        "teardown": [f"{f.__module__}.{f.__qualname__}" for f in app.teardown_appcontext_funcs],
        "processors": len(app.template_context_processors[None]),
        "errors": {
            code: {kind.__name__ for kind in handlers}
            for code, handlers in app.error_handler_spec[None].items()
        },
        "filters": set(app.jinja_env.filters),
        "globals": set(app.jinja_env.globals),
        "extensions": set(app.jinja_env.extensions),
        "defaults": dict(app.url_default_functions),
        "config": {k: v for k, v in app.config.items() if k != "SQLALCHEMY_DATABASE_URI"},
        "commands": set(app.cli.commands) - {"lms"},
        "modules": set(app.extensions) - {"lms"},
        "blueprints": {name for name in app.blueprints if name.partition(".")[0] != "lms"},
    }


def test_nothing_of_the_application_is_changed(tmp_path: Path) -> None:
    before, after = alone(tmp_path, "before"), alone(tmp_path, "after")
    mount(after)
    mine, theirs = set_up(after), set_up(before)
    assert mine.pop("teardown") == [*theirs.pop("teardown"), "lms.web.sessions.Sessions._close"]
    assert mine == theirs
    assert {r.rule for r in after.url_map.iter_rules() if r.endpoint.startswith("lms.")} == {
        r.rule for r in after.url_map.iter_rules() if r.rule.startswith(f"{PREFIX}/")
    }


def test_every_page_of_ours_is_ours(intranet: Flask) -> None:
    """Headers, error pages and words under the prefix are ours, whatever the host has by name."""
    intranet.config["PROPAGATE_EXCEPTIONS"] = False
    intranet.testing = False
    client = enter(intranet, "ana")
    arrive(client)
    for path, status in (
        ("/badges", 200),
        ("/badges/00000000-0000-4000-8000-000000000000", 404),
        ("/admin/people", 403),
        ("/static/1/none.css", 404),
        ("/team?page=x", 403),
    ):
        page = client.get(PREFIX + path)
        assert page.status_code == status, path
        assert "intranetului" not in page.text, path
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        assert "Strict-Transport-Security" not in page.headers
        assert "Clear-Site-Data" not in page.headers
        assert page.headers["X-Intranet"] == "yes"
    elsewhere = client.get(f"{PREFIX}/no/such/page")
    assert elsewhere.status_code == 404
    assert "Eroarea 404 a intranetului" in elsewhere.text
    assert "Content-Security-Policy" not in elsewhere.headers


def test_the_hosts_limits_are_the_hosts_and_ours_are_ours(tmp_path: Path) -> None:
    app = alone(tmp_path, "limits", MAX_CONTENT_LENGTH=1_000, MAX_FORM_MEMORY_SIZE=1_000)
    mount(app)
    fill(app)
    client = enter(app, "dan")
    page = arrive(client, f"{PREFIX}/admin/import")
    assert client.post("/upload", data="x" * 2_000).status_code == 413
    form = {"csrf_token": token(page), "text": "nume,email\n" + "Ion Pop,ion@x.test\n" * 500}
    assert client.post(f"{PREFIX}/admin/import", data=form).status_code in (200, 400)
    form["text"] = "x" * 2_000_000
    assert client.post(f"{PREFIX}/admin/import", data=form).status_code == 413


def test_sessions_kept_on_the_server_do_as_well(tmp_path: Path) -> None:
    app = alone(tmp_path, "server")
    kept = app.session_interface = DictSessions()
    mount(app)
    fill(app)
    client = enter(app, "ana")
    arrive(client)
    assert client.get(f"{PREFIX}/badges").status_code == 200
    (content,) = kept.store.values()
    assert {"_user_id", "visits", "csrf", "lms_for", "lms_csrf"} <= set(content)
    client.post("/iesire")
    assert client.get(f"{PREFIX}/badges").status_code == 302


def test_the_hosts_unsaved_work_is_neither_saved_nor_lost(tmp_path: Path) -> None:
    """What we commit and roll back is our own session; the host's pending change stays its own."""
    app = alone(tmp_path, "pending")
    mount(app)
    seen: list[str] = []

    @app.before_request
    def half_done() -> None:
        user = db.session.get(User, 2)
        if user is not None:
            user.full_name = "half-done"

    @app.after_request
    def look(response: Any) -> Any:
        user = db.session.get(User, 2)
        assert user is not None
        assert user in db.session.dirty
        seen.append(user.full_name)
        return response

    fill(app)
    client = enter(app, "ana")
    page = arrive(client, f"{PREFIX}/account")
    form = {"csrf_token": token(page), "language": "en"}
    assert client.post(f"{PREFIX}/language", data=form).status_code == 303
    assert client.post(f"{PREFIX}/language", data={"csrf_token": "no"}).status_code == 400
    assert len(seen) >= 5
    assert set(seen) == {"half-done"}
    with app.app_context():
        kept = db.session.get(User, 2)
        assert kept is not None
        assert kept.full_name == "Barbu Șefu"


def test_our_keys_are_dropped_only_from_our_own_requests(intranet: Flask) -> None:
    """The host may keep what it likes: only names that begin with lms_ are ever removed."""
    client = enter(intranet, "ana")
    arrive(client)
    with client.session_transaction() as kept:
        kept["theme"] = "dark"
        kept["lmsnot"] = "kept"
    client.post("/iesire")
    client.get(f"{PREFIX}/contact")
    with client.session_transaction() as kept:
        assert (kept["theme"], kept["lmsnot"]) == ("dark", "kept")
        assert "lms_for" not in kept
    with intranet.test_request_context("/"):
        assert not [key for key in session if key.startswith("lms_")]
