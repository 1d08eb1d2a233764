"""All views of this room; each module is named for what people do there."""

from __future__ import annotations

from lms.web.admin import codes as codes
from lms.web.admin import cohorts as cohorts
from lms.web.admin import departments as departments
from lms.web.admin import imports as imports
from lms.web.admin import people as people
from lms.web.admin import places as places
from lms.web.admin import system as system
