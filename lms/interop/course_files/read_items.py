"""Items of a bank file → :class:`lms.domain.items.Item`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from lms.domain.items import (
    Body,
    Case,
    Choice,
    Item,
    Kind,
    Matching,
    Mistake,
    Numeric,
    Option,
    Ordering,
    Pair,
    ShortAnswer,
    Step,
    TrueFalse,
    Use,
)
from lms.domain.text import fold
from lms.interop.course_files.fields import Record, part_key

MIN_PARTS, MAX_PARTS = 3, 7
"""Steps to order, pairs to match."""
MAX_OPTIONS = 8
MIN_CHILDREN, MAX_CHILDREN = 2, 4

_KINDS = tuple(str(kind) for kind in Kind)


def read_item(record: Record, case: Item | None = None) -> Item | None:
    """The item, or None when so much is wrong that there is no question left.

    ``case`` is the situation around a child: outcome, difficulty, facts and lesson that the child
    does not give are taken from it.
    """
    key = record.key()
    record.sink.claim(key, record.place)
    address = f"item/{key}"
    record.mark(address)
    for name in record.values:
        record.mark(f"{address}/{name}", name)
    kind = record.choice("kind", _KINDS if case is None else _KINDS[:-1])
    item = Item(
        key=key,
        stem=record.text("stem"),
        body=Case(()),
        explanation=record.text("explanation", required=False),
        outcome=record.key("outcome", required=False) or (case.outcome if case else ""),
        difficulty=_difficulty(record, case),
        facts=record.texts("facts") or (case.facts if case else ()),
        lesson=record.text("lesson", required=False) or (case.lesson if case else ""),
        tags=record.texts("tags") if case is None else (),
        use=_use(record, kind) if case is None else case.use,
    )
    body = _case(record, item) if kind == Kind.CASE else _body(record, kind, address)
    if kind:  # of an unknown kind nobody can say which keys belong to it
        record.close()
    return replace(item, body=body) if body is not None and key else None


def _difficulty(record: Record, case: Item | None) -> int:
    return record.whole("difficulty", 1, 3, default=case.difficulty if case else 2)


def _use(record: Record, kind: str) -> Use:
    use = Use(record.choice("use", tuple(str(use) for use in Use), default=str(Use.QUIZ)))
    if use is Use.SELF_CHECK and kind == Kind.CASE:
        record.report(record.lines["use"], "self-check-case")
    return use


def _body(record: Record, kind: str, address: str) -> Body | None:
    """The part of the item that its kind defines; None for an unknown kind."""
    readers: dict[str, Callable[[Record, str], Body | None]] = {
        Kind.SINGLE: lambda r, a: _choice(r, a, many=False),
        Kind.MULTIPLE: lambda r, a: _choice(r, a, many=True),
        Kind.TRUE_FALSE: lambda r, _: _true_false(r),
        Kind.NUMERIC: _numeric,
        Kind.ORDERING: _ordering,
        Kind.MATCHING: _matching,
        Kind.SHORT_ANSWER: _short_answer,
    }
    reader = readers.get(kind)
    return reader(record, address) if reader else None


def _case(record: Record, item: Item) -> Case | None:
    records = record.records("children", required=True)
    if record.has("children") and not MIN_CHILDREN <= len(records) <= MAX_CHILDREN:
        _count(record, "children", MIN_CHILDREN, MAX_CHILDREN, len(records))
    children = [read_item(child, item) for child in records]
    whole = tuple(child for child in children if child is not None)
    return Case(whole) if whole else None


def _count(record: Record, key: str, low: int, high: int, found: int) -> None:
    record.report(record.lines[key], "parts-count", key=key, low=low, high=high, found=found)


def _distinct(parts: list[tuple[Record, str]], key: str) -> None:
    """Two equal texts would be one choice with two keys."""
    seen: dict[str, int] = {}
    for part, text in parts:
        folded = fold(text)
        if folded and folded in seen:
            part.report(part.line, "part-twice", key=key, value=text, first=seen[folded])
        seen.setdefault(folded, part.line)


def _choice(record: Record, address: str, *, many: bool) -> Choice:
    records = record.records("options", required=True)
    options: list[Option] = []
    for place, part in enumerate(records):
        part.mark(f"{address}/options/{place}")
        text = part.text("text")
        why = part.text("why", required=False)
        options.append(Option(part_key(text), text, why, part.flag("correct", default=False)))
        part.close()
    if record.has("options"):
        if not 2 <= len(options) <= MAX_OPTIONS:
            _count(record, "options", 2, MAX_OPTIONS, len(options))
        right = sum(option.correct for option in options)
        if right == 0 or (right > 1 and not many):
            line = record.lines["options"]
            record.report(line, "right-none" if right == 0 else "right-many", found=right)
    _distinct(list(zip(records, (o.text for o in options), strict=True)), "options")
    return Choice(tuple(options), many=many)


def _true_false(record: Record) -> TrueFalse:
    answer = record.flag("answer")
    why = record.record("why")
    yes, no = why.text("true", required=False), why.text("false", required=False)
    why.close()
    return TrueFalse(answer, yes, no)


def _numeric(record: Record, address: str) -> Numeric:
    answer = record.number("answer")
    tolerance = record.number("tolerance", default=Decimal(0))
    if tolerance < 0:
        record.report(record.lines["tolerance"], "tolerance-negative")
    why, unit = record.text("why", required=False), record.text("unit", required=False)
    mistakes = []
    for place, part in enumerate(record.records("mistakes")):
        part.mark(f"{address}/mistakes/{place}")
        value = part.number_text("value")
        if value and abs(Decimal(value) - answer) <= tolerance:
            part.report(part.line, "mistake-is-right", value=value)
        mistakes.append(Mistake(value or "0", part.text("why", required=False)))
        part.close()
    return Numeric(answer, tolerance, why, unit, tuple(mistakes))


def _short_answer(record: Record, address: str) -> ShortAnswer | None:
    accept = record.texts("accept", required=True)
    if record.has("accept") and not accept:
        _count(record, "accept", 1, 20, 0)
    why = record.text("why", required=False)
    mistakes = []
    for place, part in enumerate(record.records("mistakes")):
        part.mark(f"{address}/mistakes/{place}")
        value = part.text("value")
        if value and fold(value) in {fold(right) for right in accept}:
            part.report(part.line, "mistake-is-right", value=value)
        mistakes.append(Mistake(value, part.text("why", required=False)))
        part.close()
    return ShortAnswer(accept, why, tuple(mistakes)) if accept else None


def _ordering(record: Record, address: str) -> Ordering:
    records = record.records("steps", required=True)
    steps = [_step(part, f"{address}/steps/{place}") for place, part in enumerate(records)]
    if record.has("steps") and not MIN_PARTS <= len(steps) <= MAX_PARTS:
        _count(record, "steps", MIN_PARTS, MAX_PARTS, len(steps))
    _distinct(list(zip(records, (s.text for s in steps), strict=True)), "steps")
    return Ordering(tuple(steps))


def _step(part: Record, address: str, prefix: str = "") -> Step:
    part.mark(address)
    text, why = part.text("text"), part.text("why", required=False)
    part.close()
    return Step(part_key(prefix + text), text, why)


def _matching(record: Record, address: str) -> Matching:
    records = record.records("pairs", required=True)
    pairs = []
    for place, part in enumerate(records):
        part.mark(f"{address}/pairs/{place}")
        left, right = part.text("left"), part.text("right")
        pairs.append(Pair(part_key(left), left, right, part.text("why", required=False)))
        part.close()
    if record.has("pairs") and not MIN_PARTS <= len(pairs) <= MAX_PARTS:
        _count(record, "pairs", MIN_PARTS, MAX_PARTS, len(pairs))
    _distinct(list(zip(records, (p.left for p in pairs), strict=True)), "pairs")
    extra = record.records("distractors")
    # A distractor shares the key space of the pairs: the prefix keeps a left-hand text that is
    # also a distractor apart from it.
    others = [
        _step(part, f"{address}/distractors/{place}", "distractor: ")
        for place, part in enumerate(extra)
    ]
    rights = {fold(pair.right) for pair in pairs}
    for part, other in zip(extra, others, strict=True):
        if other.text and fold(other.text) in rights:
            part.report(part.line, "distractor-is-right", value=other.text)
    _distinct(list(zip(extra, (o.text for o in others), strict=True)), "distractors")
    return Matching(tuple(pairs), tuple(others))
