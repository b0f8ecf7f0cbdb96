"""Every table of states in one place."""
