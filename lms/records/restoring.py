"""``lms restore``: a backup becomes the database, whole or not at all.

All sign-ins end and all one-time codes and links are withdrawn: what was revoked or used up after
the backup must not come back to life.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, update
from sqlalchemy.orm import Session

from lms.models import AccessCode, SignIn
from lms.records.backup import Manifest, check_file, read_manifest
from lms.records.filling import fill, read_back
from lms.records.form import ROWS, BackupFault, tables_in
from lms.records.placing import put_in_place
from lms.services import audit
from lms.settings import Settings
from lms.upgrade import knows, upgrade_within


@dataclass(frozen=True, slots=True)
class Restored:
    manifest: Manifest
    set_aside: Path | None
    """Where the former SQLite file is kept."""


def restore(settings: Settings, folder: Path, *, force: bool, now: datetime) -> Restored:
    """Make the backup in ``folder`` the database. Raises BackupFault, DatabaseFault.

    Without ``force`` only into a database that holds nothing.
    """
    manifest = read_manifest(folder)
    check_file(folder, manifest)
    if not knows(manifest.revision):
        raise BackupFault(
            f"The backup is of revision {manifest.revision}, which this release does not know: "
            f"install release {manifest.release} or a newer one."
        )

    def build(connection: Connection) -> None:
        _build(connection, folder, manifest, now)

    return Restored(manifest, put_in_place(settings, build, force=force, now=now))


def _build(connection: Connection, folder: Path, manifest: Manifest, now: datetime) -> None:
    upgrade_within(connection, manifest.revision)
    fill(connection, tables_in(folder / ROWS))
    for table in tables_in(folder / ROWS):
        table.skip()
        read_back(connection, table, manifest.tables[table.name])
    upgrade_within(connection, "head")
    with Session(connection) as session:
        session.execute(update(SignIn).where(SignIn.revoked_at.is_(None)).values(revoked_at=now))
        unused = AccessCode.used_at.is_(None) & AccessCode.withdrawn_at.is_(None)
        session.execute(update(AccessCode).where(unused).values(withdrawn_at=now))
        audit.record(
            session,
            actor=None,
            verb="records.restore",
            subject="database",
            now=now,
            made_at=manifest.made_at,
        )
        session.flush()
