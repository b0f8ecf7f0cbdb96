"""Brute force by the words of the specification, on plain documents: it knows nothing of solver's model or methods."""
