"""What people ask for: record, change, withdraw, list."""
