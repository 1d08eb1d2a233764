"""``flask lms …``: the commands, over the database of the application they are called for."""

from __future__ import annotations

import os
from importlib import import_module

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import Engine

COMMANDS = ("upgrade", "content", "person", "backup")
"""What makes sense in a host; the service itself is the host's."""


def address_of(engine: Engine) -> str:
    """An engine's address with its driver, for a process that opens the same database."""
    url = engine.url.set(drivername=f"{engine.dialect.name}+{engine.driver}")
    return url.render_as_string(hide_password=False)


class _Commands(click.Group):
    """The commands by name, read only when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module("lms.cli").COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Foreseeable mistakes end in one sentence, as with the ``lms`` command."""
        with import_module("lms.cli").explained():
            return super().invoke(ctx)


@click.group(name="lms", cls=_Commands)
@click.pass_context
@with_appcontext
def lms(ctx: click.Context) -> None:
    """Parcurs: its tables, courses and people in this application's database."""
    engine = current_app.extensions["lms"].session.engine
    before = os.environ.get("LMS_DATABASE_URL")
    os.environ["LMS_DATABASE_URL"] = address_of(engine)

    def put_back() -> None:
        if before is None:
            os.environ.pop("LMS_DATABASE_URL", None)
        else:
            os.environ["LMS_DATABASE_URL"] = before

    ctx.call_on_close(put_back)
