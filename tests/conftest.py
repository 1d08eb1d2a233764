"""What every test may ask for."""

from chromium import chromium as chromium
from databases import databases as databases
from databases import empty_database as empty_database
from databases import other_database as other_database
from databases import postgresql as postgresql
from databases import postgresql_server as postgresql_server
from databases import postgresql_url as postgresql_url
from fixtures_folder import fixtures_dir as fixtures_dir
from hypothesis import HealthCheck, settings
from not_run import pytest_terminal_summary as pytest_terminal_summary
from sessions import engine as engine
from sessions import no_rows as no_rows
from sessions import reused_engine as reused_engine
from sessions import session as session
from wheels import clean_bin as clean_bin
from wheels import wheel as wheel

# A test judges what is done, never how fast: speed belongs to benchmarks.
settings.register_profile("parcurs", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("parcurs")
