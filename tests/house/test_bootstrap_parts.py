"""Of Bootstrap is served what is used, and nothing that is used is missing."""

from pathlib import Path

import pytest
from house.bootstrap_parts import (
    PARTS,
    ROOT,
    classes_of_script,
    classes_of_template,
    made,
    parts,
)

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def test_the_sheet_is_the_one_in_use() -> None:
    assert PARTS.read_text(encoding="utf-8") == made(), "make styles"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_a_class_is_found_wherever_it_is_written(template: Path) -> None:
    """An apostrophe in a remark or a text before it hides nothing."""
    source = template.read_text(encoding="utf-8")
    more = """<p class="planted-1{{ ' planted-2' if x }}">{{ f(class='planted-3') }}{{ g("btn planted-4") }}</p>"""
    more += """<p class='planted-5'><p class="{% if x == "y" %}planted-6{% endif %} planted-7">"""
    new = {f"planted-{number}" for number in range(1, 8)}
    assert not new & classes_of_template(source)
    assert new <= classes_of_template(source + more)


def test_sentences_and_remarks_name_no_classes() -> None:
    source = "{# it's a 'card' #}{{ _('Show the table.') }}<p>small row</p>"
    assert classes_of_template(source) == set()


def test_classes_of_scripts_stand_in_any_quotes() -> None:
    found = classes_of_script("a = \"mt-2 d-none\"; b = 'alert'; c = `show`; // row\n")
    assert found == {"mt-2", "d-none", "alert", "show"}


def test_a_rule_stays_for_the_selectors_in_use() -> None:
    sheet = ".a,.b .c,p:not(.x),[data-bs-y]{color:red}.d{color:red}"
    assert parts(sheet, {"a", "b"}, "") == [".a,p:not(.x){color:red}"]


def test_of_a_media_rule_the_inner_rules_in_use_stay() -> None:
    sheet = "@media print{.a{--bs-x:1}.b{top:0}.c{top:0}}@media screen{.c{top:0}}"
    assert parts(sheet, {"a", "b"}, "") == ["@media print{.b{top:0}}"]


def test_a_variable_stays_while_what_stays_reads_it() -> None:
    sheet = ":root{--bs-a:1;--bs-b:var(--bs-a);--bs-c:2;--bs-d:url('x;y')}p{top:var(--bs-b)}"
    assert parts(sheet, set(), "q{left:var( --bs-d)}") == [
        ':root{--bs-a:1;--bs-b:var(--bs-a);--bs-d:url("x;y")}',
        "p{top:var(--bs-b)}",
    ]
    assert parts(":root{--bs-b:var(--bs-a);--bs-a:1}", set(), "") == []


@pytest.mark.parametrize(
    "sheet", ["p{animation:x 1s}", "@layer x{p{top:0}}", "p{top:0;q{top:1px}}", "p{top:0}}"]
)
def test_what_it_does_not_know_is_not_left_out_silently(sheet: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parts(sheet, set(), "")
