"""Which days count, and whose timetable runs on them."""
