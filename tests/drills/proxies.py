"""A real proxy before two servers: nginx and haproxy, set up as docs/servers.md says.

The configurations are read from that page, so what is documented is what is tried.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fixtures_folder import not_run

from drills.serving import HOST, TESTS, free_port

PAGE = TESTS.parent / "docs" / "servers.md"
KINDS = ("nginx", "haproxy")

FRAMES = {
    "nginx": """
daemon off;
user {user};
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u;
  scgi_temp_path {folder}/s;
{given}
}}
""",
    "haproxy": "{given}\n",
}
"""What belongs to the machine and not to Parcurs."""


def program(kind: str) -> str | None:
    """Where the proxy is installed; it may be outside an ordinary user's path."""
    return shutil.which(kind) or shutil.which(kind, path="/usr/sbin:/usr/local/sbin")


def needed(kind: str) -> str:
    """The program; without it the drill is not run, and fails in CI."""
    found = program(kind)
    if found is None:
        not_run(f"no {kind} on this machine")
    return found


def documented(kind: str) -> str:
    """The configuration that the page gives for this proxy."""
    text = PAGE.read_text("utf-8")
    found = re.search(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found, f"docs/servers.md has no block for {kind}"
    return found[1]


LISTENING = {
    "nginx": ("listen 443 ssl;", "listen 127.0.0.1:{port};"),
    "haproxy": ("bind :443 ssl crt /etc/ssl/parcurs.pem", "bind 127.0.0.1:{port}"),
}
"""The drill's people come without TLS; everything else stays as it is documented."""


def configuration(kind: str, port: int, servers: tuple[int, int], folder: Path) -> str:
    """The page's text for this machine: our ports, our host name, http in front."""
    given = documented(kind)
    listen, here = LISTENING[kind]
    for theirs, ours in (
        ("10.0.0.11:8000", f"127.0.0.1:{servers[0]}"),
        ("10.0.0.12:8000", f"127.0.0.1:{servers[1]}"),
        ("parcurs.primaria.example", HOST),
        (listen, here.format(port=port)),
    ):
        assert theirs in given, f"{theirs} is not in the configuration of docs/servers.md"
        given = given.replace(theirs, ours)
    given = re.sub(r"^\s*ssl_certificate.*\n", "", given, flags=re.MULTILINE)
    user = "root" if os.geteuid() == 0 else "nobody"
    return FRAMES[kind].format(folder=folder, given=given, user=user)


@contextmanager
def proxied(kind: str, servers: tuple[int, int], folder: Path) -> Iterator[int]:
    """The proxy's port."""
    port = free_port()
    file = folder / f"{kind}.cfg"
    file.write_text(configuration(kind, port, servers, folder), "utf-8")
    command = (
        [needed(kind), "-c", str(file)] if kind == "nginx" else [needed(kind), "-f", str(file)]
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait(process, port, folder / "log")
            yield port
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the proxy did not come up:\n{log.read_text()[-2000:]}")
