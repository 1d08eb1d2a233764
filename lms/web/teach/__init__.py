"""For trainers: lessons, questions, tests, publishing."""

from lms.web.teach import views as views
from lms.web.teach.room import ROOM as ROOM
