"""Long-term places and their states."""
