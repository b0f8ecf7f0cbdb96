"""Papers and calendar files for people: the plan, the notice of a booking, iCal."""
