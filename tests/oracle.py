"""An independent reckoning of what people have completed, from raw rows alone.

It shares no code with the rules: it reads readings, attempts and the responses in the order they
came, scores them in its own way and says which modules are complete. Whatever the product shows
must agree with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass
class Verdict:
    """What one enrolment amounts to."""

    met: set[str] = field(default_factory=set)
    best: dict[str, int] = field(default_factory=dict)
    """Quiz key → best per cent of the submitted attempts."""
    passed: set[str] = field(default_factory=set)

    def complete(self, criteria: list[str]) -> bool:
        return bool(criteria) and set(criteria) <= self.met


def reckon(session: Session, enrolment_id: int) -> Verdict:
    verdict = Verdict()
    for (key,) in _rows(
        session,
        "SELECT a.key FROM lms_reading r JOIN lms_activity a ON a.id = r.activity_id "
        "WHERE r.enrolment_id = :e AND r.read_at IS NOT NULL",
        e=enrolment_id,
    ):
        verdict.met.add(f"read:{key}")
    attempts = _rows(
        session,
        "SELECT t.id, a.key, v.source FROM lms_attempt t JOIN lms_activity a ON a.id = "
        "t.activity_id JOIN lms_activity_version v ON v.id = t.version_id "
        "WHERE t.enrolment_id = :e AND t.state = 'submitted'",
        e=enrolment_id,
    )
    for attempt, key, source in attempts:
        points, questions = _points(session, attempt)
        percent = int(points * 100 / questions)
        verdict.best[key] = max(percent, verdict.best.get(key, 0))
        if points * 100 >= _json(source)["settings"]["pass_percent"] * questions:
            verdict.passed.add(key)
            verdict.met.add(f"pass:{key}")
    return verdict


def _points(session: Session, attempt: int) -> tuple[Decimal, int]:
    rows = _rows(
        session,
        "SELECT i.id, i.child, v.content FROM lms_attempt_item i JOIN lms_item_version v "
        "ON v.id = i.item_version_id WHERE i.attempt_id = :a",
        a=attempt,
    )
    total = Decimal(0)
    for item, child, content in rows:
        answers = _rows(
            session,
            "SELECT value FROM lms_response WHERE attempt_item_id = :i ORDER BY sequence",
            i=item,
        )
        question = _json(content)
        if question["kind"] == "case":
            question = question["body"]["children"][child]
        last = _json(answers[-1][0]) if answers else None
        total += _score(question["kind"], question["body"], last) if last else 0
    return total, len(rows)


def _score(kind: str, body: dict[str, Any], answer: dict[str, Any]) -> Decimal:
    if kind in ("single", "multiple"):
        return _chosen(kind, body["options"], set(answer["chosen"]))
    if kind == "true-false":
        return Decimal(int((answer["chosen"] == "true") == body["answer"]))
    if kind == "numeric":
        if "value" not in answer:
            return Decimal(0)
        off = abs(Decimal(answer["value"]) - Decimal(body["answer"]))
        return Decimal(int(off <= Decimal(body["tolerance"])))
    if kind == "short-answer":
        wanted = {a.strip().lower() for a in body["accept"]}
        return Decimal(int(answer["text"].strip().lower() in wanted))
    if kind == "ordering":
        return _ordered([step["key"] for step in body["steps"]], answer["ranks"])
    right = sum(answer["pairs"].get(p["key"]) == p["key"] for p in body["pairs"])
    return Decimal(right) / len(body["pairs"])


def _chosen(kind: str, options: list[dict[str, Any]], chosen: set[str]) -> Decimal:
    right = {o["key"] for o in options if o["correct"]}
    if kind == "single":
        return Decimal(int(chosen == right))
    wrong = {o["key"] for o in options} - right
    share = Decimal(len(chosen & right)) / len(right)
    if wrong:
        share -= Decimal(len(chosen & wrong)) / len(wrong)
    return max(share, Decimal(0))


def _ordered(keys: list[str], ranks: dict[str, int]) -> Decimal:
    pairs = [(a, b) for i, a in enumerate(keys) for b in keys[i + 1 :]]
    good = sum(a in ranks and b in ranks and ranks[a] < ranks[b] for a, b in pairs)
    return max(Decimal(2 * good - len(pairs)) / len(pairs), Decimal(0))


def _rows(session: Session, query: str, **values: Any) -> list[Any]:
    return [tuple(row) for row in session.execute(text(query), values)]


def _json(value: Any) -> Any:
    import json

    return json.loads(value) if isinstance(value, str) else value
