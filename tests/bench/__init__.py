"""How fast, beside the bare limit of the same server and database: ``python -m bench``."""
