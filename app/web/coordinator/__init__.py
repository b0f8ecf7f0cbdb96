"""The coordinator's board: today's roll per site and exit wave, the waitlist, moves, staff, alarms, papers."""
