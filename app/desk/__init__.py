"""What an adviser's desk shows: ranked options, the morning's list, a household's week. Reads only; changes nothing."""
