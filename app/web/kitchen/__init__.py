"""The kitchen: how many meals for which date, and the guests at the door."""
