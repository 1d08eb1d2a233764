"""``lms serve`` for a drill: started, found ready, killed, frozen, stopped, each with its workers."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from lms.app import create_app
from lms.settings import read_settings

SECRET = "a key for drills only, a key for drills only"
HOST = "parcurs.drill.test"
"""The name under which people come; the servers answer to no other."""
COOKIE = "__Host-parcurs"
TESTS = Path(__file__).resolve().parent.parent
READY_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment_of(database_url: str, port: int, **more: str) -> dict[str, str]:
    """The settings of one server, as an administrator would write them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LMS_")}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join((str(TESTS.parent), str(TESTS))),
        "LMS_DATABASE_URL": database_url,
        "LMS_SECRET_KEY": SECRET,
        "LMS_TRUSTED_HOSTS": HOST,
        "LMS_PORT": str(port),
        "LMS_LOG_LEVEL": "ERROR",
        **more,
    }


@dataclass
class Server:
    """One server process with its workers. ``breakage`` other than none: drills.served."""

    database_url: str
    breakage: str = "none"
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = environment_of(self.database_url, self.port, **self.settings)
        command = [sys.executable, "-m", "lms", "serve"]
        if self.breakage != "none":
            command = [sys.executable, "-m", "drills.served", self.breakage]
        self.process = subprocess.Popen(command, env=environment, start_new_session=True)
        self.wait()

    def wait(self) -> None:
        """Until it answers."""
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            if self.process is not None and self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}")
            if is_ready(self.port):
                return
            time.sleep(0.1)
        raise RuntimeError("the server did not come up")

    def signal(self, number: signal.Signals) -> None:
        """To the supervisor and all its workers at once."""
        assert self.process is not None
        os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """Gone from one moment to the next, as when the machine goes."""
        self.signal(signal.SIGKILL)
        assert self.process is not None
        self.process.wait(30)

    def cpu_seconds(self) -> float:
        """Of the supervisor and all workers, those that ended included."""
        assert self.process is not None
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[2]) == self.process.pid:  # the process group
                ticks += sum(map(int, fields[11:15]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """As the system stops it."""
        if self.process is None or self.process.poll() is not None:
            return
        self.signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
            raise


def is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": HOST})
        with connection.getresponse() as answer:
            answer.read()
            return answer.status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class Cookies:
    """What browsers hold after signing in; signed with the key all servers of a drill share."""

    def __init__(self) -> None:
        app = create_app(read_settings({}, database_url="sqlite://", secret_key=SECRET))
        self._signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # Flask's own has one

    def of(self, token: str, **fields: object) -> str:
        """The cookie of a sign-in's token."""
        seen = datetime.now(UTC).timestamp()
        return str(self._signer.dumps({"_user_id": token, "lms_seen": seen, **fields}))
