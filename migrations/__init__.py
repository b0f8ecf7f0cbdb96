"""Database revisions, in order."""
