"""Static files: fingerprinted, cached for ever, compressed once."""

from __future__ import annotations

import gzip
import mimetypes
from functools import cache
from pathlib import PurePosixPath

from flask import Response, abort, g, request

from lms.web.rendering import asset_version, static_files

TEXTUAL = {".css", ".js", ".svg", ".json", ".txt"}
TYPES = {".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}
FOR_EVER = "public, max-age=31536000, immutable"


@cache
def _compressed(name: str) -> bytes:
    return gzip.compress(static_files()[name], 9, mtime=0)


def send(version: str, name: str) -> Response:
    content = static_files().get(name)
    if content is None:  # what is not listed does not exist, whatever the path says
        abort(404)
    suffix = PurePosixPath(name).suffix
    g.lms_public = True
    compressed = suffix in TEXTUAL and "gzip" in request.headers.get("Accept-Encoding", "")
    kind = TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    response = Response(_compressed(name) if compressed else content, content_type=kind)
    if compressed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    current = version == asset_version()
    response.headers["Cache-Control"] = FOR_EVER if current else "public, max-age=60"
    return response
