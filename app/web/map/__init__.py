"""The map of compounds and sites, with lists that say the same."""
