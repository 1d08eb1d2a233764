"""For learners: the route, lessons, tests, badges, certificate."""

from lms.web.learn import views as views
from lms.web.learn.room import ROOM as ROOM
