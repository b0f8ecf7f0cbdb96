"""Run sheets of the visiting carers, and who is fetched from where."""
