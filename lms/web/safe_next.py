"""Where a person may be sent after signing in: only to a page of ours."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException

from lms.web.rendering import url

PLAIN = re.compile(r"/(?:[A-Za-z0-9_.~-][A-Za-z0-9_.~/-]*)?(?:\?[A-Za-z0-9_.~=&%+-]*)?")


def safe_next(target: str) -> str:
    """``target`` when it is a plain path that one of our GET views answers, else home.

    Matched against the URL map, never judged by taking addresses apart.
    """
    home = url("learn.home")
    if len(target) > 500 or not PLAIN.fullmatch(target) or "//" in target:
        return home
    path, root = target.partition("?")[0], request.script_root
    if not path.startswith(f"{root}/") or {".", ".."} & {*path.split("/")}:
        return home  # the browser would take the dots away, and our prefix with them
    adapter = current_app.url_map.bind(request.host, script_name=request.script_root)
    try:
        endpoint, _ = adapter.match(path.removeprefix(root), method="GET")
    except HTTPException:
        return home
    name = current_app.extensions["lms"].blueprint_name
    is_page = str(endpoint).startswith(f"{name}.") and endpoint != f"{name}.static"
    return target if is_page else home


def page_before() -> str:
    """The page of ours whose form sent this request; empty when the browser does not say, or when
    it was itself the answer to a form."""
    try:
        before = urlsplit(request.referrer or "")
    except ValueError:  # not even an address
        return ""
    target = f"{before.path}?{before.query}" if before.query else before.path
    if before.netloc != request.host or safe_next(target) != target:
        return ""
    return target
