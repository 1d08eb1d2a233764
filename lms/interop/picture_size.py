"""How large a picture is drawn where nothing says otherwise, told by its first bytes."""

from __future__ import annotations

import io
import re
from contextlib import suppress
from typing import Final
from xml.parsers import expat

Size = tuple[int, int]
"""Width and height in CSS pixels."""

HEAD: Final = 128 * 1024
"""Bytes that are enough: a photo's own size stands behind what the camera noted."""
LARGEST: Final = 100_000
_LENGTH: Final = re.compile(r"\s*(\d+(?:\.\d+)?)(?:px)?\s*")


def size_of(head: bytes) -> Size | None:
    """The size of a PNG, JPEG (as its camera was held), WebP or SVG picture, of which ``head`` is
    the beginning; None where it has none, or none that can be read."""
    is_drawing = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"
    width, height = _of_drawing(head) if is_drawing else _of_photo(head)
    if 1 <= width <= LARGEST and 1 <= height <= LARGEST:
        return round(width), round(height)
    return None


def _of_photo(head: bytes) -> tuple[float, float]:
    import imagesize  # what it brings along is only loaded where there are photos

    try:
        width, height = imagesize.get(io.BytesIO(head))
    except Exception:  # noqa: BLE001 - whatever is wrong with a file, the page it is on is shown
        return 0, 0
    return width, height


def _of_drawing(head: bytes) -> tuple[float, float]:
    """By its root element alone; shares of something (``100%``) are no size."""
    elements: list[dict[str, str]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: elements.append(attributes)
    # Cut off, broken behind the root, or in an encoding that is none.
    with suppress(expat.ExpatError, LookupError, ValueError):
        parser.Parse(head)
    root = elements[0] if elements else {}
    lengths = [_LENGTH.fullmatch(root.get(name, "")) for name in ("width", "height")]
    width, height = (float(found[1]) if found else 0 for found in lengths)
    return width, height
