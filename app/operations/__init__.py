"""Serve, migrate, back up, restore, verify."""
