"""What this room's refusals say."""

from __future__ import annotations

from lms.web.i18n import N_

SENTENCES: dict[str, str] = {
    "sign-in-failed": N_(
        "The name of the account or the password is not right. Please try again, or ask for help "
        "below."
    ),
    "too-many-tries": N_(
        "Too many attempts. Please wait %(seconds)s seconds and try again; nothing was lost."
    ),
}
