"""The room: for everyone: health, badge pages, accessibility, privacy, contact, error pages."""

from __future__ import annotations

from lms.web.blueprint import Room

ROOM = Room("public")
