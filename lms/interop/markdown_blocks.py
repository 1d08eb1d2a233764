"""The additions to CommonMark: callouts, self-checks, and a limit on nesting.

A callout is closed by `:::`; callouts may stand in callouts, with fences of any length, as people
expect who count openings and closings. A self-check is one line without a closing.
"""

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock

from lms.interop.errors import TooComplex
from lms.interop.markdown_links import CALLOUTS, ID

DEEPEST: Final = 50
"""Levels of nesting read (a list takes two a level). The parser would silently drop what lies
below its own limit; we refuse instead, so that no sentence disappears."""

FENCE: Final = re.compile(r":{3,}[ \t]*")
_OPENING: Final = re.compile(
    rf"(?P<fence>:{{3,}})[ \t]*(?P<kind>{'|'.join(CALLOUTS)})(?:[ \t]+(?P<title>.*?))?[ \t]*"
)
_CHECK: Final = re.compile(rf":{{3,}}[ \t]*check[ \t]+(?P<id>{ID})[ \t]*(?::{{3,}})?[ \t]*")
_INTERRUPTS: Final[RuleOptionsType] = {"alt": ["paragraph", "reference", "blockquote", "list"]}


def add_blocks(md: MarkdownIt) -> None:
    """Teach the parser callouts and self-checks, and to refuse texts nested too deeply."""
    md.options["maxNesting"] = DEEPEST + 10
    ruler = md.block.ruler
    ruler.before("fence", "lms_check", _check, _INTERRUPTS)
    ruler.before("lms_check", "lms_callout", _callout, _INTERRUPTS)
    ruler.before(ruler.get_active_rules()[0], "lms_depth", _depth, {"alt": []})


def _depth(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.level > DEEPEST:
        raise TooComplex("text-too-complex", depth=DEEPEST)
    return False


def _check(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    found = _line_matches(state, start, _CHECK)
    if found is None:
        return False
    if not silent:
        token = state.push("lms_check", "", 0)
        token.meta = {"id": found["id"]}
        token.map = [start, start + 1]
        token.block = True
        state.line = start + 1
    return True


def _callout(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    found = _line_matches(state, start, _OPENING)
    if found is None:
        return False
    if silent:
        return True
    close, closed = _closing_line(state, start, end, len(found["fence"]))
    _push_callout(state, found, start, close, closed)
    state.line = close + 1 if closed else close
    return True


def _push_callout(
    state: StateBlock, found: re.Match[str], start: int, close: int, closed: bool
) -> None:
    opening = state.push("lms_callout_open", "aside", 1)
    opening.meta = {"kind": found["kind"], "title": found["title"] or "", "closed": closed}
    opening.map = [start, close]
    opening.block = True
    parent, line_max = state.parentType, state.lineMax
    # With the end set to our closing fence no lazy continuation runs past it.
    state.parentType, state.lineMax = "lms_callout", close
    state.md.block.tokenize(state, start + 1, close)
    state.parentType, state.lineMax = parent, line_max
    state.push("lms_callout_close", "aside", -1).block = True


def _closing_line(state: StateBlock, start: int, end: int, fence: int) -> tuple[int, bool]:
    """The line of the closing fence, or the end of the enclosing block and False."""
    open_fences = [fence]
    for line in range(start + 1, end):
        begin = state.bMarks[line] + state.tShift[line]
        if begin < state.eMarks[line] and state.sCount[line] < state.blkIndent:
            return line, False  # the list item or quotation around it ends here
        if _line_matches(state, line, _OPENING):
            found = FENCE.match(state.src, begin)
            open_fences.append(len(found[0].rstrip()) if found else 3)
            continue
        if not _line_matches(state, line, FENCE):
            continue
        length = len(state.src[begin : state.eMarks[line]].rstrip())
        if length >= open_fences[-1]:
            open_fences.pop()
            if not open_fences:
                return line, True
    return end, False


def _line_matches(state: StateBlock, line: int, pattern: re.Pattern[str]) -> re.Match[str] | None:
    begin = state.bMarks[line] + state.tShift[line]
    # Lines that do not begin with a colon are most lines: look at one character first.
    if begin >= state.eMarks[line] or state.src[begin] != ":" or state.is_code_block(line):
        return None
    return pattern.fullmatch(state.src, begin, state.eMarks[line])
