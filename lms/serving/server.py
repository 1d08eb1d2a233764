"""The production server: granian's worker processes around the application.

Why granian, and what stands against it: docs/decisions/0002-the-server.md.
"""

from __future__ import annotations

import errno
import gc
import multiprocessing
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from lms.faults import Fault
from lms.serving.logs import logging_config
from lms.serving.memory import spare_memory
from lms.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BACKLOG = 1024
STOP_SECONDS = 30
"""How long a worker may finish what it is doing when the service stops."""
HEADER_SECONDS = 15
DRAIN_BYTES = 32_000_000
DRAIN_SECONDS = 10.0
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class ServingFault(Fault):
    """The service cannot start; the text says why and what to do."""


def serve(settings: Settings) -> None:
    """Serve until the process is told to stop (SIGTERM, SIGINT). Raises ServingFault."""
    check_startable(settings)
    spare_memory()
    _preload()
    tls: dict[str, Any] = {}
    if settings.certificate:
        tls = {
            "ssl_cert": Path(settings.certificate),
            "ssl_key": Path(settings.certificate_key),
            "ssl_protocol_min": SSLProtocols.tls12,
        }
    server = _Supervised(
        "lms",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
        websockets=False,
        workers=settings.workers,
        blocking_threads=settings.threads,
        backlog=BACKLOG,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_dictconfig=logging_config(settings.log_level),
        log_level=LogLevels[settings.log_level.lower()],
        log_access=False,
        **tls,
    )
    server.serve(target_loader=partial(_load, settings), wrap_loader=False)


def _preload() -> None:
    """Read the application's code before workers are forked from here: they start in no time and
    share its memory. Nothing is opened and no thread started, so nothing is shared but code."""
    if multiprocessing.get_start_method() == "fork":
        import_module("lms.app").warm()
        gc.collect()
        gc.freeze()  # the collector of a worker would copy every page of what they share


def check_startable(settings: Settings) -> None:
    """What would stop the server, found before anything is started. Raises ServingFault."""
    if settings.log_level not in LEVELS:
        raise ServingFault(f"LMS_LOG_LEVEL must be one of {', '.join(LEVELS)}.")
    if not 1 <= settings.workers <= 64 or not 1 <= settings.threads <= 64:
        raise ServingFault("LMS_WORKERS and LMS_THREADS must lie between 1 and 64.")
    _check_certificate(settings)
    _check_port(settings)


def _check_certificate(settings: Settings) -> None:
    if not settings.certificate:
        return
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(settings.certificate, settings.certificate_key)
    except FileNotFoundError:
        raise ServingFault(
            f"No such file: {settings.certificate} or {settings.certificate_key} "
            "(LMS_CERTIFICATE, LMS_CERTIFICATE_KEY)."
        ) from None
    except (OSError, ssl.SSLError) as error:
        raise ServingFault(
            "LMS_CERTIFICATE and LMS_CERTIFICATE_KEY are no matching pair of PEM files: "
            f"{getattr(error, 'reason', None) or error.strerror}."
        ) from None


def _check_port(settings: Settings) -> None:
    # Workers share their port, so a second server on it would not be refused by the system.
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":  # there it would mean the opposite
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except (OSError, OverflowError) as error:
            raise ServingFault(_why_not(settings, error)) from None


def _why_not(settings: Settings, error: Exception) -> str:
    where = f"{settings.host}:{settings.port}"
    code = getattr(error, "errno", None)
    if code == errno.EADDRINUSE:
        return f"Something already answers at {where}: stop it, or choose another LMS_PORT."
    if code == errno.EACCES:
        return f"The system does not allow listening at {where}: choose a port above 1023."
    return f"Cannot listen at {where}: check LMS_HOST and LMS_PORT."


def _load(settings: Settings) -> WSGIApplication:
    """The application of one worker process."""
    from lms.app import create_app

    return Entrance(create_app(settings))


class Entrance:
    """What every answer passes on its way out of a worker."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = _Body(environ["wsgi.input"]) if _has_body(environ) else None
        if body is not None:
            environ["wsgi.input"] = body

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            # Otherwise the server would name itself.
            return start_response(status, [*headers, ("Server", "Parcurs")], *more)

        answer = self.app(environ, start)
        if body is not None:
            # A refusal is read only by a browser that could finish sending.
            body.drain()
        return answer


def _has_body(environ: WSGIEnvironment) -> bool:
    return environ.get("CONTENT_LENGTH", "0") not in {"", "0"} or (
        "HTTP_TRANSFER_ENCODING" in environ
    )


class _Body:
    """A request's body that can be read to its end, within bounds, whoever stopped reading."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.is_over = False

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._stream.read(size) if size >= 0 else self._stream.read()
        self.is_over = self.is_over or not data or size < 0
        return data

    def readline(self, size: int = -1) -> bytes:
        line: bytes = self._stream.readline(size)
        return line

    def readlines(self, hint: int = -1) -> list[bytes]:
        lines: list[bytes] = self._stream.readlines(hint)
        return lines

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def drain(self) -> None:
        left, until = DRAIN_BYTES, time.monotonic() + DRAIN_SECONDS
        while not self.is_over and left > 0 and time.monotonic() < until:
            left -= len(self.read(65_536))


class _Supervised(Server):  # type: ignore[misc, valid-type]  # chosen by granian at import
    """Granian's supervisor, which gives up when a worker dies twice within seconds.

    That protects against a worker that cannot start. One that is killed from outside (out of
    memory, a drill) is another matter: it is replaced for as long as it takes.
    """

    def _respawn_workers(
        self,
        workers: list[int],
        spawn_target: Callable[..., None],
        target_loader: Callable[..., Any],
        delay: float = 0,
    ) -> None:
        killed = [index for index in workers if _was_killed(self.wrks[index])]
        super()._respawn_workers(workers, spawn_target, target_loader, delay)
        for index in killed:
            self.respawned_wrks.pop(index, None)


def _was_killed(worker: Any) -> bool:
    return (getattr(worker.inner, "exitcode", None) or 0) < 0
