"""What the service says while it works: one JSON object on each line, secrets never.

No request is logged by its address, so a one-time link or a search for a name leaves no trace
here. What reaches a message by accident is taken out by its shape.
"""

from __future__ import annotations

import json
import logging
import re
import time
from typing import Any

LONGEST = 16_000
"""Characters of a message; a traceback fits, a megabyte somebody sent does not."""

_SECRETS = (
    (re.compile(r"(://[^:/@\s]*:)[^@\s]+@"), r"\1[secret]@"),  # password in a database address
    (re.compile(r"\$argon2[^\s'\"]+"), "[secret]"),
    (
        re.compile(
            r"(?i)\b(\w*(?:password|parola|secret|token|csrf|cookie|authorization)\w*['\"]?"
            r"\s*[=:]\s*)(?:\w+\s)?['\"]?[^\s'\"&,;)}\]]+"
        ),
        r"\1[secret]",
    ),
    (re.compile(r"\b[2-9A-HJKMNP-Z]{4}(?:-[2-9A-HJKMNP-Z]{4}){2}\b"), "[code]"),
    (re.compile(r"(?<![\w-])[A-Za-z0-9_-]{40,}(?![\w-])"), "[secret]"),  # 256 bits as base64
    (re.compile(r"\b[1-9]\d{12}\b"), "[cnp]"),
)


def without_secrets(text: str) -> str:
    """The text with passwords, tokens, one-time codes and personal numbers taken out."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


class JsonLines(logging.Formatter):
    """One event, one line: a line break within a message cannot forge a second event."""

    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, Any] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname,
            "from": record.name,
            "process": record.process,
            "message": without_secrets(_one_message(record))[:LONGEST],
        }
        if record.exc_info:
            event["error"] = without_secrets(self.formatException(record.exc_info))[-LONGEST:]
        return json.dumps(event, ensure_ascii=False)


def _one_message(record: logging.LogRecord) -> str:
    # Logging must never be what fails: a wrong number of arguments is shown as it is.
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return f"{record.msg} {record.args}"


def logging_config(level: str) -> dict[str, Any]:
    """For ``logging.config.dictConfig``, in the parent and in each worker."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonLines}},
        "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["out"], "level": level},
        "loggers": {
            "_granian": {"handlers": [], "propagate": True},
            "granian.access": {"handlers": [], "propagate": False},
        },
    }
