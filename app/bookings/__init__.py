"""The dated side of the ledger: holds and bookings at the desk."""
