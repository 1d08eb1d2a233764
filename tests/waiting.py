"""Two transactions at one moment: until the second waits for what the first holds (PostgreSQL)."""

from __future__ import annotations

import time

from sqlalchemy import Engine, text

PATIENCE = 30


def wait_until_somebody_waits(engine: Engine) -> None:
    """Until a transaction waits for another's lock; fails after 30 s without one."""
    asking = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    until = time.monotonic() + PATIENCE
    with engine.connect() as connection:
        while not connection.execute(asking).scalar_one():
            assert time.monotonic() < until, "nobody waits"
            connection.rollback()
            time.sleep(0.005)
