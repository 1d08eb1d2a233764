"""Moving in: what is checked at the start, options, several hosts in one process."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask
from flask.cli import AppGroup
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select
from sqlalchemy.orm import Session

import lms
from host import townhall
from host.mounting import PREFIX, arrive, change, enter, mount, token
from host.townhall import db, describe, fill, make_app
from lms.domain.claims import ClaimError
from lms.models import Base, Person
from lms.settings import Settings
from lms.web.mounting import MountFault


def names(app: Flask) -> set[str]:
    with Session(app.extensions["lms"].session.engine) as session:
        return set(session.scalars(select(Person.name)))


def make(folder: Path, name: str = "intranet", **config: Any) -> Flask:
    return make_app(f"sqlite:///{folder / name}.db", **config)


def test_a_second_mount_in_one_application_is_refused(intranet: Flask) -> None:
    with pytest.raises(MountFault, match="mounted in this application already"):
        lms.LMS(intranet, db=db, url_prefix="/courses", identify=describe)
    assert enter(intranet, "ana").get("/courses/").status_code == 404


@pytest.mark.parametrize("what", ["blueprint", "command"])
def test_a_name_of_ours_that_is_taken_is_said(tmp_path: Path, what: str) -> None:
    app = make(tmp_path)
    if what == "blueprint":
        app.register_blueprint(Blueprint("lms", __name__), url_prefix="/mine")
    else:
        app.cli.add_command(AppGroup("lms"))
    with pytest.raises(MountFault, match=f"{what} named 'lms'"):
        mount(app)
    assert "lms" not in app.extensions


@pytest.mark.parametrize("where", ["engine_options", "execution_options"])
def test_a_database_that_takes_nothing_back_is_refused(tmp_path: Path, where: str) -> None:
    level: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"}
    options = level if where == "engine_options" else {"execution_options": level}
    bind = {"url": f"sqlite:///{tmp_path / 'formare.db'}", **options}
    app = make(tmp_path, SQLALCHEMY_BINDS={"formare": bind})
    with pytest.raises(MountFault, match="AUTOCOMMIT"):
        mount(app, bind_key="formare")


def test_connections_made_before_it_was_prepared_do_not_go_on_without(tmp_path: Path) -> None:
    app = make(tmp_path)
    with app.app_context():
        db.engine.connect().close()
        lms.prepare(db.engine)
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_sqlite_database_that_could_lose_answers_is_refused(tmp_path: Path) -> None:
    app = make(tmp_path)
    with pytest.raises(MountFault, match=r"BEGIN IMMEDIATE.*bind_key.*lms\.prepare"):
        lms.LMS(app, db=db, url_prefix=PREFIX, identify=describe)


def test_a_prepared_database_keeps_what_it_acknowledged(intranet: Flask) -> None:
    with intranet.app_context(), db.engine.connect() as connection:
        said = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("synchronous", "foreign_keys", "journal_mode")
        }
    assert said == {"synchronous": 2, "foreign_keys": 1, "journal_mode": "wal"}


def test_a_database_of_our_own_is_prepared_and_the_hosts_is_not(tmp_path: Path) -> None:
    own = f"sqlite:///{tmp_path / 'formare.db'}"
    app = make(tmp_path, SQLALCHEMY_BINDS={"formare": own})
    mount(app, bind_key="formare")
    fill(app)
    arrive(enter(app, "ana"))
    with app.app_context():
        ours, theirs = db.engines["formare"], db.engine
        assert ours.connect().exec_driver_sql("PRAGMA synchronous").scalar() == 2
        with theirs.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 0
            tables = "SELECT name FROM sqlite_master WHERE name LIKE 'lms_%'"
            assert connection.exec_driver_sql(tables).all() == []
        ours.dispose()
    assert names(app) == {"Ana Ionescu"}


def test_a_database_in_memory_needs_one_of_our_own(tmp_path: Path) -> None:
    app = make_app("sqlite://")
    with app.app_context():
        lms.prepare(db.engine)
    with pytest.raises(MountFault, match="in memory"):
        lms.LMS(app, db=db, url_prefix=PREFIX, identify=describe)
    app = make_app("sqlite://", SQLALCHEMY_BINDS={"lms": "sqlite://"})
    mount(app, bind_key="lms")
    fill(app)
    assert arrive(enter(app, "ana")).status_code == 200


@pytest.mark.parametrize("prefix", ["", "/", "formare", "/formare/", "/a//b", None, "/for mare"])
def test_a_prefix_that_is_none_is_refused(tmp_path: Path, prefix: Any) -> None:
    app = make(tmp_path)
    with app.app_context():
        lms.prepare(db.engine)
    with pytest.raises(MountFault, match="url_prefix"):
        lms.LMS(app, db=db, url_prefix=prefix, identify=describe)


@pytest.mark.parametrize(("path", "fits"), [("/", 1), ("/formare", 1), ("/for", 0), ("/app", 0)])
def test_a_cookie_that_would_not_reach_us_is_noticed(tmp_path: Path, path: str, fits: bool) -> None:
    app = make(tmp_path, SESSION_COOKIE_PATH=path)
    if fits:
        mount(app)
        return
    with pytest.raises(MountFault, match="SESSION_COOKIE_PATH"):
        mount(app)


def test_what_is_missing_is_said_in_a_sentence(tmp_path: Path) -> None:
    bare = Flask("bare")
    with pytest.raises(MountFault, match=r"db\.init_app"):
        lms.LMS(bare, db=SQLAlchemy(), url_prefix=PREFIX, identify=describe)
    with pytest.raises(MountFault, match="SQLALCHEMY_BINDS"):
        lms.LMS(make(tmp_path), db=db, url_prefix=PREFIX, identify=describe, bind_key="none")
    with pytest.raises(MountFault, match="provider"):
        lms.LMS(make(tmp_path), db=db, url_prefix=PREFIX, identify=describe, provider="A:b")
    with pytest.raises(MountFault, match="comes after"):
        lms.LMS().exempt(object())


def test_what_identify_gives_wrongly_is_said_in_a_sentence(tmp_path: Path) -> None:
    app = make(tmp_path)
    mount(app, identify=lambda user: {"subject": user.id, "is_admin": True})
    fill(app)
    app.testing = True
    with pytest.raises(ClaimError, match="is_admin, which nothing reads"):
        enter(app, "ana").get(f"{PREFIX}/")


def test_two_hosts_in_one_process_share_nothing(tmp_path: Path) -> None:
    one, two = make(tmp_path, "one"), make(tmp_path, "two")
    mount(one)
    mount(two, url_prefix="/cursuri/acasa", settings=Settings(institution="Cealaltă primărie"))
    three = lms.create_app(
        Settings(database_url=f"sqlite:///{tmp_path / 'three.db'}", secret_key="k" * 40)
    )
    for app in (one, two):
        fill(app)
    Base.metadata.create_all(three.extensions["lms"].session.engine)
    ana, elena = enter(one, "ana"), enter(two, "elena")
    stranger = three.test_client()
    for _ in range(2):
        first = arrive(ana, f"{PREFIX}/badges").text
        second = arrive(elena, "/cursuri/acasa/badges").text
        third = stranger.get("/sign-in", base_url="https://localhost").text
        assert set(re.findall(r'href="(/[a-z]+)', first)) >= {"/formare"}
        assert not [
            a for a in re.findall(r'(?:href|action|src)="(/[^"]*)', first) if PREFIX not in a
        ]
        others = re.findall(r'(?:href|action|src)="(/[^"]*)', second)
        assert not [address for address in others if not address.startswith("/cursuri/acasa/")]
        assert "Cealaltă primărie" in second
        assert "Cealaltă" not in first + third
        assert PREFIX not in third
    assert (names(one), names(two)) == ({"Ana Ionescu"}, {"Elena Alta"})
    assert ana.get("/cursuri/acasa/").status_code == 404


def test_below_another_address_every_link_keeps_to_it(intranet: Flask) -> None:
    client = enter(intranet, "ana")
    root = {"SCRIPT_NAME": "/portal"}
    page = client.get(f"{PREFIX}/badges", environ_overrides=root)
    found = re.findall(r'(?:href|action|src|value)="(/[^"]*)', page.text)
    assert found
    assert not [address for address in found if not address.startswith(f"/portal{PREFIX}")]
    form = {"csrf_token": token(page), "next": f"/portal{PREFIX}/badges"}
    answer = client.post(f"{PREFIX}/arrive", data=form, environ_overrides=root)
    assert answer.location == f"/portal{PREFIX}/badges"


def test_a_host_replaces_one_page_and_keeps_the_rest(tmp_path: Path) -> None:
    templates = tmp_path / "templates"
    shutil.copytree(Path(townhall.__file__).parent / "templates", templates)
    (templates / "lms" / "learn").mkdir(parents=True)
    (templates / "lms" / "learn" / "not_enrolled.html").write_text(
        "{% extends 'lms/_base.html' %}{% block content %}<h1>Cere un curs, {{ me.name }}</h1>"
        "{{ _('Sign in') }}{% endblock %}"
    )
    (templates / "lms" / "_base.html").write_text(
        "{% extends 'lms_own/_base.html' %}{% block footer %}<footer>Al intranetului</footer>"
        "{% endblock %}"
    )
    app, plain = make(tmp_path, templates=templates), make(tmp_path, "plain")
    for one in (app, plain):
        mount(one)
        fill(one)
    changed, kept = arrive(enter(app, "ana")).text, arrive(enter(plain, "ana")).text
    assert "Cere un curs, Ana Ionescu" in changed
    assert "Al intranetului" in changed
    assert "Autentificare" in changed or "Sign in" in changed
    assert "lms-header" in changed
    assert "Cere un curs" not in kept
    assert "Al intranetului" not in kept
    badges = enter(app, "ana").get(f"{PREFIX}/badges").text
    assert "Al intranetului" in badges
    assert "Pagina intranetului" in app.test_client().get("/").text


def test_the_hosts_language_is_followed(tmp_path: Path) -> None:
    app = make(tmp_path)
    language = "en"
    mount(app, identify=lambda user: {**(describe(user) or {}), "language": language})
    fill(app)
    client = enter(app, "ana")
    page = client.get(f"{PREFIX}/badges", headers={"Accept-Language": "ro"})
    assert '<html lang="en"' in page.text
    assert "Welcome" in page.text
    page = arrive(client, f"{PREFIX}/account")
    assert '<html lang="en"' in page.text
    assert "/language" not in page.text
    language = "ro"
    assert '<html lang="ro"' in arrive(client, f"{PREFIX}/account").text


def test_there_is_a_way_back_when_the_host_names_one(tmp_path: Path) -> None:
    app, plain = make(tmp_path), make(tmp_path, "plain")
    mount(app, home=("Intranet <nou>", "/"))
    mount(plain)
    for one, links in ((app, 1), (plain, 0)):
        fill(one)
        client = enter(one, "ana")
        for page in (client.get(f"{PREFIX}/"), arrive(client, f"{PREFIX}/badges")):
            assert page.text.count("lms-host-home") == links
    assert "Intranet &lt;nou&gt;</a>" in enter(app, "ana").get(f"{PREFIX}/badges").text


def test_without_flask_login_the_host_answers_itself(tmp_path: Path) -> None:
    app = Flask("plain")
    app.config.update(
        SECRET_KEY="x" * 40,
        SQLALCHEMY_DATABASE_URI="sqlite://",
        SQLALCHEMY_BINDS={"lms": "sqlite://"},
    )
    own = SQLAlchemy(app)
    asked: list[Any] = []
    who: dict[str, Any] | None = None

    def identify(user: Any) -> dict[str, Any] | None:
        asked.append(user)
        return who

    lms.LMS(
        app,
        db=own,
        url_prefix="/a",
        identify=identify,
        bind_key="lms",
        login_url="/enter?from=courses",
    )
    Base.metadata.create_all(app.extensions["lms"].session.engine)
    client = app.test_client()
    answer = client.get("/a/badges")
    assert (answer.status_code, answer.location) == (302, "/enter?from=courses&next=%2Fa%2Fbadges")
    assert asked == [None]
    who = {"subject": "x-1", "name": "Ion Pop"}
    assert "Ion Pop" in arrive(client, "/a/account").text


def test_a_host_that_shows_no_way_in_gets_a_401_of_ours(tmp_path: Path) -> None:
    app = make(tmp_path)
    app.login_manager.login_view = None  # type: ignore[attr-defined]
    mount(app)
    fill(app)
    answer = app.test_client().get(f"{PREFIX}/badges")
    assert answer.status_code == 401
    assert "intranetului" not in answer.text


class Protect:
    """What Flask-WTF's CSRFProtect does with a view it is told to leave alone."""

    def __init__(self) -> None:
        self.exempt_views: set[str] = set()

    def exempt(self, view: Any) -> None:
        self.exempt_views.add(f"{view.__module__}.{view.__name__}")


def test_a_hosts_own_form_protection_is_told_about_us(tmp_path: Path) -> None:
    app = make(tmp_path)
    parcurs, protect = mount(app), Protect()
    parcurs.exempt(protect)
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        is_exempt = f"{view.__module__}.{view.__name__}" in protect.exempt_views
        assert is_exempt == rule.endpoint.startswith("lms."), rule.endpoint


def test_rights_can_also_come_from_us_alone(tmp_path: Path) -> None:
    """A host that names no roles: the command line gives them, and only it."""
    app = make(tmp_path)
    mount(app, identify=lambda user: {"subject": user.id, "name": user.full_name})
    fill(app)
    client = enter(app, "dan")
    arrive(client)
    assert client.get(f"{PREFIX}/admin/system").status_code == 403
    with Session(app.extensions["lms"].session.engine) as session:
        session.scalars(select(Person)).one().is_admin = True
        session.commit()
    assert client.get(f"{PREFIX}/admin/system").status_code == 200
    change(app, "dan", level="clerk")
    assert client.get(f"{PREFIX}/admin/system").status_code == 200
