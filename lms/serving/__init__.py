"""Serving for real: worker processes, and what they log."""
