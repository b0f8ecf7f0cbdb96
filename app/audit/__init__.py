"""What was done and read, by whom: a chain of changes that cannot be cut unseen, and a log of reads."""
