"""The meeting's shopping list: which few increments would serve the most unmet need, verified by solving with them."""
