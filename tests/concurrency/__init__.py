"""Races for the last place: short forms run with the other tests, full size by `python -m tests.concurrency.race`."""
