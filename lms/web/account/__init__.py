"""Coming in and going out: sign-in, one-time codes and links, password, language."""

from lms.web.account import views as views
from lms.web.account.room import ROOM as ROOM
