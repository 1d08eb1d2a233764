"""Every door counts a wrong try before it looks, and the count outlives the refusal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plain_form import form_of
from world import PASSWORD, House

from lms.services import throttle

WRONG = {
    "/sign-in": {"email": "employee@demo.test", "password": "nu este aceasta"},
    "/code": {"code": "ABCD-EFGH-JKMN"},
    "/link/nu-este-acesta": {},
    "/account/password": {
        "current": "nu este aceasta",
        "password": "cuvinte rare pe rand",
        "again": "cuvinte rare pe rand",
    },
}
FREE = 3


@pytest.mark.parametrize("door", WRONG)
def test_after_some_wrong_tries_one_waits(
    house: House, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    for name in ("ACCOUNT_AT_ADDRESS", "CODE_AT_ADDRESS"):
        monkeypatch.setattr(throttle, name, replace(getattr(throttle, name), tries=FREE))
    client = house.client("employee" if door == "/account/password" else None)
    answers = [house.post(client, door, WRONG[door]) for _ in range(FREE + 1)]
    assert [answer.status_code == 429 for answer in answers] == [False] * FREE + [True]
    assert int(answers[-1].headers["Retry-After"]) > 0
    if door == "/sign-in":
        form = form_of(answers[-1], action="/sign-in").fill(password=PASSWORD)
        assert client.post(form.action, data=form.fields).status_code == 429, "the right one too"
