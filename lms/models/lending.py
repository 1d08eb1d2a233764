"""A host's connections for our commands: ``flask lms …`` reaches the host's own database by the
host's own way (its connect_args, its certificates, what it does with every new connection).

A command still has an engine of its own, since an upgrade needs foreign keys off and long
patience. Each connection is opened by the host's engine and taken out of its pool for good, so
nothing set on it ever comes back to the host.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool, StaticPool

ADDRESS = "host:"
"""What the settings of a host's command name as their database: the one that is lent. Others that
a command opens, as the scratch one in which a backup is proved, have addresses of their own."""
_LENDER: ContextVar[Engine | None] = ContextVar("lms_lender", default=None)


@contextmanager
def lent(engine: Engine) -> Iterator[None]:
    """Within it, ``ADDRESS`` means this engine's database."""
    token = _LENDER.set(engine)
    try:
        yield
    finally:
        _LENDER.reset(token)


def lender(address: str = ADDRESS) -> Engine | None:
    """The host's engine, when a command of a host runs and this address means its database."""
    return _LENDER.get() if address == ADDRESS else None


def borrow(host: Engine) -> Engine:
    """An engine without hooks of ours over connections that ``host`` opens."""

    def connect() -> Any:
        opened = host.raw_connection()
        if isinstance(host.pool, StaticPool):
            # A database in memory lives in its one connection, which must stay with the host.
            return _Kept(opened.dbapi_connection)
        connection = opened.dbapi_connection
        opened.detach()
        return connection

    return create_engine(host.url, creator=connect, poolclass=NullPool, hide_parameters=True)


class _Kept:
    """A connection to a database in memory that survives being closed."""

    def __init__(self, connection: Any) -> None:
        object.__setattr__(self, "_connection", connection)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._connection, name, value)

    def close(self) -> None:
        self._connection.rollback()
        self._connection.execute("PRAGMA foreign_keys = ON")
