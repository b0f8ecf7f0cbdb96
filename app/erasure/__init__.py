"""Erasure: what is known of a person goes, on request; the row, its code and the figures stay (PIPL art. 47)."""
