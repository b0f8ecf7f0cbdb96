"""Home visits as run sheets: an ordered half-day a carer, kept as staff order it, proven to fit; escorts by gate."""
