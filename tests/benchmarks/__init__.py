"""Benchmarks: this solver and what anybody would pick instead, in one run, each in a process of its own."""
