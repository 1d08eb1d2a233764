"""The look keeps its promises: contrast in both themes, vendored files as recorded, one badge family, known icons."""

import base64
import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import tinycss2
from house.bootstrap_parts import PARTS
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from tinycss2.ast import Declaration, Node

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "lms" / "web" / "static"
TEMPLATES = ROOT / "templates"
TOKENS = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")
LIGHT, DARK = "\n:root {", "@media screen and (prefers-color-scheme: dark) {"
GROUNDS = ("paper", "surface", "sunk")
COLOURS = ("primary", "amber", "green", "red")

# Text needs 4.5 : 1 (WCAG 2.2, 1.4.3); borders of controls, bars and the focus ring 3 : 1 (1.4.11).
TEXT = [
    *[(text, ground) for text in ("ink", "muted", *COLOURS) for ground in GROUNDS],
    *[(text, f"{tint}-tint") for text in ("ink", "muted") for tint in COLOURS],
    *[(colour, f"{colour}-tint") for colour in COLOURS],
    *[("on-action", "action"), ("on-action", "action-hover"), ("on-hero", "hero")],
    *[("on-hero-muted", "hero"), ("on-green", "green"), ("on-red", "red")],
]
SHAPES = [
    *[(shape, ground) for shape in ("control", "focus") for ground in (*GROUNDS, "primary-tint")],
    *[(bar, "track") for bar in ("primary", "green", "amber", "ink")],
]


def tokens(start: str) -> dict[str, str]:
    """The colours of the rule that begins with `start`, name without prefix to #rrggbb."""
    begin = TOKENS.index(start)
    return dict(
        re.findall(r"--lms-([\w-]+):\s*(#[0-9a-f]{6})", TOKENS[begin : TOKENS.index("}", begin)])
    )


def luminance(colour: str) -> float:
    """WCAG 2.2 relative luminance of #rrggbb."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("rule", [LIGHT, DARK])
def test_every_pair_of_colours_can_be_read(rule: str) -> None:
    theme = tokens(rule)
    weak = [
        (front, back, round(contrast(theme[front], theme[back]), 2))
        for pairs, needed in ((TEXT, 4.5), (SHAPES, 3.0))
        for front, back in pairs
        if contrast(theme[front], theme[back]) < needed
    ]
    assert weak == []


def test_dark_has_every_colour_of_light() -> None:
    assert tokens(LIGHT).keys() == tokens(DARK).keys()
    assert tokens(LIGHT) != tokens(DARK)


def test_vendored_files_are_the_recorded_ones() -> None:
    vendor = STATIC / "vendor"
    recorded = json.loads((vendor / "VENDOR.json").read_text(encoding="utf-8"))["packages"]
    expected = {
        f"{package['folder']}/{name}": digest
        for package in recorded
        for name, digest in package["files"].items()
    }
    found = {
        path.relative_to(vendor).as_posix(): "sha384-"
        + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()
        for path in vendor.glob("*/*")
    }
    assert found == expected
    assert all(package["licence_file"] in package["files"] for package in recorded)


def declared(sheet: Path) -> list[Declaration]:
    """Every declaration of a style sheet, those inside @media and @font-face too."""
    found: list[Declaration] = []

    def read(content: list[Node]) -> None:
        for node in tinycss2.parse_blocks_contents(content, True, True):
            if isinstance(node, Declaration):
                found.append(node)
            elif node.content is not None:
                read(node.content)

    read(tinycss2.parse_component_value_list(sheet.read_text(encoding="utf-8"), True))
    return found


def test_every_weight_is_drawn_by_its_own_file() -> None:
    """Regular, bold and italic, each for both halves of the letters; a "bolder" of bold for titles."""
    form = (
        r'family: "([^"]+)";\n  font-style: (\w+);\n  font-weight: ([\d ]+);\n  font-display: \w+;\n'
        r'  src: url\("../vendor/([\w.-]+)/([\w-]+)\.woff2"\) format\("woff2"\);\n  unicode-range: (\S+?),'
    )
    found = Counter(re.findall(form, TOKENS))
    expected = Counter()
    for family, folder, drawn in (
        ("Public Sans", "public-sans-5.3.0", {"100 500": 400, "501 700": 600, "701 900": 800}),
        ("Source Serif 4", "source-serif-4-5.3.1", {"100 500": 400, "501 900": 600}),
        ("Source Serif 4 on paper", "source-serif-4-5.3.1", {"100 500": 400, "501 900": 600}),
    ):
        styles = [("normal", weights) for weights in drawn]
        styles += [("italic", "100 500")] if "paper" not in family else []
        for style, weights in styles:
            for half, first in (("latin-ext", "U+0100-02BA"), ("latin", "U+0000-00FF")):
                file = f"{folder.rpartition('-')[0]}-{half}-{drawn[weights]}-{style}"
                expected[family, style, weights, folder, file, first] = 1
    assert found == expected
    assert len(expected) == TOKENS.count("\n  font-display:"), "every face was read"


def test_what_is_written_bold_is_one_of_two_weights() -> None:
    """Another number would be shown as one of them; the system's own faces have 400 and 700."""
    odd = set()
    sheets = [s for s in (STATIC / "css").glob("*.css") if s.name not in (PARTS.name, "tokens.css")]
    for declaration in (d for sheet in sheets for d in declared(sheet)):
        written = tinycss2.serialize(declaration.value).strip()
        weights = set(re.findall(r"(?<![\w.])[1-9]\d\d(?![\w.%])|lighter|bolder|bold", written))
        if declaration.name.endswith(("font", "font-weight")) and not weights <= {"400", "600"}:
            odd.add(f"{declaration.name}: {written}")
    assert odd == {"font: 700 1.375rem/1.3 var(--lms-mono)"}


