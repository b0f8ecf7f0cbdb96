"""The ledger: the one owner of how much of a slot is taken."""
