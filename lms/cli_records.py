"""``lms backup`` and ``lms restore``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

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
