"""The room: for heads of departments: who is where, exports."""

from __future__ import annotations

from lms.web.blueprint import Room

ROOM = Room("manage", "/team")
