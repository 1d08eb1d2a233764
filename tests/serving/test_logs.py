"""What is logged: one JSON object on each line, and nobody's secrets."""

from __future__ import annotations

import json
import logging
import secrets

import pytest

from lms.serving.logs import LONGEST, JsonLines, without_secrets


def line(message: str, *arguments: object, error: BaseException | None = None) -> str:
    caught = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("lms", logging.ERROR, "x.py", 1, message, arguments, caught)
    return JsonLines().format(record)


def test_a_forged_line_stays_within_its_own() -> None:
    text = line("who is %s", "x\n2026 INFO signed in user=admin\x1b[31m\u2028end")
    assert "\n" not in text
    found = json.loads(text)
    assert found["level"] == "ERROR"
    assert "user=admin" in found["message"]


def test_a_wrong_number_of_arguments_is_no_failure() -> None:
    assert "%s" in json.loads(line("%s and %s", "one"))["message"]


def test_a_megabyte_is_cut() -> None:
    assert len(json.loads(line("x " * 500_000))["message"]) == LONGEST


@pytest.mark.parametrize(
    "secret",
    [
        "password=Pisica!albastra7",
        "'new_password': 'Pisica!albastra7'",
        'parola: "Pisica!albastra7"',
        "csrf_token=Pisica!albastra7&x=1",
        "Set-Cookie: Pisica!albastra7; Path=/",
        "Authorization: Bearer Pisica!albastra7",
        "LMS_SECRET_KEY=Pisica!albastra7",
        "postgresql+psycopg://lms:Pisica!albastra7@db/lms",
        "$argon2id$v=19$m=19456,t=2,p=1$Pisica!albastra7",
    ],
)
def test_named_secrets_are_taken_out(secret: str) -> None:
    assert "albastra7" not in line("before %s after", secret)
    assert "albastra7" not in line("%s", "x", error=RuntimeError(f"failed with {secret}"))
    assert without_secrets(f"before {secret} after").startswith("before ")


def test_secrets_are_known_by_their_shape() -> None:
    token, code, cnp = secrets.token_urlsafe(32), "ABCD-2345-WXYZ", "2870529123456"
    text = line("GET /link/%s?x=1 with %s by %s", token, code, cnp)
    assert not any(secret in text for secret in (token, code, cnp))


def test_what_helps_to_find_a_fault_stays() -> None:
    kept = "attempt 8f14e45f-ceea-467f-9f3a-1b2c3d4e5f60 of 2026-11-22 took 1234567890 ns"
    assert without_secrets(kept) == kept
