"""The room: for HR and administrators: people, departments, cohorts, codes, the system."""

from __future__ import annotations

from lms.web.blueprint import Room

ROOM = Room("admin", "/admin")
