"""The bare limit: what Flask, SQLAlchemy and Jinja cost with nothing of ours on top.

Same server, same database settings, same machine, same minute. Four addresses:
``/constant`` a constant answer; ``/one`` one indexed SELECT; ``/page`` the user, four indexed
queries and a template that gives some 17.7 KB of HTML; ``/write`` the user, an INSERT, a COMMIT.

``python -m bench.limit <database address> <port>`` serves it.
"""

from __future__ import annotations

import importlib
import sys
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, abort, request, session
from flask_sqlalchemy import SQLAlchemy
from jinja2 import DictLoader, Environment
from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from lms.models.engine import begin_write, prepare
from lms.serving import server
from lms.settings import Settings

SECRET = "a key for measuring only, a key for measuring only"
PEOPLE, PER_PERSON = 1_000, 11


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "bare_user"
    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))


class Line(Base):
    """A row of somebody's page."""

    __tablename__ = "bare_line"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("bare_user.id"), index=True)
    kind: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(String(400))


class Written(Base):
    __tablename__ = "bare_written"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("bare_user.id"), index=True)
    value: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]


ROW = """
    <li class="row row-{{ line.kind }}">
      <div class="row-head">
        <a class="row-link" href="/page?line={{ line.id }}">{{ line.title }}</a>
        <span class="row-kind">{{ line.kind }}</span>
      </div>
      <p class="row-text">{{ line.text }}</p>
      {% if line.kind == 1 %}
      <p class="row-state">{{ user.name }} has this one open.</p>
      {% else %}
      <p class="row-state">{{ user.name }} has not begun this one.</p>
      {% endif %}
    </li>"""
SECTION = """
  <section class="part" aria-labelledby="part-%(n)s">
    <h2 id="part-%(n)s">Part %(n)s of {{ parts|length }}</h2>
    <p class="part-count">{{ parts[%(i)s]|length }} rows</p>
    <ol class="part-rows">
    {%% for line in parts[%(i)s] %%}"""
PAGE = (
    """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{{ user.name }}</title>
  <link rel="stylesheet" href="/one.css">
  <script src="/one.js" defer></script>
</head>
<body>
  <header>
    <nav aria-label="Main">
      <ul>
      {% for word in ["Home", "Course", "Badges", "Glossary", "Team", "Account"] %}
        <li><a href="/page?{{ word|lower }}">{{ word }}</a></li>
      {% endfor %}
      </ul>
    </nav>
    <p>{{ user.name }}</p>
  </header>
  <main>
  <h1>{{ user.name }}</h1>"""
    + "".join(
        SECTION % {"n": n + 1, "i": n} + ROW + "\n    {% endfor %}\n    </ol>\n  </section>"
        for n in range(4)
    )
    + "\n  </main>\n  <footer><p>Bare</p></footer>\n</body>\n</html>\n"
)


def fill(url: str) -> None:
    """The bare tables with their rows, beside whatever else the database holds."""
    from sqlalchemy import create_engine, insert

    engine = create_engine(url)
    prepare(engine)
    Base.metadata.create_all(engine)
    words = "a few words of a usual length that stand in a row of a page of a course " * 4
    with engine.begin() as connection:
        connection.execute(
            insert(User),
            [{"id": n, "token": token_of(n), "name": f"Om {n}"} for n in range(1, PEOPLE + 1)],
        )
        connection.execute(
            insert(Line),
            [
                {"user_id": n, "kind": kind, "title": f"Line {i} of {n}", "text": words[:100]}
                for n in range(1, PEOPLE + 1)
                for kind in range(4)
                for i in range(PER_PERSON)
            ],
        )
    engine.dispose()


def token_of(number: int) -> str:
    return f"{number:064x}"


def bare_app(settings: Settings) -> Flask:
    """The application; its session cookie holds a token, as ours does."""
    app = Flask("bare", static_folder=None, template_folder=None)
    app.config.update(
        SECRET_KEY=SECRET,
        SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url,
        MAX_CONTENT_LENGTH=1_500_000,
    )
    db = SQLAlchemy(app)
    with app.app_context():
        prepare(db.engine)
    page = Environment(autoescape=True, loader=DictLoader({"page": PAGE})).get_template("page")

    def me() -> User:
        user = db.session.scalar(select(User).where(User.token == session.get("token", "")))
        return user or abort(401)

    @app.get("/constant")
    def constant() -> str:
        return "ok"

    @app.get("/one")
    def one() -> str:
        user = db.session.scalar(select(User).where(User.token == token_of(7)))
        return user.name if user else abort(404)

    @app.get("/page")
    def whole_page() -> Response:
        user = me()
        parts = [
            db.session.scalars(
                select(Line).where(Line.user_id == user.id, Line.kind == kind).order_by(Line.id)
            ).all()
            for kind in range(4)
        ]
        return Response(page.render(user=user, parts=parts), mimetype="text/html")

    @app.post("/write")
    def write() -> dict[str, Any]:
        begin_write(db.session())
        user = me()
        db.session.add(Written(user_id=user.id, value=request.form["value"], at=datetime.now(UTC)))
        db.session.commit()
        return {"saved": True}

    @app.get("/written")
    def written() -> dict[str, int]:
        return {"rows": db.session.scalar(select(func.count()).select_from(Written)) or 0}

    return app


def cookies(settings: Settings, count: int) -> list[str]:
    app = bare_app(settings)
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return [f"session={signer.dumps({'token': token_of(n)})}" for n in range(1, count + 1)]


def load(settings: Settings) -> Any:
    return server.Entrance(bare_app(settings))


def main(url: str, port: str) -> None:
    server._load = load
    server.serve(Settings(database_url=url, secret_key=SECRET, port=int(port), log_level="ERROR"))


if __name__ == "__main__":
    # Under its own name, so that a worker can import what it is told to load.
    importlib.import_module("bench.limit").main(*sys.argv[1:3])
