"""Consents: whom the program may work on at all. A child under 14 needs a guardian's live consent (PIPL art. 31)."""
