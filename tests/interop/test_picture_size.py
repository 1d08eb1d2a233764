"""How large a picture is, by the first bytes of real and of broken files."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.interop.picture_size import HEAD, size_of

SVG = '<svg xmlns="http://www.w3.org/2000/svg" {}><rect width="7" height="7"/></svg>'


def png(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )


def jpeg(width: int, height: int, orientation: int = 0, noted: int = 0) -> bytes:
    """As a camera writes it: ``orientation`` by EXIF, ``noted`` bytes of its own remarks."""
    parts = [b"\xff\xd8"]
    if orientation:
        tags = struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)
        exif = b"Exif\x00\x00" + b"MM\x00\x2a" + struct.pack(">I", 8) + tags
        parts.append(b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif)
    if noted:
        parts.append(b"\xff\xe2" + struct.pack(">H", noted + 2) + bytes(noted))
    frame = struct.pack(">BHHB", 8, height, width, 3) + bytes(9)
    parts.append(b"\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame + b"\xff\xda")
    return b"".join(parts)


def webp(width: int, height: int) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + size
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (png(640, 480), (640, 480)),
        (jpeg(640, 480), (640, 480)),
        (jpeg(640, 480, orientation=1), (640, 480)),
        (jpeg(640, 480, orientation=6), (480, 640)),
        (jpeg(4000, 3000, noted=65_000), (4000, 3000)),
        (webp(640, 480), (640, 480)),
        (SVG.format('width="460" height="430"').encode(), (460, 430)),
        (SVG.format('viewBox="0 0 9 9" width="46.4px" height="43"').encode(), (46, 43)),
        (
            b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x -->"
            + SVG.format('width="4" height="3"').encode(),
            (4, 3),
        ),
    ],
)
def test_the_size_a_picture_has(data: bytes, size: tuple[int, int]) -> None:
    assert size_of(data[:HEAD]) == size
    assert size_of(data[:HEAD] + bytes(100)) == size, "what follows does not matter"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x",
        png(640, 480)[:18],
        png(0, 480),
        png(640, 2_000_000),
        jpeg(640, 480)[:8],
        b"\xff\xd8\xff",
        b"RIFF1234WEBP",
        b"<svg",
        SVG.format('viewBox="0 0 9 9"').encode(),
        SVG.format('width="100%" height="50%"').encode(),
        SVG.format('width="0" height="9"').encode(),
        SVG.format('width="9"').encode(),
        b"<html>",
        b'<?xml version="1.0" encoding="foo"?>' + SVG.format('width="9" height="9"').encode(),
        b'<?xml version="1.0" encoding="gb2312"?>' + SVG.format('width="9" height="9"').encode(),
    ],
)
def test_no_size_where_none_can_be_told(data: bytes) -> None:
    assert size_of(data) is None


@given(
    st.sampled_from([png(9, 9), jpeg(9, 9, 6), webp(9, 9), SVG.format('width="9"').encode(), b""]),
    st.binary(max_size=60),
    st.integers(0, 60),
)
def test_no_file_is_an_accident(start: bytes, rest: bytes, cut: int) -> None:
    size_of(start[:cut] + rest)
