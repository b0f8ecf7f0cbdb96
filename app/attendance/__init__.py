"""The day at a site: who is expected, who is there, who looks after them, and who is missing."""
