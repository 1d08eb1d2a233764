"""A town hall that does not exist, to show Parcurs with: people made through the real services."""
