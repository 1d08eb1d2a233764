"""What this room's refusals say."""

from __future__ import annotations

from lms.web.i18n import N_

SENTENCES: dict[str, str] = {}
