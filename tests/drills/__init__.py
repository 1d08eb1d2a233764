"""Drills: break the running service on purpose and read back what it had promised."""
