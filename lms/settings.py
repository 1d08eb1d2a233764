"""Settings: one frozen value, read once from ``LMS_*`` variables of the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


class SettingsError(Exception):
    """A setting is missing or cannot be used; the text says which and what to set."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every field is the variable ``LMS_<NAME>``; lists are separated by commas.

    What opens something stays out of ``repr``, and so out of logs and tracebacks.
    """

    database_url: str = field(default="", repr=False)
    """Where the records are: ``sqlite:////path/parcurs.db`` or ``postgresql://user@host/name``."""
    secret_key: str = field(default="", repr=False)
    """Signs cookies and forms; at least 32 random characters, kept out of the repository."""
    secret_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    """Former keys, still accepted while a rotation is under way."""
    trusted_hosts: tuple[str, ...] = ()
    """Host names under which the service answers; others get 400."""
    host: str = "127.0.0.1"
    """Address the server listens on."""
    port: int = 8000
    """Port the server listens on."""
    workers: int = 2
    """Worker processes; about the number of processor cores."""
    threads: int = 4
    """Requests a worker handles at once."""
    proxy_hops: int = 0
    """How many reverse proxies stand in front and set X-Forwarded-*; 0 ignores the headers."""
    certificate: str = ""
    """PEM file with the TLS certificate chain, to serve https without a proxy."""
    certificate_key: str = ""
    """PEM file with the certificate's private key."""
    secure_cookies: bool = True
    """Send cookies over https only. Off is accepted by ``lms demo`` alone."""
    debug: bool = False
    """Never for real use: ``lms serve`` refuses to start with it."""
    institution: str = ""
    """Name of the institution, shown on pages and certificates."""
    contact: str = ""
    """Whom to ask for help or about personal data, shown on the contact and privacy pages."""
    idle_minutes: int = 30
    """Sign-in on a shared computer ends after so many minutes without activity."""
    log_level: str = "INFO"
    """Least severe messages that are logged: DEBUG, INFO, WARNING or ERROR."""

    @property
    def sqlalchemy_url(self) -> str:
        """The database address with its driver: plain ``postgresql://`` means psycopg."""
        url = self.database_url
        for plain in ("postgresql://", "postgres://"):
            if url.startswith(plain):
                return "postgresql+psycopg://" + url[len(plain) :]
        return url


def read_settings(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Settings from the environment. Raises SettingsError for values that cannot be read.

    ``overrides`` are final values by field name; None leaves the environment's.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for known in fields(Settings):
        raw = environ.get(f"LMS_{known.name.upper()}")
        if raw is not None:
            values[known.name] = _read(known.name, known.default, raw)
    values.update({name: value for name, value in overrides.items() if value is not None})
    return Settings(**values)


def _read(name: str, default: Any, raw: str) -> Any:
    if isinstance(default, bool):
        if raw.lower() in {"1", "true", "yes", "on"}:
            return True
        if raw.lower() in {"0", "false", "no", "off", ""}:
            return False
        raise SettingsError(f"LMS_{name.upper()} must be 1 or 0, not {raw!r}.")
    if isinstance(default, int):
        if not raw.isascii() or not raw.isdigit():
            raise SettingsError(f"LMS_{name.upper()} must be a whole number, not {raw!r}.")
        return int(raw)
    if isinstance(default, tuple):
        return tuple(part.strip() for part in raw.split(",") if part.strip())
    return raw


def faults(settings: Settings) -> list[str]:
    """What keeps these settings from real use, one sentence each with what to set."""
    found = []
    if not settings.database_url:
        found.append("LMS_DATABASE_URL is missing: say where the records are kept.")
    if len(settings.secret_key) < 32:
        found.append(
            "LMS_SECRET_KEY is missing or shorter than 32 characters: set a random one "
            "(python -c 'import secrets; print(secrets.token_urlsafe(48))')."
        )
    if not settings.trusted_hosts:
        found.append("LMS_TRUSTED_HOSTS is missing: name the hosts the service answers to.")
    if not settings.secure_cookies:
        found.append("LMS_SECURE_COOKIES is off: cookies would travel unprotected; remove it.")
    if settings.debug:
        found.append("LMS_DEBUG is on: it shows the inside of the service; remove it.")
    if bool(settings.certificate) != bool(settings.certificate_key):
        found.append("LMS_CERTIFICATE and LMS_CERTIFICATE_KEY must be set together.")
    return found
