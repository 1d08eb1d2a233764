"""``flask lms …``: the commands, over the database of the application they are called for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import click
from flask import current_app
from flask.cli import with_appcontext

from lms.models.lending import ADDRESS, lent

COMMANDS = ("upgrade", "content", "person", "backup")
"""What makes sense in a host; the service itself is the host's."""
VARIABLE = "LMS_DATABASE_URL"


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
    ctx.with_resource(lent(current_app.extensions["lms"].session.engine))
    ctx.with_resource(_named(ADDRESS))


@contextmanager
def _named(address: str) -> Iterator[None]:
    """The settings, which a command reads from the environment, name this database."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = address
    try:
        yield
    finally:
        os.environ.pop(VARIABLE, None)
        if before is not None:
            os.environ[VARIABLE] = before