def test_style_sheets_reach_only_their_own_files() -> None:
    for sheet in (STATIC / "css").glob("*.css"):
        for address in re.findall(r'url\("?([^")]+)"?\)', sheet.read_text(encoding="utf-8")):
            if sheet == PARTS and address.startswith("data:"):
                continue
            target = (sheet.parent / address.split("#")[0]).resolve()
            assert target.is_file(), f"{sheet.name}: {address}"
            assert STATIC in target.parents


def test_templates_use_icons_that_exist_and_no_inline_style() -> None:
    sprite = ET.parse(STATIC / "icons" / "icons.svg").getroot()
    known = {symbol.get("id") for symbol in sprite}
    for template in TEMPLATES.rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        used = set(re.findall(r"\bicon\('([\w-]+)'", text))
        used |= set(re.findall(r"\bpill\('\w+',\s*'([\w-]+)'", text))
        used |= set(re.findall(r"\bempty\('([\w-]+)'", text))
        assert used <= known, f"{template.name}: {used - known}"
        assert not re.search(r"\sstyle=|\son\w+=\"|<style|<script(?![^>]*\ssrc=)", text), template


def badge(symbol: str, number: int | None, label: str = "", earned: bool = True) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("lms/_badge.svg").render(
        symbol=symbol,
        number=number,
        label=label,
        title=label,
        earned=earned,
        lang="ro",
        standalone=True,
    )


def test_badge_previews_are_drawn_by_the_family() -> None:
    previews = sorted((STATIC / "badges").glob("*.svg"))
    assert len(previews) == 13
    for preview in previews:
        drawn = badge(preview.stem, None if preview.stem == "summit" else 0).strip()
        assert preview.read_text(encoding="utf-8").strip() == drawn, preview.name


@pytest.mark.parametrize("number", [1, 9, 10, 12, 37, None])
@pytest.mark.parametrize("earned", [True, False])
def test_a_badge_stands_alone_and_escapes_its_words(number: int | None, earned: bool) -> None:
    label = "<b>„Punți” & drumuri</b>"
    root = ET.fromstring(badge("road", number, label, earned))
    assert root.get("aria-label") == label
    symbol = root.find(".//*[@class='b-symbol']")
    assert symbol is not None
    assert len(symbol) > 0
    assert not any("style" in element.attrib for element in root.iter())
