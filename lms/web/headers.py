"""The headers of every response of ours, the same on success, refusal and redirect."""

from __future__ import annotations

from flask import Response, current_app, g

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = "max-age=31536000; includeSubDomains"


def dress(response: Response) -> Response:
    """Set our headers. What may be cached by anyone has said so through ``g.lms_public``."""
    present = {name for name, _ in response.headers}
    if "Permissions-Policy" in present:
        return response  # dressed by its room; stand-alone, the application looks once more
    response.headers.extend((name, HEADERS[name]) for name in HEADERS.keys() - present)
    state = current_app.extensions["lms"]
    if state.settings.secure_cookies and not state.mounted:
        response.headers["Strict-Transport-Security"] = HSTS
    if not g.get("lms_public"):
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    return response
