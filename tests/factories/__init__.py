"""Rows for tests, made directly: what is under test never makes its own data."""
