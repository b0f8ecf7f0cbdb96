"""Random days and nights: what must hold whatever people do by day and whatever the night finds."""
