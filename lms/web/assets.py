"""Static files: fingerprinted, cached for ever, compressed once."""

from __future__ import annotations

import gzip
import mimetypes
from functools import cache

from flask import Response, abort, g, request

from lms.paths import STATIC
from lms.web.rendering import asset_version

TEXTUAL = {".css", ".js", ".svg", ".json", ".txt"}
TYPES = {".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}
FOR_EVER = "public, max-age=31536000, immutable"


@cache
def _files() -> dict[str, str]:
    """Every static file by its name: what is not listed does not exist, whatever the path says."""
    return {
        path.relative_to(STATIC).as_posix(): path.suffix
        for path in STATIC.rglob("*")
        if path.is_file()
    }


@cache
def _content(name: str, compressed: bool) -> bytes:
    data = (STATIC / name).read_bytes()
    return gzip.compress(data, 9, mtime=0) if compressed else data


def send(version: str, name: str) -> Response:
    suffix = _files().get(name)
    if suffix is None:
        abort(404)
    g.lms_public = True
    compressed = suffix in TEXTUAL and "gzip" in request.headers.get("Accept-Encoding", "")
    kind = TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    response = Response(_content(name, compressed), content_type=kind)
    if compressed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    current = version == asset_version()
    response.headers["Cache-Control"] = FOR_EVER if current else "public, max-age=60"
    return response
