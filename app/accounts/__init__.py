"""Staff, logins, tokens."""
