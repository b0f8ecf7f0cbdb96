"""The service: everything that knows HTTP, the database and the clock."""
