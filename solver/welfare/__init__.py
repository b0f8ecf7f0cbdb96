"""Welfare mode: the levels in their order, each with a proven bound."""
