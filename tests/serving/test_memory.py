"""Large pages for the password's memory: asked for once, never against the operator."""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest

from lms.serving import memory


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """How often the process was begun anew, and as what."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(os, "execv", lambda *arguments: calls.append(arguments))
    monkeypatch.setattr(sys, "orig_argv", ["python", "-m", "lms", "serve"])
    monkeypatch.setattr(memory, "_is_glibc", lambda: True)
    monkeypatch.delenv(memory.TUNABLES, raising=False)
    return calls


def test_the_process_begins_anew_once(begun: list[tuple[Any, ...]]) -> None:
    memory.begin_with_large_pages()
    assert os.environ[memory.TUNABLES] == "glibc.malloc.hugetlb=1"
    memory.begin_with_large_pages()
    assert begun == [(sys.executable, [sys.executable, "-m", "lms", "serve"])]


def test_other_settings_stay_and_the_operators_own_wins(
    begun: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(memory.TUNABLES, "glibc.malloc.arena_max=2")
    memory.begin_with_large_pages()
    assert os.environ[memory.TUNABLES] == "glibc.malloc.arena_max=2:glibc.malloc.hugetlb=1"
    monkeypatch.setenv(memory.TUNABLES, "glibc.malloc.hugetlb=0")
    memory.begin_with_large_pages()
    assert os.environ[memory.TUNABLES] == "glibc.malloc.hugetlb=0"
    assert len(begun) == 1


def test_another_c_library_is_left_alone(
    begun: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_is_glibc", lambda: False)
    memory.begin_with_large_pages()
    assert begun == []
    assert memory.TUNABLES not in os.environ
