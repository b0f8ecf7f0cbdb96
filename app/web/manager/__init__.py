"""The manager: what the night did, and what to decide about it."""
