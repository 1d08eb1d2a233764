"""``lms demo``, ``lms serve``, ``lms upgrade``: what runs the service."""

from __future__ import annotations

import os
from pathlib import Path

import click

from lms.settings import SettingsError, faults, read_settings
from lms.upgrade import ready_engine
from lms.upgrade import upgrade as upgrade_database

DEMO_FOLDER = Path("var")


@click.command()
@click.option("--password", help="Password of all demonstration accounts.", metavar="TEXT")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    envvar="LMS_PORT",
    help="Port to serve on, also as LMS_PORT.  [default: 8000]",
)
@click.option("--database-url", help="Another database than var/demo.db.", metavar="URL")
@click.option("--no-serve", is_flag=True, help="Prepare everything, then stop.")
def demo(password: str | None, port: int | None, database_url: str | None, no_serve: bool) -> None:
    """Show Parcurs with fictional people, on this computer only.

    The password also comes from LMS_DEMO_PASSWORD; else one is made up and kept in
    var/demo-password.
    """
    from lms.demo import preparing as demonstration
    from lms.serving.server import check_startable

    if not no_serve:  # before preparing, and before an address of somebody else's is shown
        check_startable(read_settings({}, port=port))
    click.echo("Preparing the demonstration…")
    show = demonstration.prepare(
        DEMO_FOLDER,
        password=password or os.environ.get("LMS_DEMO_PASSWORD") or None,
        port=port,
        database_url=database_url,
    )
    click.echo(show.as_text())
    if not no_serve:
        from lms.serving.server import serve as serve_now

        click.echo("Stop with Ctrl+C.\n")
        serve_now(show.settings)


@click.command()
def serve() -> None:
    """Serve for real use, with the settings of the environment."""
    settings = read_settings()
    found = faults(settings)
    if found:
        raise SettingsError(
            "the service does not start with these settings.\n"
            + "\n".join(f"  - {fault}" for fault in found)
        )
    from lms.serving.server import check_startable
    from lms.serving.server import serve as serve_now

    check_startable(settings)
    with ready_engine(settings):
        pass  # what every worker would stumble over is said once, before any starts
    serve_now(settings)


@click.command()
def upgrade() -> None:
    """Bring the database (LMS_DATABASE_URL) to the tables of this release.

    Safe to run again, and by several servers at once. Take a backup first.
    """
    before, after = upgrade_database(read_settings())
    if before == after:
        click.echo(f"The database is up to date (revision {after}).")
    else:
        click.echo(f"The database went from revision {before or 'none'} to {after}.")
