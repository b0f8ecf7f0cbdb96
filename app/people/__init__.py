"""People: who is registered, their households, evidence, consents and guardians."""
