"""The room: for trainers: lessons, questions, tests, publishing."""

from __future__ import annotations

from lms.web.blueprint import Room

ROOM = Room("teach", "/teach")
