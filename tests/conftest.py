"""What every test may ask for."""

from fixtures_folder import fixtures_dir as fixtures_dir
