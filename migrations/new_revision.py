"""Writes the next numbered revision from what the models say (``make migration m="…"``).

It compares the models with a scratch database at the present head, never with a real one.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from lms.settings import Settings
from lms.upgrade import alembic_config, migrating, upgrade


def main() -> int:
    message = " ".join(sys.argv[1:]).strip()
    if not message:
        print('Say what changes: make migration m="a person has a phone number"', file=sys.stderr)
        return 2
    config = alembic_config()
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    numbers = [int(s.revision) for s in ScriptDirectory.from_config(config).walk_revisions()]
    next_number = max(numbers, default=0) + 1
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database_url=f"sqlite:///{Path(folder, 'scratch.db')}")
        if numbers:
            upgrade(settings)
        with migrating(settings) as connection:
            config.attributes["connection"] = connection
            command.revision(
                config,
                re.sub(r"\s+", " ", message),
                autogenerate=True,
                rev_id=f"{next_number:04d}",
            )
    print(f"Read migrations/versions/{next_number:04d}_*.py through before you commit it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
