"""What every test may ask for."""

from databases import empty_database as empty_database
from databases import other_database as other_database
from databases import postgresql_server as postgresql_server
from databases import postgresql_url as postgresql_url
from fixtures_folder import fixtures_dir as fixtures_dir
from not_run import pytest_terminal_summary as pytest_terminal_summary
from sessions import engine as engine
from sessions import session as session
