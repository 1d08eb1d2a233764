"""For HR and administrators: people, departments, cohorts, codes, the system."""

from lms.web.admin import views as views
from lms.web.admin.room import ROOM as ROOM
