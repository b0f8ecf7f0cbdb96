"""What the record holds and how the last night went, in figures."""
