"""What authors write and what readers get: the additions, the links, the stored form."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inert_html import faults_of, text_of

from lms.interop.errors import BadText, TooComplex, TooLarge
from lms.interop.markdown import allowed, render, sanitise
from lms.interop.markdown_document import Check, Heading, Html, Problem, Rendered
from lms.interop.markdown_links import CALLOUTS, anchor_of, element_id, resolve
from lms.interop.plain import LARGEST_FIELD, plain

TITLES = {
    "example": "Exemplu",
    "mistake": "Greșeală frecventă",
    "law": "Temei legal",
    "attention": "Atenție",
    "then": "Atunci",
    "now": "Acum",
    "table": "Tabelul",
}


def shown(text: str) -> str:
    return resolve(
        render(text).html,
        lesson={"alta": "/formare/lectii/alta"}.get,
        file={"buget anual.xlsx": "/formare/f/1?a=1&b=2"}.get,
        image={"poza.svg": "/formare/img/7"}.get,
        titles=TITLES,
    )


def codes(text: str) -> list[tuple[str, int]]:
    return [(problem.code, problem.line) for problem in render(text).problems]


@pytest.mark.parametrize("kind", CALLOUTS)
def test_a_callout_has_its_title_in_the_language_of_the_reader(kind: str) -> None:
    assert shown(f"::: {kind}\nText.\n:::") == (
        f'<aside class="lms-callout lms-callout-{kind}" role="note">\n'
        f'<p class="lms-callout-title">{TITLES[kind]}</p>\n<p>Text.</p>\n</aside>\n'
    )


def test_a_title_of_ones_own_follows_the_kind() -> None:
    html = shown("::: example Bugetul <Focșani> & *altele*\nText.\n:::")
    assert text_of(html).split("\n")[1] == "Exemplu: Bugetul <Focșani> & *altele*"
    assert faults_of(html) == []


def test_callouts_nest_with_fences_of_equal_length() -> None:
    html = render("::: example\nA\n::: law\nB\n:::\nC\n:::\nD").html
    assert html.index("B") < html.index("</aside>") < html.index("C") < html.rindex("</aside>")
    assert html.rindex("</aside>") < html.index("D")


def test_a_longer_fence_closes_over_shorter_ones() -> None:
    assert codes(":::: example\nA\n:::\nB\n::::\n") == [("callout-stray", 3)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A\n\n::: mistake\nText\n", [("callout-unclosed", 3)]),
        ("A\n:::\n", [("callout-stray", 2)]),
        ("::: warning X\nText\n:::\n", [("callout-unknown", 1), ("callout-stray", 3)]),
        ("::: check Ceva Greșit\n", [("check-malformed", 1)]),
        ("::: check a\n\n::: check a\n", [("check-repeated", 3)]),
        ("- x\n\n  ::: check a\n", [("check-nested", 3)]),
        ("# Titlu\n", [("heading-level", 1)]),
        ("a <b>x</b>\n", [("raw-html", 1)]),
        ("[x](javascript:alert(1))\n", [("link-refused", 1)]),
        ("[x](//evil.example/)\n", [("link-refused", 1)]),
        ("[x](term:Nu_Este)\n", [("link-refused", 1)]),
        ("[x](img/a.svg)\n", [("link-refused", 1)]),
        ("[x](file:../secret)\n", [("link-refused", 1)]),
        ("[x](file:a%2Fb)\n", [("link-refused", 1)]),
        ("![x](https://evil.example/p.gif)\n", [("picture-refused", 1)]),
        ("![x](img/../../etc/passwd)\n", [("picture-refused", 1)]),
        ("![x](img/%2e%2e/a.svg)\n", [("picture-refused", 1)]),
        ("![](img/a.svg)\n", [("picture-without-alt", 1)]),
        ("## A\n\n[x](#b)\n", [("anchor-unknown", 3)]),
    ],
)
def test_the_author_is_told_what_and_where(text: str, expected: list[tuple[str, int]]) -> None:
    assert codes(text) == expected


def test_a_refused_link_or_picture_keeps_its_words() -> None:
    html = render("[citiți **asta**](javascript:x) și ![harta județului](http://e.ro/h.png)").html
    assert html == "<p>citiți <strong>asta</strong> și harta județului</p>\n"


def test_self_checks_cut_the_text() -> None:
    done = render("Unu\n\n::: check a-1\n\nDoi\n::: check a-2\n")
    assert done.segments == (
        Html("<p>Unu</p>\n"),
        Check("a-1"),
        Html("<p>Doi</p>\n"),
        Check("a-2"),
    )
    assert done.checks == ("a-1", "a-2")


def test_a_self_check_in_a_callout_follows_the_whole_callout() -> None:
    first, second, third = render("::: law\nA\n::: check x\nB\n:::\n\nC").segments
    assert isinstance(first, Html) and faults_of(first.html) == []
    assert "A" in first.html and "B" in first.html
    assert second == Check("x")
    assert third == Html("<p>C</p>\n")


def test_everything_referred_to_is_listed_once_in_order() -> None:
    done = render(
        "[UAT](term:uat) [S11](source:S11) [UAT](term:uat) [alta](lesson:alta#Axa-13) [z](lesson:z)"
        " [b](<file:buget anual.xlsx>)\n\n![Harta *mare*](img/sub/poza.svg)"
    )
    assert done.terms == ("uat",)
    assert done.sources == ("S11",)
    assert done.lessons == ("alta#axa-13", "z")
    assert done.files == ("buget anual.xlsx",)
    assert done.images == (("sub/poza.svg", "Harta mare"),)
    assert done.problems == ()


def test_links_lead_where_the_page_says() -> None:
    assert shown("[a](lesson:alta#axa-13) [b](lesson:nu-este) [c](<file:buget anual.xlsx>)") == (
        '<p><a href="/formare/lectii/alta#lms-axa-13">a</a> <a href="#">b</a> '
        '<a href="/formare/f/1?a=1&amp;b=2">c</a></p>\n'
    )
    assert shown("![p](img/poza.svg)![q](img/nu.svg)") == (
        '<p><img src="/formare/img/7" alt="p" loading="lazy"><img alt="q" loading="lazy"></p>\n'
    )
    assert shown("[t](term:uat) [s](source:S11)") == (
        '<p><a class="lms-term" href="#lms-term-uat">t</a> '
        '<a class="lms-cite" href="#lms-source-S11">s</a></p>\n'
    )


def test_external_links_give_nothing_away() -> None:
    assert render("[a](https://ec.europa.eu/?a=1&b=2) <mailto:dpo@primarie.ro>").html == (
        '<p><a href="https://ec.europa.eu/?a=1&amp;b=2" rel="noopener noreferrer">a</a> '
        '<a href="mailto:dpo@primarie.ro" rel="noopener noreferrer">mailto:dpo@primarie.ro</a>'
        "</p>\n"
    )


def test_addresses_put_in_are_escaped_and_text_that_looks_stored_is_left_alone() -> None:
    html = resolve(
        render('`<a href="lms:lesson/x">` și lms:title/law [x](lesson:x "lms:label/table/1")').html,
        lesson=lambda _: '"><script>alert(1)</script>',
        file=lambda _: None,
        image=lambda _: None,
        titles={"law": "<b>"},
    )
    assert "<script" not in html and "<b>" not in html
    assert '&lt;a href="lms:lesson/x"&gt;' in html
    assert "lms:title/law" in html and 'title="lms:label/table/1"' in html


def test_a_picture_whose_size_is_known_gets_its_room() -> None:
    html = resolve(
        render("![p](img/a%20b.svg) ![q](img/c.svg) [r](file:a%20b.svg)").html,
        lesson=lambda _: None,
        file=lambda name: f"/f/{name}",
        image=lambda path: f"/i/{path}",
        size={"a b.svg": (460, 430)}.get,
        titles={},
    )
    assert 'src="/i/a b.svg" width="460" height="430"' in html
    assert html.count("width=") == 1


def test_headings_have_anchors_that_can_be_guessed() -> None:
    done = render(
        "## Axa 13 — Ce e?\n\n### Axa 13: ce e\n\n## ???\n\n## Term POR\n\n## axa 13 ce e 2"
    )
    assert done.headings == (
        Heading(2, "Axa 13 — Ce e?", "axa-13-ce-e"),
        Heading(3, "Axa 13: ce e", "axa-13-ce-e-2"),
        Heading(2, "???", "section"),
        Heading(2, "Term POR", "term-por"),
        Heading(2, "axa 13 ce e 2", "axa-13-ce-e-2-2"),
    )
    assert 'id="lms-axa-13-ce-e-2"' in done.html
    # The glossary entries at the end of the page own lms-term-….
    assert 'id="lms-section-term-por"' in done.html
    assert element_id(anchor_of("Sursă nouă")) == "lms-sursa-noua"


def test_a_link_within_the_lesson_finds_its_heading() -> None:
    done = render("## Țintă\n\n[acolo](#tinta)")
    assert done.problems == ()
    assert '<h2 id="lms-tinta">' in done.html and 'href="#lms-tinta"' in done.html


def test_a_table_scrolls_in_a_named_box_and_aligns_by_class() -> None:
    html = shown("| a | | c |\n|:--|--:|:-:|\n| 1 | 2 | 3 |\n\n| x |\n|---|\n| y |\n")
    assert '<div class="lms-table" role="group" tabindex="0" aria-label="Tabelul 1">' in html
    assert 'aria-label="Tabelul 2"' in html
    assert '<th class="lms-left" scope="col">a</th>' in html
    assert '<td class="lms-right"></td>' in html  # an empty header announces nothing
    assert '<td class="lms-center">3</td>' in html
    assert "style" not in html


def test_one_paragraph_stays_inline() -> None:
    done = render("# **a** [b](term:c)\n\n::: check x", inline=True)
    assert done.html.startswith("# <strong>a</strong> <a class=")
    assert done.terms == ("c",) and done.checks == ()
    assert "<p>" not in done.html


def test_words_are_what_is_read() -> None:
    assert render("Într-o zi, **patru** cuvinte.").words == 4
    assert render("::: law Art. 5\n[două vorbe](term:x)\n\n    cod aici\n:::").words == 6


def test_raw_html_is_shown_as_text() -> None:
    html = render("<script>alert(1)</script>\n\na <img src=x onerror=alert(1)>").html
    assert faults_of(html) == []
    assert "<script>alert(1)</script>" in text_of(html)


def test_control_characters_and_reversed_text_do_not_reach_the_page() -> None:
    assert render("a\x07b\u202ec\u2066d").html == "<p>abcd</p>\n"


def test_stored_and_read_back() -> None:
    done = render("## A\n\n[t](term:x) [f](file:y) ![z](img/z.svg)\n\n::: check q\n\n<b>\n")
    assert Rendered.from_json(json.loads(json.dumps(done.to_json()))) == done
    with pytest.raises(ValueError, match="pipeline"):
        Rendered.from_json({**done.to_json(), "v": 0})


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x" * 10 + "\udfff"])
def test_text_that_cannot_be_stored_is_refused(text: str) -> None:
    with pytest.raises(BadText):
        render(text)
    with pytest.raises(BadText):
        plain(text)


def test_the_cap_counts_bytes() -> None:
    render("ș" * (LARGEST_FIELD // 2))
    with pytest.raises(TooLarge) as refused:
        render("ș" * (LARGEST_FIELD // 2) + "a")
    assert refused.value.params == {"limit": LARGEST_FIELD, "size": LARGEST_FIELD + 1}
    assert refused.value.status == 413
    with pytest.raises(TooLarge):
        render("\ud800" * (LARGEST_FIELD + 1))


def test_nothing_is_lost_below_the_depth_the_parser_reads() -> None:
    deepest = render("> " * 40 + "adânc")
    assert text_of(deepest.html).strip() == "adânc"
    with pytest.raises(TooComplex):
        render("> " * 200 + "prea adânc")


def test_names_become_one_clean_line() -> None:
    assert plain("  Ştefan\t\u202ePopa \n") == "Ștefan Popa"
    assert plain("x" * 200) == "x" * 200
    for too_long in ("x" * 201, "x" * 1_000_000):
        with pytest.raises(TooLarge):
            plain(too_long)


def test_no_class_id_or_attribute_beyond_the_closed_lists() -> None:
    assert allowed("aside", "class", "lms-callout lms-callout-law")
    assert not allowed("aside", "class", "lms-callout btn")
    assert not allowed("p", "class", "")
    assert not allowed("h2", "id", "csrf_token")
    assert not allowed("a", "hx-get", "/x")
    assert not allowed("img", "src", "https://e.ro/a.png")
    assert allowed("img", "src", "lms:img/a/b%20c.svg")
    for climbing in ("lms:img/../x", "lms:img/%2e%2e/x", "lms:img/a%2Fb", "lms:img/.x"):
        assert not allowed("img", "src", climbing)
    assert allowed("a", "href", "lms:file/buget%20anual.xlsx")
    for climbing in ("lms:file/..", "lms:file/%2e%2e", "lms:file/a%2Fb", "lms:file/a%00"):
        assert not allowed("a", "href", climbing)


@settings(deadline=None)
@given(
    st.text(
        alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=200
    )
)
def test_any_text_renders_inert_and_to_a_fixed_point(text: str) -> None:
    html = render(text).html
    assert faults_of(html) == []
    assert sanitise(html) == html


PIECES = st.sampled_from(
    [
        "::: law",
        "::: check x",
        ":::",
        "::::",
        "> ",
        "- ",
        "  ",
        "\n",
        "\n\n",
        "#",
        "# ",
        "`",
        "```\n",
        "[",
        "](",
        ")",
        "![",
        "term:x",
        "lesson:y#z",
        "img/a.svg",
        "javascript:",
        "<",
        ">",
        "|",
        "|-|\n",
        "*",
        "_",
        "\\",
        "&lt;",
        "&#0;",
        "a",
        "ț",
        '"',
        "'",
        "<b>",
        "-->",
        "</p>",
        "\t",
        "1. ",
        "---",
    ]
)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_mixture_of_marks_renders_inert(text: str) -> None:
    done = render(text)
    for part in done.segments:
        if isinstance(part, Html):
            assert faults_of(part.html) == []
            assert sanitise(part.html) == part.html
    assert all(isinstance(problem, Problem) for problem in done.problems)
