"""Tests of the shopping list."""
