"""Pages of rounds: dates, commitment, draw, published list."""
