"""Pages. Our own Jinja environment: no filter, global or template name meets the host's."""

from __future__ import annotations

from collections.abc import Callable, Hashable, MutableMapping
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from flask import Response, current_app, g, request, session, url_for
from jinja2 import (
    BaseLoader,
    BytecodeCache,
    ChoiceLoader,
    Environment,
    FunctionLoader,
    PrefixLoader,
    StrictUndefined,
)
from jinja2.bccache import Bucket
from jinja2.runtime import Macro
from markupsafe import Markup

from lms import __version__
from lms.paths import STATIC, TEMPLATES
from lms.web import csrf, i18n
from lms.web.clock import now, today


class _CompiledOnce(BytecodeCache):
    """Compiled templates of this process, by name and source: every application compiles anew
    otherwise. Holds code only, nothing of any application."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        known = self._code.get((bucket.key, bucket.checksum))
        if known is not None:
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


_COMPILED = _CompiledOnce()


class _Templates(Environment):
    """Jinja's environment without a layer that costs some hundred calls for each page: no template
    of ours is loaded with globals of its own."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


@cache
def _sources() -> dict[str, tuple[str, str]]:
    """Name → text and file of each of our templates, as they were when this process began: a
    release that is unpacked under a running service must not meet the old one's code."""
    folder = TEMPLATES / "lms"
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {f.relative_to(folder).as_posix(): (f.read_text("utf-8"), str(f)) for f in files}


def _find(name: str) -> tuple[str, str, Callable[[], bool]] | None:
    found = _sources().get(name)
    return None if found is None else (*found, lambda: True)


def make_environment(
    host_templates: BaseLoader | None = None, *, mounted: bool = False
) -> Environment:
    """Templates answer to ``lms/…``; those of the host, when it has any, come first.

    ``lms_own/…`` always means ours: a page of the host's can extend the one it replaces.
    """
    _sources()  # now, not when somebody opens the first page
    files = FunctionLoader(_find)
    ours: BaseLoader = PrefixLoader({"lms": files, "lms_own": files})
    environment = _Templates(
        loader=ChoiceLoader([host_templates, ours]) if host_templates else ours,
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        bytecode_cache=_COMPILED,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    environment.globals.update(
        _=i18n.gettext,
        ngettext=i18n.ngettext,
        pgettext=i18n.pgettext,
        url=url,
        static=static,
        icon=icon,
        kept=kept,
        languages=i18n.LANGUAGES,
        version=__version__,
        asset_version=asset_version(),
        form_token=csrf.token,
        mounted=mounted,
        sign_in_url=sign_in_url,
        language_is_hosts=language_is_hosts,
        host_home=host_home,
        now=now,
        today=today,
    )
    environment.filters.update(
        date=i18n.show_date,
        short_date=i18n.show_short_date,
        time=i18n.show_time,
        datetime=i18n.show_datetime,
        number=i18n.show_number,
        html=Markup,
    )
    return environment


ADDRESSES = 4_000
"""Addresses kept per process. A page has some ninety, most of them the same for everybody."""


def url(endpoint: str, **values: Any) -> str:
    """Address of one of our views, ``<room>.<view>``, wherever we are mounted."""
    state = current_app.extensions["lms"]
    asked = (request.script_root, endpoint, *values.items())
    address: str | None = state.addresses.get(asked)
    if address is None:
        full_name = f"{state.blueprint_name}.{endpoint}"
        address = url_for(full_name, **values)
        if "_external" in values or current_app.url_default_functions:
            return address  # it depends on more of the request than its root
        if len(state.addresses) >= ADDRESSES:
            state.addresses.clear()
        state.addresses[asked] = address
    return address


def sign_in_url() -> str:
    """Where a page's own link to the sign-in leads: in a host, on to the host's."""
    mounted = current_app.extensions["lms"].mounted
    return url("account.arrived" if mounted else "account.sign_in_form")


def language_is_hosts() -> bool:
    """Whether the host names this reader's language: then there is nothing to choose."""
    claim = g.get("lms_claim")
    return claim is not None and claim.language is not None


def host_home() -> tuple[str, str] | None:
    """Words and address of the way back to the host, when it gave one."""
    host = current_app.extensions["lms"].host
    return host.home if host is not None else None


def here() -> str:
    """The address of this request as the browser knows it, wherever we are mounted."""
    return request.script_root + request.full_path.rstrip("?")


@cache
def static_files() -> dict[str, bytes]:
    """Every static file by its name, as it was when this process began, like the templates: what is
    served under a fingerprint is what the fingerprint was made of."""
    files = sorted(path for path in STATIC.rglob("*") if path.is_file())
    return {path.relative_to(STATIC).as_posix(): path.read_bytes() for path in files}


@cache
def asset_version() -> str:
    """One fingerprint over all static files: addresses change when any of them does."""
    digest = sha256()
    for name, content in static_files().items():
        digest.update(name.encode())
        digest.update(content)
    return digest.hexdigest()[:12]


def static(name: str) -> str:
    return url("static", version=asset_version(), name=name)


def icon(name: str, css: str = "") -> Markup:
    """A picture of the icon sheet, hidden from screen readers: words stand beside it."""
    return _icon(static("icons/icons.svg"), name, css)


@lru_cache(maxsize=1_000)
def _icon(sheet: str, name: str, css: str) -> Markup:
    return Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>').format(
        f"icon {css}".rstrip(), sheet, name
    )


KEPT = 500
"""Parts of pages kept per process: each lesson's terms and untouched self-checks, in two languages."""


def kept(macro: Macro, *arguments: Hashable) -> str:
    """What a macro draws, drawn once for the same arguments, language and mount.

    For parts that are the same for everybody: nothing of a person belongs into the arguments.
    The macro is imported without context, so that nothing else can stand in what it draws.
    """
    return _kept(macro, i18n.language(), request.script_root, *arguments)


@lru_cache(maxsize=KEPT)
def _kept(macro: Macro, _language: str, _root: str, *arguments: Hashable) -> str:
    drawn: str = macro(*arguments)
    return drawn


def render(template: str, /, status: int = 200, **context: Any) -> Response:
    """A page. Whoever reads it, the language and the navigation come with it."""
    person = g.get("lms_me")
    page = draw(
        template,
        me=person,
        nav=current_app.extensions["lms"].navigation(person) if person else [],
        notices=session.pop("lms_notices", []) if session.get("lms_notices") else [],
        account_url=url("account.home") if person else "",
        here=here(),
        **context,
    )
    return Response(page, status, mimetype="text/html")


def draw(template: str, /, **context: Any) -> str:
    """A part of a page, or a picture. It knows nobody who reads it, and takes no notices away."""
    state = current_app.extensions["lms"]
    drawn: str = state.templates.get_template(template).render(
        lang=i18n.language(), product=state.settings.institution, **context
    )
    return drawn


def notice(kind: str, text: str) -> None:
    """A message on the next page; ``kind`` is success, warning or error."""
    session["lms_notices"] = [*session.get("lms_notices", []), [kind, text]]


def to(endpoint: str, **values: Any) -> Response:
    """See another page of ours: after a POST, the browser goes on with a GET."""
    return Response(status=303, headers={"Location": url(endpoint, **values)})


def attachment(name: str) -> str:
    """A Content-Disposition value for any file name (RFC 6266, RFC 8187)."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_. ") else "-" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
