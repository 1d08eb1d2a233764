"""For heads of departments: who is where, exports."""

from lms.web.manage import views as views
from lms.web.manage.room import ROOM as ROOM
