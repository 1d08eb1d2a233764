"""The production server, as `lms serve` starts it."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fixtures_folder import not_run

from lms.settings import Settings
from lms.upgrade import upgrade

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX"),
]
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def ask(
    connection: http.client.HTTPConnection,
    path: str,
    headers: dict[str, str],
    body: bytes | None = None,
) -> Answer:
    with closing(connection):
        sent = {"Host": "localhost", **headers}
        connection.request("POST" if body else "GET", path, body, sent)
        found = connection.getresponse()
        return Answer(found.status, {k.lower(): v for k, v in found.getheaders()}, found.read())


@dataclass
class Service:
    port: int
    process: subprocess.Popen[str]
    environment: dict[str, str]
    lines: list[str] = field(default_factory=list)

    def get(self, path: str, **headers: str) -> Answer:
        return ask(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10), path, headers)

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def await_well(self, seconds: float = 20) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            assert self.process.poll() is None, "".join(self.lines)
            try:
                if self.get("/healthz").status == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("not well in time: " + "".join(self.lines))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(tmp_path: Path, **changed: str) -> Service:
    port = free_port()
    database = f"sqlite:///{tmp_path / 'lms.db'}"
    upgrade(Settings(database_url=database))
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LMS_")},
        "PYTHONPATH": str(ROOT),
        "LMS_DATABASE_URL": database,
        "LMS_SECRET_KEY": "a-secret-of-more-than-32-characters-for-tests",
        "LMS_TRUSTED_HOSTS": "localhost",
        "LMS_PORT": str(port),
        **changed,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "lms", "serve"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    found = Service(port, process, environment)

    def collect() -> None:
        with process.stdout as stream:  # type: ignore[union-attr]  # it is a pipe
            found.lines.extend(iter(stream.readline, ""))

    threading.Thread(target=collect, daemon=True).start()
    return found


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    found = start(tmp_path)
    try:
        found.await_well()
        yield found
    finally:
        if found.process.poll() is None:
            os.killpg(found.process.pid, signal.SIGKILL)
        found.process.wait()


def test_it_answers_and_says_nothing_about_itself(service: Service) -> None:
    answer = service.get("/sign-in")
    assert answer.status == 200
    assert answer.headers["server"] == "Parcurs"
    assert "granian" not in str(answer.headers).lower()
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-parcurs=")
    assert "Secure" in cookie
    assert service.get("/sign-in", Host="evil.example").status == 400
    for _ in range(50):
        assert service.get("/healthz").status == 200


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's settings")
def test_its_memory_may_lie_in_large_pages(service: Service) -> None:
    environment = Path(f"/proc/{service.process.pid}/environ").read_bytes().split(b"\0")
    assert b"GLIBC_TUNABLES=glibc.malloc.hugetlb=1" in environment


def test_killed_workers_are_replaced_for_as_long_as_it_takes(service: Service) -> None:
    """Both workers, again and again: granian alone would give up after the second time."""
    for _ in range(4):
        before = service.workers()
        assert len(before) == 2
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + 15
        while set(service.workers()) & set(before) or len(service.workers()) < 2:
            assert time.monotonic() < until, service.lines
            time.sleep(0.05)
        service.await_well()


def test_it_finishes_what_it_was_doing_and_stops(service: Service) -> None:
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as slow:
        body = b"email=x&password=y"
        slow.sendall(
            b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            + f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body[:5]
        )
        time.sleep(0.3)
        service.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        slow.sendall(body[5:])
        assert slow.recv(20).startswith(b"HTTP/1.1 4")
    assert service.process.wait(timeout=20) == 0
    for line in service.lines:
        assert json.loads(line)["level"] == "INFO", line


def test_too_large_a_body_gets_its_answer(service: Service) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
    answer = ask(connection, "/sign-in", {}, b"x" * 8_000_000)
    assert answer.status == 413
    assert b"<html" in answer.body


def test_a_second_service_on_the_same_port_is_refused(service: Service) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lms", "serve"],
        env=service.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 1
    assert f"Something already answers at 127.0.0.1:{service.port}" in done.stderr
    assert service.get("/healthz").status == 200


def test_a_worker_that_cannot_start_stops_the_service(tmp_path: Path) -> None:
    """A loop of failing starts would hide the fault from whoever supervises the service."""
    found = start(tmp_path, LMS_WORKERS="1", PYTHONPATH=f"{_broken_app(tmp_path)}:{ROOT}")
    try:
        assert found.process.wait(timeout=60) != 0
    finally:
        if found.process.poll() is None:
            os.killpg(found.process.pid, signal.SIGKILL)


def _broken_app(folder: Path) -> Path:
    """Every worker ends by itself as soon as it begins."""
    (folder / "sitecustomize.py").write_text(
        "import os\nos.register_at_fork(after_in_child=lambda: os._exit(3))\n"
    )
    return folder


def test_https_with_a_certificate_of_its_own(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        not_run("no openssl to make a certificate with")
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    found = start(tmp_path, LMS_CERTIFICATE=str(certificate), LMS_CERTIFICATE_KEY=str(key))
    context = ssl.create_default_context(cafile=str(certificate))
    try:
        until = time.monotonic() + 20
        while True:
            assert time.monotonic() < until, found.lines
            try:
                connection = http.client.HTTPSConnection(
                    "localhost", found.port, context=context, timeout=5
                )
                assert ask(connection, "/healthz", {}).status == 200
                break
            except OSError:
                time.sleep(0.1)
    finally:
        os.killpg(found.process.pid, signal.SIGKILL)
        found.process.wait()
