"""Closures on screen."""
