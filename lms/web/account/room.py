"""The room: coming in and going out: sign-in, one-time codes and links, password, language."""

from __future__ import annotations

from lms.web.blueprint import Room

ROOM = Room("account")
