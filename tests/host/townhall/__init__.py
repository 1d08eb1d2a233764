"""An intranet that has nothing to do with Parcurs, and may mount it.

Everything it has, Parcurs has too and by the same names: users, a database object, a sign-in,
``base.html``, ``/static``, filters, ``_``, error pages, a token ``csrf`` in the session,
translations, migrations, commands.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import click
from babel.messages import mofile, pofile
from babel.support import Translations
from flask import Flask, Response, abort, redirect, render_template, request, session, url_for
from flask_login import (
    LoginManager,
    UserMixin,
    current_user,
    login_required,
    login_user,
    logout_user,
)
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Integer, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

HERE = Path(__file__).parent
PASSWORD = "parola intranetului"


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base, session_options={"autoflush": False})


class User(UserMixin, db.Model):  # type: ignore[name-defined]
    """The host's own people, with whole numbers as ids."""

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    login: Mapped[str] = mapped_column(String(40), unique=True)
    full_name: Mapped[str] = mapped_column(String(200))
    mail: Mapped[str] = mapped_column(String(200))
    office: Mapped[str] = mapped_column(String(200), default="")
    level: Mapped[str] = mapped_column(String(20), default="clerk")
    visits: Mapped[int] = mapped_column(default=0)


ROLES = {"clerk": [], "chief": ["manager"], "personnel": ["hr"], "operator": ["administrator"]}
PEOPLE = (
    ("ana", "Ana Ionescu", "ana@primaria.test", "Direcția Tehnică / Serviciul Proiecte", "clerk"),
    ("barbu", "Barbu Șefu", "barbu@primaria.test", "Direcția Tehnică", "chief"),
    ("carmen", "Carmen Resurse", "carmen@primaria.test", "Resurse Umane", "personnel"),
    ("dan", "Dan Operatoru", "dan@primaria.test", "Informatică", "operator"),
    ("elena", "Elena Alta", "elena@primaria.test", "Direcția Economică", "clerk"),
)


def describe(user: User) -> dict[str, Any] | None:
    """What ``identify`` says of a user; contractors have no courses."""
    if user.level == "contractor":
        return None
    return {
        "subject": user.id,
        "name": user.full_name,
        "email": user.mail,
        "department": user.office,
        "roles": ROLES[user.level],
    }


def make_app(database: str, *, templates: Path | None = None, **config: Any) -> Flask:
    """The intranet alone; its tables and people belong into ``database``."""
    app = Flask(__name__, template_folder=str(templates or "templates"))
    app.config.update(SECRET_KEY="the intranet's own secret", SQLALCHEMY_DATABASE_URI=database)
    app.config.update(config)
    db.init_app(app)
    _sign_in(app)
    _words(app)
    _pages(app)
    _errors(app)
    app.cli.command("greet")(lambda: click.echo("Bună ziua de la intranet"))
    return app


def fill(app: Flask) -> None:
    """Tables and people."""
    with app.app_context():
        db.create_all(None)
        for login, full_name, mail, office, level in PEOPLE:
            db.session.add(
                User(login=login, full_name=full_name, mail=mail, office=office, level=level)
            )
        db.session.commit()


def _sign_in(app: Flask) -> None:
    manager = LoginManager(app)
    manager.login_view = "sign_in"
    manager.login_message = "Intrați întâi în intranet."

    @manager.user_loader
    def load(user_id: str) -> User | None:
        return db.session.get(User, int(user_id))

    @app.route("/intrare", methods=["GET", "POST"])
    def sign_in() -> Any:
        if request.method == "GET":
            return render_template("sign_in.html")
        found = db.session.scalar(db.select(User).where(User.login == request.form["login"]))
        if found is None or request.form["password"] != PASSWORD:
            abort(403)
        login_user(found)
        session["csrf"] = "the intranet's own token"
        target = request.args.get("next", "")
        return redirect(target if target.startswith("/") else url_for("home"))

    @app.post("/iesire")
    def sign_out() -> Any:
        logout_user()
        return redirect(url_for("home"))


def _words(app: Flask) -> None:
    catalogue = BytesIO()
    with (HERE / "translations" / "ro.po").open("rb") as source:
        mofile.write_mo(catalogue, pofile.read_po(source))
    catalogue.seek(0)
    words = Translations(catalogue)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_translations(words)  # type: ignore[attr-defined]
    app.jinja_env.filters["date"] = lambda value: f"ziua {value}"
    app.jinja_env.globals["url"] = lambda name: f"/intranet-url/{name}"

    @app.context_processor
    def nav() -> dict[str, Any]:
        return {"product": "Intranet", "has_courses": app.config.get("SHOW_COURSES")}


def _pages(app: Flask) -> None:
    @app.before_request
    def count() -> None:
        if not request.path.startswith("/static"):
            session["visits"] = session.get("visits", 0) + 1
            if current_user.is_authenticated:
                current_user.visits += 1
                db.session.commit()

    @app.after_request
    def sign(response: Response) -> Response:
        response.headers["X-Intranet"] = "yes"
        return response

    @app.get("/")
    def home() -> str:
        return render_template("home.html")

    @app.get("/secret")
    @login_required
    def secret() -> str:
        return render_template("home.html", secret="Numai pentru cei intrați")

    @app.post("/upload")
    def upload() -> str:
        return f"{len(request.get_data())} bytes"

    @app.get("/missing")
    def missing() -> None:
        abort(404)

    @app.get("/broken")
    def broken() -> None:
        abort(500)


def _errors(app: Flask) -> None:
    def page(error: Any) -> tuple[str, int]:
        return render_template("error.html", code=error.code), error.code

    for code in (401, 403, 404, 405, 413, 500):
        app.register_error_handler(code, page)
