"""Any course that can be authored is written and read back as it was."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.domain.authoring import (
    AuthoredCourse,
    AuthoredLesson,
    AuthoredModule,
    AuthoredQuiz,
    AuthoredTerm,
    CriterionRule,
    Fact,
)
from lms.domain.curriculum import Badge, Outcome, Source, Verification
from lms.domain.items import (
    Body,
    Case,
    Choice,
    Item,
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
from lms.domain.quizzes import DrawRule, QuizSettings
from lms.domain.text import fold
from lms.interop.course_files import dump_course, part_key, read_course, sentence
from lms.interop.course_files.emit import document, scalar
from lms.interop.course_files.strict_yaml import Items, Pairs, Scalar, parse

# Texts that YAML would like to misread, beside whatever else people type.
TRICKY = st.sampled_from(
    [
        "no", "on", "Yes", "null", "~", "12:30", "4.4", "1_000", "0x1F", "2018-05-17", "=", "<<",
        "- a", "? b", ": c", "a: b", "a #b", "#a", "&a", "*a", "!a", "%a", "@a", "`a`", "'a'",
        '"a"', "[a]", "{a: b}", "a,b", "|", ">-", "---", "...", "a:", "true", "„da”", "\\", "\\n",
        "rând\n\n  mai adânc\n\tși tab\n---\nid: x", "a  b", "cuvânt " * 40 + "sfârșit", "ș" * 150,
        "x\u2028y", "x\x85y", "\u00a0x", "😀 da", "e\u0301", "x\x0by", "a\rb",
    ]
)  # fmt: skip
WORDS = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1, max_size=60
)
TEXT = (
    st.one_of(TRICKY, WORDS, st.lists(WORDS, min_size=2, max_size=20).map(" ".join))
    .map(str.strip)
    .filter(bool)
)
KEYS = st.from_regex(r"[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,4})?", fullmatch=True)
NUMBERS = st.decimals(
    min_value=-(10**12), max_value=10**12, places=4, allow_nan=False, allow_infinity=False
)
# A lesson's Markdown keeps neither control characters nor white space at its ends.
BODIES = st.lists(
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\ufeff"
                          "\ufffe\uffff"), max_size=40),
    min_size=1, max_size=8,
).map(lambda lines: "\n".join(lines).strip("\n").rstrip())  # fmt: skip


def distinct(size_from: int, size_to: int) -> st.SearchStrategy[list[str]]:
    return st.lists(TEXT, min_size=size_from, max_size=size_to, unique_by=fold).filter(
        lambda texts: all(fold(text) for text in texts)
    )


@st.composite
def choices(draw: st.DrawFn) -> Choice:
    texts = draw(distinct(2, 5))
    many = draw(st.booleans())
    right = draw(st.sets(st.integers(0, len(texts) - 1), min_size=1))
    if not many:
        right = {min(right)}
    whys = draw(st.lists(TEXT, min_size=len(texts), max_size=len(texts)))
    return Choice(
        tuple(
            Option(part_key(text), text, why, place in right)
            for place, (text, why) in enumerate(zip(texts, whys, strict=True))
        ),
        many=many,
    )


def _matching(texts: list[str], whys: list[str]) -> Matching:
    """Half of the texts on the left, half on the right, and one that belongs nowhere."""
    half = len(texts) // 2
    pairs = zip(texts[:half], texts[half : 2 * half], whys, strict=False)
    extra = texts[2 * half :]
    return Matching(
        tuple(Pair(part_key(left), left, right, why) for left, right, why in pairs),
        tuple(Step(part_key("distractor: " + text), text, whys[0]) for text in extra),
    )


BODY: st.SearchStrategy[Body] = st.one_of(
    choices(),
    st.builds(TrueFalse, st.booleans(), TEXT, TEXT),
    st.builds(
        Numeric,
        NUMBERS.filter(lambda n: n >= 0),
        st.sampled_from([Decimal(0), Decimal("0.05")]),
        TEXT,
        st.sampled_from(["", "%", "lei"]),
        st.sampled_from([(), (Mistake("-60", "De ce."), Mistake("-7.5", "Altfel."))]),
    ),
    st.builds(
        lambda texts, why: ShortAnswer(tuple(texts[:-1]), why, (Mistake(texts[-1], why),)),
        distinct(2, 4),
        TEXT,
    ),
    st.builds(
        lambda texts, why: Ordering(tuple(Step(part_key(t), t, why) for t in texts)),
        distinct(3, 5),
        TEXT,
    ),
    st.builds(_matching, distinct(7, 7), st.lists(TEXT, min_size=3, max_size=3)),
)
ITEM = st.builds(
    Item,
    key=st.just("set-later"),
    stem=TEXT,
    body=BODY,
    explanation=st.one_of(st.just(""), TEXT),
    outcome=st.sampled_from(["pasi", "bani"]),
    difficulty=st.integers(1, 3),
    facts=st.sampled_from([("F-1",), ("F-1", "F-2")]),
    lesson=st.sampled_from(["lectie", "lectie#parte"]),
    tags=st.sampled_from([(), ("da", "no")]),
    use=st.sampled_from(Use),
)


def as_case(children: list[Item], case: Item) -> Item:
    """A case whose children have no tags and no use of their own."""
    case = replace(case, use=Use.QUIZ)
    whole = tuple(
        replace(child, key=f"{case.key}-{n}", tags=(), use=case.use)
        for n, child in enumerate(children)
    )
    return replace(case, body=Case(whole))


@st.composite
def courses(draw: st.DrawFn) -> AuthoredCourse:
    items = draw(st.lists(ITEM, max_size=5))
    items = [replace(item, key=f"item-{n}") for n, item in enumerate(items)]
    if len(items) > 2:
        items = [as_case(items[1:3], items[0]), *items[3:]]
    lesson = draw(
        st.builds(
            AuthoredLesson, st.just("lectie"), TEXT, st.integers(1, 600), st.just("2026-11-22"),
            TEXT, BODIES, st.sampled_from([(), ("pasi",)]), st.sampled_from([(), ("F-1",)]),
            st.sampled_from([(), (("27 / 60 * 100", "45"), ("1+1", "2.00"))]),
        )
    )  # fmt: skip
    rule = st.builds(
        DrawRule, st.integers(1, 9), st.sampled_from(["", "pasi"]), st.integers(0, 3),
        st.sampled_from(["", "no"]),
    )  # fmt: skip
    rules = draw(st.lists(rule, min_size=1, max_size=3).map(tuple))
    limits = st.integers(0, 3)
    quiz = AuthoredQuiz(
        "test", draw(TEXT), 15, draw(st.one_of(st.just(""), TEXT)),
        QuizSettings(draw(st.integers(1, 100)), rules, draw(st.sampled_from([(), ("item-0",)])),
                     draw(limits), draw(limits), draw(limits)),
    )  # fmt: skip
    module = AuthoredModule(
        key="modul", folder="01-modul", title=draw(TEXT), short=draw(TEXT), summary=draw(TEXT),
        minutes=40, outcomes=(Outcome("pasi", draw(TEXT)), Outcome("bani", draw(TEXT))),
        criteria=(CriterionRule("read", "lessons"), CriterionRule("pass", "test")),
        badge=Badge(draw(TEXT), "road"), activities=(lesson, quiz), items=tuple(items),
        en=draw(st.sampled_from([{}, {"title": "No", "outcomes": {"pasi": "Steps: all"}}])),
    )  # fmt: skip
    return AuthoredCourse(
        key=draw(KEYS), title=draw(TEXT), summary=draw(TEXT),
        workshop=draw(st.one_of(st.just(""), TEXT)), language="ro", modules=(module,),
        glossary=(AuthoredTerm("no", draw(TEXT), draw(TEXT), "", draw(TEXT)),),
        sources=(Source("S1", draw(TEXT), "https://example.org/?a=b#c", True),),
        facts=(Fact("F-1", "?", (), "2026-11-22"), Fact("F-2", "V", ("S1",), "2026-10-01")),
        to_verify=(Verification(1, draw(TEXT), draw(TEXT), ("F-1",)),),
        assets={"files/a.pdf": b"\x00\xff", "01-modul/img/b.svg": b"<svg/>"},
        en=draw(st.sampled_from([{}, {"title": "Yes"}])),
    )  # fmt: skip


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(courses())
def test_a_course_is_read_back_as_it_was_written(course: AuthoredCourse) -> None:
    with tempfile.TemporaryDirectory() as folder:
        dump_course(course, Path(folder))
        read, problems = read_course(Path(folder))
        assert [sentence(problem, "en") for problem in problems] == []
        assert read == course
        assert dump_course(course, Path(folder)) == []


@given(st.one_of(TRICKY, WORDS), st.sampled_from([0, 2, 8]))
def test_a_text_survives_as_a_value(text: str, indent: int) -> None:
    text = text.strip()
    node = parse(" " * indent + "key: " + scalar(text, indent) + "\n", "x.yaml")
    assert isinstance(node, Pairs)
    value = node.pairs[0][1]
    assert isinstance(value, Scalar)
    assert value.value == text
    assert value.guess == "text"


@pytest.mark.slow
@given(st.lists(st.dictionaries(KEYS, st.one_of(TRICKY, WORDS), min_size=1), max_size=4))
def test_lists_of_mappings_survive(value: list[dict[str, str]]) -> None:
    if not value:
        return
    node = parse(document(value), "x.yaml")
    assert isinstance(node, Items)
    for entry, wanted in zip(node.nodes, value, strict=True):
        assert isinstance(entry, Pairs)
        read = {key.value: inner.value for key, inner in entry.pairs if isinstance(inner, Scalar)}
        assert {k: v.strip() for k, v in read.items()} == {k: v.strip() for k, v in wanted.items()}


@given(st.text(max_size=300))
def test_no_text_makes_the_reader_stumble(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = text.encode("utf-8", "surrogatepass")
        (Path(folder) / "course.yaml").write_bytes(data)
        course, problems = read_course(Path(folder))
        assert course is None
        assert problems
        for problem in problems:
            assert sentence(problem, "ro")
