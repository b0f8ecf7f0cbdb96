"""Meals as orders: what the kitchen cooks, who eats in, what a delivery round carries. Capacity is the ledger's affair."""
