"""Keeping the records: backups of a moment, and putting one back."""
