"""For everyone: health, badge pages, accessibility, privacy, contact, error pages."""

from lms.web.public import badges as badges
from lms.web.public import views as views
from lms.web.public.room import ROOM as ROOM
