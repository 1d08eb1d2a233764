"""The room: for learners: the route, lessons, tests, badges, certificate."""

from __future__ import annotations

from lms.web.blueprint import Room

ROOM = Room("learn")
