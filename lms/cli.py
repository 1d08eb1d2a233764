"""The ``lms`` command.

Foreseeable mistakes end in one sentence and exit code 1 (2 for a wrong command line), never in a
traceback.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import click
from sqlalchemy.exc import OperationalError

from lms import __version__
from lms.domain.errors import Refusal
from lms.faults import Fault
from lms.serving.memory import begin_with_large_pages
from lms.settings import SettingsError

COMMANDS = {
    "demo": "lms.cli_service",
    "serve": "lms.cli_service",
    "upgrade": "lms.cli_service",
    "content": "lms.cli_content",
    "person": "lms.cli_people",
    "backup": "lms.cli_records",
    "restore": "lms.cli_records",
    "move": "lms.cli_records",
}
"""Command → its module, read only when it is called: the service need not load the editor."""


class Commands(click.Group):
    """The commands by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name]), cmd_name)
        return command


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="lms")
def lms() -> None:
    """Parcurs: courses, tests and badges for the people of a town hall.

    Settings come from variables LMS_* of the environment; the README explains them.
    """


def run() -> None:
    """The command as a process of its own, which may begin anew."""
    if sys.argv[1:2] in (["serve"], ["demo"]):
        begin_with_large_pages()
    main()


def main() -> None:
    """Entry point of the command. Exits with 0, 1 (it could not be done) or 2 (wrong usage)."""
    for stream in (sys.stdout, sys.stderr):
        # A console of another code page (Windows) gets a question mark instead of a traceback.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a text stream
    with explained():
        lms(prog_name="lms")


@contextmanager
def explained() -> Iterator[None]:
    """Foreseeable mistakes end in one sentence and exit code 1."""
    try:
        yield
    except (Fault, SettingsError) as fault:
        _end(str(fault))
    except Refusal as refusal:
        _end(_sentence(refusal))
    except OperationalError as error:
        _end(f"The database does not answer: {str(error.orig).strip().splitlines()[0]}")
    except OSError as error:
        named = f": {error.filename}" if error.filename else ""
        _end(f"{error.strerror or error}{named}")


def _sentence(refusal: Refusal) -> str:
    """The refusal in English, as the pages say it."""
    from lms.web.sentences import table

    text = table().get(refusal.code)
    if text is None:
        details = ", ".join(f"{name}: {value}" for name, value in refusal.params.items())
        return f"Refused: {refusal.code}" + (f" ({details})" if details else "")
    return text % refusal.params if refusal.params else text


def _end(text: str) -> None:
    click.echo(f"lms: {text}", err=True)
    sys.exit(1)
