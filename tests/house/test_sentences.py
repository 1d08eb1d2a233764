"""Every refusal has a sentence, every sentence a refusal, and its blanks are filled."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import lms
from lms.domain import errors
from lms.domain.errors import Refusal
from lms.services.access_codes import CodeState
from lms.web import sentences

LMS = Path(lms.__file__).parent
REFUSALS = {
    name
    for name, thing in vars(errors).items()
    if isinstance(thing, type) and issubclass(thing, Refusal)
}
MADE_UP = {f"code-{state}" for state in CodeState if state is not CodeState.OPEN}
"""Codes put together while running; each place where this happens is counted below."""


@dataclass(frozen=True)
class Raised:
    """One refusal in the code."""

    code: str
    params: frozenset[str]
    is_open: bool
    """``**params`` stands there: what is filled in cannot be read off."""
    where: str


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(LMS.rglob("*.py")):
        yield path.relative_to(LMS), ast.parse(path.read_text("utf-8"))


def words(node: ast.expr) -> list[str] | None:
    """The texts an expression can be; None when it is put together while running."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        parts = [words(node.body), words(node.orelse)]
        return None if None in parts else [w for part in parts for w in part or ()]
    return None


def name_of(call: ast.Call) -> str:
    made = call.func
    return made.attr if isinstance(made, ast.Attribute) else getattr(made, "id", "")


@cache
def raised() -> tuple[list[Raised], list[str]]:
    """Every refusal made anywhere in ``lms``; and the places whose code cannot be read off."""
    found, unread = [], []
    for path, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or name_of(node) not in REFUSALS:
                continue
            where = f"{path}:{node.lineno}"
            if not node.args:
                assert name_of(node) == "NotFound", where
                continue
            codes = words(node.args[0])
            if codes is None:
                unread.append(where)
            given = frozenset(k.arg for k in node.keywords if k.arg)
            is_open = any(k.arg is None for k in node.keywords)
            found += [Raised(code, given, is_open, where) for code in codes or ()]
    return found, unread


def literals() -> set[str]:
    """Every text in the code outside the tables of sentences."""
    return {
        node.value
        for path, tree in trees()
        if path.name != "sentences.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_refusal_has_a_sentence() -> None:
    table = sentences.table()
    found, unread = raised()
    assert len(found) > 100, "the walk has lost its way"
    missing = [f"{r.where}: {r.code}" for r in found if r.code not in table]
    assert not missing, missing
    assert table.keys() >= MADE_UP | {"not-found"}
    # Whoever makes a code up while running names it in MADE_UP.
    assert len(unread) == 1, unread


def test_every_sentence_is_said_somewhere() -> None:
    found, _ = raised()
    said = {r.code for r in found} | MADE_UP | literals()
    assert sorted(sentences.table().keys() - said) == []


def test_every_blank_of_a_sentence_is_filled() -> None:
    table = sentences.table()
    for one in raised()[0]:
        blanks = set(re.findall(r"%\((\w+)\)", table[one.code]))
        assert one.is_open or blanks <= one.params, (one.where, one.code, blanks)


def test_rooms_say_the_same_of_the_same_thing() -> None:
    """A code of two rooms would be worded by whichever is read last."""
    said: dict[str, set[str]] = defaultdict(set)
    for room in sentences.ROOMS:
        for code, text in import_module(f"lms.web.{room}.sentences").SENTENCES.items():
            said[code].add(text)
    for code, text in sentences.COMMON.items():
        said[code].add(text)
    assert {code: texts for code, texts in said.items() if len(texts) > 1} == {}
