"""Reads sheets from the record and writes rows into it; one store for each sheet."""
