"""Rendering Markdown within a time limit, in one child process for a whole batch.

A few kilobytes of brackets can keep a Markdown parser busy for minutes, and Python can end neither
a thread nor a regular expression. So texts are worked on in a child that can be killed: the cap on
size is checked here, the limit on time is enforced from here, and the answer is a value or a
refusal either way. This module imports neither the parser nor the sanitisers.
"""

import json
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from lms.domain.errors import Refusal
from lms.interop.errors import BadText, RendererUnavailable, TooComplex, TooLarge
from lms.interop.markdown_document import Rendered
from lms.interop.plain import refuse_unauthored

SECONDS: Final = 2.0
"""Wall time for one text; twenty times what an honest text of the largest size takes."""

_REFUSALS: Final[dict[str, type[Refusal]]] = {
    "BadText": BadText,
    "TooComplex": TooComplex,
    "TooLarge": TooLarge,
}
_ENVIRONMENT: Final = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH")
"""All the child gets to know of its surroundings: no secret, no address of a database."""


class Renderer:
    """A context manager over one child process, started at the first text and kept for all.

    Safe to use from several threads: one text is worked on at a time. Used after a fork it starts
    a child of its own; forgotten without `close`, the child ends with the object or the program.
    `seconds` is the wall limit for a text, `start_seconds` for the start.
    """

    def __init__(self, *, seconds: float = SECONDS, start_seconds: float = 60.0) -> None:
        self.seconds = seconds
        self.start_seconds = start_seconds
        self.starts = 0
        self._child: subprocess.Popen[bytes] | None = None
        self._finish: Callable[[], object] | None = None
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def render(self, text: str, *, inline: bool = False) -> Rendered:
        """One text rendered; see `render_many` for what is raised."""
        return self.render_many([text], inline=inline)[0]

    def render_many(self, texts: Iterable[str], *, inline: bool = False) -> list[Rendered]:
        """All texts rendered, in order; `inline` for texts that are one paragraph (an option).

        Raises the first refusal, with `index` among its params: `TooLarge` (`text-too-large`),
        `BadText`, `TooComplex` (the child was ended and the next text gets a new one),
        `RendererUnavailable`.
        """
        rendered: list[Rendered] = []
        for index, text in enumerate(texts):
            try:
                rendered.append(self._one(text, inline))
            except Refusal as refusal:
                refusal.params["index"] = index
                raise
        return rendered

    def close(self) -> None:
        """End the child, if there is one; the next text would start another."""
        with self._lock:
            self._let_go()

    def _one(self, text: str, inline: bool) -> Rendered:
        refuse_unauthored(text)
        with self._lock:
            answer = self._ask(text, inline)
            if answer is None:
                # The child had died between two texts, through no fault of this one: once more.
                answer = self._ask(text, inline)
        if answer is None:
            raise TooComplex("text-too-complex")
        if "refused" in answer:
            name, code, params = answer["refused"]
            raise _REFUSALS[name](code, **params)
        return Rendered.from_json(answer["rendered"])

    def _ask(self, text: str, inline: bool) -> dict[str, Any] | None:
        """The child's answer; None when it died by itself. Raises `TooComplex` past the limit."""
        child = self._running()
        self._number += 1
        request = {"id": self._number, "text": text, "inline": inline}
        line, expired = _exchange(child, json.dumps(request).encode("ascii"), self.seconds)
        answer: dict[str, Any] | None = json.loads(line) if line.endswith(b"\n") else None
        if answer is not None and answer["id"] == self._number:
            return answer
        self._let_go()
        if expired:
            raise TooComplex("text-too-complex", seconds=self.seconds)
        return None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():  # forked: the pipes belong to the other process
            self._child, self._owner = None, os.getpid()
        if self._child is None:
            self._child = self._start()
            self._finish = weakref.finalize(self, _end, self._child, self._owner)
        return self._child

    def _let_go(self) -> None:
        self._child = None
        if self._finish is not None:
            self._finish()

    def _start(self) -> subprocess.Popen[bytes]:
        self.starts += 1
        command = [sys.executable, "-P", "-m", "lms.interop.markdown_worker"]
        try:
            child = subprocess.Popen(  # noqa: S603  # our own module, no argument from outside
                [*command, str(3 * self.seconds + 1)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=_bare_environment(),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise RendererUnavailable("renderer-unavailable", reason=str(error)) from error
        line, _ = _exchange(child, b"", self.start_seconds)
        if not line.endswith(b"\n"):
            _end(child, os.getpid())
            raise RendererUnavailable("renderer-unavailable", reason=f"ended {child.returncode}")
        return child


def _exchange(child: subprocess.Popen[bytes], message: bytes, seconds: float) -> tuple[bytes, bool]:
    """Send a line (none when empty) and read one; the child is killed when time is up.

    Killing it is also what wakes us from the read, on every system: no select, no signals.
    """
    if child.stdin is None or child.stdout is None:
        raise RuntimeError("the child was started without pipes")
    expired = threading.Event()

    def expire() -> None:
        expired.set()
        child.kill()

    timer = threading.Timer(seconds, expire)
    timer.daemon = True
    timer.start()
    try:
        if message:
            child.stdin.write(message + b"\n")
            child.stdin.flush()
        return child.stdout.readline(), expired.is_set()
    except OSError:
        return b"", expired.is_set()
    finally:
        timer.cancel()


def _end(child: subprocess.Popen[bytes], owner: int) -> None:
    """Kill the child and let go of its pipes; nothing where it belongs to another process."""
    if owner != os.getpid():
        return
    child.kill()  # does nothing where it has ended already
    for pipe in (child.stdin, child.stdout):
        try:
            if pipe is not None:
                pipe.close()
        except OSError:
            pass  # unsent bytes for a process that is gone
    child.wait()


def _bare_environment() -> dict[str, str]:
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *(path for path in sys.path if path and Path(path).exists())]
    return {
        **{name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
        "PYTHONUTF8": "1",
    }
