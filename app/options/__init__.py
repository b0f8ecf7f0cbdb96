"""Which options a need has, and why not the others: the same rules for the night, the desk and a booking."""
