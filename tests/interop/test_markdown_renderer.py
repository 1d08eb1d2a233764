"""The process that renders: answers in order, ends what takes too long, survives what kills it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from lms.domain.errors import Refusal
from lms.interop.errors import BadText, RendererUnavailable, TooComplex, TooLarge
from lms.interop.markdown import render
from lms.interop.markdown_renderer import Renderer

GENEROUS = 10.0  # seconds; the mechanism is asserted, the bench measures
BOMBS = {
    "brackets": "[" * 65_000,
    "pictures": "![](" * 16_000,
    "unclosed quote": "<a href='" * 7_000,
    "less than": "<" * 65_000,
    "quotations": ">" * 65_000,
    "nested lists": "\n".join("  " * depth + "- x" for depth in range(250)),
    "long lists": "- x\n" * 16_000,
    "giant table": "|a|b|\n|-|-|\n" + "|1|2|\n" * 10_000,
    "wide table": "|a" * 10_000 + "\n" + "|-" * 10_000 + "\n",
    "emphasis": "*_" * 32_000,
    "backticks": " ".join("`" * length for length in range(350)),
    "references": "[a]: b\n" * 9_000,
    "open callouts": "::: law\n" * 8_000,
    "callouts": "::: law\nx\n:::\n" * 4_000,
    "headings": "# a\n" * 16_000,
    "entities": "&" * 65_000,
    "checks": "::: check a\n" * 5_400,
    "marks": "a" + "\u0301\u0327" * 16_000,
}


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer() as started:
        started.render("gata")
        yield started


def test_the_answer_is_what_rendering_gives(renderer: Renderer) -> None:
    texts = ["## Țintă\n\n[x](term:y) ș „ ” 𝒳\u2028", "::: check a", "", "\r\n\ta\u0085b"]
    assert renderer.render_many(texts) == [render(text) for text in texts]
    assert renderer.render("**a**\n\n::: check b", inline=True) == render(
        "**a**\n\n::: check b", inline=True
    )


def test_a_batch_stays_in_order_in_one_process(renderer: Renderer) -> None:
    before = renderer.starts
    texts = [f"Lecția {number}, **text** [x](term:t-{number})" for number in range(100)]
    started = time.monotonic()
    for number, done in enumerate(renderer.render_many(texts)):
        assert done.terms == (f"t-{number}",)
    assert time.monotonic() - started < GENEROUS
    assert renderer.starts == before


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_answered_and_the_next_text_too(renderer: Renderer, name: str) -> None:
    started = time.monotonic()
    with contextlib.suppress(TooComplex):
        renderer.render(BOMBS[name])
    assert time.monotonic() - started < GENEROUS
    assert renderer.render("după").html == "<p>după</p>\n"


def test_past_the_limit_the_child_is_ended_and_replaced() -> None:
    with Renderer(seconds=0.2) as renderer:
        assert renderer.render("a").html == "<p>a</p>\n"
        child = renderer._child
        assert child is not None
        with pytest.raises(TooComplex) as refused:
            renderer.render_many(["b", "[" * 65_000, "c"])
        assert refused.value.params == {"seconds": 0.2, "index": 1}
        assert child.returncode is not None, "the child that hung is still there"
        assert renderer.render("d").html == "<p>d</p>\n"
        assert renderer.starts == 2


@pytest.mark.parametrize(
    ("text", "reason", "params"),
    [
        ("\ud800", BadText, {}),
        ("x" * 70_000, TooLarge, {}),
        ("> " * 200 + "x", TooComplex, {"depth": 50}),
    ],
)
def test_each_refusal_says_which_text_and_why(
    renderer: Renderer, text: str, reason: type[Refusal], params: dict[str, int]
) -> None:
    with pytest.raises(reason) as refused:
        renderer.render_many(["a", text, "b"])
    assert params.items() <= refused.value.params.items()
    assert refused.value.params["index"] == 1
    assert renderer.render("b").html == "<p>b</p>\n"


def test_a_child_that_died_between_two_texts_costs_nothing(renderer: Renderer) -> None:
    renderer.render("a")
    assert renderer._child is not None
    renderer._child.kill()
    renderer._child.wait()
    assert renderer.render("b").html == "<p>b</p>\n"


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no such signal on this system")
def test_a_child_that_stopped_answering_is_ended() -> None:
    with Renderer(seconds=0.3) as renderer:
        renderer.render("a")
        assert renderer._child is not None
        os.kill(renderer._child.pid, signal.SIGSTOP)
        with pytest.raises(TooComplex):
            renderer.render("x" * 60_000)
        assert renderer.render("b").html == "<p>b</p>\n"


def test_threads_get_their_own_answers(renderer: Renderer) -> None:
    mixed: list[str] = []

    def work(name: int) -> None:
        for text in (f"t{name}-{number}" for number in range(25)):
            answer = renderer.render(text).html
            if answer != f"<p>{text}</p>\n":
                mixed.append(f"{text} got {answer}")

    threads = [threading.Thread(target=work, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert mixed == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_server_starts_a_child_of_its_own(renderer: Renderer) -> None:
    renderer.render("părinte")
    assert renderer._child is not None
    mine = renderer._child.pid
    reading, writing = os.pipe()
    forked = os.fork()
    if forked == 0:
        try:
            html = renderer.render("copil").html
            same = renderer._child is not None and renderer._child.pid == mine
            renderer.close()
            os.write(writing, json.dumps([html, same]).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        assert json.loads(answer.read()) == ["<p>copil</p>\n", False]
    os.waitpid(forked, 0)
    assert renderer.render("tot părinte").html == "<p>tot părinte</p>\n"
    assert renderer._child.pid == mine


def test_the_child_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMS_SECRET_KEY", "canary-of-the-environment")
    seen: dict[str, str] = {}
    real = subprocess.Popen

    def spy(*args: object, **kwargs: object) -> subprocess.Popen[bytes]:
        seen.update(kwargs["env"])  # type: ignore[call-overload]  # what the child is given
        return real(*args, **kwargs)  # type: ignore[call-overload]  # passed through as it came

    monkeypatch.setattr(subprocess, "Popen", spy)
    with Renderer() as renderer:
        renderer.render("a")
    assert seen and "canary-of-the-environment" not in seen.values()


def test_an_installation_that_cannot_start_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with Renderer() as renderer, pytest.raises(RendererUnavailable):
        renderer.render("a")


def test_an_orphan_ends_itself() -> None:
    """Busy on a bomb, with nobody left to end it, the child still ends."""
    command = [sys.executable, "-m", "lms.interop.markdown_worker", "0.5"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None and child.stdout is not None
        assert json.loads(child.stdout.readline()) == {"ready": True}
        request = {"id": 1, "text": "![](" * 16_000, "inline": False}
        child.stdin.write(json.dumps(request).encode() + b"\n")
        child.stdin.close()
        assert child.stdout.read() == b""
        # By the watchdog's exit, or by a fault while it looks at the busy frames: it is gone.
        assert child.wait(timeout=30) != 0


def test_nothing_is_left_running_after_the_renderer() -> None:
    renderer = Renderer()
    renderer.render("a")
    child = renderer._child
    assert child is not None
    del renderer
    assert child.wait(timeout=10) is not None
