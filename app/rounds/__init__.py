"""Rounds with windows, the draw, and its verification."""
