"""Refusals, as values the entrance turns into a sentence in the reader's language.

A refusal carries a stable ``code`` and its parameters, never a finished sentence: the same rule
answers a Romanian page, an English page and the command line.
"""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """Something the rules do not allow, or input they cannot accept.

    ``code`` is a stable word (``attempt-closed``); ``params`` are plain values for the sentence.
    """

    status = 400

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params


class NotFound(Refusal):
    """The thing does not exist, or does not exist for this person: the two look alike."""

    status = 404

    def __init__(self, code: str = "not-found", **params: Any) -> None:
        super().__init__(code, **params)


class Forbidden(Refusal):
    """The person may know that the room exists, but not enter it."""

    status = 403


class Conflict(Refusal):
    """The thing has moved on: finished, closed, changed by somebody else."""

    status = 409


class TooMany(Refusal):
    """Tried too often; ``seconds`` says how long to wait."""

    status = 429
