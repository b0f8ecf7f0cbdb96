"""Who comes first: the published class, whole months waited, the drawn number."""
