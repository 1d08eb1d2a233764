"""Every hostile text found, in every place an author could put it, comes out inert.

Judged by structure here, by another parser with lists of its own; `tests/browser` opens the same
output in a real browser.
"""

import re
from pathlib import Path

import pytest
from hostile_texts import AS_MARKDOWN, MUTATIONS, collections, examples, placed
from hypothesis import given, settings
from hypothesis import strategies as st
from inert_html import addresses_of, faults_of, text_of

from lms.interop.markdown import render, sanitise
from lms.interop.markdown_links import resolve
from lms.interop.plain import refuse_unstorable

pytestmark = pytest.mark.slow


def assert_inert(html: str, source: str) -> None:
    assert faults_of(html) == [], source
    assert sanitise(html) == html, source


def assert_renders_inert(source: str) -> None:
    for inline in (False, True):
        html = render(source, inline=inline).html
        assert_inert(html, source)
        resolved = resolve(
            html, lesson=lambda _: "/l", file=lambda _: None, image=lambda _: "/i", titles={}
        )
        assert not [found for found in addresses_of(resolved) if "lms:" in found], source


@pytest.mark.parametrize("source", MUTATIONS)
def test_html_that_changes_when_parsed_again(source: str) -> None:
    once = sanitise(source)
    assert_inert(once, source)


@pytest.mark.parametrize("source", [*AS_MARKDOWN, *MUTATIONS])
def test_hostile_markdown(source: str) -> None:
    for text in placed(source):
        assert_renders_inert(text)


@pytest.mark.parametrize("kind", ["bleach", "naughty"])
def test_every_hostile_text_found(fixtures_dir: Path, kind: str) -> None:
    for source in collections(fixtures_dir)[kind]:
        refuse_unstorable(source)
        assert_inert(sanitise(source), source)
        for text in placed(source):
            assert_renders_inert(text)


def test_every_commonmark_example_is_inert_and_keeps_its_words(fixtures_dir: Path) -> None:
    seen = 0
    for path in sorted((fixtures_dir / "hostile").glob("*spec*.txt")):
        for source, expected in examples(path):
            if "\x00" in source:
                continue
            seen += 1
            html = render(source).html
            assert_inert(html, source)
            assert_inert(sanitise(expected), expected)
            # Where raw HTML is text, a fence after it is a fence: its language is not shown.
            languages = words(" ".join(re.findall(r"^ {0,3}[`~]{3,}(.*)$", source, re.MULTILINE)))
            lost = words(text_of(expected)) - words(text_of(html)) - languages
            assert not lost, (source, lost)
    assert seen > 600


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text))


def test_the_judge_can_say_no() -> None:
    for bad in [
        "<script>x</script>",
        "<p onclick=x>a</p>",
        '<a href="javascript:x">a</a>',
        '<a href="java\tscript:x">a</a>',
        '<img src="https://e.ro/">',
        '<p id="csrf_token">x</p>',
        '<p class="modal">x</p>',
        "<!-- x -->",
        "<p><strong>x</p>",
        "</div>",
    ]:
        assert faults_of(bad), bad
    for mutation in MUTATIONS:
        assert faults_of(mutation), mutation


PIECES = st.sampled_from(
    [
        "<",
        ">",
        "</",
        "/>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?",
        '"',
        "'",
        "=",
        " ",
        "&",
        ";",
        "\n",
        "svg",
        "math",
        "style",
        "title",
        "textarea",
        "noscript",
        "template",
        "mglyph",
        "mtext",
        "table",
        "script",
        "a",
        "p",
        "img",
        "aside",
        "div",
        "h2",
        "td",
        "pre",
        "form",
        "select",
        "option",
        "plaintext",
        "href",
        "src",
        "class",
        "id",
        "onerror",
        "javascript:",
        "lms:img/x",
        "lms-term",
        "&lt;",
        "&#60",
        "\x01",
    ]
)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_soup_of_html_comes_out_inert_and_stays_so(soup: str) -> None:
    assert_inert(sanitise(soup), soup)


ELEMENTS = st.recursive(
    st.text(alphabet="ab<>&\"'", max_size=4),
    lambda inner: st.builds(
        lambda tag, attribute, parts: f"<{tag} {attribute}>{''.join(parts)}</{tag}>",
        st.sampled_from(
            ["p", "a", "svg", "math", "style", "table", "td", "ul", "aside", "h2", "select"]
        ),
        st.sampled_from(
            ["", "class=lms-term", "id=lms-x", "href=https://a.ro", "onclick=x", "title='<'"]
        ),
        st.lists(inner, max_size=3),
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(ELEMENTS)
def test_any_tree_of_elements_comes_out_inert_and_stays_so(tree: str) -> None:
    assert_inert(sanitise(tree), tree)
