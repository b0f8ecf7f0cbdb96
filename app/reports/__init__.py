"""Figures for people who decide: the night in numbers, the town on a map. Counts only."""
