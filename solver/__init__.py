"""Assign requests to options under capacities; a library of its own: no date, no database, no app."""
