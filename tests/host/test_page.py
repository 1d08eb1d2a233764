"""docs/mounting.md as a developer follows it: its blocks, in order, with the built wheel."""

from __future__ import annotations

import http.cookiejar
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from wheels import ROOT, clean_variables

pytestmark = pytest.mark.slow
PAGE = ROOT / "docs" / "mounting.md"


def blocks() -> list[tuple[str, str]]:
    """(language, text) of every fenced block."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


class Developer:
    """Somebody at a shell in an empty folder, and their browser."""

    def __init__(self, folder: Path, bin_: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"
        self.variables = {
            **clean_variables(),
            "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}",
            "FLASK_RUN_PORT": str(port),
            "PIP_NO_INDEX": "1",  # everything it needs is there already
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }

    def save(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text, "utf-8")

    def shell(self, text: str) -> str:
        """A block typed in, line by line; ``export`` holds for the ones that follow."""
        for name, value in re.findall(r"^export (\w+)=(\S+)$", text, re.MULTILINE):
            self.variables[name] = value
        done = subprocess.run(
            ["bash", "-euc", text],
            cwd=self.folder,
            env=self.variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, text + done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def serving(self, command: str) -> Iterator[None]:
        with (self.folder / "log").open("wb") as log:
            server = subprocess.Popen(
                command.split(), cwd=self.folder, env=self.variables, stdout=log, stderr=log
            )
        try:
            self._wait(server)
            yield
        finally:
            server.terminate()
            server.wait(30)

    def _wait(self, server: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until and server.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.base}/formare/healthz", timeout=5):
                    return
            except OSError:
                time.sleep(0.2)
        pytest.fail((self.folder / "log").read_text()[-3000:])

    def browser(self, email: str) -> Browser:
        return Browser(self.base, email)


class Browser:
    """One that runs no scripts."""

    def __init__(self, base: str, email: str) -> None:
        self.base = base
        jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        self.address = ""
        self.open("/formare/")
        assert "/sign-in?next=" in self.address
        self.page = self.open(self.address.removeprefix(base), email=email)
        action = re.search(r'action="([^"]+)"[^>]* data-lms-arrive', self.page)
        assert action, self.page
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', self.page))
        self.page = self.open(action[1], **hidden)

    def open(self, path: str, **form: str) -> str:
        data = urllib.parse.urlencode(form).encode() if form else None
        with self.opener.open(self.base + path, data, timeout=30) as answer:
            self.address = answer.geturl()
            return str(answer.read().decode())


def test_a_developer_follows_the_page(wheel: Path, clean_bin: Path, tmp_path: Path) -> None:
    shutil.copy(wheel, tmp_path)
    developer = Developer(tmp_path, clean_bin)
    look = "".join(text for language, text in blocks() if language == "html")
    followed = [
        (language, text)
        for language, text in blocks()
        if language != "html" and not text.startswith("# env.py")
    ]
    (install, program, make, serve, enrol) = [text for _, text in followed]
    assert [language for language, _ in followed] == ["sh", "python", "sh", "sh", "sh"]
    developer.shell(install)
    name = re.match(r"# (\w+\.py)\n", program)
    assert name
    developer.save(name[1], program)
    place = re.match(r"{# (\S+\.html) #}\n", look)
    assert place
    developer.save(place[1], look)
    assert "published" in developer.shell(make)
    with developer.serving(serve.strip()):
        ana = developer.browser("ana@primaria.example")
        assert "Ana Ionescu" in ana.page
        assert "Back to the intranet" in ana.page
        assert "bootstrap.min.css" in ana.page
        assert "css/bootstrap.css" not in ana.page
        assert ana.page.index("bootstrap.min.css") < ana.page.index("css/tokens.css")
        assert "btn-continue" not in ana.page
        barbu = developer.browser("barbu@primaria.example")
        with pytest.raises(urllib.error.HTTPError, match="403"):
            barbu.open("/formare/admin/people")
        developer.shell(enrol)
        assert "btn-continue" in ana.open("/formare/")
        assert "Ana Ionescu" in barbu.open("/formare/team")
        assert "Ana Ionescu" in barbu.open("/formare/admin/people")
        ana.open("/sign-out", bye="1")
        ana.open("/formare/")
        assert "/sign-in" in ana.address


def test_its_migrations_are_what_the_tests_use() -> None:
    """The block that is not part of the walk."""
    text = PAGE.read_text("utf-8")
    env = (ROOT / "tests" / "host" / "townhall" / "migrations" / "env.py").read_text("utf-8")
    line = 'return kind != "table" or not (name or "").startswith("lms_")'
    assert line in text
    assert line in env
