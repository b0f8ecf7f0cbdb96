"""Who waits for what, in the published order; and who would be passed over by a booking by day."""
