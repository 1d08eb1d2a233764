"""``lms backup``, ``lms restore`` and ``lms move``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import make_url

from lms.settings import read_settings


@click.command()
@click.option(
    "--to",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that collects the backups; each one gets a folder of its own in it.",
)
def backup(to: Path) -> None:
    """Back up the database, while people work.

    The backup is restored into a scratch database and compared before it counts. It holds names
    and password hashes: keep it where only administrators can read it.
    """
    from lms.records import backup as backups

    target, manifest = backups.backup(read_settings(), to, datetime.now(UTC))
    click.echo(
        f"{target}: {manifest.rows} rows of {len(manifest.tables)} tables at revision "
        f"{manifest.revision}, restored once for proof, checksums equal."
    )


@click.command()
@click.option(
    "--from",
    "folder",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of one backup.",
)
@click.option("--force", is_flag=True, help="Replace a database that holds records.")
def restore(folder: Path, force: bool) -> None:
    """Put a backup in the place of the database. Stop the service first.

    Everybody signs in again afterwards; one-time codes and links have to be made anew.
    """
    from lms.records import restoring

    done = restoring.restore(read_settings(), folder, force=force, now=datetime.now(UTC))
    click.echo(
        f"Restored {done.manifest.rows} rows as of {done.manifest.made_at}; checksums equal, "
        "all sign-ins ended, all one-time codes withdrawn."
    )
    if done.set_aside:
        click.echo(f"The former database is kept as {done.set_aside}.")


@click.command()
@click.option(
    "--to",
    required=True,
    metavar="ADDRESS",
    help="Address of an empty database: postgresql://user:password@host/name. Without the "
    "password, PostgreSQL's own ~/.pgpass or PGPASSWORD is asked.",
)
def move(to: str) -> None:
    """Move the records to another database: from SQLite to PostgreSQL, or back.

    Stop the service first; the move refuses while it runs. Every row is copied, then counted and
    compared by checksums. The former database is only read, and stays. Nobody is signed out: the
    secret key and all sign-ins remain. If it is interrupted, start it again: the new database is
    either empty or complete.
    """
    from lms.records import moving

    settings = read_settings()
    moved = moving.move(settings, to, datetime.now(UTC))
    width = max(len(name) for name in moved.tables)
    click.echo(f"{'table':<{width}}  {'rows':>10}  SHA-256 of all rows, equal in both")
    for name, sums in moved.tables.items():
        click.echo(f"{name:<{width}}  {sums.rows:>10}  {sums.sha256[:24]}")
    click.echo(
        f"\nMoved {moved.rows} rows of {len(moved.tables)} tables at revision {moved.revision} "
        f"from {moved.source} to {moved.target}: every count and checksum equal.\n"
        "The former database was only read. From now on it grows old: keep it until the first "
        "backup of the new one.\n\n"
        f"Next: set LMS_DATABASE_URL={hidden(to)} with its password in the service's settings, "
        "start the service, and run 'lms backup'."
    )


def hidden(url: str) -> str:
    """A database address that may be shown: three stars for the password."""
    return make_url(url).render_as_string(hide_password=True)
