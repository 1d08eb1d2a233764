"""Compressed pages: the same page, a fifth of the bytes, nothing to guess from its length."""

from __future__ import annotations

import gzip
import re

from world import House

from lms.web.assets import FOR_EVER

ASKS = {"Accept-Encoding": "gzip, deflate, br"}


def token_in(text: str) -> str:
    return text.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


def test_a_page_is_compressed_for_who_asks(house: House) -> None:
    client = house.client("employee")
    plain, packed = client.get("/"), client.get("/", headers=ASKS)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    assert len(packed.data) < len(plain.data) / 2
    page = gzip.decompress(packed.data).decode()
    for text in (plain.text, page):
        assert text.rstrip().endswith("</html>")
    assert page.replace(token_in(page), "") == plain.text.replace(token_in(plain.text), "")
    for answer in (plain, packed):
        assert {"Cookie", "Accept-Encoding"} <= set(answer.vary)
        assert answer.headers["Cache-Control"] == "no-store"


def test_who_refuses_it_is_not_given_it(house: House) -> None:
    client = house.client("employee")
    for wish in ("identity", "gzip;q=0", "br", ""):
        answer = client.get("/", headers={"Accept-Encoding": wish})
        assert "Content-Encoding" not in answer.headers, wish


def test_small_answers_redirects_and_files_stay_as_they_are(house: House) -> None:
    client = house.client("employee")
    for path in ("/healthz", "/account/none"):
        assert "Content-Encoding" not in client.get(path, headers=ASKS).headers
    answer = house.client().get("/badges", headers=ASKS)
    assert answer.status_code == 303
    assert "Content-Encoding" not in answer.headers
    style = re.findall(r'href="(/static/[^"]+\.css)"', client.get("/").text)[0]
    answer = client.get(style, headers=ASKS)
    assert answer.headers["Cache-Control"] == FOR_EVER
    assert gzip.decompress(answer.data).startswith((b"@", b"/"))


def test_error_pages_too(house: House) -> None:
    answer = house.client("employee").get("/team", headers=ASKS)
    assert answer.status_code == 403
    assert b"</html>" in gzip.decompress(answer.data)


def test_the_same_page_has_many_lengths(house: House) -> None:
    client = house.client("employee")
    lengths = {len(client.get("/contact", headers=ASKS).data) for _ in range(20)}
    assert len(lengths) > 5


def test_the_token_of_a_page_is_never_the_same_and_always_good(house: House) -> None:
    client = house.client("employee")
    tokens = [token_in(client.get("/account").text) for _ in range(5)]
    assert len(set(tokens)) == 5
    halves = {half for token in tokens for half in (token[:40], token[40:])}
    assert len(halves) == 10
    for token in tokens:
        form = {"csrf_token": token, "language": "en"}
        assert client.post("/language", data=form).status_code == 303


def test_a_token_that_is_none_is_refused(house: House) -> None:
    client = house.client("employee")
    good = token_in(client.get("/account").text)
    other = token_in(house.client("colleague").get("/account").text)
    bad = ("", "x", "00", good[:-1], good[:40], good[40:] + good[:38], "0" * 80, good + "00", other)
    for token in (*bad, "##" + good[40:], good.replace(good[0], "g", 1), "é" * 80):
        form = {"csrf_token": token, "language": "en"}
        assert client.post("/language", data=form).status_code == 400, token
